# SPDX-License-Identifier: Apache-2.0
"""Calls that an interrupt may leave."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

_T = TypeVar("_T")


def in_background(call: Callable[[], _T], cancel: Callable[[], Any] | None = None) -> _T:
    """The result of `call`, which runs on another thread where this is the main one.

    The compiler does not look at signals. When one raises here, as Ctrl-C does, `cancel` is called and the call left to itself; it has no effects but its
    result.
    """
    if threading.current_thread() is not threading.main_thread():
        return call()
    results: list[_T] = []
    failures: list[BaseException] = []

    def work() -> None:
        try:
            results.append(call())
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=work, name="omega-compile", daemon=True)
    thread.start()
    try:
        thread.join()
    except BaseException:
        if cancel is not None:
            cancel()
        raise
    if failures:
        raise failures[0]
    return results[0]
