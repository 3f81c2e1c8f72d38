# SPDX-License-Identifier: Apache-2.0
"""Modules made from text, as if they were installed or the program's own."""

from __future__ import annotations

import os
import sys
import sysconfig
import types
from typing import Any


def made_module(name: str, source: str, is_library: bool) -> Any:
    """A new module of this name, which takes the place of one made before."""
    file = os.path.join(sysconfig.get_path("purelib") if is_library else os.path.dirname(__file__), f"{name}.py")
    module = types.ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module
    exec(compile(source, file, "exec"), vars(module))
    return module
