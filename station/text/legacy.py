"""Plain text in the encodings of the 1990s (TCVN3, VNI), recognised and turned into Unicode."""

from __future__ import annotations

import unicodedata

#: characters looked at to decide; enough for a page
SAMPLE = 20_000


def decode_legacy(text: str) -> str | None:
    """The text in Unicode when it was set in TCVN3 or VNI, else None.

    Text that has Vietnamese letters of Unicode's own block is never touched.
    """
    sample = text[:SAMPLE]
    if any("\u1ea0" <= char <= "\u1ef9" for char in sample) or all(char < "\u0080" for char in sample):
        return None
    from viparse.normalize.detector import detect_encoding_by_content
    from viparse.normalize.encodings import AUTO_DETECT_CHARMAPS
    from viparse.normalize.tables import convert

    charmaps = {name: charmap for name, charmap in AUTO_DETECT_CHARMAPS.items() if name.lower() in ("tcvn3", "vni")}
    found = detect_encoding_by_content(sample, charmaps).encoding
    return unicodedata.normalize("NFC", convert(text, charmaps[found])) if found else None
