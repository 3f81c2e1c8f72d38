# SPDX-License-Identifier: Apache-2.0
"""Omega: spikes, reservoirs and graphs of calls on all cores, and Omega's compiler.

| Module | Holds |
|---|---|
| `omega.arrays` | spikes packed to bits and as events, sparse matrices, folds over an axis |
| `omega.performance` | `ParallelProcessor`: batches of spikes, reservoirs and reasoning cores on all cores |
| `omega.core`, `omega.spiking`, `omega.agents` | liquid state machines; encoders, readouts, tasks, plots; reasoning cores |
| `omega.xcs` | `jit`: functions as graphs that run in parallel |
| `omega.compiler` | programs and contracts in the language Omega and in Solidity |
"""

import importlib
import pkgutil
from types import ModuleType

from omega import _native, arrays
from omega.arrays import EventArray, SparseMatrix, SpikeArray
from omega.compiler import Compiled, CompileError, Diagnostic, ParallelCompiler, ParallelCompilerConfig, ProgramFailed, Run, check, compile, run

__all__ = [
    "CompileError",
    "Compiled",
    "Diagnostic",
    "EventArray",
    "ParallelCompiler",
    "ParallelCompilerConfig",
    "ProgramFailed",
    "Run",
    "SparseMatrix",
    "SpikeArray",
    "__version__",
    "arrays",
    "check",
    "compile",
    "instruction_set",
    "run",
]
__version__ = "0.1.0"

#: The instruction set whose loops run.
instruction_set: str = _native.instruction_set()


def __getattr__(name: str) -> ModuleType:
    """The package's modules, imported when first used."""
    if name in {module.name for module in pkgutil.iter_modules(__path__)}:
        return importlib.import_module(f"omega.{name}")
    raise AttributeError(f"module 'omega' has no attribute {name!r}")
