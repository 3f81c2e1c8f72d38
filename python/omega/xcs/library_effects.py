# SPDX-License-Identifier: Apache-2.0
"""What calls of Python's library and of installed ones change, whose code is not looked into: known by name, by the object, or since nobody takes the result."""

from __future__ import annotations

import functools
import io
import random
import sys
import types
from typing import Any

import numpy as np

from omega._libraries import LIBRARIES, is_library_function
from omega.xcs.origins import changed_argument

RANDOM_TYPES = (random.Random, np.random.Generator, np.random.RandomState)
#: Types whose objects change whatever is done with them: a function with a cache gives what calls before it left there.
CHANGING_TYPES = (*RANDOM_TYPES, io.IOBase, functools._lru_cache_wrapper)


def _by_module(names: dict[str, str]) -> dict[str, frozenset[str]]:
    return {module: frozenset(each.split()) for module, each in names.items()}


_OS_LOOKING = (
    "access confstr cpu_count device_encoding fpathconf fspath fsdecode fsencode fstat fstatvfs fwalk isatty listdir listxattr lstat major makedev minor "
    "pathconf readlink scandir stat statvfs strerror sysconf times ttyname uname urandom waitstatus_to_exitcode walk"
)
#: Modules whose functions act on what all see (files, processes, output, the interpreter), but for these and those that get something.
_ACTING_BUT = _by_module({
    "os": _OS_LOOKING,
    "posix": _OS_LOOKING,
    "shutil": "disk_usage which",
    "subprocess": "list2cmdline",
    "tempfile": "",
    "logging": "addLevelName hasHandlers isEnabledFor makeLogRecord format formatTime formatException formatMessage formatStack filter",
    "signal": "strsignal valid_signals",
    "warnings": "",
    "turtle": "",
})
#: Functions that ask for the loop of the thread that calls them.
_OF_LOOP = "current_task get_event_loop get_running_loop set_event_loop"
#: Those that do in other modules, or that are for one thread.
_ACTING = _by_module({
    "sys": "setrecursionlimit setswitchinterval settrace setprofile set_int_max_str_digits set_asyncgen_hooks addaudithook displayhook excepthook",
    "pathlib": "write_text write_bytes mkdir rmdir unlink touch rename replace symlink_to hardlink_to chmod lchmod open",
    "decimal": "getcontext setcontext localcontext",
    "_decimal": "getcontext setcontext localcontext",
    "_pydecimal": "getcontext setcontext localcontext",
    "gc": "collect disable enable freeze set_debug set_threshold unfreeze",
    "locale": "setlocale",
    "_locale": "setlocale",
    "sqlite3": "connect",
    "_sqlite3": "connect",
    "asyncio.events": _OF_LOOP,
    "_asyncio": _OF_LOOP,
    "asyncio.tasks": "all_tasks create_task current_task ensure_future gather run_coroutine_threadsafe shield",
    "importlib": "import_module reload",
    "atexit": "register unregister",
    "pprint": "pp pprint",
    "resource": "setrlimit",
    "numpy": "save savez savez_compressed savetxt seterr seterrcall setbufsize set_printoptions set_string_function",
})
_ACTING_CLASSES = _by_module({"subprocess": "Popen", "tempfile": "TemporaryDirectory SpooledTemporaryFile"})
#: Modules of functions that change nothing but what is known of them: who calls one for nothing wants an exception at most.
_WITHOUT_STATE = frozenset("builtins math cmath operator _operator heapq _heapq bisect _bisect copy functools _functools itertools struct _struct time typing numpy omega".split())


def _module_of(callable_: Any) -> str:
    module = getattr(callable_, "__module__", None)
    return module if isinstance(module, str) else ""


def acts_on_all(callable_: Any) -> bool:
    """Whether a function, method or class of Python's library or of NumPy is known to act on what all see."""
    module, name = _module_of(callable_), getattr(callable_, "__name__", "")
    if isinstance(callable_, type):
        return name in _ACTING_CLASSES.get(module, ())
    if isinstance(getattr(callable_, "__self__", None), RANDOM_TYPES):
        return True
    looking = _ACTING_BUT.get(module)
    if looking is not None:
        return name not in looking and not name.startswith(("get", "__", "W"))
    return name in _ACTING.get(module, ())


def is_called_for_effect(callable_: Any) -> bool:
    """Whether a call of it of which nobody takes the result is made for what it changes: of a function or method of a library of which nothing else is known."""
    inner = callable_.__func__ if isinstance(callable_, types.MethodType) else callable_
    if isinstance(inner, types.FunctionType):
        is_library = inner.__code__.co_filename.startswith(LIBRARIES)
    else:
        is_library = isinstance(inner, types.BuiltinFunctionType) or is_library_function(inner)
    return is_library and _module_of(inner).partition(".")[0] not in _WITHOUT_STATE and changed_argument(inner) is None


def is_for_threads(callable_: Any) -> bool:
    """Whether it is one of the functions and methods by which calls that run at the same time wait for each other: they are there to be called by many at once."""
    return _module_of(callable_).partition(".")[0] in ("threading", "_thread", "multiprocessing", "concurrent", "asyncio")


#: Classes whose objects are for the thread that made them.
_OF_THREAD = _by_module({"sqlite3": "Connection Cursor Blob", "tkinter": "Misc Variable Image"})


def _is_of_thread(cls: type) -> bool:
    return any(each.__name__ in _OF_THREAD.get(each.__module__, ()) for each in cls.__mro__)


#: Classes of Python's library whose objects hold nothing that methods change, or that are there for many to use at once.
_UNCHANGING_MODULES = frozenset("builtins re datetime fractions numbers uuid ipaddress zoneinfo _struct struct types _thread threading weakref enum functools operator typing abc string concurrent asyncio contextvars _contextvars".split())
_UNCHANGING = frozenset({"Decimal"})


def type_facts(cls: type) -> tuple[bool, bool, tuple[str, ...], bool]:
    """What is asked about a class that is not the program's: whether whatever is done with its objects changes them; whether every call of a method of these names
    does, or only one of which nobody takes the result and those of which `changes_own_object` says so; the names; whether its objects are for the thread that
    made them.
    """
    if issubclass(cls, CHANGING_TYPES):
        return True, True, (), False
    module = _module_of(cls).partition(".")[0]
    if module in _UNCHANGING_MODULES or module in ("numpy", "omega") or cls.__name__ in _UNCHANGING or issubclass(cls, (tuple, str, int, float)):
        return False, False, (), False
    kinds = (types.FunctionType, types.MethodDescriptorType)
    is_known = module in sys.stdlib_module_names
    special = () if is_known else ("__call__",)
    names = {name for each in cls.__mro__ for name, value in vars(each).items() if isinstance(value, kinds) and (name in special or not name.startswith("__"))}
    return False, is_known, tuple(sorted(names)), _is_of_thread(cls)
