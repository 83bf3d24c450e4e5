"""The process that holds one engine: :func:`main`.

One JSON line on standard input starts it; then each line is a sentence, and each answer is a JSON line followed by
the samples it announces (``format`` "f4": float32, "i2": 16-bit integers, both little-endian).  Whatever a library
prints goes to standard error.  It ends with its parent, also while it loads.  Of the standard library only what starts
at once is imported here (no pathlib, no concurrent.futures, and no ``-m``): eSpeak NG speaks 25 milliseconds after it
was asked for.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import threading
from queue import SimpleQueue


def main() -> None:
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # engines chatter on standard output
    lock = threading.Lock()

    def answer(header: dict[str, object], samples: bytes = b"") -> None:
        with lock:
            out.write(json.dumps(header).encode() + b"\n")
            out.write(samples)
            out.flush()

    lines = sys.stdin.buffer
    start = json.loads(lines.readline())
    light = bool(start.get("light"))
    requests: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        for line in lines:
            requests.put(line)
        os._exit(0)  # the parent is gone: nobody waits for the rest

    if not light:
        threading.Thread(target=listen, daemon=True, name="listen").start()
    try:
        module = importlib.import_module(f"station.voices.engines.{start['engine']}")
        engine = module.Engine(start["folder"], start["settings"])
    except BaseException as error:  # noqa: BLE001 - whatever a model does, the parent must hear of it
        answer({"error": f"{type(error).__name__}: {error}"})
        return
    gc.freeze()  # what is loaded stays: the collector need not look at it again
    answer({"ready": True, "rate": engine.sample_rate})

    def work() -> None:
        while True:
            say(json.loads(requests.get()))

    def say(request: dict[str, object]) -> None:
        try:
            samples: bytes = engine.speak(str(request["text"]), float(str(request["speed"])))
        except Exception as error:  # noqa: BLE001 - one bad sentence must not end the process
            answer({"id": request["id"], "error": f"{type(error).__name__}: {error}"})
            return
        answer({"id": request["id"], "bytes": len(samples), "format": engine.sample_format}, samples)

    if light:  # loads and speaks in milliseconds: it hears of its parent's end between two sentences
        for line in lines:
            say(json.loads(line))
        return
    for _ in range(int(start["slots"]) - 1):
        threading.Thread(target=work, daemon=True, name="speak").start()
    work()
