# SPDX-License-Identifier: Apache-2.0
"""What a function gives, and leaves in its arguments, in a form that compares: which objects are the same counts too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from omega import xcs

#: As users have it, traced also where nothing could run beside something else, and with every call beside others that can be.
CONFIGS: list[dict[str, Any]] = [{}, {"adaptive": False}, {"inline_below_us": 0.0, "adaptive": False}]


def canonical(value: Any, known: dict[int, int] | None = None) -> Any:
    """Containers and objects by what they hold; one that was met before by its number."""
    known = {} if known is None else known
    if isinstance(value, type) or not (isinstance(value, (list, tuple, dict, set, frozenset)) or hasattr(value, "__dict__")):
        return type(value).__name__, value
    if id(value) in known:
        return f"<{known[id(value)]}>"
    known[id(value)] = len(known)
    name = type(value).__name__
    if isinstance(value, (set, frozenset)):
        return name, sorted(repr(canonical(each, known)) for each in value)
    if isinstance(value, dict):
        return name, [(canonical(key, known), canonical(each, known)) for key, each in value.items()]
    items = [canonical(each, known) for each in value] if isinstance(value, (list, tuple)) else None
    return name, items, [(key, canonical(each, known)) for key, each in getattr(value, "__dict__", {}).items()]


def outcome(function: Callable[..., Any], make_argument: Callable[[], Any]) -> Any:
    """What a call gives, or raises, and its argument afterwards."""
    argument = make_argument()
    try:
        return canonical([function(argument), argument])
    except Exception as error:  # noqa: BLE001  (any that plain Python raises too)
        return type(error).__name__, str(error)


def assert_same_as_plain(function: Callable[..., Any], make_argument: Callable[[], Any]) -> None:
    expected = outcome(function, make_argument)
    for config in CONFIGS:
        traced = xcs.jit(function, **config)
        assert traced.reason is None
        assert outcome(traced, make_argument) == expected
