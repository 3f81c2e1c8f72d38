# SPDX-License-Identifier: Apache-2.0
"""vmap, pmap, scan: functions of elements made into functions of sequences."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from omega import _arguments as arguments
from omega.xcs.tracing import jit, trace_array_function


def vmap(function: Callable[..., Any], in_axes: int | Sequence[int | None] = 0, out_axes: int = 0) -> Callable[..., Any]:
    """A function of slices made into one of whole arrays.

    Parameters
    ----------
    function : callable
        Takes one slice of each argument.
    in_axes : int or sequence of int or None
        The axis of each argument that is gone over; None: the argument is handed over whole.
    out_axes : int
        The axis of the results along which slices lie.

    Returns
    -------
    callable
        Gives the results of all slices, in order, stacked. Where the function is made of operations on one array that can be seen, all slices are
        computed in C++; else its calls run in parallel, as those of a traced function.
    """

    arguments.function(function, "function")

    @functools.wraps(function)
    def mapped(*args: Any) -> Any:
        slices = _slices(args, in_axes, "vmap")
        if len(slices) == 1 and isinstance(in_axes, int) and len(args) == 1:
            arrays = [np.ascontiguousarray(each) for each in slices[0]]
            program = trace_array_function(function, arrays[0]) if arrays and arrays[0].ndim > 0 else None
            if program is not None:
                return _stack(program.run_many(arrays), out_axes)
        return _stack(_call_all(function, list(zip(*slices, strict=True))), out_axes)

    return mapped


def pmap(function: Callable[..., Any], in_axes: int | Sequence[int | None] = 0, out_axes: int = 0) -> Callable[..., Any]:
    """As `vmap`, with one call of the function for each slice, spread over the threads there are: for functions that are work enough by themselves."""

    arguments.function(function, "function")

    @functools.wraps(function)
    def mapped(*args: Any) -> Any:
        return _stack(_call_all(function, list(zip(*_slices(args, in_axes, "pmap"), strict=True))), out_axes)

    return mapped


def scan(function: Callable[[Any, Any], tuple[Any, Any]], init: Any, xs: Any, length: int | None = None) -> tuple[Any, Any]:
    """Goes over the elements of ``xs`` in order, handing a state on.

    Parameters
    ----------
    function : callable
        ``function(state, x)`` gives the next state and a result.
    init : object
        The first state.
    xs : array_like, sequence or None
        Gone over along its first axis; None: ``length`` steps with ``x`` None.
    length : int
        Steps where ``xs`` is None.

    Returns
    -------
    state, results
        The last state and the results, stacked where they are arrays or numbers.
    """
    arguments.function(function, "function")
    if xs is None and length is None:
        raise ValueError("length: how many steps, where xs is None?")
    if xs is not None and not hasattr(xs, "__len__"):
        raise TypeError(f"xs = {xs!r}: it must be an array, a sequence or None")
    elements = [None] * arguments.whole(length, "length", 0) if xs is None else xs
    if length is not None and len(elements) != length:
        raise ValueError(f"length: {length}, but xs has {len(elements)} elements")
    step = function if not _is_function(function) else jit(function)
    state, results = init, []
    for element in elements:
        pair = step(state, element)
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"function: must give (state, result), gave {type(pair).__name__}")
        state, result = pair
        results.append(result)
    return state, _stack(results, 0)


def _is_function(function: Any) -> bool:
    return type(function).__name__ == "function"


def _call_all(function: Callable[..., Any], slices: list[tuple[Any, ...]]) -> list[Any]:
    return list(_each(function, slices))


def _each_of(function: Callable[..., Any], slices: list[tuple[Any, ...]]) -> list[Any]:
    return [function(*each) for each in slices]


_each = jit(_each_of, adaptive=False)  # what one function gains by it says nothing about the next


def _slices(args: tuple[Any, ...], in_axes: int | Sequence[int | None], name: str) -> list[list[Any]]:
    axes: list[int | None] = [in_axes] * len(args) if isinstance(in_axes, int) else list(in_axes)
    if len(axes) != len(args):
        raise ValueError(f"in_axes: {len(axes)} axes for {len(args)} arguments of {name}")
    sizes: dict[int, int] = {}
    for i, (value, axis) in enumerate(zip(args, axes, strict=True)):
        if axis is not None:
            array = value if hasattr(value, "shape") else np.asarray(value)
            if not -array.ndim <= axis < array.ndim:
                raise ValueError(f"in_axes: argument {i} of shape {tuple(array.shape)} has no axis {axis}")
            sizes[i] = array.shape[axis]
    if not sizes:
        raise ValueError("in_axes: at least one argument must have an axis to go over")
    if len(set(sizes.values())) > 1:
        raise ValueError(f"in_axes: arguments of different lengths along their axes: {', '.join(f'argument {i}: {size}' for i, size in sizes.items())}")
    count = next(iter(sizes.values()))
    slices = []
    for value, axis in zip(args, axes, strict=True):
        slices.append([value] * count if axis is None else list(np.moveaxis(np.asarray(value), axis, 0)))
    return slices


def _stack(results: list[Any], axis: int) -> Any:
    if not results:
        return np.empty((0,))
    if isinstance(results[0], tuple):
        return tuple(_stack([each[i] for each in results], axis) for i in range(len(results[0])))
    if isinstance(results[0], (np.ndarray, np.generic, int, float, complex, bool)):
        return np.stack([np.asarray(each) for each in results], axis=axis)
    return results
