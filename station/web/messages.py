"""All strings of the page, for the English catalog.

``python -m station.web.messages`` brings ``translations/en/LC_MESSAGES/messages.po`` up to date (new strings come in
untranslated, gone ones go out) and compiles it.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).parent
PO = WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_KEYWORDS = {"_": None, "_l": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None}


def table_strings() -> set[str]:
    """Strings that lie in tables and are translated where they are shown."""
    from station.web.openapi import openapi
    from station.web.permissions import MEANINGS, ROLE_NAMES
    from station.web.scopes import SCOPES
    from station.web.settings_words import SECTIONS, WORDS

    summaries = {what["summary"] for methods in openapi()["paths"].values() for what in methods.values()}
    words = {text for pair in WORDS.values() for text in pair if text}
    return {*MEANINGS.values(), *ROLE_NAMES.values(), *SECTIONS.values(), *(w for _p, w in SCOPES.values()), *words, *summaries}


def extracted() -> Catalog:
    """Every string that the page may show, with no translation."""
    catalog = Catalog(locale="en", project="commune-station", charset="utf-8")
    catalog.fuzzy = False
    for _file, _line, message, _comments, context in extract_from_dir(
        str(WEB), method_map=_METHODS, options_map={"**.html": {"trimmed": "true"}}, keywords=_KEYWORDS
    ):
        catalog.add(message, context=context)
    for text in sorted(table_strings()):
        catalog.add(text)
    return catalog


def stored() -> Catalog:
    """The English catalog as it lies in the package."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def compiled(catalog: Catalog) -> bytes:
    """The catalog as gettext reads it."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def update() -> list[str]:
    """Write the catalog anew with the translations that there are; returns the strings that have none."""
    catalog = extracted()
    known = stored() if PO.is_file() else Catalog(locale="en")
    missing = []
    for message in catalog:
        if not message.id:
            continue
        old = known.get(message.id, message.context)
        if old is not None and old.string and (isinstance(old.string, str) or all(old.string)):
            message.string = old.string
        else:
            missing.append(message.id if isinstance(message.id, str) else message.id[0])
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=118, omit_header=False, no_location=True, sort_output=True)
    PO.with_suffix(".mo").write_bytes(compiled(stored()))
    return missing


if __name__ == "__main__":
    for text in update():
        print(text)
