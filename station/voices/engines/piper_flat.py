"""A Piper model whose decoder is laid out as the processor's convolutions want it: ``python -m ... MODEL TARGET``.

ONNX Runtime has its fast kernels for pictures only.  The decoder's convolutions over time become ones over pictures of
height 1, the division before each of them goes into its weights, and a convolution by one, which costs next to nothing,
stands wherever the runtime would otherwise reorder the samples in memory.  A transposed convolution that reaches over two
steps becomes a convolution that computes all the samples of a step as channels.  The numbers come out the same up to
rounding, a sixth sooner on one thread (``station bench voices``); on several threads the model as it was is the faster
one.  What the runtime makes of all this for this processor is kept, so that it loads in less than half the time.

Runs in a process of its own, once for each model, because reading a model takes three times its size in memory.  The
layout is taken only when it says the same as the model on a probe, and sooner.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

#: grows when the layout changes
FORMAT = 2
#: what rounding may change, of full scale
TOLERANCE = 1e-4
#: how often the probe is said for its time: the best counts
PROBES = 5
#: a prepared model that no voice asked for in so long is removed, seconds
KEEP_SECONDS = 60 * 86400.0
#: lines of /proc/cpuinfo that tell which kernels the runtime takes
_PROCESSOR = ("vendor_id", "model name", "flags", "CPU implementer", "CPU part", "Features")
_KNOWN = frozenset({"Conv", "ConvTranspose", "LeakyRelu", "Add", "Div", "Tanh"})


class NotLaidOut(ValueError):
    """The model has no decoder of the known form, or the result differs: it is used as it is."""


@functools.cache
def machine() -> str:
    """What a prepared model is made for: the runtime's version and the kind of processor."""
    with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as cpuinfo:
        lines = {line.strip() for line in cpuinfo if line.startswith(_PROCESSOR)}
    runtime = importlib.util.find_spec("onnxruntime")  # found, not imported: that is for the engine's process alone
    text = Path(runtime.origin).read_text(encoding="utf-8") if runtime and runtime.origin else ""
    return "|".join([text, os.uname().machine, *sorted(lines)])


def target_of(model: Path, folder: Path) -> Path:
    """Where the prepared form of ``model`` lies in ``folder``; another file once the model or the machine is another."""
    stat = model.stat()
    name = f"{FORMAT}:{machine()}:{model.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"
    return folder / f"piper-{hashlib.sha256(name.encode()).hexdigest()[:20]}.onnx"


def prepared(model: Path, folder: Path) -> Path:
    """The prepared form of ``model`` where it is there, else ``model``."""
    target = target_of(model, folder)
    try:
        if target.stat().st_size == 0:  # it was tried: this model cannot be laid out
            return model
        os.utime(target)
    except OSError:
        return model
    return target


def prepare_in_background(model: Path, folder: Path) -> subprocess.Popen[bytes] | None:
    """Start making the prepared form of ``model``; None when it is there, or known to be impossible."""
    target = target_of(model, folder)
    if target.exists():
        return None
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "station.voices.engines.piper_flat", str(model), str(target)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )


