# SPDX-License-Identifier: Apache-2.0
"""Omega: spikes, reservoirs and graphs of calls on all cores, and Omega's compiler."""

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
