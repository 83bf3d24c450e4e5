"""Invented documents of many forms (``forms/*.txt``) as DOCX, as pages of HTML, and as what is read aloud of them.

A line of a form file is a part of the paper: L agency, N number, NV "V/v" under the number, R motto in place of the
state's, D place and date, O stamp of urgency, M masthead, T title, S subject, SS line in the middle, K addressees,
P paragraph (P+ goes on from the page before), H heading, I list item, TB row of a table, C2/C3/C0 columns, B byline,
F footnote, DD date above the signature, NN recipients, SL/SLN signer at the left, SG/SN signer, PN page number,
PB page break.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path

FORMS = Path(__file__).parent / "forms"
SPOKEN = ("M", "NV", "T", "S", "SS", "K", "P", "P+", "H", "I", "TB")
MOTTO = ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc")


@dataclass(frozen=True)
class FormPaper:
    """One invented document: its name, options (font, size, form) and parts in their order."""

    name: str
    options: dict[str, str]
    parts: tuple[tuple[str, str], ...]

    def of(self, *kinds: str) -> list[str]:
        return [text for kind, text in self.parts if kind in kinds]

    @property
    def spoken(self) -> str:
        """What is read aloud, a part a line, cells of a table in the order of its rows."""
        return "\n".join(
            " ".join(cell.strip() for cell in text.split("|") if cell.strip()) if kind == "TB" else text
            for kind, text in self.parts if kind in SPOKEN
        )

    @property
    def motto(self) -> Sequence[str]:
        return self.of("R") or MOTTO


def papers(name: str) -> list[FormPaper]:
    """The documents of ``forms/NAME.txt``."""
    found = []
    for chunk in (FORMS / f"{name}.txt").read_text(encoding="utf-8").split("\n@")[1:]:
        head, *lines = chunk.strip().splitlines()
        title, *options = head.split()
        parts = tuple((kind, text.strip()) for kind, _, text in (line.partition(":") for line in lines if line))
        found.append(FormPaper(title, dict(option.split("=") for option in options), parts))
    return found


_CSS = """@page{size:A4;margin:0}*{margin:0;padding:0}body{font-family:%(font)s;font-size:%(size)spt;line-height:1.35}
.page{width:170mm;height:256mm;padding:18mm 18mm 22mm 22mm;position:relative;page-break-after:always}
.two{width:100%%;border-collapse:collapse;margin-bottom:4mm}.two td{width:42%%;text-align:center;vertical-align:top}
.two td+td{width:58%%}.i{font-style:italic}.b{font-weight:bold}.c{text-align:center}.t{font-weight:bold;text-align:center;margin-top:3mm}
.s{font-weight:bold;text-align:center;margin:0 12mm}.m{text-align:center;font-size:150%%;font-weight:bold}
.m+.m{font-size:90%%;font-weight:normal;font-style:italic}p{text-align:justify;text-indent:1.1cm;margin:1.6mm 0}
.k{margin:3mm 0 1mm 2cm;text-indent:0}.n p{text-indent:0;text-align:left;font-size:82%%;margin:0}
.g{width:100%%;border-collapse:collapse;margin:2mm 0}.g td{border:1px solid #000;padding:1mm 2mm;text-align:center}
.cols{column-gap:8mm;column-rule:0}.cols p{text-indent:.5cm;margin:.8mm 0}.h{font-weight:bold}.cols .h{text-indent:0;text-align:left;margin-top:2mm}
.by{text-align:right;font-style:italic;margin:1mm 0 2mm}.pn{position:absolute;bottom:9mm;left:0;right:0;text-align:center}
.f{position:absolute;bottom:17mm;left:22mm;font-size:80%%;border-top:1px solid #000;padding-top:1mm;width:60mm}
.o{border:1.5px solid #000;display:inline-block;padding:.5mm 3mm;font-weight:bold;margin-left:8mm}
.v{font-size:88%%;width:56mm;margin:0 auto}"""


def _p(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>'


def _div(text: str, kind: str) -> str:
    return f'<div class="{kind}">{escape(text)}</div>'


def _header(paper: FormPaper) -> str:
    if not paper.of("L"):
        return ""
    agency, number, date = paper.of("L"), paper.of("N"), paper.of("D")
    if paper.options.get("form") == "swapped":
        number, date = date, number
    left = [*agency[:-1], f"<b>{escape(agency[-1])}</b>", *number]
    right = [f"<b>{line}</b>" for line in paper.motto] + [f"<i>{line}</i>" for line in date]
    about = "".join(_div(line, "v") for line in paper.of("NV"))
    stamp = "".join(_div(line, "o") for line in paper.of("O"))
    return f'<table class="two"><tr><td>{"<br>".join(left)}{about}</td><td>{"<br>".join(right)}</td></tr></table>{stamp}'


def _footer(paper: FormPaper) -> str:
    signer = paper.of("SG") + paper.of("SN")
    if not signer:
        return ""
    left = "".join(_p(line, "b i" if index == 0 else "") for index, line in enumerate(paper.of("NN")))
    if paper.of("SL"):
        left = f'<div class="c b">{paper.of("SL")[0]}<br><br><br><br>{paper.of("SLN")[0]}</div>'
    date = "".join(f"<i>{line}</i><br>" for line in paper.of("DD"))
    names = "<br><br><br>" + "".join(paper.of("SN")) if paper.of("SN") else ""
    return (
        f'<br><table class="two"><tr><td class="n">{left}</td><td>{date}<b>{"<br>".join(paper.of("SG"))}{names}</b>'
        "</td></tr></table>"
    )


def html(paper: FormPaper) -> str:
    """The paper as A4 pages for a browser."""
    name = paper.options.get("font", "serif")
    font = {"serif": "'Liberation Serif'", "sans": "'Liberation Sans'"}.get(name, f"'{name.replace('_', ' ')}'")
    style = _CSS % {"font": font, "size": paper.options.get("size", "13")}
    out = [f'<meta charset="utf-8"><style>{style}</style><div class="page">', _header(paper)]
    footed = False
    tags = {"P": "", "P+": "", "H": "h", "I": "", "K": "k", "B": "by"}
    for kind, group in groupby(paper.parts, key=lambda part: part[0]):
        texts = [text for _, text in group]
        if kind == "TB":
            rows = ["".join(f"<td>{escape(cell.strip())}</td>" for cell in row.split("|")) for row in texts]
            rows[0] = rows[0].replace("<td>", '<td class="b">')
            out.append('<table class="g">' + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
        elif kind in ("C2", "C3"):
            out.append(f'<div class="cols" style="column-count:{kind[1]}">')
        elif kind == "C0":
            out.append("</div>")
        elif kind in tags:
            out += [_p(text, tags[kind]) for text in texts]
        elif kind in ("T", "S", "SS", "M"):
            out += [_div(text, {"SS": "t"}.get(kind, kind.lower())) for text in texts]
        elif kind == "PB":
            out.append('</div><div class="page">')
        elif kind in ("F", "PN"):
            if kind == "PN" and not footed and texts and paper.parts[-1] == ("PN", texts[-1]):
                out.append(_footer(paper))
                footed = True
            out += [_div(text, kind.lower()) for text in texts]
    if not footed:
        out.append(_footer(paper))
    return "".join([*out, "</div>"])


def write_docx(paper: FormPaper, path: Path, header: str = "table") -> Path:
    """The paper as Word writes it; the header as a ``table``, with ``tabs``, or line by line (``plain``)."""
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

    document = docx.Document()

    def add(text: str, *, center: bool = False, bold: bool = False) -> None:
        paragraph = document.add_paragraph()
        paragraph.add_run(text).bold = bold
        if center:
            paragraph.alignment = ALIGN.CENTER

    def two(left: Sequence[str], right: Sequence[str]) -> None:
        if header == "table":
            cells = document.add_table(1, 2).rows[0].cells
            cells[0].text, cells[1].text = "\n".join(left), "\n".join(right)
            return
        for line in _pairs(left, right) if header == "tabs" else [*left, *right]:
            add(line)

    if paper.of("L"):
        two([*paper.of("L", "N", "NV")], [*paper.motto, *paper.of("D")])
    for kind, group in groupby(paper.parts, key=lambda part: part[0]):
        texts = [text for _, text in group]
        if kind == "TB":
            rows = [[cell.strip() for cell in row.split("|")] for row in texts]
            table = document.add_table(len(rows), len(rows[0]))
            table.style = "Table Grid"
            for row, cells in zip(rows, table.rows, strict=True):
                for text, cell in zip(row, cells.cells, strict=True):
                    cell.text = text
        elif kind in ("O", "M", "T", "S", "SS", "H", "K", "P", "I", "B"):
            for text in texts:
                add(text, center=kind in ("M", "T", "S", "SS"), bold=kind in ("M", "T", "S", "H", "SS"))
        elif kind == "P+":
            last = document.paragraphs[-1]
            last.add_run(" " + texts[0])
    if paper.of("SG"):
        two(paper.of("NN", "SL", "SLN"), [*paper.of("DD", "SG"), *paper.of("SN")])
    document.save(str(path))
    return path


def _pairs(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else ""
        other = right[index] if index < len(right) else ""
        yield f"{one}\t{other}" if other else one
