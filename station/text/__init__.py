"""From written Vietnamese to the words an announcer says."""

from station.text.lexicon import Entry, Lexicon, load_lexicon, remove_entry, save_entry
from station.text.make import changed_by, make_script, normalize, report
from station.text.preview import Span, places, sample, spans

__all__ = [
    "Entry", "Lexicon", "Span", "changed_by", "load_lexicon", "make_script", "normalize", "places", "remove_entry", "report", "sample",
    "save_entry", "spans",
]
