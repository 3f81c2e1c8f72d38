# SPDX-License-Identifier: Apache-2.0
"""Spikes: encoders, readouts, reservoirs, tasks with known scores, plots. Arrays are time-first."""

from omega.spiking.encoders import delta, latency, rate
from omega.spiking.plots import Plot, raster_plot, trace_plot
from omega.spiking.readout import RidgeReadout
from omega.spiking.reservoir import Reservoir
from omega.spiking.tasks import mackey_glass, memory_capacity, narma10, nrmse, spike_patterns

__all__ = [
    "Plot",
    "Reservoir",
    "RidgeReadout",
    "delta",
    "latency",
    "mackey_glass",
    "memory_capacity",
    "narma10",
    "nrmse",
    "raster_plot",
    "rate",
    "spike_patterns",
    "trace_plot",
]
