# SPDX-License-Identifier: Apache-2.0
"""Which code is Python's own or installed: written for many callers, its state not changed by a program in passing."""

import site
import sysconfig

#: How the names of its files begin; functions of NumPy that others can stand in for are made from text.
LIBRARIES = ("<frozen", "<__array_function__", *{sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}, *site.getsitepackages())
