"""The whole day with forms alone, as on an old phone without scripts: photo to approved program by two people.

Pages and words are invented.
"""

from __future__ import annotations

import io
import re

from station.db.models import Approval, Bulletin, Program
from station.db.states import BulletinState, Decision, ProgramState
from station.editorial.approvals import airable_render
from tests.web.conftest import SOON, draw_page


def text_of(answer):
    return answer.get_data(as_text=True)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]*)"', page)[1]


def test_from_photo_to_approved_program_by_two_people(site, tmp_path):
    editor, leader = site.client("editor"), site.client("approver")
    photo = draw_page(tmp_path / "chup.jpg").read_bytes()
    sent = site.post(editor, "/bulletins/upload", files=(io.BytesIO(photo + b"\0"), "tờ mới.jpg"), priority="priority")
    assert sent.status_code == 303
    bulletin = sent.location
    assert "Đang chờ tới lượt" in text_of(editor.get(bulletin))
    assert site.work() == 1

    number = int(bulletin.rsplit("/", 1)[1])
    proof = text_of(editor.get(f"/bulletins/{number}/text/"))
    assert "cấp điện để sửa chữa đường dây" in proof
    assert f"/bulletins/{number}/pages/1" in proof, "the page image stands beside the text"
    assert "<ruby" in proof and "bảy giờ ba mươi" in proof, "what a number will sound like is shown over it"
    corrected = f"Thông báo tạm ngừng cấp điện.\nNgày {SOON}, từ 7h30, tạm ngừng cấp điện tại 9/9 thôn."
    ready = site.post(
        editor, f"/bulletins/{number}/text/ready", content=corrected, version=hidden(proof, "version")
    )
    assert ready.status_code == 303, text_of(ready)

    made = site.post(editor, "/programs/new", title="Chương trình ngày mai", template="daily", bulletin=str(number), build="1")
    program = made.location
    assert site.work() == 1
    page = text_of(editor.get(program))
    assert "<audio" in page and "Gửi duyệt" in page
    assert site.post(editor, f"{program}/submit").status_code == 303

    key = int(program.rsplit("/", 1)[1])
    assert "Chương trình ngày mai" in text_of(leader.get("/approvals/"))
    desk = text_of(leader.get(f"/approvals/{key}"))
    assert "tạm ngừng cấp điện" in desk
    assert site.post(editor, f"/approvals/{key}/approve", render_sha256=hidden(desk, "render_sha256")).status_code == 403
    assert site.post(leader, f"/approvals/{key}/approve", render_sha256=hidden(desk, "render_sha256")).status_code == 303
    with site.database.session(write=False) as s:
        row = s.get_one(Program, key)
        assert row.state is ProgramState.APPROVED
        assert airable_render(s, row) is not None


def test_what_was_approved_is_void_after_an_edit(site):
    editor, leader = site.client("editor"), site.client("approver")
    desk = text_of(leader.get("/approvals/1"))
    site.post(leader, "/approvals/1/approve", render_sha256=hidden(desk, "render_sha256"))
    proof = text_of(editor.get("/bulletins/1/text/"))
    site.post(editor, "/bulletins/1/text/", content="Nội dung khác hẳn.", version=hidden(proof, "version"))
    assert "cần dựng lại" in text_of(editor.get("/programs/1"))
    again = site.post(leader, "/approvals/1/approve", render_sha256=hidden(desk, "render_sha256"))
    assert again.status_code in (303, 409)
    with site.database.session(write=False) as s:
        assert s.get_one(Program, 1).state is not ProgramState.APPROVED
        assert s.query(Approval).order_by(Approval.id.desc()).first().decision is Decision.VOIDED


def test_a_leader_sends_back_with_a_reason_and_a_recording(site):
    leader, editor = site.client("approver"), site.client("editor")
    answer = site.post(
        leader, "/approvals/1/send-back", reason="Thiếu giờ kết thúc.",
        voice=(io.BytesIO(b"RIFF0000WAVE" + b"\0" * 100), "ly-do.wav", "audio/wav"),
    )
    assert answer.status_code == 303
    page = text_of(editor.get("/programs/1"))
    assert "Thiếu giờ kết thúc." in page and "Bị trả lại" in page
    assert editor.get(re.search(r'src="(/approvals/1/reasons/\d+)"', page)[1]).status_code == 200


