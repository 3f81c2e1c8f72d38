# SPDX-License-Identifier: Apache-2.0
"""Omega's compiler: programs for this machine and for C, contracts for four chains.

>>> import omega
>>> program = omega.compile('let n = 6\\nprintf("%d\\\\n", n * 7)\\n')
>>> program.run().stdout
'42\\n'
"""

from omega._native import InternalError
from omega.compiler.diagnostics import CompileError, Diagnostic, Note
from omega.compiler.parallel_compiler import (
    CompilationJob,
    CompilationResult,
    JobStatus,
    ParallelCompiler,
    ParallelCompilerConfig,
    PerformanceMetrics,
    TargetStatus,
)
from omega.compiler.program import TARGETS, Compiled, ProgramFailed, Run, check, compile, run

__all__ = [
    "TARGETS",
    "CompilationJob",
    "CompilationResult",
    "CompileError",
    "Compiled",
    "Diagnostic",
    "InternalError",
    "JobStatus",
    "Note",
    "ParallelCompiler",
    "ParallelCompilerConfig",
    "PerformanceMetrics",
    "ProgramFailed",
    "Run",
    "TargetStatus",
    "check",
    "compile",
    "run",
]
