"""Coqui's HiFi-GAN decoder, the part of a VITS that takes nearly all the time, laid out for the processor.

Same weights, same numbers up to rounding, sooner and in half the memory (``station bench voices``):

* the channels of a moment lie side by side in memory, as oneDNN's kernels want them; torch keeps (batch, channels,
  time) and reorders before and after each convolution;
* a transposed convolution becomes a plain one that gives ``stride`` moments at a place: in this layout they already lie
  in order;
* a wide convolution is computed from three half as long ones on the even and the odd moments, where plainly there are
  four of them (a fast FIR algorithm, as in Karatsuba's multiplication);
* from the second stage on, where nearly all the numbers are, a sentence is computed in windows, each with as much beside
  it as the convolutions reach: memory no longer grows with the sentence and stays near the processor;
* the rectified input of a stage is computed once for all of its blocks, the mean of the blocks is in the weights after it.

Imports torch: never in the station's own process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn import functional

#: of every rectifier but the last, and of the last: torch's default
SLOPE, LAST_SLOPE = 0.1, 0.01
#: samples of sound computed at once; shorter windows reach out of themselves too often, longer ones leave the cache
WINDOW_SAMPLES = 32768
#: places of which the last window is a multiple: oneDNN compiles anew for each length, and keeps some of them
WINDOW_STEP = 64
#: taps, and channels times taps, from which halving saves more than its sums cost
LEAST_TAPS, LEAST_TO_HALVE = 5, 384
#: a signal's even and its odd moments
_Halves = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class _Convolution:
    """A convolution over pictures of height 1, (batch, channels, 1, time), channels last in memory."""

    weight: torch.Tensor
    bias: torch.Tensor | None
    padding: int
    dilation: int = 1

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        return functional.conv2d(x, self.weight, self.bias, 1, (0, self.padding), (1, self.dilation))


def _convolution(module: Any, scale: float = 1.0) -> _Convolution:
    """``module`` (Conv1d that keeps the length), its weights times ``scale``."""
    kernel, dilation = module.kernel_size[0], module.dilation[0]
    if module.padding_mode != "zeros" or module.stride != (1,) or module.groups != 1 or (
            module.padding != ((kernel - 1) * dilation // 2,) or kernel % 2 == 0):
        raise ValueError(f"{module} cannot be laid out")
    weight = (module.weight.detach() * scale).unsqueeze(2).contiguous(memory_format=torch.channels_last)
    return _Convolution(weight, None if module.bias is None else module.bias.detach(), module.padding[0], dilation)


@dataclass(frozen=True)
class _Upsampling:
    """A transposed convolution as a plain one that gives ``stride`` moments at each place; the first ``crop`` are dropped."""

    convolution: _Convolution
    stride: int
    channels: int
    crop: int
    #: moments of a result for L places: ``stride * L + more``
    more: int
    #: places that a moment depends on, to each side
    reach: int

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        moments = self.convolution(x).permute(0, 2, 3, 1)
        moments = moments.reshape(x.shape[0], 1, -1, self.channels)
        length = self.stride * x.shape[-1] + self.more
        return moments[:, :, self.crop:self.crop + length].permute(0, 3, 1, 2)


def _upsampling(module: Any, scale: float) -> _Upsampling:
    """``module`` (ConvTranspose1d, its kernel a multiple of its stride), its weights times ``scale``."""
    kernel, stride, padding = module.kernel_size[0], module.stride[0], module.padding[0]
    if kernel % stride or module.groups != 1 or module.dilation != (1,) or module.output_padding != (0,):
        raise ValueError(f"{module} cannot be laid out")
    inside, outside, _ = module.weight.shape
    taps = kernel // stride
    # moment n = stride * q + r takes x[q - t] through the weight at r + stride * t
    weight = (module.weight.detach() * scale).reshape(inside, outside, taps, stride).flip(2).permute(3, 1, 0, 2)
    weight = weight.reshape(stride * outside, inside, 1, taps).contiguous(memory_format=torch.channels_last)
    bias = None if module.bias is None else module.bias.detach().repeat(stride)
    return _Upsampling(
        _Convolution(weight, bias, taps - 1), stride, outside, padding, kernel - stride - 2 * padding, taps + 1
    )


@dataclass(frozen=True)
class _Filter:
    """Taps at the moments ``first``, ``first + dilation``... beside the one that is computed; the signal ends in zeros."""

    weight: torch.Tensor
    bias: torch.Tensor | None
    first: int
    dilation: int

    def __call__(self, x: torch.Tensor, start: int, begin: int, end: int) -> torch.Tensor:
        """The moments from ``begin`` to ``end``, where ``x`` starts at the moment ``start``."""
        last = self.first + (self.weight.shape[-1] - 1) * self.dilation
        padding = max(0, start - begin - self.first, end + last - start - x.shape[-1])
        result = functional.conv2d(x, self.weight, self.bias, 1, (0, padding), (1, self.dilation))
        at = begin + self.first - start + padding
        return result[..., at:at + end - begin]


class _HalvedConvolution:
    """A convolution of odd dilation on the even and the odd moments of a signal, x0 and x1.

    With A the taps an even number of steps away, B the odd ones, and S a step of the halves: y0 = A x0 + B x1 and
    y1 = A x1 + S B x0.  At dilation d = 2 a + 1 both have the same spacing once B is moved, B = S^a C, and
    S^a y1 = (A + C)(S^d x0 + S^a x1) - S^d A x0 - C S^a x1: three products, two of which give y0 as well.
    """

    def __init__(self, plain: _Convolution) -> None:
        taps = plain.weight.shape[-1]
        center, self._dilation = taps // 2, plain.dilation
        even, odd = (center - center % 2) // 2, (center + center % 2) // 2  # taps of A and of C before the center
        first = max(even, odd)
        whole = torch.zeros((2, *plain.weight.shape[:3], first + 1 + max((taps - center - 1) // 2, 0)))
        for tap in range(taps):
            away = tap - center
            whole[away % 2, ..., (away - away % 2) // 2 + first] = plain.weight[..., tap]

        def made(weight: torch.Tensor, bias: torch.Tensor | None) -> _Filter:
            used = [i for i in range(weight.shape[-1]) if bool(weight[..., i].any())] or [first]
            weight = weight[..., used[0]:used[-1] + 1].contiguous(memory_format=torch.channels_last)
            return _Filter(weight, bias, (used[0] - first) * self._dilation, self._dilation)

        self._even, self._odd = made(whole[0], plain.bias), made(whole[1], None)
        self._both = made(whole[0] + whole[1], None if plain.bias is None else 2.0 * plain.bias)

    def __call__(self, halves: _Halves) -> _Halves:
        x0, x1 = halves
        count, step, moved = x0.shape[-1], self._dilation, (self._dilation - 1) // 2
        ahead = step - moved
        even = self._even(x0, 0, 0, count + ahead)
        odd = self._odd(x1, -moved, -moved, count)
        total = torch.empty((*x0.shape[:3], count + ahead), memory_format=torch.channels_last)
        total[..., :ahead] = x0[..., :ahead]
        torch.add(x0[..., ahead:], x1[..., :count - ahead], out=total[..., ahead:count])
        total[..., count:] = x1[..., count - ahead:]
        y1 = self._both(total, -step, -moved, count - moved).sub_(even[..., ahead:]).sub_(odd[..., :count])
        return even[..., :count] + odd[..., moved:], y1


class _Block:
    """A residual block: from its input and its rectified input to its output."""

    def __init__(self, module: Any) -> None:
        pairs = zip(module.convs1, module.convs2, strict=True) if hasattr(module, "convs2") else (
            (one,) for one in module.convs)
        self._layers = [[_convolution(one) for one in layer] for layer in pairs]
        every = [convolution for layer in self._layers for convolution in layer]
        #: moments that a moment depends on, to each side
        self.reach = sum(convolution.padding for convolution in every)
        #: whether :meth:`of_halves` is the faster way
        self.halved = all(
            one.dilation % 2 and one.weight.shape[-1] >= LEAST_TAPS
            and one.weight.shape[1] * one.weight.shape[-1] >= LEAST_TO_HALVE for one in every
        )
        self._halved = [[_HalvedConvolution(one) for one in layer] for layer in self._layers] if self.halved else []

    def __call__(self, x: torch.Tensor, rectified: torch.Tensor) -> torch.Tensor:
        for number, layer in enumerate(self._layers):
            if number:
                rectified = functional.leaky_relu(x, SLOPE)
            result = layer[0](rectified)
            for convolution in layer[1:]:
                result = convolution(functional.leaky_relu_(result, SLOPE))
            x = result.add_(x)
        return x

    def of_halves(self, x: _Halves, rectified: _Halves) -> _Halves:
        """The same of even and odd moments."""
        for number, layer in enumerate(self._halved):
            if number:
                rectified = functional.leaky_relu(x[0], SLOPE), functional.leaky_relu(x[1], SLOPE)
            result = layer[0](rectified)
            for convolution in layer[1:]:
                result = convolution((functional.leaky_relu_(result[0], SLOPE), functional.leaky_relu_(result[1], SLOPE)))
            x = result[0].add_(x[0]), result[1].add_(x[1])
        return x


def _halves(x: torch.Tensor) -> _Halves:
    even, odd = (x[..., part::2].contiguous(memory_format=torch.channels_last) for part in (0, 1))
    return even, odd


@dataclass(frozen=True)
class _Stage:
    """One upsampling with the residual blocks after it, from the rectified result of the stage before."""

    up: _Upsampling
    blocks: list[_Block]
    #: a layer of the speaker for this stage
    condition: Any
    #: moments that a moment of the result depends on, to each side
    reach: int

    def __call__(self, x: torch.Tensor, g: torch.Tensor | None) -> torch.Tensor:
        o = self.up(x)
        if self.condition is not None:
            o = o + self.condition(g).unsqueeze(2)
        halving = [block.halved and o.shape[-1] % 2 == 0 and o.shape[-1] >= 64 for block in self.blocks]
        plain = [block for block, halved in zip(self.blocks, halving, strict=True) if not halved]
        total: torch.Tensor | None = None
        if plain:
            rectified = functional.leaky_relu(o, SLOPE)
            for block in plain:
                part = block(o, rectified)
                total = part if total is None else total.add_(part)
        if len(plain) < len(self.blocks):
            halves = _halves(o)
            both = functional.leaky_relu(halves[0], SLOPE), functional.leaky_relu(halves[1], SLOPE)
            for block in [block for block, halved in zip(self.blocks, halving, strict=True) if halved]:
                result = block.of_halves(halves, both)
                if total is None:
                    total = torch.zeros_like(o)
                total[..., 0::2].add_(result[0])
                total[..., 1::2].add_(result[1])
        assert total is not None
        return total


def _stages(decoder: Any) -> list[_Stage]:
    count = decoder.num_kernels
    stages = []
    for number, module in enumerate(decoder.ups):
        blocks = [_Block(block) for block in decoder.resblocks[number * count:(number + 1) * count]]
        condition = decoder.conds[number] if decoder.cond_in_each_up_layer else None
        up = _upsampling(module, 1.0 / count if number else 1.0)
        stages.append(_Stage(up, blocks, condition, max(block.reach for block in blocks)))
    return stages


class _Windows:
    """All stages but the first, and the last convolution, in windows."""

    def __init__(self, stages: list[_Stage], last: _Convolution) -> None:
        self._stages, self._last = stages, last
        #: places beside a window that its sound depends on: before each stage, then before the last convolution
        self._margins = [last.padding]
        rate = 1
        for stage in reversed(stages):
            inside = self._margins[0] + stage.reach
            self._margins.insert(0, -(-inside // stage.up.stride) + stage.up.reach)
            rate *= stage.up.stride
        #: samples of a place, but for the few that follow the last one
        self._rate = rate
        self._longest = max(WINDOW_SAMPLES // rate, 1)

    def __call__(self, o: torch.Tensor, g: torch.Tensor | None) -> torch.Tensor:
        """The sound of ``o``, rectified."""
        length = o.shape[-1]
        windows = []
        for at in range(0, length, self._longest):
            size = min(self._longest, -(-(length - at) // WINDOW_STEP) * WINDOW_STEP, length)
            first = min(at, length - size)
            windows.append(self._window(o, g, first, size)[..., (at - first) * self._rate:])
        return torch.cat(windows, -1)

    def _window(self, o: torch.Tensor, g: torch.Tensor | None, low: int, size: int) -> torch.Tensor:
        """The sound of ``size`` places from ``low`` on.  At the ends of ``o`` its convolutions see zeros, as always."""
        high, length = low + size, o.shape[-1]
        begin = 0  # the place of the first one in o
        for stage, margin in zip(self._stages, self._margins, strict=False):
            first = max(0, min(low - margin, length - (high - low) - 2 * margin))
            end = min(length, first + (high - low) + 2 * margin)
            o = stage(o[..., first - begin:end - begin], g)
            stride, more = stage.up.stride, stage.up.more
            low, high = low * stride, high * stride + (more if high == length else 0)
            begin, length = first * stride, length * stride + more
            o = functional.leaky_relu_(o, SLOPE if stage is not self._stages[-1] else LAST_SLOPE)
        first, end = max(0, low - self._margins[-1]), min(length, high + self._margins[-1])
        sound = self._last(o[..., first - begin:end - begin])
        return sound[..., low - first:high - first]


def lay_out(decoder: Any) -> None:
    """Change a ``HifiganGenerator`` in place, its weight norms already computed: (batch, channels, time) as before.

    Raises ValueError for a decoder of another form, and leaves it as it is.
    """
    before = _convolution(decoder.conv_pre)
    stages = _stages(decoder)
    windows = _Windows(stages[1:], _convolution(decoder.conv_post, 1.0 / decoder.num_kernels))

    def forward(x: torch.Tensor, g: torch.Tensor | None = None) -> torch.Tensor:
        if hasattr(decoder, "lin_pre"):
            x = decoder.lin_pre(x).permute(0, 2, 1)
        o = before(x.unsqueeze(2).contiguous(memory_format=torch.channels_last))
        if hasattr(decoder, "cond_layer"):
            o = o + decoder.cond_layer(g).unsqueeze(2)
        o = stages[0](functional.leaky_relu_(o, SLOPE), g)
        slope = SLOPE if stages[1:] else LAST_SLOPE
        return windows(functional.leaky_relu_(o, slope), g).squeeze(2).tanh_()

    decoder.forward = forward
    # the weights as they were are no longer needed
    decoder.ups, decoder.resblocks = nn.ModuleList(), nn.ModuleList()