def test_two_people_on_one_text_never_lose_a_word(site):
    one, two = site.client("editor"), site.client("administrator")
    first = hidden(text_of(one.get("/bulletins/1/text/")), "version")
    assert "Người editor đang sửa" in text_of(two.get("/bulletins/1/text/"))
    assert site.post(two, "/bulletins/1/text/", content="Chữ của người kia.", version=first).status_code == 303
    late = site.post(one, "/bulletins/1/text/", content="Chữ đang gõ dở.", version=first)
    assert late.status_code == 409
    assert "Chữ đang gõ dở." in text_of(late) and "Chữ của người kia." in text_of(late)


def test_a_refused_file_says_why_and_leaves_nothing_behind(site):
    editor = site.client("editor")
    before = sorted(site.settings.home.uploads.rglob("*"))
    answer = site.post(
        editor, "/bulletins/upload", files=(io.BytesIO(b"MZ..."), "virus.exe"),
    )
    assert "Không đọc được loại tệp" in text_of(answer) or answer.status_code == 409
    assert sorted(site.settings.home.uploads.rglob("*")) == before
    assert not list(site.settings.home.cache.glob("upload-*"))


def test_the_same_files_again_are_noticed(site, built_home):
    editor = site.client("editor")
    photo = (built_home / "photo.jpg").read_bytes()
    again = site.post(editor, "/bulletins/upload", files=(io.BytesIO(photo), "lai.jpg"))
    assert "giống hệt một bản tin đã có" in text_of(editor.get(again.location))


def test_blocks_of_the_page_are_turned_off_and_on(site):
    editor = site.client("editor")
    page = text_of(editor.get("/bulletins/1/text/"))
    known = re.findall(r'name="block" value="([^"]+)"', page)
    assert known
    site.post(editor, "/bulletins/1/text/blocks", {"block": known, "spoken": known[:1]})
    with site.database.session(write=False) as s:
        chosen = s.get_one(Bulletin, 1).spoken_blocks
    assert chosen[known[0]] is True and not any(chosen[key] for key in known[1:])


def test_an_earlier_text_comes_back(site):
    editor = site.client("editor")
    version = hidden(text_of(editor.get("/bulletins/2/text/")), "version")
    site.post(editor, "/bulletins/2/text/", content="Lỡ xóa hết.", version=version)
    page = text_of(editor.get("/bulletins/2/text/"))
    old = re.findall(r'name="text_id" value="(\d+)"', page)
    site.post(editor, "/bulletins/2/text/restore", text_id=old[-1])
    assert "Trạm Y tế xã tiêm phòng" in text_of(editor.get("/bulletins/2/text/"))


def test_items_are_ordered_by_buttons_and_by_drag(site):
    editor = site.client("editor")

    def titles():
        return re.findall(r'<li data-id="(\d+)">', text_of(editor.get("/programs/1")))

    before = titles()
    site.post(editor, "/programs/1/items", do=f"down:{before[0]}")
    with site.database.session(write=False) as s:
        assert [item.bulletin_id for item in s.get_one(Program, 1).items] == [2, 1]
    token = re.search(r'csrf-token" content="([^"]+)"', text_of(editor.get("/help/")))[1]
    dragged = editor.post("/programs/1/order", json={"items": list(reversed(titles()))}, headers={"X-CSRFToken": token})
    assert dragged.status_code == 200
    with site.database.session(write=False) as s:
        program = s.get_one(Program, 1)
        assert [item.bulletin_id for item in program.items] == [1, 2]


def test_a_pasted_text_waits_for_proofreading(site):
    editor = site.client("editor")
    answer = site.post(editor, "/bulletins/paste", title="Họp thôn", text="Mời bà con họp lúc 19h30.")
    assert answer.status_code == 303
    with site.database.session(write=False) as s:
        assert s.query(Bulletin).order_by(Bulletin.id.desc()).first().state is BulletinState.PROOFREADING
    refused = site.post(editor, "/bulletins/paste", title="Trống", text="   ")
    assert refused.status_code == 400 and "Chưa có nội dung" in text_of(refused)
