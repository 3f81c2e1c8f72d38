# SPDX-License-Identifier: Apache-2.0
"""Liquid state machines."""

from omega.core.liquid_state_machine import LiquidStateMachine, LSMConfig, LSMState

__all__ = ["LSMConfig", "LSMState", "LiquidStateMachine"]
