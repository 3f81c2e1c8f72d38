# SPDX-License-Identifier: Apache-2.0
"""Which code is Python's own or installed: written for many callers, its state not changed by a program in passing."""

import os
import site
import sysconfig
from typing import Any

#: How the names of its files begin; functions of NumPy that others can stand in for are made from text. This package is one wherever it lies.
LIBRARIES = ("<frozen", "<__array_function__", os.path.join(os.path.dirname(__file__), ""), *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}, *site.getsitepackages())

_FUNCTION_TYPES = frozenset({"_ArrayFunctionDispatcher", "cython_function_or_method", "fused_cython_function"})


def is_library_function(value: Any) -> bool:
    """Whether the value is a function of a library and of a type of its own: NumPy's that other arrays can stand in for (from NumPy 1.25 on), Cython's."""
    return type(value).__name__ in _FUNCTION_TYPES
