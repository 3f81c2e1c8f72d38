# SPDX-License-Identifier: Apache-2.0
"""Builtins as traced code gets them: those that look at what an object is see its value, those with effects keep their order."""

from __future__ import annotations

import builtins
import functools
import inspect
import sys
import types
from typing import Any

from omega._native import call_outside_trace, globals_of, make_arguments_plain, seen, taken_attribute, value_of
from omega.xcs.declarations import ordered


def _type(*args: Any, **kwargs: Any) -> Any:
    return seen(call_outside_trace(builtins.type, *(value_of(each) for each in args), **kwargs))


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
    return seen(call_outside_trace(builtins.__import__, *(value_of(each) for each in args), **kwargs))


def _hasattr(instance: Any, name: str) -> bool:
    return bool(call_outside_trace(builtins.hasattr, value_of(instance), value_of(name)))


def _getattr(instance: Any, name: str, *default: Any) -> Any:
    if default and not _hasattr(instance, name):
        return default[0]
    plain_name = value_of(name)
    return taken_attribute(instance, plain_name) if isinstance(plain_name, str) else builtins.getattr(instance, plain_name)


def _callable(instance: Any) -> bool:
    return builtins.callable(value_of(instance))


def _ord(character: Any) -> int:
    return builtins.ord(value_of(character))


def _id(instance: Any) -> int:
    return builtins.id(value_of(instance))


def _vars(*instance: Any) -> Any:
    return call_outside_trace(builtins.vars, *(value_of(each) for each in instance)) if instance else _locals_of(sys._getframe(1))


def _locals_of(frame: types.FrameType) -> dict[str, Any]:
    """As `locals()` gives them: from CPython 3.13 on frames have a view of their variables."""
    found = frame.f_locals
    return found if isinstance(found, dict) else dict(found)


def _dir(*instance: Any) -> Any:
    return call_outside_trace(builtins.dir, *(value_of(each) for each in instance)) if instance else sorted(sys._getframe(1).f_locals)


def _globals() -> Any:
    return seen(globals_of(sys._getframe(1)))


def _in_namespaces(run: Any) -> Any:
    """`eval` or `exec`, which use the variables of who calls them where they are given none."""
    ordered_run = ordered(run)

    def in_namespaces(source: Any, *namespaces: Any, **keywords: Any) -> Any:
        if not namespaces or namespaces[0] is None:
            frame = sys._getframe(1)
            namespaces = (globals_of(frame), *(namespaces[1:] or (value_of(_locals_of(frame)),)))
        return seen(ordered_run)(source, *namespaces, **keywords)

    return in_namespaces


_VIEWS: dict[type, str] = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}


def plain_iterator(iterator: Any) -> Any:
    """What stands outside of traced code for an iterator, or a dict's view, over containers of it: the same without tracers, which goes on where the iterator is."""
    if type(iterator) in _VIEWS:
        return getattr(value_of(dict(iterator.mapping)), _VIEWS[type(iterator)])()
    if type(iterator) not in (map, filter, zip, enumerate):
        return _plain_items(iterator)
    make, parts, *state = iterator.__reduce__()
    made = make(*(value_of(each) for each in parts))
    if state:
        made.__setstate__(*state)
    return made


def _plain_items(iterator: Any) -> Any:
    for each in iterator:
        yield value_of(each)


def plain_generator(generator: types.GeneratorType[Any, Any, Any]) -> types.GeneratorType[Any, Any, Any]:
    """What stands for a generator of traced code outside of it: the same steps without tracers."""
    frame = generator.gi_frame
    if frame is not None and inspect.getgeneratorstate(generator) == inspect.GEN_CREATED:
        make_arguments_plain(frame)
    steps: types.GeneratorType[Any, Any, Any] = _plain_steps(generator)
    steps.__name__, steps.__qualname__ = generator.__name__, generator.__qualname__
    return steps


def _plain_steps(generator: types.GeneratorType[Any, Any, Any]) -> Any:
    resume: Any = functools.partial(next, generator)
    while True:
        try:
            step = resume()
        except StopIteration as end:
            return value_of(end.value)
        try:
            resume = functools.partial(generator.send, (yield value_of(step)))
        except GeneratorExit:
            generator.close()
            raise
        except BaseException as error:
            resume = functools.partial(generator.throw, error)


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
    "globals": _globals,
    "locals": builtins.locals,
    "eval": _in_namespaces(builtins.eval),
    "exec": _in_namespaces(builtins.exec),
    **{name: ordered(getattr(builtins, name)) for name in ("print", "input", "open", "setattr", "delattr", "breakpoint")},
}
