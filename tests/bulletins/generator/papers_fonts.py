"""Typefaces of the drawn papers: those that test.sh installs and that have every Vietnamese letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

VIETNAMESE = (
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
    "AÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬBCDĐEÈÉẺẼẸÊỀẾỂỄỆGHIÌÍỈĨỊKLMNOÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢPQRSTUÙÚỦŨỤƯỪỨỬỮỰVXYỲÝỶỸỴ"
)
_TRUETYPE = Path("/usr/share/fonts/truetype")
_OPENTYPE = Path("/usr/share/texmf/fonts/opentype/public/tex-gyre")


@dataclass(frozen=True)
class Family:
    """Files of the regular, bold, italic and bold italic face."""

    name: str
    regular: Path
    bold: Path
    italic: Path
    bold_italic: Path

    def face(self, pixels: int, style: str = "regular") -> ImageFont.FreeTypeFont:
        """A face ``pixels`` high; ``style`` is the name of one of the files."""
        return _face(getattr(self, style), pixels)


@lru_cache(maxsize=256)
def _face(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), pixels)


def _family(name: str, folder: Path, stem: str, *, styles: tuple[str, str, str, str], ending: str = "ttf") -> Family:
    return Family(name, *(folder / f"{stem}{style}.{ending}" for style in styles))


_USUAL = ("-Regular", "-Bold", "-Italic", "-BoldItalic")
_GYRE = ("-regular", "-bold", "-italic", "-bolditalic")
#: the first three are what offices print with: shapes of Times and Arial
FAMILIES: tuple[Family, ...] = (
    _family("Liberation Serif", _TRUETYPE / "liberation2", "LiberationSerif", styles=_USUAL),
    _family("TeX Gyre Termes", _OPENTYPE, "texgyretermes", styles=_GYRE, ending="otf"),
    _family("Liberation Sans", _TRUETYPE / "liberation2", "LiberationSans", styles=_USUAL),
    _family("Noto Serif", _TRUETYPE / "noto", "NotoSerif", styles=_USUAL),
    _family("Noto Sans", _TRUETYPE / "noto", "NotoSans", styles=_USUAL),
    _family("FreeSerif", _TRUETYPE / "freefont", "FreeSerif", styles=("", "Bold", "Italic", "BoldItalic")),
    _family("TeX Gyre Heros", _OPENTYPE, "texgyreheros", styles=_GYRE, ending="otf"),
    _family("TeX Gyre Pagella", _OPENTYPE, "texgyrepagella", styles=_GYRE, ending="otf"),
    _family("TeX Gyre Schola", _OPENTYPE, "texgyreschola", styles=_GYRE, ending="otf"),
    _family("TeX Gyre Bonum", _OPENTYPE, "texgyrebonum", styles=_GYRE, ending="otf"),
    _family("FreeSans", _TRUETYPE / "freefont", "FreeSans", styles=("", "Bold", "Oblique", "BoldOblique")),
)


def missing_letters(path: Path) -> str:
    """Vietnamese letters that the font at ``path`` draws as its box for unknown characters."""
    face = _face(path, 40)
    unknown = bytes(face.getmask("\ufdd0")), face.getmask("\ufdd0").size
    return "".join(c for c in VIETNAMESE if (bytes(face.getmask(c)), face.getmask(c).size) == unknown)
