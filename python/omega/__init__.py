# SPDX-License-Identifier: Apache-2.0
"""Omega: spikes, reservoirs and graphs of calls on all cores, and Omega's compiler."""

from omega import _native

__all__ = ["__version__"]
__version__ = "0.1.0"

#: The instruction set whose loops run.
instruction_set: str = _native.instruction_set()
