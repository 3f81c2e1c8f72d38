# SPDX-License-Identifier: Apache-2.0
"""The package is typed, its stub knows all of the C++ side, and its examples hold."""

import ast
import doctest
import importlib
import pkgutil
import shutil
import subprocess
from pathlib import Path

import pytest

import omega
from omega import _native

PACKAGE = Path(omega.__file__).resolve().parent
MODULES = sorted(module.name for module in pkgutil.walk_packages(omega.__path__, "omega.") if module.name != "omega._native")


def test_mypy_finds_nothing(tmp_path):
    mypy = shutil.which("mypy", path="/usr/bin") or shutil.which("mypy")
    assert mypy is not None, "mypy is missing; tools/packages names it for the tests"
    command = [mypy, "--strict", "--no-error-summary", "--no-incremental", "--cache-dir", str(tmp_path), str(PACKAGE)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=PACKAGE.parent)
    assert found.stdout + found.stderr == ""


def members_of(node, classes):
    """Names that a class has in the file of types, its base classes' included."""
    members = {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    members |= {each.target.id for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)}
    bases = [classes[base.id] for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return members.union(*(members_of(base, classes) for base in bases))


def test_the_stub_names_what_the_module_has():
    stub = ast.parse((PACKAGE / "_native.pyi").read_text())
    named = {node.name for node in stub.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    named |= {node.target.id for node in stub.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)}
    named -= {"_Dense"}  # what the arrays have in common
    assert named == {name for name in dir(_native) if not name.startswith("__")}
    classes = {node.name: node for node in stub.body if isinstance(node, ast.ClassDef)}
    for node in classes.values():
        if hasattr(_native, node.name):
            members = members_of(node, classes)
            public = {name for name in vars(getattr(_native, node.name)) if not name.startswith("_")}
            assert {name for name in members if not name.startswith("_")} == public, node.name


@pytest.mark.parametrize("name", ["omega", *MODULES])
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module, optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize("name", ["omega", *MODULES])
def test_what_is_public_is_there_and_documented(name):
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    for each in getattr(module, "__all__", ()):
        value = getattr(module, each)
        if callable(value):
            assert value.__doc__, f"{name}.{each} has no docstring"
