# SPDX-License-Identifier: Apache-2.0
"""What a program says about callables that cannot be read from their code."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, overload


class Declared:
    """A callable with what is declared about its calls. It is called as the callable itself.

    Attributes
    ----------
    function : callable
        What is called.
    ordered : bool
        Calls have effects that others see: they keep the program's order.
    in_process : bool
        Calls compute in Python: they run in worker processes.
    """

    def __init__(self, function: Callable[..., Any], *, ordered: bool = False, in_process: bool = False) -> None:
        if not callable(function):
            raise TypeError(f"function: {function!r} cannot be called")
        self.function = function
        self.ordered = ordered
        self.in_process = in_process
        functools.update_wrapper(self, function, updated=())

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.function(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return Declared(self.function.__get__(instance, owner), ordered=self.ordered, in_process=self.in_process)

    def __repr__(self) -> str:
        how = "cpu_bound" if self.in_process else "ordered" if self.ordered else "opaque"
        return f"{how}({self.function!r})"


def opaque(function: Callable[..., Any]) -> Declared:
    """Declares that calls of ``function`` are independent of each other: they run at once, whatever its code looks like.

    For model calls and other I/O that count, log or cache on the side in a way that does not mind the order.
    """
    return Declared(function)


#: The same under the name that registries have.
register = opaque


def ordered(function: Callable[..., Any]) -> Declared:
    """Declares that calls of ``function`` have effects: they keep the program's order, and what comes before them ends first."""
    return Declared(function, ordered=True)


@overload
def cpu_bound(function: Callable[..., Any]) -> Declared: ...
@overload
def cpu_bound(function: None = None) -> Callable[[Callable[..., Any]], Declared]: ...
def cpu_bound(function: Callable[..., Any] | None = None) -> Any:
    """Declares that calls of ``function`` compute in Python: they run in worker processes, beside the interpreter's lock.

    The results must be picklable; the function and its arguments need not be. Where they are plain (what the function reads cannot change unseen, the arguments are
    numbers, texts and arrays below 1 MB or in shared memory), processes stay for the next call; else each call forks its own, which sees all as it is then.
    """
    return cpu_bound if function is None else Declared(function, in_process=True)
