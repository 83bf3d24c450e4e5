"""The timetable by drag, the log and the month as files.  Slots and rows are invented."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import openpyxl
import pytest
import sqlalchemy as sa

from station.db.models import AsRun, Slot, SlotException
from station.schedules import export_toml, parse_timetable
from station.web.context import today
from tests.web.test_talk import token


def sheets(answer):
    return openpyxl.load_workbook(io.BytesIO(answer.data))


def test_the_log_is_downloaded_as_a_workbook_with_numbers_as_numbers(site):
    answer = site.client("editor").get("/log/export.xlsx")
    assert "spreadsheetml" in answer.content_type and ".xlsx" in answer.headers["Content-Disposition"]
    sheet = sheets(answer)["Nhật ký"]
    with site.database.session(write=False) as s:
        rows = s.scalar(sa.select(sa.func.count(AsRun.id)))
    assert sheet.max_row == rows + 1
    level = [cell.value for cell in sheet[1]].index("Mức âm (dBFS)")
    assert all(isinstance(row[level].value, int | float) for row in sheet.iter_rows(min_row=2) if row[level].value is not None)


def test_the_month_is_a_workbook_and_a_form_to_print_and_sign(site):
    client = site.client("approver")
    with site.app.test_request_context():
        month = f"{today():%Y-%m}"
    assert sheets(client.get(f"/reports/export.xlsx?month={month}")).sheetnames == ["Tổng hợp", "Nhật ký", "Buổi không đạt", "Sự cố"]
    answer = client.get(f"/reports/print?month={month}")
    page = answer.get_data(as_text=True)
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Kính gửi: Ủy ban nhân dân xã", "Nơi nhận", "(Ký, ghi rõ họ tên)", "Chương trình thử"):
        assert words in page
    nonce = re.search(r'<style nonce="([^"]+)"', page)[1]
    assert f"'nonce-{nonce}'" in answer.headers["Content-Security-Policy"], "or the browser drops the form's style"


@pytest.fixture
def slot(site):
    with site.app.test_request_context():
        day = today() + timedelta(days=2)
    with site.database.session() as s:
        row = Slot(name="Buổi chuyển", start_time="13:00:00", duration_seconds=600, rule={"dates": [day.isoformat()]}, fill="daily")
        s.add(row)
        s.flush()
        return row.id, day


def days_of(site, number):
    from datetime import datetime, time

    from station.schedules import plan
    from station.schedules.store import load_exceptions, load_slots

    with site.app.test_request_context():
        start = datetime.combine(today(), time(0), site.settings.zone)
    with site.database.session(write=False) as s:
        planned = plan(load_slots(s), load_exceptions(s), start, start + timedelta(days=14), site.settings.zone)
    return [(one.local_date, f"{one.start:%H:%M}") for one in planned if one.slot.id == number]


def test_an_airing_is_carried_to_another_day_and_back(site, slot):
    number, day = slot
    client = site.client("operator")
    there = day + timedelta(days=3)
    answer = client.post(f"/schedule/slots/{number}/carry", json={"day": day.isoformat(), "to": there.isoformat(), "start": "14:30"}, headers=token(client))
    assert answer.status_code == 200
    assert days_of(site, number) == [(there, "14:30")]
    assert "phát thêm lúc 14:30" in client.get(f"/schedule/?day={there.isoformat()}").get_data(as_text=True)
    with site.database.session() as s:
        written = parse_timetable(export_toml(s)).exceptions
    assert [(one.local_date, one.data) for one in written if one.action == "add"] == [(there, {"start": "14:30:00"})]
    site.post(client, f"/schedule/slots/{number}/carry", day=there.isoformat(), to=(there + timedelta(days=1)).isoformat())
    assert days_of(site, number) == [(there + timedelta(days=1), "13:00")]
    with site.database.session(write=False) as s:
        rows = s.scalars(sa.select(SlotException).where(SlotException.slot_id == number)).all()
    assert sorted(row.action for row in rows) == ["add", "skip"], "nothing of the first move is left behind"


def test_an_airing_is_not_carried_into_the_past_or_onto_itself(site, slot):
    number, day = slot
    client = site.client("operator")
    for to in (day, day - timedelta(days=9)):
        body = {"day": day.isoformat(), "to": to.isoformat()}
        answer = client.post(f"/schedule/slots/{number}/carry", json=body, headers={**token(client), "Accept": "application/json"})
        assert answer.status_code in (400, 409) and answer.json["message"]
    assert days_of(site, number) == [(day, "13:00")]


def test_month_and_week_name_what_a_drag_needs(site, slot):
    number, day = slot
    client = site.client("operator")
    month = client.get(f"/schedule/month?day={day.isoformat()}").get_data(as_text=True)
    assert f'data-carry="/schedule/slots/{number}/carry" data-day="{day.isoformat()}" data-start="13:00"' in month
    assert "data-carry" not in site.client("editor").get(f"/schedule/month?day={day.isoformat()}").get_data(as_text=True)


def test_a_day_off_and_back(site, slot):
    number, day = slot
    client = site.client("operator")
    assert site.post(client, "/schedule/holidays", day=day.isoformat(), reason="Quốc khánh").status_code == 303
    assert days_of(site, number) == []
    page = client.get(f"/schedule/?day={day.isoformat()}").get_data(as_text=True)
    assert "Quốc khánh" in page
    with site.database.session(write=False) as s:
        exception = s.scalars(sa.select(SlotException.id).where(SlotException.slot_id.is_(None), SlotException.local_date == day)).one()
    site.post(client, f"/schedule/exceptions/{exception}/remove")
    assert days_of(site, number) == [(day, "13:00")]


def test_dates_days_of_the_month_and_a_season_are_typed_as_people_write_them(site):
    client = site.client("operator")
    fields = {"name": "Mùa bão", "start_time": "18:00", "minutes": "15", "fill_kind": "latest", "template": "daily", "late_policy": "skip",
              "late_minutes": "5", "active": "1", "dates": "02/09/2027", "month_days": "1, -1", "season_from": "15/06", "season_to": "15/11"}
    assert site.post(client, "/schedule/slots/new", fields).status_code == 303
    with site.database.session(write=False) as s:
        row = s.scalars(sa.select(Slot).where(Slot.name == "Mùa bão")).one()
    assert row.rule == {"dates": ["2027-09-02"], "month_days": [1, -1], "season": ["06-15", "11-15"]}
    page = client.get(f"/schedule/slots/{row.id}").get_data(as_text=True)
    for shown in ("02/09/2027", "1, -1", "15/06", "15/11"):
        assert f'value="{shown}"' in page
    wrong = site.post(client, f"/schedule/slots/{row.id}", {**fields, "month_days": "32"})
    assert wrong.status_code in (303, 409)
    with site.database.session(write=False) as s:
        assert s.get_one(Slot, row.id).rule["month_days"] == [1, -1], "a wrong rule changes nothing"
