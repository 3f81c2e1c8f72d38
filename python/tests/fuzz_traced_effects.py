# SPDX-License-Identifier: Apache-2.0
"""Random programs as they are written and under `xcs.jit`: results, output, the state that is left and exceptions must be the same.

usage: PYTHONPATH=build/release/python /usr/bin/python3 python/tests/fuzz_traced_effects.py [--seconds N] [--seed S] [--count N]

Calls sleep for random moments, so that they end in another order than they began in, and each program is called several times, since what was learnt about
its calls decides where they run. A program that differs is shrunk and printed with its seed.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import copy
import io
import os
import random
import signal
import sys
import time
import types
from collections.abc import Callable
from typing import Any

import numpy as np
from traced_programs import Program, blocks_of

from omega import xcs

_ROUNDS = 3
#: Programs that take longer as they are written are passed over: their lists grow with each call.
_MOST_SECONDS, _MOST_FORKING_SECONDS, _MOST_TRACED_SECONDS = 0.01, 2.0, 20.0
_ARGUMENTS = ((1, 2), (5, 3), (0, 8))


class Delays:
    """What `pause` does: nothing, or a sleep of up to a millisecond, or of one that other threads run in."""

    def __init__(self, seed: int | None) -> None:
        self.rng = None if seed is None else random.Random(seed)

    def __call__(self) -> None:
        if self.rng is not None:
            chance = self.rng.random()
            if chance > 0.4:
                time.sleep(0 if chance < 0.6 else chance * 0.001)


def described(value: Any, known: dict[int, int]) -> Any:
    """The value as something that can be compared and printed; what is met again is its number, so that the same object stays the same object."""
    if value is None or type(value) in (int, str, bool):
        return value
    if type(value) in (float, np.float64, np.int64):
        return round(float(value), 9) + 0.0  # NumPy adds in another order
    if id(value) in known:
        return f"#{known[id(value)]}"
    known[id(value)] = len(known)
    if type(value) in (list, tuple):
        return [type(value).__name__, *(described(each, known) for each in value)]
    if type(value) is dict:
        return {str(key): described(each, known) for key, each in value.items()}
    if type(value) is np.ndarray and value.dtype == object:
        return ["array", value.shape, *(described(each, known) for each in value.flat)]
    if type(value) is np.ndarray:
        return ["array", value.shape, (value.round(9) + 0.0).tolist()]
    if type(value) is set:
        return ["set", *sorted(value)]
    if isinstance(value, (collections.deque, collections.defaultdict)):
        return [type(value).__name__, described(list(value) if isinstance(value, collections.deque) else dict(value), known)]
    if type(value).__name__ in ("Cell", "Keeper", "Meter", "Quiet", "State"):
        return [type(value).__name__, {key: described(each, known) for key, each in sorted(vars(value).items())}]
    return f"<{type(value).__name__}>"


_STATE = ("LOG", "LOG_NUMBERS", "TABLE", "COUNT", "CELLS", "POOL", "KEEPERS", "DATA", "METERS", "COUNTS", "KEPT")
#: What operations behind one that fails may have changed, since they may have begun.
_OWN = ("CELLS", "POOL", "KEEPERS", "METERS")


class Endless(BaseException):
    """A program takes longer than any does that ends."""


_is_forking = False


def _note_fork(is_forking: bool) -> None:
    global _is_forking  # noqa: PLW0603
    _is_forking = is_forking


# The last that is registered goes first before a fork, and last behind it: what others do there is not ended in its midst, which would leave locks held.
os.register_at_fork(before=lambda: _note_fork(True), after_in_parent=lambda: _note_fork(False))


def _stop(*_: Any) -> None:
    if _is_forking:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        raise Endless


class Outcome:
    """What a program did: what each call gave or raised and printed, and the state that was left behind it."""

    def __init__(self, program: Program, delays: int | None, *, traced: bool) -> None:
        module = sys.modules["fuzzed"] = types.ModuleType("fuzzed")
        module.pause = xcs.opaque(Delays(delays))  # type: ignore[attr-defined]
        namespace = module.__dict__
        exec(compile(program.source(), f"program_{program.seed}.py", "exec"), namespace)  # noqa: S102
        function = xcs.jit(namespace["program"], adaptive=False) if traced else namespace["program"]
        most = _MOST_TRACED_SECONDS if traced else _MOST_FORKING_SECONDS if "cpu_bound" in program.source() else _MOST_SECONDS
        random.seed(program.seed)
        np.random.seed(program.seed % 2**32)
        self.calls: list[tuple[str, Any]] = []
        self.has_failed = False
        argument, values, array = namespace["Cell"](7), [1, 2, 3], np.arange(5.0)
        for a, b in _ARGUMENTS[:_ROUNDS]:
            output = io.StringIO()
            signal.signal(signal.SIGALRM, _stop)
            result, outcome = self._called(lambda: function(a, b, argument, values, array), output, most)  # noqa: B023  (called at once)
            known: dict[int, int] = {}
            state = [described(namespace[name], known) for name in _STATE]
            state += [described(each, known) for each in (argument, values, array, namespace["Cell"].shared, namespace["Shelf"].total, namespace["Shelf"].books, namespace["collect"].__defaults__)]
            draws = (random.random(), float(np.random.rand()), namespace["RNG"].random(), next(namespace["FEED"])) if outcome == "gives" else ()
            self.calls.append((output.getvalue(), [outcome, described(result, known), state, draws]))
            if outcome != "gives":
                break

    @staticmethod
    def _called(call: Callable[[], Any], output: io.StringIO, most: float) -> tuple[Any, str]:
        """What the call gives, and how it ended."""
        before = sys.stdout
        try:  # the signal may come at any line of it, also where output is put back
            try:
                signal.setitimer(signal.ITIMER_REAL, most)
                with contextlib.redirect_stdout(output):
                    return call(), "gives"
            except Exception as error:  # noqa: BLE001  (whatever a program raises)
                return None, f"{type(error).__name__}: {error}"
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except Endless:
            return None, "does not end"
        finally:
            sys.stdout = before

    def difference(self, other: Outcome) -> str:
        """Where the two differ, empty where they do not."""
        for i, (one, another) in enumerate(zip(self.calls, other.calls, strict=False)):
            if one[1][0] != "gives" and one[1][0] == another[1][0]:
                # Operations behind the one that failed may have begun; those with effects that all see have not.
                one_state, other_state = (dict(zip(_STATE, each[1][2], strict=False)) for each in (one, another))
                pairs = [(one[0], another[0]), *((one_state[name], other_state[name]) for name in _STATE if name not in _OWN)]
                if any(str(a) != str(b) for a, b in pairs):
                    return f"call {i}, which fails, leaves\n  as written {one}\n  traced     {another}"
            elif str(one) != str(another):
                return f"call {i}\n  as written {one}\n  traced     {another}"
        return ""


def difference_of(program: Program, tries: int = 1) -> str:
    """What tracing changes about the program, found in so many tries; empty where it changes nothing."""
    expected = Outcome(program, None, traced=False)
    if any(each[1][0] == "does not end" for each in expected.calls):
        return ""
    for attempt in range(tries):
        found = expected.difference(Outcome(program, program.seed * 1000 + attempt, traced=True))
        if found:
            return found
    return ""


def shrunk(program: Program, seconds: float = 60, tries: int = 6) -> Program:
    """The program without the statements that the difference does not need."""
    end = time.monotonic() + seconds
    again = True
    while again:
        again = False
        smaller = copy.deepcopy(program)
        for body in list(blocks_of(smaller)):
            for i in reversed(range(len(body))):
                statement = body.pop(i)
                if time.monotonic() < end and _still_differs(smaller, tries):
                    again = True
                else:
                    body.insert(i, statement)
        program = smaller
    return program


def _still_differs(program: Program, tries: int) -> bool:
    try:
        return bool(difference_of(program, tries))
    except Exception:  # noqa: BLE001  (a name that is not there any more where the state is looked at)
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long, at most")
    parser.add_argument("--seed", type=int, default=0, help="of the first program; each other one has the next")
    parser.add_argument("--count", type=int, default=10**9, help="of programs, at most")
    parser.add_argument("--failures", type=int, default=1, help="ends after so many programs that differ")
    options = parser.parse_args()
    end = time.monotonic() + options.seconds
    done = differing = 0
    while done < options.count and time.monotonic() < end and differing < options.failures:
        program = Program(options.seed + done)
        done += 1
        try:
            found = difference_of(program)
        except Exception as error:  # noqa: BLE001
            found = f"{type(error).__name__}: {error}"
        if found:
            differing += 1
            small = shrunk(program)
            print(f"seed {program.seed}: tracing changes what this does\n\n{small.text()}\n{difference_of(small, 20) or found}\n", flush=True)
    print(f"{done} programs, {differing} differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
