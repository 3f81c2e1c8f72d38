# SPDX-License-Identifier: Apache-2.0
"""What work takes, on machines that do other work too: the least of several runs counts, and only a bound that none of many keeps is broken."""

from __future__ import annotations

from collections.abc import Callable

_LEAST_ROUNDS, _MOST_ROUNDS = 3, 12


def grows_below(times: float, small: int, large: int, seconds: Callable[[int], float]) -> bool:
    """Whether the large input takes less than so many times what the small one does; `seconds` gives what one run takes. They are measured in turn."""
    least_small = least_large = float("inf")
    for round_ in range(1, _MOST_ROUNDS + 1):
        least_small = min(least_small, seconds(small))
        least_large = min(least_large, seconds(large))
        if round_ >= _LEAST_ROUNDS and least_large < times * least_small:
            return True
    return False


def takes_below(bound: float, seconds: Callable[[], float]) -> bool:
    """Whether a run takes less than the bound [s]; `seconds` gives what one takes."""
    return any(seconds() < bound for _ in range(_MOST_ROUNDS))
