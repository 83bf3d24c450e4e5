"""Pages of voices: how a voice reads, and the announcer's recordings.  Takes are made by eSpeak NG; names are invented."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess

import numpy as np
import pytest
import soundfile

from station.db.models import Program
from station.voices.announcer import Session, sentence_list
from station.voices.delivery import Delivery, load_deliveries
from station.web import remembered


def spoken(text: str) -> io.BytesIO:
    """A take in a quiet room."""
    done = subprocess.run(["espeak-ng", "-v", "vi", "-s", "140", "--stdout", text], capture_output=True, check=True, timeout=60)
    return io.BytesIO(done.stdout)


def seconds(answer) -> float:
    samples, rate = soundfile.read(io.BytesIO(answer.data))
    return len(samples) / rate


def test_a_way_of_reading_is_heard_before_it_is_saved_and_a_wrong_value_is_refused(site):
    admin = site.client("administrator")
    voice = "/voices/espeak-nam-nam"
    plain, slow = admin.get(f"{voice}/sample"), admin.get(f"{voice}/sample?speed=0.6&pitch=-2&pauses=2")
    assert seconds(slow) > 1.3 * seconds(plain)
    assert load_deliveries(site.settings.home).of("espeak-nam-nam") == Delivery()
    assert site.post(admin, f"{voice}/delivery", speed="0,8", pitch="-2", pauses="1.5").status_code == 303
    assert load_deliveries(site.settings.home).of("espeak-nam-nam") == Delivery(0.8, -2.0, 1.5)
    assert seconds(admin.get(f"{voice}/sample")) > 1.1 * seconds(plain)
    assert 'value="0.8"' in admin.get("/voices/").get_data(as_text=True)
    assert "ghi chưa đúng" in site.post(admin, f"{voice}/delivery", speed="9").get_data(as_text=True)
    site.post(admin, f"{voice}/delivery", speed="1", pitch="0", pauses="1")


def test_each_kind_of_program_may_have_its_own_voice(site):
    admin = site.client("administrator")
    assert site.post(admin, "/voices/programs", daily="espeak-nam-nu").status_code == 303
    assert load_deliveries(site.settings.home).programs == {"daily": "espeak-nam-nu"}
    assert site.post(admin, "/voices/programs", daily="khong-co").status_code == 400
    site.post(admin, "/voices/programs")
    assert load_deliveries(site.settings.home).programs == {}


def test_the_announcer_reads_sentence_by_sentence_after_consent_and_goes_on_where_it_stopped(site):
    editor = site.client("editor")
    refused = site.post(editor, "/announcers/", speaker="Lê Thị Mận")
    assert "sự đồng ý" in refused.get_data(as_text=True)
    begun = site.post(editor, "/announcers/", speaker="Lê Thị Mận", agree="1", witness="Ông Đào")
    assert begun.location.endswith("/announcers/le-thi-man")
    page = editor.get(begun.location).get_data(as_text=True)
    assert sentence_list()[0] in page
    kept = site.post(editor, "/announcers/le-thi-man/takes/0", voice=(spoken(sentence_list()[0]), "take.wav"))
    assert kept.status_code == 303
    session = Session(site.settings.home, "le-thi-man")
    assert session.recorded() == {0} and session.consent.witness == "Ông Đào"
    assert json.loads((session.folder / "consent.json").read_text(encoding="utf-8"))["agreed_at"].endswith("+00:00")
    assert (session.folder / "metadata.csv").read_text(encoding="utf-8").startswith("cau-0001|")
    assert seconds(editor.get("/announcers/le-thi-man/takes/0/audio")) > 1
    assert sentence_list()[1] in site.client("editor").get("/announcers/le-thi-man").get_data(as_text=True)


def test_a_noisy_take_is_not_kept_and_the_page_says_what_to_do(site):
    editor = site.client("editor")
    site.post(editor, "/announcers/", speaker="Trần Sung", agree="1")
    samples, rate = soundfile.read(spoken(sentence_list()[0]))
    noise = np.random.default_rng(1).normal(0, 0.08, len(samples))
    take = io.BytesIO()
    soundfile.write(take, np.clip(samples + noise, -0.99, 0.99), rate, format="WAV")
    take.seek(0)
    answer = site.post(editor, "/announcers/tran-sung/takes/0", voice=(take, "take.wav"))
    page = editor.get(answer.location).get_data(as_text=True)
    assert "Chưa giữ câu này" in page and "Tiếng nền lớn" in page
    assert Session(site.settings.home, "tran-sung").recorded() == frozenset()
    site.post(site.client("administrator"), "/announcers/tran-sung/withdraw")
    assert not (site.settings.home.var / "announcers" / "tran-sung").exists()


def test_an_address_cannot_name_a_folder_outside_the_sessions(site):
    admin = site.client("administrator")
    for name in ("..", "%2e%2e", ".hidden", "A"):
        assert site.post(admin, f"/announcers/{name}/withdraw").status_code in (404, 405, 409, 400, 308)
    assert site.settings.home.database_file.is_file()


def test_a_recording_and_a_sound_are_items_of_a_program_and_are_heard_in_it(site):
    editor = site.client("editor")
    made = site.post(editor, "/programs/new", title="Có bản ghi", template="daily")
    address = made.location
    take = (spoken("kính thưa bà con, đây là bản ghi của phát thanh viên xã."), "take.wav")
    assert site.post(editor, f"{address}/items", do="recording", title="Lời chào", voice=take).status_code == 303
    assert site.post(editor, f"{address}/items", do="sound", sound="tone").status_code == 303
    refused = site.post(editor, f"{address}/items", do="recording", voice=(io.BytesIO(b"khong phai"), "x.wav"))
    assert "không có âm thanh đọc được" in refused.get_data(as_text=True)
    site.post(editor, f"{address}/sound", title="Có bản ghi", voice="espeak-bac-nu", speed="0.8", pitch="1", pauses="1.5")
    site.post(editor, f"{address}/build")
    site.work()
    with site.database.session(write=False) as s:
        program = s.get_one(Program, int(address.rsplit("/", 1)[1]))
        assert program.options["delivery"] == {"speed": 0.8, "pitch": 1.0, "pauses": 1.5}
        assert program.render is not None and program.render.problems == []
        assert {"Lời chào", "Âm thử 1000 Hz"} <= {chapter["title"] for chapter in program.render.chapters}


def test_the_page_of_voices_tells_license_size_and_after_hearing_the_speed(site):
    admin = site.client("administrator")
    page = admin.get("/voices/").get_data(as_text=True)
    assert "Không được dùng cho mục đích thương mại." in page and "phi thương mại" in page
    assert "dung lượng tải 63 MB" in page and "Giọng nữ, miền Trung" in page
    places = [page.index(f'id="v-{voice}"') for voice in ("espeak-bac-nu", "piper-vais1000", "espeak-nam-nu")]
    assert places == sorted(places), "the station's voice first, then the one to get"
    card = page.split('id="v-espeak-trung-nam"')[1].split("</section>")[0]
    assert "chưa đo tốc độ" in card
    assert admin.get("/voices/espeak-trung-nam/sample").status_code == 200
    card = admin.get("/voices/").get_data(as_text=True).split('id="v-espeak-trung-nam"')[1].split("</section>")[0]
    assert "đọc 1 phút lời mất" in card and "trên máy này" in card


def test_a_program_read_by_a_spoilt_model_comes_out_and_the_page_says_what_happened(site):
    home = site.settings.home
    (home.models / "hong").mkdir(parents=True)
    (home.models / "hong" / "m.onnx").write_bytes(b"khong phai mo hinh")
    (home.models / "hong" / "m.onnx.json").write_text("{}", encoding="utf-8")
    (home.voices / "hong.toml").write_text('[voice]\nname = "Giọng hỏng"\nengine = "piper"\n', encoding="utf-8")
    remembered.forget()
    editor = site.client("editor")
    address = site.post(editor, "/programs/new", title="Giọng hỏng", template="daily").location
    site.post(editor, f"{address}/items", do="notice", title="Tin", content="Mời bà con thôn ba họp lúc bảy giờ tối.")
    site.post(editor, f"{address}/sound", title="Giọng hỏng", voice="hong")
    site.post(editor, f"{address}/build")
    site.work()
    with site.database.session(write=False) as s:
        program = s.get_one(Program, int(address.rsplit("/", 1)[1]))
        assert program.render is not None and program.render.voice == "espeak-bac-nu"
    page = editor.get(address).get_data(as_text=True)
    assert "Không nạp được mô hình giọng đọc. Câu này do giọng dự phòng" in page
    heard = site.client("administrator").get("/voices/hong/sample")
    assert heard.status_code != 200 and "Không nạp được mô hình giọng đọc" in heard.get_data(as_text=True)
    (home.voices / "hong.toml").unlink()
    remembered.forget()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
@pytest.mark.parametrize("old_speech", [True, False])
def test_on_a_full_disk_the_program_comes_out_where_room_can_be_made_and_the_page_says_what_happened(site, tmp_path, old_speech):
    home, disk = site.settings.home, tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    kept = {path: path.with_name(f"{path.name}-kept") for path in (home.audio, home.cache / "speech")}
    for path, aside in kept.items():
        path.mkdir(parents=True, exist_ok=True)
        path.rename(aside)
        (disk / path.name).mkdir()
        path.symlink_to(disk / path.name)
    try:
        editor = site.client("editor")
        address = site.post(editor, "/programs/new", title="Đĩa đầy", template="daily").location
        site.post(editor, f"{address}/items", do="notice", title="Tin", content="Mời bà con thôn tư họp lúc tám giờ tối thứ bảy.")
        if old_speech:  # this program's own sentences are there already
            site.post(editor, f"{address}/build")
            site.work()
        filler = disk / "speech" / "aa" / "old.wav" if old_speech else disk / "filler"
        filler.parent.mkdir(exist_ok=True)
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:  # full to the last byte
            while out.write(bytes(65536)):
                pass
        os.utime(filler, (1, 1))
        site.post(editor, f"{address}/build")
        site.work()
        page = editor.get(address).get_data(as_text=True)
        with site.database.session(write=False) as s:
            program = s.get_one(Program, int(address.rsplit("/", 1)[1]))
            assert (program.render is not None) == old_speech
            assert program.render is None or (home.root / program.render.path).stat().st_size > 10_000
        assert ("lời đọc của các chương trình cũ đã được xóa" if old_speech else "Hãy kiểm tra chỗ trống trên ổ đĩa") in page
        assert filler.exists() != old_speech
    finally:
        for path, aside in kept.items():
            path.unlink()
            aside.rename(path)
        subprocess.run(["umount", str(disk)], check=True)
