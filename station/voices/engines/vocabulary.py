"""A text fitted to the letters that a model was trained on.  Pure."""

from __future__ import annotations

import unicodedata

#: letters of foreign names, as Vietnamese letters that sound near
FOREIGN = {"f": "ph", "j": "gi", "w": "u", "z": "d"}
#: pauses, as the nearest mark that the model may know
PAUSES = {";": ",", ":": ",", "…": ".", "–": ",", "-": " ", "!": ".", "?": ".", "\"": "", "'": ""}


def fit_to_vocabulary(text: str, vocabulary: frozenset[str]) -> str:
    """``text`` in the letters of ``vocabulary``: as written, else lowercase, decomposed, or a near letter.

    Marks that the model does not know become nearer ones or a space.  Raises ValueError naming the letters and
    digits that have no counterpart: Coqui would leave them out and say another word.
    """
    if not vocabulary:
        return text
    out: list[str] = []
    lost: set[str] = set()
    for character in text:
        for candidate in (
            character, character.lower(), unicodedata.normalize("NFD", character.lower()),
            FOREIGN.get(character.lower(), ""), PAUSES.get(character, ""),
        ):
            if candidate and all(c in vocabulary for c in candidate):
                out.append(candidate)
                break
        else:
            if character.isalnum():
                lost.add(character)
            else:
                out.append(" " if " " in vocabulary or character.isspace() else "")
    if lost:
        raise ValueError(f"characters outside the model's vocabulary: {''.join(sorted(lost))}")
    return " ".join("".join(out).split())
