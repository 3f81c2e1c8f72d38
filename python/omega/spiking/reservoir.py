# SPDX-License-Identifier: Apache-2.0
"""Echo state networks.

>>> from omega.spiking import Reservoir, narma10, nrmse
>>> inputs, targets = narma10(3000, seed=1)
>>> reservoir = Reservoir(200, input_scale=0.5, bias_scale=0.2, seed=1).fit(inputs[:2000], targets[:2000], warmup=200)
>>> bool(nrmse(reservoir.predict(inputs)[2000:], targets[2000:]) < 0.4)
True
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from omega import _native
from omega._arguments import real, seed_of, whole
from omega.spiking.readout import RidgeReadout

__all__ = ["Reservoir"]


class Reservoir:
    """An echo state network (Jaeger 2001): x(t) = (1 - leak) x(t-1) + leak tanh(u(t) W_in + bias + W x(t-1)), in float64, with a linear readout.

    Parameters
    ----------
    reservoir_size
        Neurons, N.
    input_size
        Inputs, I.
    connectivity
        Share of the pairs of neurons that are connected, by normal weights.
    spectral_radius
        Of the recurrent weights after scaling.
    input_scale, bias_scale
        Input weights and biases are uniform in -scale to scale.
    leak
        Above 0 and at most 1.
    regularization
        Of the readout.
    seed
        All weights are a function of the parameters; the number of threads changes nothing.
    """

    def __init__(
        self,
        reservoir_size: int = 500,
        input_size: int = 1,
        *,
        connectivity: float = 0.1,
        spectral_radius: float = 0.9,
        input_scale: float = 1.0,
        bias_scale: float = 0.0,
        leak: float = 1.0,
        regularization: float = 1e-8,
        seed: int = 0,
    ) -> None:
        self._arguments: dict[str, Any] = {
            "reservoir_size": whole(reservoir_size, "reservoir_size"),
            "inputs": whole(input_size, "input_size", 0),
            "connectivity": real(connectivity, "connectivity"),
            "spectral_radius": real(spectral_radius, "spectral_radius"),
            "input_scale": real(input_scale, "input_scale"),
            "bias_scale": real(bias_scale, "bias_scale"),
            "leak": real(leak, "leak"),
            "seed": seed_of(seed),
        }
        self._network = _native.EchoState(**self._arguments)
        self.readout = RidgeReadout(regularization)

    @property
    def neurons(self) -> int:
        """N."""
        return int(self._arguments["reservoir_size"])

    @property
    def recurrent_weights(self) -> npt.NDArray[np.float64]:
        """(N, N), a copy: row i holds what goes into neuron i."""
        return self._network.recurrent_weights()

    @property
    def input_weights(self) -> npt.NDArray[np.float64]:
        """(I + 1, N), the biases in the last row."""
        return self._network.input_weights()

    def run(self, inputs: npt.ArrayLike, state: npt.ArrayLike | None = None) -> npt.NDArray[np.float64]:
        """States after each step, (T, …, N), for inputs (T, …, I); from `state`, (…, N), or 0."""
        u = np.asarray(inputs)
        if u.ndim < 2 or u.shape[-1] != self._arguments["inputs"]:
            raise ValueError(f"inputs: shape {u.shape} where (T, …, {self._arguments['inputs']}) is expected")
        batch = u.shape[1:-1]
        count = math.prod(batch)
        start = np.zeros((*batch, self.neurons)) if state is None else np.asarray(state, np.float64)
        if start.shape != (*batch, self.neurons):
            raise ValueError(f"state: shape {start.shape} where {(*batch, self.neurons)} is expected")
        states = self._network.run(start.reshape(count, self.neurons), u.reshape(len(u), count, u.shape[-1]))
        return states.reshape(*u.shape[:-1], self.neurons)

    def fit(self, inputs: npt.ArrayLike, targets: npt.ArrayLike, *, warmup: int = 0) -> Reservoir:
        """Trains the readout to say targets (T, …, K), or (T, …), from the states of inputs (T, …, I), without the first `warmup` steps. Returns itself."""
        self.readout.fit(self.run(inputs), targets, warmup=warmup)
        return self

    def predict(self, inputs: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """What the readout says in each step of inputs (T, …, I), run from 0."""
        return self.readout.predict(self.run(inputs))

    def memory_capacity(self, delays: int, steps: int = 5000, seed: int = 0) -> float:
        """See :func:`omega.spiking.memory_capacity`."""
        return self._network.memory_capacity(whole(delays, "delays"), whole(steps, "steps"), seed_of(seed))

    def __repr__(self) -> str:
        return f"Reservoir({', '.join(f'{name}={value!r}' for name, value in self._arguments.items())})"

    def __getstate__(self) -> dict[str, Any]:
        return {"arguments": self._arguments, "readout": self.readout}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self._arguments = kept["arguments"]
        self._network = _native.EchoState(**self._arguments)
        self.readout = kept["readout"]
