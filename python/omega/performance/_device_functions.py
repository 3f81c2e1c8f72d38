# SPDX-License-Identifier: Apache-2.0
"""NumPy code as OpenCL kernels: a function is called with a stand-in for its batch, which writes down what is done to it."""

from __future__ import annotations

import math
from typing import Any, Callable

import numpy as np

_NAMES = {"bool": "uchar", "uint8": "uchar", "int32": "int", "int64": "long", "uint64": "ulong", "float32": "float", "float64": "double"}

_BINARY: dict[np.ufunc, str] = {
    np.add: "+",
    np.subtract: "-",
    np.multiply: "*",
    np.true_divide: "/",
}
_COMPARISONS: dict[np.ufunc, str] = {
    np.greater: ">",
    np.greater_equal: ">=",
    np.less: "<",
    np.less_equal: "<=",
    np.equal: "==",
    np.not_equal: "!=",
    np.logical_and: "&&",
    np.logical_or: "||",
}
_BITWISE: dict[np.ufunc, str] = {np.bitwise_and: "&", np.bitwise_or: "|", np.bitwise_xor: "^"}
_FUNCTIONS: dict[np.ufunc, str] = {
    np.tanh: "tanh",
    np.exp: "exp",
    np.log: "log",
    np.sqrt: "sqrt",
    np.sin: "sin",
    np.cos: "cos",
    np.floor: "floor",
    np.ceil: "ceil",
}
_FOLDS: dict[Any, str] = {
    np.sum: "sum",
    np.mean: "mean",
    np.max: "max",
    np.amax: "max",
    np.min: "min",
    np.amin: "min",
    np.any: "any",
    np.all: "all",
}
_UFUNC_FOLDS: dict[np.ufunc, str] = {np.add: "sum", np.maximum: "max", np.minimum: "min", np.logical_or: "any", np.logical_and: "all"}


class NotOnDevice(TypeError):
    """The function does something else than operations of NumPy on its batch."""


def _type_name(dtype: np.dtype[Any]) -> str:
    name = _NAMES.get(dtype.name)
    if name is None:
        raise NotOnDevice(f"elements of {dtype} are not supported; use {', '.join(_NAMES)}")
    return name


