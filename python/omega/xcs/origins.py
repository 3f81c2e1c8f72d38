# SPDX-License-Identifier: Apache-2.0
"""Where values in code come from, and which functions that are known by name change what they are given."""

from __future__ import annotations

import bisect
import collections
import functools
import heapq
import inspect
import operator
import struct
import sys
import types
import typing
import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np

from omega._libraries import LIBRARIES, is_library_function
from omega._native import TracedFunction

#: Functions that are defined inside others and called where they stand: in CPython 3.11 all comprehensions, later only generator expressions.
COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
#: Methods of containers, files and generators of random numbers that change what they are called on.
CHANGING_METHODS = frozenset(
    "append extend insert remove pop popitem clear sort reverse add discard update setdefault appendleft popleft extendleft rotate "
    "difference_update intersection_update symmetric_difference_update subtract write writelines fill put partition itemset resize "
    "setflags setfield byteswap shuffle seed send throw __setitem__ __delitem__ __setattr__ __delattr__ __next__ move_to_end put_nowait".split()
)
#: Functions of C and of libraries that change an argument, the first but for some; others do so where they are told to, by `out`.
_CHANGING_FUNCTIONS: dict[Any, int] = dict.fromkeys(
    [next, np.copyto, np.put, np.place, np.putmask, np.fill_diagonal, np.put_along_axis, bisect.insort_left, bisect.insort_right]
    + [heapq.heappush, heapq.heappop, heapq.heapify, heapq.heapreplace, heapq.heappushpop, operator.setitem, operator.delitem]
    + [each for name, each in vars(operator).items() if name.startswith("i") and name[1:] in vars(operator) and f"__{name}__" in vars(operator)],
    0,
) | {struct.pack_into: 1}


def changed_argument(value: object) -> int | None:
    """Which argument a function of C or of a library, or a method as its class has it, `list.append` or `at` of `np.add`, changes; None: none that is known."""
    if isinstance(value, types.MethodDescriptorType):
        return 0 if value.__name__ in CHANGING_METHODS or (value.__objclass__ is np.ufunc and value.__name__ == "at") else None
    is_function = isinstance(value, (types.BuiltinFunctionType, types.FunctionType)) or is_library_function(value)
    return _CHANGING_FUNCTIONS.get(value) if is_function else None


#: Those of Python, and of NumPy by name, that give what they are given, a part of it, or something through which it can be changed.
_GIVING_FUNCTIONS = (getattr, vars, max, min, next, memoryview, operator.getitem, functools.reduce, typing.cast, collections.ChainMap, weakref.proxy)
_GIVING_METHODS = frozenset("get setdefault pop popitem __getitem__ __getattribute__ __iter__ __next__ __enter__ __iadd__ __ior__".split())
_VIEWS = frozenset(
    "asarray asanyarray ascontiguousarray asfortranarray asmatrix mat require atleast_1d atleast_2d atleast_3d ravel reshape transpose matrix_transpose "
    "permute_dims swapaxes moveaxis rollaxis squeeze expand_dims broadcast_to broadcast_arrays diagonal real imag flip fliplr flipud rot90 split array_split "
    "hsplit vsplit dsplit unstack frombuffer from_dlpack ndarray nditer nested_iters as_strided sliding_window_view trim_zeros astype matrix recarray memmap".split()
)
#: Whose other functions and classes make something new.
_KNOWN_LIBRARIES = frozenset({*sys.stdlib_module_names, "numpy", "omega"})


def may_give_given(value: object) -> bool:
    """Whether what a function or class of C, of Python's library or of NumPy gives may be what it is given, a part or a view of that."""
    if any(value is each for each in _GIVING_FUNCTIONS):
        return True
    if isinstance(value, types.MethodDescriptorType):
        return value.__objclass__ is np.ndarray or value.__name__ in _GIVING_METHODS
    return _library_of(value) == "numpy" and getattr(value, "__name__", "") in _VIEWS


def _library_of(value: object) -> str:
    return (getattr(value, "__module__", None) or type(value).__module__ or "").partition(".")[0]


def is_of_unknown_library(value: object) -> bool:
    """Whether nothing is known of what a function or class of a library gives: it may be what it is given."""
    return not isinstance(value, types.MethodDescriptorType) and _library_of(value) not in _KNOWN_LIBRARIES


@dataclass(frozen=True, eq=False, slots=True)
class Root:
    """Where a value comes from. One scan has one object for the same origin (`Roots`)."""

    kind: str  #: "fresh", "defined" (a function, here), "outer", "self", "super" (what `super()` gives), "argument", "result" (of a call that may give something old), "null"
    name: str = ""
    value: Any = None
    depth: int = 0  #: attributes and items between the root and the value; 2: as many or more
    attribute: str = ""  #: the last of them, where it is an attribute
    made_at: int = -1  #: of a fresh container: the step that made it
    is_method: bool = False  #: it lies below the object that it is called on


#: All that a value may be.
Value = tuple[Root, ...]

FRESH: Value = (Root("fresh"),)
NULL: Value = (Root("null"),)
RESULT: Value = (Root("result"),)


class Roots:
    """Makes roots: the same origin is the same object."""

    def __init__(self) -> None:
        self._known = {self._key(root): root for (root,) in (FRESH, NULL, RESULT)}

    def __call__(self, kind: str, name: str = "", value: Any = None, depth: int = 0, attribute: str = "", made_at: int = -1, is_method: bool = False) -> Root:
        root = Root(kind, name, value, min(depth, 2), attribute, made_at, is_method)
        return self._known.setdefault(self._key(root), root)

    @staticmethod
    def _key(root: Root) -> tuple[object, ...]:
        return root.kind, root.name, id(root.value), root.depth, root.attribute, root.made_at, root.is_method


def union(*values: Value) -> Value:
    first = values[0]
    for value in values[1:]:
        if value != first:
            first += tuple([each for each in value if each not in first])
    return first


def static_attribute(root: Root, name: str) -> Any:
    """The attribute's value, where it is known without running code of the program."""
    if root.kind not in ("outer", "self") or root.value is None:
        return None
    try:
        found = getattr(root.value, name, None) if isinstance(root.value, types.ModuleType) else inspect.getattr_static(root.value, name, None)
    except Exception:  # noqa: BLE001  (a property of the program's)
        return None
    is_bound = isinstance(found, types.MethodDescriptorType) and not isinstance(root.value, (type, np.ufunc))
    return None if is_bound else found  # bound to its object, not a function of it


def is_code_of_program(value: object) -> bool:
    """Whether a call of the value runs code that may give something that was there before: not a class, a function of C or of a library."""
    if isinstance(value, (type, types.BuiltinFunctionType, np.ufunc, types.MethodDescriptorType)) or is_library_function(value):
        return False
    inner = inspect.unwrap(value) if isinstance(value, types.FunctionType) else value
    code = getattr(inner, "__code__", None) if isinstance(inner, (types.FunctionType, types.MethodType, TracedFunction)) else None  # others may run code
    return code is None or not code.co_filename.startswith(LIBRARIES)
