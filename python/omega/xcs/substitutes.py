# SPDX-License-Identifier: Apache-2.0
"""Builtins as traced code gets them: those that look at what an object is see its value, those with effects keep their order."""

from __future__ import annotations

import builtins
import inspect
import sys
from typing import Any

from omega._native import seen, value_of
from omega.xcs.declarations import ordered


def _type(*args: Any, **kwargs: Any) -> Any:
    return seen(builtins.type(value_of(args[0])) if len(args) == 1 and not kwargs else builtins.type(*args, **kwargs))


def _super(*args: Any) -> Any:
    """``super()`` looks into the frame that calls it, which has tracers."""
    if not args:
        frame = sys._getframe(1)
        variables = frame.f_locals
        if frame.f_code.co_argcount == 0 and not frame.f_code.co_flags & inspect.CO_VARARGS:
            raise RuntimeError("super(): no arguments")
        if "__class__" not in variables:
            raise RuntimeError("super(): __class__ cell not found")
        first = variables[frame.f_code.co_varnames[0]]
        args = (variables["__class__"], first if frame.f_code.co_argcount else first[0])
    return seen(builtins.super(*(value_of(each) for each in args)))


def _import(*args: Any, **kwargs: Any) -> Any:
    return seen(builtins.__import__(*args, **kwargs))


def _hasattr(instance: Any, name: str) -> bool:
    return builtins.hasattr(value_of(instance), value_of(name))


def _getattr(instance: Any, name: str, *default: Any) -> Any:
    if default and not builtins.hasattr(value_of(instance), value_of(name)):
        return default[0]
    return builtins.getattr(instance, value_of(name))


def _callable(instance: Any) -> bool:
    return builtins.callable(value_of(instance))


def _ord(character: Any) -> int:
    return builtins.ord(value_of(character))


def _id(instance: Any) -> int:
    return builtins.id(value_of(instance))


def _vars(*instance: Any) -> Any:
    return builtins.vars(*(value_of(each) for each in instance))


def _dir(*instance: Any) -> Any:
    return builtins.dir(*(value_of(each) for each in instance))


SUBSTITUTES: dict[str, Any] = {
    "type": _type,
    "super": _super,
    "__import__": _import,
    "hasattr": _hasattr,
    "getattr": _getattr,
    "callable": _callable,
    "id": _id,
    "ord": _ord,
    "vars": _vars,
    "dir": _dir,
    **{name: ordered(getattr(builtins, name)) for name in ("print", "input", "open", "exec", "eval", "setattr", "delattr", "breakpoint")},
}