class _Kernel:
    """The statements for one element, before and after a fold."""

    def __init__(self, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
        self.input_type = _type_name(dtype)
        self.before: list[str] = []
        self.after: list[str] = []
        self.fold: str | None = None
        self.fold_type = ""
        self.folded = ""
        self.axis: int | None = None
        self.length = 1
        self.inner = max(math.prod(shape), 1)
        self._count = 0

    def assign(self, stage: int, dtype: np.dtype[Any], code: str) -> str:
        self._count += 1
        name = f"v{self._count}"
        (self.after if stage else self.before).append(f"const {_type_name(dtype)} {name} = {code};")
        return name

    def source(self, output: BatchTracer) -> str:
        out = _type_name(output.dtype)
        lines = ["#pragma OPENCL EXTENSION cl_khr_fp64 : enable"] if "double" in "".join([*self.before, *self.after, out, self.input_type, self.fold_type]) else []
        lines.append(f"__kernel void run(__global const {self.input_type}* in, __global {out}* out, long count, long inner, long length) {{")
        lines.append("const long at = get_global_id(0); if (at >= count) return;")
        lines.append("const long base = at / inner * length * inner + at % inner;")
        element = [f"const {self.input_type} x = in[base + r * inner];", *self.before]
        if self.fold is None:
            lines.append("const long r = 0;")
            lines.extend(element)
        else:
            lines.append(f"{self.fold_type} folded = 0;")
            lines.append("for (long r = 0; r < length; ++r) {")
            lines.extend(element)
            lines.append(f"const {self.fold_type} next = {self.folded};")
            lines.append(_FOLD_CODE[self.fold])
            lines.append("}")
            lines.extend(self.after)
        lines.append(f"out[at] = {output.code};")
        lines.append("}")
        return "\n".join(lines)


_FOLD_CODE = {
    "sum": "folded += next;",
    "mean": "folded += next;",
    "max": "if (r == 0 || next > folded || next != next) folded = next;",
    "min": "if (r == 0 || next < folded || next != next) folded = next;",
    "any": "folded |= next != 0;",
    "all": "folded = r == 0 ? next != 0 : folded & (next != 0);",
}


def _literal(value: Any, dtype: np.dtype[Any]) -> str:
    if dtype.kind == "f":
        number = float(value)
        text = "NAN" if math.isnan(number) else ("-" if number < 0 else "") + "INFINITY" if math.isinf(number) else repr(number)
        return f"({_type_name(dtype)})({text}{'f' if dtype == np.float32 and text[-1].isdigit() and ('.' in text or 'e' in text) else ''})"
    return f"({_type_name(dtype)})({int(value)}{'L' if dtype == np.int64 else ''})"


class BatchTracer(np.lib.mixins.NDArrayOperatorsMixin):
    """Stands for a batch, or for something computed from it."""

    def __init__(self, kernel: _Kernel, code: str, dtype: np.dtype[Any], shape: tuple[int, ...], stage: int) -> None:
        self._kernel = kernel
        self.code = code
        self.dtype = dtype
        self.shape = shape
        self._stage = stage

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of unsized object")
        return self.shape[0]

    def __bool__(self) -> bool:
        raise NotOnDevice("it decides by the values of its batch")

    def __float__(self) -> float:
        raise NotOnDevice("it makes a Python number of its batch")

    __int__ = __index__ = __complex__ = __float__

    def __iter__(self) -> Any:
        raise NotOnDevice("it goes through its batch element by element")

    def __array__(self, dtype: Any = None) -> np.ndarray[Any, Any]:
        raise NotOnDevice("it hands its batch to code that is not NumPy's operations on arrays")

    def __getitem__(self, index: Any) -> BatchTracer:
        raise NotOnDevice("it takes parts of its batch")

    def __getattr__(self, name: str) -> Any:
        raise NotOnDevice(f"it uses .{name}")

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> BatchTracer:
        to = np.dtype(dtype)
        code = f"({self.code} != 0)" if to == bool else f"({_type_name(to)})({self.code})"
        return self._new(to, code)

    def copy(self) -> BatchTracer:
        return self

    def _new(self, dtype: np.dtype[Any], code: str) -> BatchTracer:
        return BatchTracer(self._kernel, self._kernel.assign(self._stage, dtype, code), dtype, self.shape, self._stage)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if method == "reduce" and ufunc in _UFUNC_FOLDS:
            keywords = {name: value for name, value in kwargs.items() if value is not None or name == "axis"}
            if set(keywords) - {"axis", "keepdims"} or keywords.get("keepdims"):
                raise NotOnDevice(f"it calls {ufunc.__name__}.reduce with {', '.join(sorted(keywords))}")
            return inputs[0]._fold(_UFUNC_FOLDS[ufunc], kwargs.get("axis", 0))
        if method != "__call__" or any(value is not None for value in kwargs.values()):
            raise NotOnDevice(f"it calls {ufunc.__name__} with {', '.join(kwargs) or method}")
        return self._elementwise(ufunc, inputs)

    def _elementwise(self, ufunc: np.ufunc, inputs: tuple[Any, ...]) -> BatchTracer:
        samples = [np.ones(1, each.dtype) if isinstance(each, BatchTracer) else each for each in inputs]
        for each in inputs:
            if isinstance(each, BatchTracer):
                if each._stage != self._stage or each.shape != self.shape:
                    raise NotOnDevice("it combines its batch with a fold of it")
            elif np.ndim(each) != 0 or not np.issubdtype(np.asarray(each).dtype, np.number) and np.asarray(each).dtype != bool:
                raise NotOnDevice(f"{ufunc.__name__} takes another array or object")
        with np.errstate(all="ignore"):
            result = ufunc(*samples).dtype
        compares = ufunc in _COMPARISONS
        kind = np.result_type(*samples) if compares else result

        def operand(each: Any) -> str:
            return f"(({_type_name(kind)})({each.code}))" if isinstance(each, BatchTracer) else _literal(each, kind)

        codes = [operand(each) for each in inputs]
        if ufunc in _BINARY:
            code = f"({codes[0]} {_BINARY[ufunc]} {codes[1]})" if kind != bool else f"({codes[0]} {'|' if ufunc is np.add else '&'} {codes[1]})"
        elif compares:
            code = f"({codes[0]} {_COMPARISONS[ufunc]} {codes[1]})"
        elif ufunc in _BITWISE:
            code = f"({codes[0]} {_BITWISE[ufunc]} {codes[1]})"
        elif ufunc in _FUNCTIONS and kind.kind == "f":
            code = f"{_FUNCTIONS[ufunc]}({codes[0]})"
        elif ufunc in (np.maximum, np.minimum):
            a, b = codes
            code = f"({a} {'>' if ufunc is np.maximum else '<'} {b} || {a} != {a} ? {a} : {b})"
        elif ufunc is np.absolute:
            code = f"({codes[0]} < 0 ? -{codes[0]} : {codes[0]})" if kind.kind != "f" else f"fabs({codes[0]})"
        elif ufunc is np.negative:
            code = f"(-{codes[0]})"
        elif ufunc is np.square:
            code = f"({codes[0]} * {codes[0]})"
        elif ufunc in (np.logical_not, np.invert) and self.dtype == bool:
            code = f"(!{codes[0]})"
        else:
            raise NotOnDevice(f"it calls {ufunc.__name__}")
        return self._new(result, code)

    def __array_function__(self, function: Any, types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        kind = _FOLDS.get(function)
        if kind is None or not args or args[0] is not self:
            raise NotOnDevice(f"it calls {function.__module__}.{function.__name__}")
        return self._method_fold(kind, args[1:], kwargs)

    def _method_fold(self, kind: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> BatchTracer:
        if len(args) > 1 or set(kwargs) - {"axis"} or (args and kwargs):
            raise NotOnDevice(f"it calls {kind} with {', '.join(kwargs) or 'more than an axis'}")
        return self._fold(kind, args[0] if args else kwargs.get("axis"))

    def sum(self, *args: Any, **kwargs: Any) -> BatchTracer:
        return self._method_fold("sum", args, kwargs)

    def mean(self, *args: Any, **kwargs: Any) -> BatchTracer:
        return self._method_fold("mean", args, kwargs)

    def max(self, *args: Any, **kwargs: Any) -> BatchTracer:
        return self._method_fold("max", args, kwargs)

    def min(self, *args: Any, **kwargs: Any) -> BatchTracer:
        return self._method_fold("min", args, kwargs)

    def any(self, *args: Any, **kwargs: Any) -> BatchTracer:
        return self._method_fold("any", args, kwargs)

    def all(self, *args: Any, **kwargs: Any) -> BatchTracer:
        return self._method_fold("all", args, kwargs)

    def _fold(self, kind: str, axis: Any) -> BatchTracer:
        kernel = self._kernel
        if self._stage or kernel.fold is not None:
            raise NotOnDevice("it folds more than once")
        shape: tuple[int, ...]
        if axis is None:
            length, inner, shape = self.size, 1, ()
        elif isinstance(axis, (int, np.integer)) and -self.ndim <= axis < self.ndim:
            at = int(axis) % self.ndim
            kernel.axis = int(axis)
            length, inner = self.shape[at], math.prod(self.shape[at + 1 :])
            shape = self.shape[:at] + self.shape[at + 1 :]
        else:
            raise NotOnDevice(f"it folds over axis={axis!r}; one axis or all are supported")
        if length == 0 and kind in ("max", "min", "all"):
            raise NotOnDevice(f"it takes the {kind} of nothing")
        sample = np.ones((1, 1), self.dtype)
        dtype = getattr(np, kind)(sample, axis=1).dtype
        kernel.fold, kernel.length, kernel.inner = kind, length, max(inner, 1)
        kernel.fold_type, kernel.folded = _type_name(dtype), f"({_type_name(dtype)})({self.code})"
        code = f"(folded / ({kernel.fold_type})length)" if kind == "mean" else "folded"
        return BatchTracer(kernel, code, dtype, shape, 1)


def kernel_of(function: Callable[..., Any], batch: np.ndarray[Any, Any], kwargs: dict[str, Any]) -> tuple[str, np.ndarray[Any, Any], list[int]]:
    """OpenCL C for a function of one batch, an array for its result, and the kernel's numbers. Calls the function once, with a stand-in.

    Raises
    ------
    NotOnDevice
        Saying what the function does that a kernel cannot.
    """
    kernel = _Kernel(batch.dtype, batch.shape)
    result = function(BatchTracer(kernel, "x", batch.dtype, batch.shape, 0), **kwargs)
    if not isinstance(result, BatchTracer):
        raise NotOnDevice(f"it returns {type(result).__name__}, not an array computed from its batch")
    output = np.empty(result.shape, result.dtype)
    return kernel.source(result), output, [output.size, kernel.inner, kernel.length]


def is_elementwise(function: Callable[..., Any], batch: np.ndarray[Any, Any], kwargs: dict[str, Any]) -> bool:
    """Whether each element of a function's result comes from the element of its batch at the same place. Calls it once, with a stand-in; raises NotOnDevice
    as `kernel_of`."""
    kernel = _Kernel(batch.dtype, batch.shape)
    given = BatchTracer(kernel, "x", batch.dtype, batch.shape, 0)
    result = function(given, **kwargs)
    return isinstance(result, BatchTracer) and result is not given and kernel.fold is None


def fold_in(function: Callable[[Any], Any], batch: np.ndarray[Any, Any]) -> tuple[str, int] | None:
    """Kind and axis of the fold that is all a function does. Calls it once, with a stand-in; raises NotOnDevice as `kernel_of`."""
    kernel = _Kernel(batch.dtype, batch.shape)
    result = function(BatchTracer(kernel, "x", batch.dtype, batch.shape, 0))
    if not isinstance(result, BatchTracer) or kernel.fold is None or kernel.axis is None or kernel.before or kernel.after:
        return None
    return kernel.fold, kernel.axis
