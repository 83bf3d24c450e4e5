"""What the page gives to hear and to send (the fixture's program, real ffmpeg)."""

from __future__ import annotations

import io
import json
import subprocess

import numpy as np
import pytest
import soundfile

from station.db.models import Program
from station.programs.template_file import remove_template, save_template
from tests.programs.audio import ebur128


def _probe(path) -> dict:
    return json.loads(subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", str(path)],
        capture_output=True, check=True).stdout)


@pytest.fixture
def leader(site):
    return site.client("approver")


def _row(site) -> Program:
    with site.database.session(write=False) as s:
        program = s.get_one(Program, 1)
        _ = program.render.chapters
        s.expunge_all()
        return program


def test_the_preview_on_a_phone_is_small_and_has_title_date_and_chapters(site, leader, tmp_path):
    program = _row(site)
    answer = leader.get(f"/programs/1/renders/{program.render_id}/audio")
    path = tmp_path / "p.mp3"
    path.write_bytes(answer.data)
    found = _probe(path)
    assert found["format"]["tags"]["title"] == "Chương trình thử"
    assert found["format"]["tags"]["date"] == program.air_date.isoformat()
    assert found["format"]["tags"]["artist"] == "Đài truyền thanh xã Thử Nghiệm"
    assert [one["tags"]["title"] for one in found["chapters"]] == [one["title"] for one in program.render.chapters if one["kind"] != "separator"]
    assert len(answer.data) < 8_500 * program.render.seconds


@pytest.mark.parametrize(("ending", "kind"), [("mp3", "audio/mpeg"), ("opus", "audio/ogg"), ("flac", "audio/flac")])
def test_a_program_is_sent_in_every_form_with_its_title(site, leader, tmp_path, ending, kind):
    program = _row(site)
    answer = leader.get(f"/programs/1/renders/{program.render_id}/export.{ending}")
    assert answer.mimetype == kind and f"chuong-trinh-thu.{ending}" in answer.headers["Content-Disposition"]
    path = tmp_path / f"x.{ending}"
    path.write_bytes(answer.data)
    found = _probe(path)
    tags = {key.lower(): value for key, value in {**found["streams"][0].get("tags", {}), **found["format"].get("tags", {})}.items()}
    assert tags["title"] == "Chương trình thử"
    assert float(found["format"]["duration"]) == pytest.approx(program.render.seconds, abs=0.1)
    assert leader.get(f"/programs/1/renders/{program.render_id}/export.{ending}").data == answer.data


def test_subtitles_and_words_are_those_of_the_render(site, leader):
    program = _row(site)
    vtt = leader.get(f"/programs/1/renders/{program.render_id}/export.vtt")
    assert vtt.mimetype == "text/vtt" and vtt.get_data(as_text=True).count(" --> ") == len(program.render.cues)
    words = leader.get(f"/programs/1/renders/{program.render_id}/export.txt").get_data(as_text=True)
    assert program.render.cues[0]["text"] in words and "[0:0" in words
    for wrong in (f"/programs/1/renders/{program.render_id}/export.exe", "/programs/1/renders/99/export.mp3"):
        assert leader.get(wrong).status_code == 404


@pytest.mark.parametrize("address", ["/programs/1/profiles", "/sounds/profiles"])
def test_profiles_are_compared_by_ear_equally_loud(site, leader, tmp_path, address):
    heard = {}
    for name in ("flat", "horn"):
        answer = leader.get(f"{address}/{name}")
        assert answer.status_code == 200 and answer.mimetype == "audio/flac"
        (tmp_path / f"{name}.flac").write_bytes(answer.data)
        heard[name] = soundfile.read(io.BytesIO(answer.data))[0]
    assert len(heard["flat"]) == len(heard["horn"]) > 3 * 48000 and not np.array_equal(heard["flat"], heard["horn"])
    assert ebur128(tmp_path / "flat.flac")[0] == pytest.approx(ebur128(tmp_path / "horn.flac")[0], abs=0.5)
    assert leader.get(f"{address}/cave").status_code == 404


def test_a_chime_of_any_format_is_taken_in_by_the_page_and_a_file_that_is_none_is_refused(site, tmp_path):
    editor = site.client("editor")
    tune, given = tmp_path / "t.wav", tmp_path / "t.m4a"
    soundfile.write(tune, 0.3 * np.sin(2 * np.pi * 440 * np.arange(44100 * 2) / 44100), 44100)
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(tune), str(given)], check=True)
    sent = site.post(editor, "/sounds/", file=(io.BytesIO(given.read_bytes()), "nhạc hiệu.m4a"), name="Nhạc hiệu xã")
    assert sent.status_code == 303
    assert editor.get("/sounds/nhac-hieu-xa/audio").status_code == 200
    assert "<strong>Nhạc hiệu xã</strong>" in editor.get("/sounds/").get_data(as_text=True)
    refused = site.post(editor, "/sounds/", file=(io.BytesIO(b"MZ" * 500), "x.mp3"), name="Giả")
    assert "Không đọc được tệp âm thanh này" in editor.get("/sounds/").get_data(as_text=True) + refused.get_data(as_text=True)
    assert [path.name for path in site.settings.home.sounds.iterdir()] == ["nhac-hieu-xa.flac"]
    save_template("rieng", "Mẫu riêng", [{"kind": "chime", "sound": "nhac-hieu-xa"}], site.settings.home)
    assert "Mẫu riêng" in site.post(editor, "/sounds/nhac-hieu-xa/remove").get_data(as_text=True), "a template uses it"
    remove_template("rieng", site.settings.home)
    site.post(editor, "/sounds/nhac-hieu-xa/remove")
    assert list(site.settings.home.sounds.iterdir()) == []
