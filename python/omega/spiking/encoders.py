# SPDX-License-Identifier: Apache-2.0
"""Numbers as spikes: by rate, by latency, by change.

>>> import numpy as np
>>> from omega.spiking import delta, latency, rate
>>> rate(np.full(50, 0.1), steps=1000, seed=1).shape
(1000, 50)
>>> latency([1.0, 0.5, 0.1], steps=11).argmax(axis=0)
array([0, 5, 9])
>>> delta([0.0, 1.0, 1.0, 3.0], threshold=0.5)
array([False,  True, False,  True])
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from omega import _native
from omega._arguments import flag, real, seed_of, whole

__all__ = ["delta", "latency", "rate"]


def rate(values: npt.ArrayLike, steps: int | None = None, *, seed: int = 0, packed: bool = False) -> Any:
    """Poisson-like spikes: an element spikes in each step with the probability that is its value.

    Parameters
    ----------
    values
        Probabilities per step, 0 to 1: (…), or (T, …) where `steps` is None.
    steps
        T; None: `values` has the time as its first axis.
    seed
        Each spike is a function of the seed, the step and the element, whatever the number of threads.
    packed
        Whether to give a spike array, a bit a spike, in place of booleans.

    Returns
    -------
    (T, …) bool, or a spike array.

    Raises
    ------
    ValueError
        For a value outside 0 to 1 or NaN, and negative steps.
    """
    return _native.encode_rate(values, None if steps is None else whole(steps, "steps"), seed_of(seed), flag(packed, "packed"))


def latency(
    values: npt.ArrayLike, steps: int, *, law: str = "linear", tau: float = 5.0, threshold: float = 0.01, packed: bool = False
) -> Any:
    """One spike per element at most: the stronger, the earlier.

    Parameters
    ----------
    values
        (…), 0 to 1; those at or below `threshold` never spike.
    steps
        T.
    law
        ``"linear"``: in step (1 - value) (T - 1); ``"logarithmic"``: in step tau ln(value / (value - threshold)), when a leaky integrator driven by the value
        would reach the threshold, T - 1 at the latest. Rounded to whole steps.
    tau
        Of the logarithmic law [steps].
    threshold
        0 to below 1.
    packed
        Whether to give a spike array in place of booleans.

    Returns
    -------
    (T, …) bool, or a spike array.
    """
    if not isinstance(law, str):
        raise TypeError(f"law = {law!r}: it must be 'linear' or 'logarithmic'")
    return _native.encode_latency(values, whole(steps, "steps"), law, real(tau, "tau"), real(threshold, "threshold"), flag(packed, "packed"))


def delta(values: npt.ArrayLike, threshold: float = 0.1, *, off_spikes: bool = False, packed: bool = False) -> Any:
    """A spike where the signal rose by at least `threshold` since the step before.

    Parameters
    ----------
    values
        (T, …). NaN is no change.
    threshold
        Above 0, in the unit of the values.
    off_spikes
        Whether falls by at least the threshold spike as well, in channels of their own: the last axis is then twice as long, rises first. (T,) becomes (T, 2).
    packed
        Whether to give a spike array in place of booleans.

    Returns
    -------
    (T, …) bool, or a spike array. The first step has no spikes.
    """
    return _native.encode_delta(values, real(threshold, "threshold"), flag(off_spikes, "off_spikes"), flag(packed, "packed"))