def lay_out(model: Any) -> None:
    """Change the decoder of an ONNX ``model`` in place.  Raises :class:`NotLaidOut`."""
    from onnx import helper, numpy_helper

    graph = model.graph
    weights = {one.name: one for one in graph.initializer}
    nodes = list(graph.node)
    decoder = [node for node in nodes if node.name.startswith("/dec/")]
    made = {name: node for node in decoder for name in node.output}
    outside = {name for node in decoder for name in node.input if name and name not in made and name not in weights}
    used = [name for node in nodes if node not in decoder for name in node.input if name in made]
    used += [one.name for one in graph.output if one.name in made]
    if not decoder or len(outside) != 1 or len(set(used)) != 1 or {node.op_type for node in decoder} - _KNOWN:
        raise NotLaidOut("no decoder of the known form")
    kernels = [node.input[1] for node in decoder if node.op_type in ("Conv", "ConvTranspose")]
    if any(name not in weights or sum(name in node.input for node in nodes) > 1 for name in kernels):
        raise NotLaidOut("a convolution whose weights are not its own")

    def readers(name: str) -> list[Any]:
        return [node for node in nodes if name in node.input]

    def channels(name: str) -> int:
        node = made[name]
        if node.op_type == "Conv":
            return int(weights[node.input[1]].dims[0])
        return int(weights[node.input[1]].dims[1]) if node.op_type == "ConvTranspose" else channels(node.input[0])

    def by_one(name: str, result: str) -> Any:
        """A convolution that changes nothing, over each channel by itself."""
        import numpy as np

        count = channels(name)
        one = numpy_helper.from_array(np.ones((count, 1, 1, 1), np.float32), f"{result}_one")
        graph.initializer.append(one)
        return helper.make_node("Conv", [name, one.name], [result], name=f"{result}_same", group=count, kernel_shape=[1, 1])

    for node in [node for node in decoder if node.op_type == "Div"]:
        divisor = _constant(node.input[1], weights, nodes)
        after = readers(node.output[0])
        then = readers(after[0].output[0]) if len(after) == 1 and after[0].op_type == "LeakyRelu" else []
        if divisor is None or divisor <= 0 or len(then) != 1 or then[0].op_type not in ("Conv", "ConvTranspose"):
            raise NotLaidOut("a division that is no mean of branches")
        weight = weights[then[0].input[1]]
        weight.CopyFrom(numpy_helper.from_array((numpy_helper.to_array(weight) / divisor).astype("float32"), weight.name))
        after[0].input[0] = node.input[0]
        nodes.remove(node)
        decoder.remove(node)
    for node in decoder:
        if node.op_type in ("Conv", "ConvTranspose"):
            _flatten(node, weights[node.input[1]])
    for node in [node for node in decoder if node.op_type == "LeakyRelu"]:
        before = made[node.input[0]]
        if before.op_type != "Conv" or len(readers(node.input[0])) > 1:
            same = by_one(node.input[0], f"{node.name}_in")
            node.input[0] = same.output[0]
            nodes.insert(nodes.index(node), same)
    for node in [node for node in decoder if node.op_type == "ConvTranspose"]:
        name = node.output[0]
        same = by_one(name, name)
        node.output[0] = same.input[0] = f"{name}_raw"
        instead = _as_convolution(node, graph) or [node]
        place = decoder.index(node)
        decoder[place:place + 1] = instead
        place = nodes.index(node)
        nodes[place:place + 1] = [*instead, same]
    (into,), out = outside, used[0]
    _wrap(nodes, graph, decoder, into, out)
    del graph.node[:]
    graph.node.extend(nodes)
    del graph.value_info[:]


def _constant(name: str, weights: dict[str, Any], nodes: list[Any]) -> float | None:
    """The number called ``name``, None where it is computed."""
    from onnx import helper, numpy_helper

    tensor = weights.get(name) or next(
        (helper.get_attribute_value(node.attribute[0]) for node in nodes if node.op_type == "Constant" and name in node.output), None
    )
    if tensor is None:
        return None
    value = numpy_helper.to_array(tensor)
    return float(value.reshape(-1)[0]) if value.size == 1 else None


def _flatten(node: Any, weight: Any) -> None:
    """A convolution over time as one over pictures of height 1."""
    from onnx import numpy_helper

    values = numpy_helper.to_array(weight)
    if values.ndim != 3:
        raise NotLaidOut("a convolution that is not over time")
    weight.CopyFrom(numpy_helper.from_array(values[:, :, None, :].copy(), weight.name))
    for attribute in node.attribute:
        given = list(attribute.ints)
        if attribute.name == "pads":
            attribute.ints[:] = [0, given[0], 0, given[1]]
        elif attribute.name in ("dilations", "strides", "kernel_shape"):
            attribute.ints[:] = [1, *given]
        elif attribute.name == "output_padding":
            attribute.ints[:] = [0, *given]
        elif attribute.name == "auto_pad" and attribute.s != b"NOTSET":
            raise NotLaidOut("a convolution that pads by itself")


def _as_convolution(node: Any, graph: Any) -> list[Any]:
    """A flat transposed convolution whose kernel is two steps long, as a convolution over the steps; [] for another one.

    Sample ``step * q + r`` before the ends are cut is ``x[q] @ kernel[r] + x[q - 1] @ kernel[r + step]``: two taps, and
    the ``step`` samples lie side by side as channels until they are put one after another.
    """
    import numpy as np
    from onnx import helper, numpy_helper

    given = {one.name: helper.get_attribute_value(one) for one in node.attribute}
    values = {one.name: one for one in graph.initializer if one.name in node.input}
    weight = values[node.input[1]]
    kernel = numpy_helper.to_array(weight)
    step = int(given.get("strides", [1, 1])[1])
    pads = list(given.get("pads", [0, 0, 0, 0]))
    left, right = pads[1], pads[3]
    known = set(given) <= {"strides", "pads", "kernel_shape", "dilations", "group"}
    if not known or kernel.shape[3] != 2 * step or min(left, right) < 1 or given.get("group", 1) != 1 \
            or list(given.get("dilations", [1, 1])) != [1, 1] or set(node.input[1:]) - set(values):
        return []
    inputs, outputs = kernel.shape[:2]
    taps = kernel[:, :, 0, :].reshape(inputs, outputs, 2, step)[:, :, ::-1]  # the earlier step's tap comes first
    taps = taps.transpose(1, 3, 0, 2).reshape(outputs * step, inputs, 1, 2)
    weight.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(taps), weight.name))
    name = node.output[0]

    def constant(which: str, value: Any) -> str:
        graph.initializer.append(numpy_helper.from_array(np.asarray(value), f"{name}_{which}_given"))
        return f"{name}_{which}_given"

    biases = [constant("bias", np.repeat(numpy_helper.to_array(values[one]), step)) for one in node.input[2:]]
    return [
        helper.make_node("Conv", [node.input[0], weight.name, *biases], [f"{name}_steps"], name=f"{node.name}_steps",
                         pads=[0, 1, 0, 1], kernel_shape=[1, 2]),
        helper.make_node("Reshape", [f"{name}_steps", constant("apart", [1, outputs, step, -1])], [f"{name}_apart"]),
        helper.make_node("Transpose", [f"{name}_apart"], [f"{name}_turned"], perm=[0, 1, 3, 2]),
        helper.make_node("Reshape", [f"{name}_turned", constant("joined", [1, outputs, 1, -1])], [f"{name}_whole"]),
        helper.make_node("Slice", [f"{name}_whole", constant("from", [left]), constant("to", [-right]),
                                   constant("along", [3])], [name], name=f"{node.name}_cut"),
    ]


