# SPDX-License-Identifier: Apache-2.0
"""Array code in traced functions: NumPy's results, one pass over memory."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

from omega import xcs

RNG = np.random.default_rng(1)
jit = functools.partial(xcs.jit, adaptive=False)  # passes over small arrays too


def same(traced: object, expected: object) -> None:
    assert type(traced) is type(expected)
    np.testing.assert_allclose(traced, expected, rtol=1e-13, equal_nan=True)
    assert np.asarray(traced).dtype == np.asarray(expected).dtype


EXPRESSIONS = {
    "arithmetic": lambda a, b: (a + b) * (a - b) / (b + 2.0) + 1,
    "reflected": lambda a, b: 1.0 - a + 2 / b,
    "mathematics": lambda a, b: np.sin(a) * np.exp(-b) + np.sqrt(np.abs(a)) + np.tanh(b) + np.log(b) + np.cos(a),
    "powers": lambda a, b: a**2 + b**0.5 + a**3,
    "conditions": lambda a, b: np.where((a > b) & ~(a < 0.5) | (b == a), a, 0.0),
    "extremes": lambda a, b: np.minimum(a, b) + np.maximum(a, 0.3),
    "folds": lambda a, b: (a - a.mean()) / (b.max() - np.min(b)) + a.sum() * b.prod(),
    "axes": lambda a, b: a.sum(axis=0) + np.mean(b, axis=0) * (a * b).max(axis=0),
    "kept axes": lambda a, b: a / a.sum(axis=1, keepdims=True) + b,
    "counts": lambda a, b: (a > b).sum(axis=-1) + np.sum(a < 0.2, axis=1),
    "broadcast": lambda a, b: a + b[0] * a[:, :1],
    "products": lambda a, b: a @ b.T + np.dot(a, b.T),
    "slices": lambda a, b: a[1:] * b[:-1] + a[1:].T.copy().T,
    "other functions": lambda a, b: np.clip(a, 0.2, 0.8) + np.cumsum(b, axis=0) + np.sort(a, axis=1),
    "scalars of numpy": lambda a, b: a * np.float64(2) + np.float32(3) * b,
    "shapes": lambda a, b: a.reshape(-1).sum() + a.shape[0] * b.size + len(a) + b.ndim,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
@pytest.mark.parametrize("shape", [(4, 5), (1, 1), (300, 300)])
def test_expressions_give_what_numpy_gives(name: str, dtype: type, shape: tuple[int, int]) -> None:
    function = EXPRESSIONS[name]
    a, b = ((RNG.random(shape) * 9 + 1).astype(dtype) for _ in range(2))
    if name == "folds" or dtype == np.float32:
        a, b = a / 10, b / 10
    with np.errstate(all="ignore"):
        expected = function(a, b)
        traced = jit(function)(a, b)
    assert type(traced) is type(expected)
    assert np.asarray(traced).dtype == np.asarray(expected).dtype
    is_single = dtype == np.float32
    np.testing.assert_allclose(traced, expected, rtol=2e-5 if is_single else 1e-11, atol=1e-5 if is_single else 1e-15, equal_nan=True)


def test_none_and_infinity_are_numpys() -> None:
    a = np.array([1.0, np.nan, np.inf, -np.inf, 0.0, -0.0])
    b = np.array([np.nan, 1.0, -np.inf, np.inf, -0.0, 0.0])
    for function in (np.minimum, np.maximum, np.add, np.less, np.equal):
        np.testing.assert_array_equal(jit(lambda x, y, f=function: f(x, y))(a, b), function(a, b))
    for name in ("max", "min", "sum", "mean"):
        np.testing.assert_array_equal(jit(lambda x, n=name: getattr(x, n)())(a), getattr(a, name)())


def test_several_results_are_computed_in_one_pass() -> None:
    from omega import _native

    function = jit(lambda a, b: {"sum": a + b, "rest": [a - b, (a * b, 3)]})
    a, b = RNG.random(50), RNG.random(50)
    before = _native.pass_count()
    result = function(a, b)
    assert _native.pass_count() == before + 1
    same(result["sum"], a + b)
    same(result["rest"][0], a - b)
    same(result["rest"][1][0], a * b)
    assert result["rest"][1][1] == 3


def sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def gated(x: Any, y: Any, *, scale: float = 2.0) -> Any:
    return sigmoid(x) * y * scale


def increased(x: Any) -> Any:
    x += 1
    return x


def test_plain_functions_of_arrays_are_computed_in_the_same_pass() -> None:
    from omega import _native

    function = jit(lambda a, b: gated(a, b, scale=3.0) + sigmoid(b))
    a, b = RNG.random(50), RNG.random(50)
    before = _native.pass_count()
    result = function(a, b)
    assert _native.pass_count() == before + 1
    np.testing.assert_allclose(result, gated(a, b, scale=3.0) + sigmoid(b), rtol=1e-14)
    assert function(0.5, 2.0) == gated(0.5, 2.0, scale=3.0) + sigmoid(2.0)
    assert jit(lambda a, b: gated(a, b), fuse=False)(a, b).tolist() == gated(a, b).tolist()
    assert [xcs.trace_array_function(lambda x: sigmoid(x) * 2, a).takes(each) for each in (a, a[1:])] == [True, False]


def test_plain_functions_that_change_their_array_do_so_in_order() -> None:
    a = np.zeros(5)
    assert jit(lambda a: [(a * 2).tolist(), increased(a).tolist(), (a * 2).tolist()])(a) == [[0.0] * 5, [1.0] * 5, [2.0] * 5]
    same(a, np.ones(5))


def test_writes_into_arguments_are_seen_by_the_caller() -> None:
    @jit
    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        before = a * 2
        a += b
        b[0] = 100
        after = a + b
        np.multiply(a, 2, out=a)
        return before + after

    def plainly(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return function.function(a, b)

    one, other = (np.arange(4.0), np.ones(4)), (np.arange(4.0), np.ones(4))
    same(function(*one), plainly(*other))
    same(one[0], other[0])
    same(one[1], other[1])


def test_array_functions_become_programs() -> None:
    batch = RNG.random((10, 20, 5)) < 0.3
    others = [RNG.random((10, 20, 5)) < 0.3 for _ in range(5)]
    for function in (lambda x: np.sum(x, axis=1), lambda x: (x.mean(axis=2) > 0.3).sum(), functools.partial(np.sum, axis=0)):
        program = xcs.trace_array_function(function, batch)
        for result, each in zip(program.run_many(others), others, strict=True):
            same(result, function(each))
    assert not program.takes(batch[1:])
    with pytest.raises(ValueError, match=r"arrays\[0\]"):
        program.run_many([batch[1:]])


def test_what_is_no_program_is_refused_without_an_effect() -> None:
    seen: list[int] = []

    def with_effect(x: np.ndarray) -> np.ndarray:
        seen.append(1)
        return x * 2

    x = RNG.random(4)
    for function in (with_effect, lambda x: x if x.sum() > 1 else -x, np.sort, lambda x: 3, lambda x: x.tolist(), print, lambda x: undefined_name):  # noqa: F821
        assert xcs.trace_array_function(function, x) is None
    assert seen == []


def test_arrays_that_steps_do_not_know() -> None:
    arrays = [
        np.arange(12)[::2],
        np.arange(12.0).reshape(3, 4).T,
        np.array(3.0),
        np.array([], dtype=float),
        np.arange(4, dtype=np.int8),
        np.arange(4, dtype=np.complex128),
        np.arange(4.0).astype(">f8"),
        np.ma.masked_array([1.0, 2.0], [True, False]),
        np.array(["a", "b"], dtype=object),
    ]
    function = jit(lambda a: a + a)
    for array in arrays:
        expected = array + array
        result = function(array)
        assert type(result) is type(expected)
        np.testing.assert_array_equal(result, expected)


def test_errors_of_numpy_come_through() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        jit(lambda a, b: a + b)(np.ones(3), np.ones(4))
    with pytest.raises(IndexError):
        jit(lambda a: a[7])(np.ones(3))


def test_long_chains_and_loops() -> None:
    @jit
    def function(x: np.ndarray) -> np.ndarray:
        for i in range(500):
            x = x * 0.5 + i
        return x

    x = RNG.random(10)
    np.testing.assert_array_equal(function(x), function.function(x))


def test_what_numpy_finds_arrays_by_is_there_for_the_program() -> None:
    def looked_at(x: Any) -> Any:
        doubled = x * 2
        return doubled.__array_interface__["shape"], x.__array_interface__["typestr"], np.asarray(x) is x, np.asarray(doubled).base is None

    values = np.arange(6.0).reshape(2, 3)
    traced = jit(looked_at)
    assert traced(values) == traced(values) == looked_at(values) == ((2, 3), "<f8", True, True)
    with pytest.raises(AttributeError, match="__array_interface__"):
        jit(lambda x: (x + 1).__array_interface__)(3)
