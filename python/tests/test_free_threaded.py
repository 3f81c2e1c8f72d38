# SPDX-License-Identifier: Apache-2.0
"""Free-threaded builds of CPython: importing omega switches their lock on; where that is forbidden it is an ImportError."""

import subprocess
import sys
import sysconfig

import pytest

pytestmark = pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this build of CPython always has its lock")


def run(text: str, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *options, "-c", text], capture_output=True, text=True)


def test_importing_switches_the_lock_on_and_says_so():
    ended = run("import sys, numpy\nbefore = sys._is_gil_enabled()\nimport omega\nprint(before, sys._is_gil_enabled())")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split() == ["False", "True"]
    assert "RuntimeWarning" in ended.stderr and "omega._native" in ended.stderr


def test_where_the_lock_must_stay_off_importing_is_an_error():
    ended = run("import omega", "-X", "gil=0")
    assert ended.returncode == 1
    assert "ImportError: omega needs the interpreter's lock, which PYTHON_GIL=0 or -X gil=0 keeps off" in ended.stderr


def test_where_the_lock_is_on_nothing_is_said():
    ended = run("import omega", "-X", "gil=1")
    assert ended.returncode == 0 and ended.stderr == ""