def _wrap(nodes: list[Any], graph: Any, decoder: list[Any], into: str, out: str) -> None:
    """Height 1 is put in before the decoder and taken out after it."""
    import numpy as np
    from onnx import helper, numpy_helper

    axis = numpy_helper.from_array(np.array([2], np.int64), "flat_axis")
    graph.initializer.append(axis)
    first = min(nodes.index(node) for node in decoder if into in node.input)
    for node in decoder:
        node.input[:] = ["flat_in" if name == into else name for name in node.input]
        node.output[:] = ["flat_out" if name == out else name for name in node.output]
        node.input[:] = ["flat_out" if name == out else name for name in node.input]
    nodes.insert(first, helper.make_node("Unsqueeze", [into, axis.name], ["flat_in"], name="flat_in"))
    last = next(index for index, node in enumerate(nodes) if "flat_out" in node.output)
    nodes.insert(last + 1, helper.make_node("Squeeze", ["flat_out", axis.name], [out], name="flat_out"))


def as_kept(options: Any) -> None:
    """Make ``options`` those of a session for a prepared model: the runtime has nothing left to improve."""
    import onnxruntime

    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL


def _session(model: Path, *, kept: bool = False, keep_as: Path | None = None) -> Any:
    """``model`` (``kept``: a prepared one) on one thread; what the runtime makes of it goes to ``keep_as``."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3  # it warns that what is kept is for this machine only
    if kept:
        as_kept(options)
    if keep_as is not None:
        options.optimized_model_filepath = str(keep_as)
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _say(path: Path, *, kept: bool = False) -> tuple[Any, float]:
    """What a model (``kept``: a prepared one) makes of a probe without chance in it, and in how many seconds."""
    import numpy as np

    session = _session(path, kept=kept)
    length = 40
    feed: dict[str, Any] = {
        "input": np.arange(length, dtype=np.int64)[None] % 30 + 1, "input_lengths": np.array([length], np.int64),
        "scales": np.array([0.0, 1.0, 0.0], np.float32), "sid": np.array([0], np.int64),
    }
    given = {one.name: feed[one.name] for one in session.get_inputs()}
    seconds = []
    for _ in range(PROBES):
        started = time.perf_counter()
        said = session.run(None, given)[0]
        seconds.append(time.perf_counter() - started)
    return said, min(seconds)


def make(model: Path, target: Path) -> None:
    """Write the prepared form of ``model`` to ``target``; an empty file where there can be none."""
    import numpy as np
    import onnx

    flat, part = (target.with_suffix(f".{os.getpid()}.{which}.part.onnx") for which in ("flat", "kept"))
    try:
        loaded = onnx.load(model)
        lay_out(loaded)
        onnx.save(loaded, flat)
        del loaded
        _session(flat, keep_as=part)
        before, seconds_before = _say(model)
        after, seconds_after = _say(part, kept=True)
        if before.shape != after.shape or not np.allclose(before, after, atol=TOLERANCE):
            raise NotLaidOut("the result differs")
        if seconds_after > seconds_before:  # a processor for which the runtime has other kernels
            print(f"{model.name}: {seconds_after:.3f} s in place of {seconds_before:.3f} s", file=sys.stderr)
            _session(model, keep_as=part)
        part.replace(target)
    except NotLaidOut as error:
        print(f"{model.name}: {error}", file=sys.stderr)
        target.touch()
    finally:
        flat.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
    for other in target.parent.glob("piper-*.onnx"):
        if time.time() - other.stat().st_mtime > KEEP_SECONDS:
            other.unlink(missing_ok=True)


if __name__ == "__main__":
    os.nice(10)  # whoever speaks meanwhile comes first
    make(Path(sys.argv[1]), Path(sys.argv[2]))
