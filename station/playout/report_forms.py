"""The monthly report and the as-run log as files: CSV, XLSX, and the printed form that a commune's committee gets."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from station.config import Settings
from station.db.states import Outcome, SourceKind
from station.playout.report import COLUMNS, OUTCOME_WORDS, SOURCE_WORDS, MonthReport

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Rows = Sequence[Sequence[str]]
#: columns of the log that the printed form has room for
_PRINTED = (0, 1, 2, 3, 5, 6, 7, 8, 9, 12)
_STYLE = """
@page { size: A4; margin: 20mm 15mm 20mm 30mm }
body { font-family: "Times New Roman", "Liberation Serif", Tinos, serif; font-size: 14pt; line-height: 1.3; color: #000;
  max-width: 180mm; margin: 0 auto }
.head { display: flex; justify-content: space-between; text-align: center; font-size: 12pt; gap: 4mm; white-space: nowrap }
.head div { flex: 0 0 auto }
.head u { text-underline-offset: 4px }
.issuer b { background: linear-gradient(#000, #000) no-repeat center bottom / 40% 1px; padding-bottom: 5px; display: inline-block }
.place { text-align: right; font-style: italic; margin: 2mm 0 }
h1 { text-align: center; font-size: 14pt; margin: 6mm 0 4mm }
h1 span { display: block }
.to { text-align: center }
h2 { font-size: 14pt; margin: 5mm 0 2mm; break-after: avoid }
p { text-align: justify; text-indent: 10mm; margin: 2mm 0 }
table { border-collapse: collapse; width: 100%; margin: 2mm 0 4mm; font-size: 11pt }
td, th { border: 1px solid #000; padding: 2px 5px; text-align: left; vertical-align: top }
th { text-align: center }
td.number { text-align: right }
td.order { text-align: center; width: 12mm }
.together { break-inside: avoid }
thead { display: table-header-group }
tr { break-inside: avoid }
.sign { display: flex; justify-content: space-between; margin-top: 8mm; break-inside: avoid }
.sign .copies { font-size: 11pt }
.sign .chief { text-align: center; width: 45%; min-height: 38mm }
.dots { border-bottom: 1px dotted #000; height: 8mm }
.annex { break-before: page }
.annex table { font-size: 9pt }
"""


def safe_cell(text: str) -> str:
    """A text that a spreadsheet would take for a formula stays a text: titles are typed by people."""
    return "'" + text if text[:1] in ("=", "+", "@", "\t", "\r") else text


def to_csv(rows: Rows) -> str:
    """A table as CSV; begins with a mark so that spreadsheets take it for UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[safe_cell(c) for c in row] for row in rows])
    return "\ufeff" + out.getvalue()


def summary(report: MonthReport) -> list[tuple[str, str]]:
    """The month's numbers, each with its name."""
    lines = [("Số buổi theo lịch", str(report.planned))]
    lines += [(OUTCOME_WORDS[o], str(report.outcomes[o])) for o in Outcome if report.outcomes.get(o)]
    lines += [
        (f"Thời lượng {SOURCE_WORDS[k].lower()} (phút)", f"{report.seconds[k] / 60:.1f}".replace(".", ","))
        for k in SourceKind if report.seconds.get(k)
    ]
    lines += [("Thông báo khẩn cấp", str(report.emergencies)), ("Lần phát thử khẩn cấp", str(report.emergency_tests))]
    return lines


def workbook_bytes(sheets: Sequence[tuple[str, Sequence[str], Rows]], title: Sequence[str] = ()) -> bytes:
    """A workbook of (name, columns, rows); ``title`` lines stand above the first sheet's rows."""
    from openpyxl import Workbook
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for number, (name, columns, rows) in enumerate(sheets):
        sheet = book.create_sheet(name)
        for line in title if number == 0 else ():
            sheet.append([safe_cell(line)])
            sheet.cell(sheet.max_row, 1).font = Font(bold=True, size=14)
        sheet.append(list(columns))
        for cell in sheet[sheet.max_row]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = f"A{sheet.max_row + 1}"
        for row in rows:
            sheet.append([_value(c) for c in row])
        for index, column in enumerate(columns):
            longest = max((len(str(row[index])) for row in rows), default=0)
            sheet.column_dimensions[get_column_letter(index + 1)].width = min(60, max(len(column), longest) + 2)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _value(text: str) -> str | int | float:
    """Numbers as numbers, so that a spreadsheet can add them up."""
    plain = text.replace(",", ".")
    if plain.lstrip("-").replace(".", "", 1).isdigit():
        return float(plain) if "." in plain else int(plain)
    return safe_cell(text)


def month_workbook(report: MonthReport, settings: Settings) -> bytes:
    """The report as a workbook: summary, log, sessions that went wrong, incidents."""
    return workbook_bytes(
        [
            ("Tổng hợp", ("Chỉ tiêu", "Số liệu"), summary(report)), ("Nhật ký", COLUMNS, report.rows),
            ("Buổi không đạt", ("Giờ", "Buổi", "Kết quả", "Lý do"), report.not_aired),
            ("Sự cố", ("Lúc", "Việc xảy ra", "Khắc phục xong"), report.incidents),
        ],
        (f"Báo cáo phát thanh tháng {report.month}/{report.year}", settings.station.name),
    )


def write_xlsx(report: MonthReport, settings: Settings, path: Path) -> None:
    path.write_bytes(month_workbook(report, settings))


# ------------------------------------------------------------------ the printed form


def _table(columns: Sequence[str], rows: Rows, empty: str = "Không có.") -> str:
    head = "".join(f"<th>{html.escape(c)}</th>" for c in columns)
    body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
    body = body or f'<tr><td colspan="{len(columns)}">{empty}</td></tr>'
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _numbers(report: MonthReport) -> str:
    rows = "".join(
        f'<tr><td class="order">{number}</td><td>{html.escape(name)}</td><td class="number">{html.escape(value)}</td></tr>'
        for number, (name, value) in enumerate(summary(report), 1)
    )
    return f"<table><thead><tr><th>TT</th><th>Chỉ tiêu</th><th>Số liệu</th></tr></thead><tbody>{rows}</tbody></table>"


def _in_a_sentence(report: MonthReport) -> str:
    good = report.outcomes.get(Outcome.AIRED, 0) + report.outcomes.get(Outcome.AIRED_LATE, 0)
    wanted = report.planned - report.outcomes.get(Outcome.SUPERSEDED, 0)
    hours = f"{sum(report.seconds.values()) / 3600:.1f}".replace(".", ",")
    if not wanted:
        return f"Trong tháng {report.month}/{report.year}, đài không có buổi phát nào theo lịch; tổng thời lượng phát là {hours} giờ."
    share = f"{100 * good / wanted:.1f}".replace(".", ",")
    return (
        f"Trong tháng {report.month}/{report.year}, đài có {wanted} buổi phát theo lịch, trong đó {good} buổi phát đủ nội dung "
        f"(đạt {share}%), {len(report.not_aired)} buổi không đạt; tổng thời lượng phát là {hours} giờ; phát "
        f"{report.emergencies} thông báo khẩn cấp."
    )


def to_html(report: MonthReport, settings: Settings, made_at: datetime, *, nonce: str = "") -> str:
    """The report to print on A4 and sign, in the form of an official report (Nghị định 30/2020/NĐ-CP, phụ lục I and III).

    ``nonce``: for the style element, where the page is served under a content policy.
    """
    station = settings.station
    commune = html.escape(station.commune)
    local = made_at.astimezone(settings.zone)
    level = COLUMNS.index("Mức âm (dBFS)")
    log_rows = [tuple(row[i].replace(".", ",") if i == level else row[i] for i in _PRINTED) for row in report.rows]
    return f"""<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>Báo cáo phát thanh tháng {report.month}/{report.year}</title>
<style{f' nonce="{nonce}"' if nonce else ""}>{_STYLE}</style></head><body><main>
<div class="head"><div class="issuer">UBND XÃ {commune.upper()}<br><b>{html.escape(station.name.upper())}</b><br>Số: ......./BC-ĐTT</div>
<div><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><br><b><u>Độc lập - Tự do - Hạnh phúc</u></b></div></div>
<div class="place">{commune or html.escape(station.province)}, ngày {local.day:02d} tháng {local.month:02d} năm {local.year}</div>
<h1><span>BÁO CÁO</span><span>Kết quả hoạt động truyền thanh tháng {report.month:02d} năm {report.year}</span></h1>
<div class="to">Kính gửi: Ủy ban nhân dân xã {commune}</div>
<h2>I. KẾT QUẢ PHÁT SÓNG</h2><p>{html.escape(_in_a_sentence(report))}</p>{_numbers(report)}
<h2>II. CÁC BUỔI KHÔNG ĐẠT VÀ LÝ DO</h2>{_table(("Giờ", "Buổi", "Kết quả", "Lý do"), report.not_aired)}
<h2>III. SỰ CỐ KỸ THUẬT</h2>{_table(("Lúc", "Việc xảy ra", "Khắc phục xong"), report.incidents)}
<div class="together"><h2>IV. KIẾN NGHỊ, ĐỀ XUẤT</h2><div class="dots"></div><div class="dots"></div><div class="dots"></div>
<div class="sign"><div class="copies"><b><i>Nơi nhận:</i></b><br>- Như trên;<br>- Lưu: VT, ĐTT.</div>
<div class="chief"><b>PHỤ TRÁCH ĐÀI</b><br><i>(Ký, ghi rõ họ tên)</i></div></div></div>
<div class="annex"><h1><span>PHỤ LỤC</span><span>Nhật ký phát sóng tháng {report.month:02d} năm {report.year}</span></h1>
{_table([COLUMNS[i] for i in _PRINTED], log_rows)}</div>
</main></body></html>
"""
