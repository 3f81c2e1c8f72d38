# SPDX-License-Identifier: Apache-2.0
"""Computation graphs: natural Python code that finds its own parallelism.

>>> from omega import xcs
>>> @xcs.jit
... class EnsembleOperator(xcs.Operator):
...     def __init__(self, models):
...         self.models = models
...     def forward(self, inputs):
...         results = []
...         for model in self.models:
...             results.append(model(inputs))
...         return results
>>> EnsembleOperator([str.upper, str.title])("a question")
['A QUESTION', 'A Question']
"""

from __future__ import annotations

import atexit
import builtins
import os

from omega import _native
from omega.xcs.config import Config
from omega.xcs.declarations import Declared, cpu_bound, opaque, ordered, register
from omega.xcs.graph import Graph, Operation, Pattern
from omega.xcs.kept_arguments import needs_originals
from omega.xcs.operator import Operator
from omega.xcs.origins import CHANGING_METHODS
from omega.xcs.overlap import holds_lock, holds_objects, named_values
from omega.xcs.processes import call_in_process
from omega.xcs.later_changes import changes_later, looks_later
from omega.xcs.live_variables import dead_variables
from omega.xcs.library_effects import type_facts
from omega.xcs.own_changes import changes_own_object, uses_of_given
from omega.xcs.reach import classify, code_facts, instruction_facts, is_program_module
from omega.xcs.substitutes import SUBSTITUTES, plain_generator, plain_iterator
from omega.xcs.tracing import explain, get_jit_stats, graph, jit, trace, trace_array_function
from omega.xcs.transforms import pmap, scan, vmap

__all__ = [
    "Config",
    "Graph",
    "Operation",
    "Operator",
    "Pattern",
    "cpu_bound",
    "explain",
    "get_jit_stats",
    "graph",
    "jit",
    "opaque",
    "ordered",
    "pmap",
    "register",
    "scan",
    "trace",
    "trace_array_function",
    "vmap",
]

_native.set_run_hooks(classify, needs_originals, call_in_process, Declared)
_native.set_fact_hooks(code_facts, is_program_module, dead_variables, instruction_facts, type_facts, changes_own_object, uses_of_given, changes_later, looks_later, set(CHANGING_METHODS))
_native.set_substitutes({getattr(builtins, name): each for name, each in SUBSTITUTES.items()})
_native.set_plain_generator(plain_generator, plain_iterator)
_native.set_overlap_hooks(named_values, holds_lock, holds_objects)
atexit.register(_native.finish_operation_threads)
os.register_at_fork(after_in_child=_native.after_fork_in_child)
