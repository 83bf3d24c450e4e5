"""From written Vietnamese to the words an announcer says."""

from station.text.lexicon import Entry, Lexicon, load_lexicon, remove_entry, save_entry
from station.text.make import changed_by, make_script, normalize, report

__all__ = ["Entry", "Lexicon", "changed_by", "load_lexicon", "make_script", "normalize", "remove_entry", "report", "save_entry"]
