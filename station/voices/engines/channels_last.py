"""Convolutions over time with the channels of a moment side by side in memory, as the processor's kernels want them.

Torch keeps sound as (batch, channels, time) and reorders it before and after each convolution; laid out once, the same
numbers come out up to rounding.  Imports torch: never in the station's own process.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def _flat(module: Any) -> nn.Module:
    """The convolution over time ``module`` as one over pictures of height 1."""
    kernel, stride, padding = (1, module.kernel_size[0]), (1, module.stride[0]), (0, module.padding[0])
    groups, bias, dilation = module.groups, module.bias is not None, (1, module.dilation[0])
    made: Any
    if isinstance(module, nn.ConvTranspose1d):
        made = nn.ConvTranspose2d(
            module.in_channels, module.out_channels, kernel, stride, padding, (0, module.output_padding[0]), groups, bias,
            dilation,
        )
    else:
        made = nn.Conv2d(module.in_channels, module.out_channels, kernel, stride, padding, dilation, groups, bias)
    made.weight = nn.Parameter(module.weight.detach().unsqueeze(2).contiguous(memory_format=torch.channels_last), False)
    if bias:
        made.bias = module.bias
    return made.eval()  # type: ignore[no-any-return]


def lay_out(decoder: Any) -> None:
    """Change a HiFi-GAN decoder in place, its weight norms already computed: (batch, channels, time) in and out as before."""
    inside: list[nn.Module] = [decoder]
    while inside:
        module = inside.pop()
        for name, child in list(module.named_children()):
            if isinstance(child, (nn.Conv1d, nn.ConvTranspose1d)):
                if child.padding_mode != "zeros" or isinstance(child.padding, str):
                    raise ValueError(f"a convolution padded by {child.padding_mode} cannot be laid out")
                setattr(module, name, _flat(child))
            else:
                inside.append(child)
    plain = decoder.forward

    def forward(x: torch.Tensor, g: torch.Tensor | None = None) -> torch.Tensor:
        picture = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        result: torch.Tensor = plain(picture, None if g is None else g.unsqueeze(2))
        return result.squeeze(2)

    decoder.forward = forward
