"""Recursive filters on streams, by matrices: exact, fast, and without loading a signal library.

A block of 32 outputs is a lower triangular matrix times its inputs, plus what the state at its start rings on.  The
states of successive blocks are a linear recurrence, found by doubling.  (Burrus, "Block realization of digital
filters", 1972.)  Products are kept small enough for one thread, so that results do not depend on the number of cores.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

_BLOCK = 32
#: rows to one product
_ROWS = 128


Section = tuple[tuple[float, ...], tuple[float, ...]]


def _state_space(b: tuple[float, ...], a: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """One section as (step, enter, leave, through): transposed direct form II."""
    order = max(len(a), len(b)) - 1
    top, bottom = np.zeros(order + 1), np.zeros(order + 1)
    top[: len(b)], bottom[: len(a)] = np.array(b) / a[0], np.array(a) / a[0]
    step = np.zeros((order, order))
    step[:, 0] = -bottom[1:]
    step[:-1, 1:] += np.eye(order - 1)
    return step, top[1:] - bottom[1:] * top[0], np.eye(order)[0], float(top[0])


@lru_cache(maxsize=64)
def _matrices(sections: tuple[Section, ...]) -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    """Inputs to (outputs, next state); state to outputs; powers of the state's step.

    Sections stay apart in the state: as one polynomial, poles close to 1 would lose digits.
    """
    step, enter, leave, through = _state_space(*sections[0])
    for section in sections[1:]:
        more, door, out, straight = _state_space(*section)
        step = np.block([[step, np.zeros((len(step), len(more)))], [np.outer(door, leave), more]])
        enter = np.concatenate([enter, door * through])
        leave = np.concatenate([straight * leave, out])
        through *= straight
    powers = [np.eye(len(step))]
    for _ in range(_BLOCK):
        powers.append(powers[-1] @ step)
    entered = np.array([power @ enter for power in powers[:_BLOCK]])
    response = np.concatenate([[through], entered[:-1] @ leave])
    inputs = np.zeros((_BLOCK, _BLOCK + len(step)))
    for place in range(_BLOCK):
        inputs[place, place:_BLOCK] = response[: _BLOCK - place]
        inputs[place, _BLOCK:] = entered[_BLOCK - 1 - place]
    rings = np.array([leave @ power for power in powers[:_BLOCK]]).T.copy()
    return inputs, rings, tuple(powers)


class Filter:
    """Recursive filters one after the other, each by its difference equation (``b``, ``a`` as usual, ``a[0]`` not 0).

    Call it with successive blocks (any length, any real type); it remembers its state, which is kept in float64; samples are
    float32 (errors about 1e-6 of the signal), or float64 where ``exact``.
    """

    def __init__(self, *sections: tuple[Sequence[float], Sequence[float]], exact: bool = False) -> None:
        self._inputs, self._rings, self._powers = _matrices(
            tuple((tuple(map(float, b)), tuple(map(float, a))) for b, a in sections)
        )
        self._type = np.float64 if exact else np.float32
        self._bulk = self._inputs.astype(self._type)
        self._state = np.zeros(len(self._powers[0]))

    def __call__(self, block: np.ndarray) -> np.ndarray:
        count = len(block) // _BLOCK
        out = np.empty(len(block), self._type)
        if count:
            rows = np.zeros((-(-count // _ROWS) * _ROWS, _BLOCK), self._type)
            rows.reshape(-1)[: count * _BLOCK] = block[: count * _BLOCK]
            made = np.matmul(rows.reshape(-1, _ROWS, _BLOCK), self._bulk).reshape(len(rows), -1)[:count]
            states = made[:, _BLOCK:].astype(np.float64)
            power = self._powers[_BLOCK].T
            states[0] += self._state @ power
            distance = 1
            while distance < count:
                states[distance:] += states[:-distance] @ power
                power = power @ power
                distance *= 2
            before = np.concatenate([self._state[None, :], states[:-1]])
            self._state = states[-1]
            np.add(made[:, :_BLOCK], (before @ self._rings).astype(self._type), out=out[: count * _BLOCK].reshape(count, _BLOCK))
        left = len(block) - count * _BLOCK
        if left:
            tail = block[count * _BLOCK:].astype(np.float64)
            out[count * _BLOCK:] = tail @ self._inputs[:left, :left] + self._state @ self._rings[:, :left]
            self._state = self._powers[left] @ self._state + tail @ self._inputs[_BLOCK - left:, _BLOCK:]
        return out
