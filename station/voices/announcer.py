"""The announcer's own voice: sentences to read, takes checked, a session that may be left and taken up.

The session is a folder in the LJSpeech layout with ``consent.json`` beside it; it lies in ``var/announcers/ID`` of the
station's home.  The web page calls these functions; nothing here knows of pages.
"""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from station.errors import VoiceError
from station.home import StationHome
from station.voices import ljspeech
from station.voices.choose import voice_id_from_name
from station.voices.clean_text import count_syllables, speakable
from station.voices.recorded import Recording, import_recording
from station.voices.sound_levels import MESSAGES, RecordingProblem
from station.voices.syllables import greedy_order

SAMPLE_RATE = 22050
#: seconds a syllable of a careful reader
_FASTEST, _SLOWEST = 0.1, 0.7
#: what the speaker agrees to, shown before the first sentence and kept with the voice
CONSENT_TEXT = (
    "Tôi đồng ý để đài truyền thanh xã ghi âm giọng của tôi và tạo giọng đọc từ các bản ghi này, chỉ dùng cho bản tin "
    "của đài. Tôi có thể rút lại sự đồng ý bất cứ lúc nào; khi đó đài xóa bản ghi và giọng đọc."
)


@dataclass(frozen=True)
class Consent:
    """Who agreed to what, when (ISO 8601 with zone), and who was there."""

    speaker: str
    agreed_at: str
    text: str
    witness: str = ""


@dataclass(frozen=True)
class Take:
    """One reading of a sentence: kept or not, what was wrong, how loud it was."""

    sentence: int
    kept: bool
    recording: Recording | None
    messages: tuple[str, ...]


@functools.cache
def sentence_list() -> tuple[str, ...]:
    """The sentences to read, in the order that covers the language soonest."""
    path = Path(__file__).with_name("announcer_sentences.txt")
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(greedy_order(line.strip() for line in lines if line.strip() and not line.startswith("#")))


def session_folder(home: StationHome, voice_id: str) -> Path:
    """Where the session lies.  Raises :class:`VoiceError` for what is no voice's id (it comes from an address)."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", voice_id):
        raise VoiceError("Không có người đọc này.", code="voices.unknown", detail=voice_id[:80])
    return home.var / "announcers" / voice_id


class Session:
    """A recording session.  Every take is on the disk when :meth:`record` returns."""

    def __init__(self, home: StationHome, voice_id: str) -> None:
        self.id = voice_id
        self.folder = session_folder(home, voice_id)
        path = self.folder / "consent.json"
        if not path.is_file():
            raise VoiceError(
                "Chưa có sự đồng ý của người đọc nên chưa thể ghi giọng.", code="voices.consent",
                mend="Hãy ghi nhận sự đồng ý trước khi ghi âm câu đầu tiên.",
            )
        self.consent = Consent(**json.loads(path.read_text(encoding="utf-8")))

    @property
    def sentences(self) -> tuple[str, ...]:
        return sentence_list()

    @staticmethod
    def _name(index: int) -> str:
        return f"cau-{index + 1:04d}"

    def recorded(self) -> frozenset[int]:
        """Indexes of the sentences that are done."""
        return frozenset(int(row.id.rsplit("-", 1)[1]) - 1 for row in ljspeech.read(self.folder))

    def next_sentence(self) -> int | None:
        """The first sentence that is not done; None when all are."""
        done = self.recorded()
        return next((i for i in range(len(self.sentences)) if i not in done), None)

    def record(self, index: int, source: Path) -> Take:
        """Check the take in ``source`` (any audio file) and keep it when it is good; an earlier one is replaced.

        A bad take is not kept and says why in Vietnamese.  Raises :class:`VoiceError` for a file without sound.
        """
        if not 0 <= index < len(self.sentences):
            raise VoiceError("Không có câu số này trong danh sách.", code="voices.sentence", detail=str(index))
        text = self.sentences[index]
        path = self.folder / "takes" / f"{self._name(index)}.wav"
        try:
            recording = import_recording(source, path, sample_rate=SAMPLE_RATE)
        except VoiceError as error:
            if not error.code.startswith("voices.recording."):
                raise
            return Take(index, False, None, (error.message,))
        problems = list(recording.problems)
        pace = recording.seconds / max(count_syllables(text), 1)
        if pace < _FASTEST:
            problems.append(RecordingProblem.TOO_SHORT)
        elif pace > _SLOWEST:
            problems.append(RecordingProblem.TOO_LONG)
        if problems:
            path.unlink(missing_ok=True)
            return Take(index, False, recording, tuple(MESSAGES[problem] for problem in problems))
        target = self.folder / "wavs" / path.name
        target.parent.mkdir(exist_ok=True)
        os.replace(path, target)
        ljspeech.put(self.folder, ljspeech.Row(self._name(index), speakable(text)))
        return Take(index, True, recording, ())

    def take_path(self, index: int) -> Path | None:
        """The WAV of a sentence that is done; None while it is not."""
        path = self.folder / "wavs" / f"{self._name(index)}.wav"
        return path if index in self.recorded() else None

    def minutes(self) -> float:
        """Minutes of speech recorded so far."""
        files = (self.folder / "wavs" / f"{row.id}.wav" for row in ljspeech.read(self.folder))
        return sum(path.stat().st_size - 44 for path in files) / (2 * SAMPLE_RATE) / 60


def begin(home: StationHome, speaker: str, *, agreed_at: datetime, witness: str = "") -> Session:
    """Record the speaker's consent and open the session; an existing one of the same name is taken up.

    ``agreed_at`` carries a zone.  Raises :class:`VoiceError` for a name without letters.
    """
    if agreed_at.tzinfo is None:
        raise ValueError("agreed_at needs a zone")
    voice_id = voice_id_from_name(speaker)
    folder = session_folder(home, voice_id)
    path = folder / "consent.json"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        consent = Consent(speaker, agreed_at.isoformat(), CONSENT_TEXT, witness)
        temporary = folder / ".consent.part"
        temporary.write_text(json.dumps(asdict(consent), ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(temporary, path)
    return Session(home, voice_id)


def sessions(home: StationHome) -> list[Session]:
    """Every session that was begun, by id."""
    return [Session(home, path.parent.name) for path in sorted((home.var / "announcers").glob("*/consent.json"))]


def withdraw(home: StationHome, voice_id: str) -> None:
    """The speaker takes the consent back: recordings, model and catalog entry are removed."""
    import shutil

    for folder in (session_folder(home, voice_id), home.models / f"{voice_id}-rieng"):
        shutil.rmtree(folder, ignore_errors=True)
    (home.voices / f"{voice_id}-rieng.toml").unlink(missing_ok=True)
