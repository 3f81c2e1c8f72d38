# SPDX-License-Identifier: Apache-2.0
"""Reasoning cores for :meth:`omega.performance.ParallelProcessor.parallel_multi_modal_reasoning`."""

from omega.agents.reasoning import AudioReasoningCore, TextReasoningCore, VisualReasoningCore

__all__ = ["AudioReasoningCore", "TextReasoningCore", "VisualReasoningCore"]
