# SPDX-License-Identifier: Apache-2.0
"""A liquid state machine and its readout, written out in float64 NumPy from the definition: what the package's must equal."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Reference:
    """One liquid alone: weights (N, N), row i into neuron i, and (inputs, N)."""

    recurrent: np.ndarray
    inputs: np.ndarray
    dt: float = 0.001
    tau_membrane: float = 0.020
    threshold: float = 1.0
    reset: float = 0.0
    rest: float = 0.0
    refractory_period: float = 0.002
    tau_readout: float = 0.030

    def __post_init__(self):
        n = len(self.recurrent)
        self.potential = np.full(n, self.rest)
        self.wait = np.zeros(n, np.int64)
        self.spikes = np.zeros(n, bool)
        self.trace = np.zeros(n)

    def step(self, spikes):
        current = spikes @ self.inputs + self.recurrent @ self.spikes
        integrated = self.rest + np.exp(-self.dt / self.tau_membrane) * (self.potential - self.rest) + current
        waiting = self.wait > 0
        fired = ~waiting & (integrated >= self.threshold)
        self.potential = np.where(waiting | fired, self.reset, integrated)
        self.wait = np.where(fired, round(self.refractory_period / self.dt), np.maximum(self.wait - 1, 0))
        self.spikes = fired
        self.trace = np.exp(-self.dt / self.tau_readout) * self.trace + fired
        return fired

    def run(self, train):
        """Spikes, potentials and traces after each step, (T, N) each."""
        rows = [(self.step(spikes.astype(float)), self.potential, self.trace) for spikes in train]
        return tuple(np.array(each) for each in zip(*rows))


def ridge(features, targets, regularization):
    """Weights (F, K) and free intercepts (K,)."""
    x, y = features - features.mean(0), targets - targets.mean(0)
    weights = np.linalg.solve(x.T @ x + regularization * np.eye(x.shape[1]), x.T @ y)
    return weights, targets.mean(0) - features.mean(0) @ weights
