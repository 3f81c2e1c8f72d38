# SPDX-License-Identifier: Apache-2.0
"""PreparedReservoir: weights of a reservoir for many calls."""

from __future__ import annotations

import numbers
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from omega import _native
from omega.arrays import SparseMatrix
from omega.arrays._conversion import in_type, sparse_or_given

#: What is done to a current before it is given: nothing, `tanh(current)`, or `state + leak * (tanh(current) - state)`.
Activation = str | tuple[str, float] | None


def name_and_leak(activation: Activation) -> tuple[str, float]:
    """Of an activation; raises ValueError naming the choices."""
    if activation is None:
        return "none", 1.0
    if activation == "tanh":
        return "tanh", 1.0
    if isinstance(activation, tuple) and len(activation) == 2 and activation[0] == "leaky_tanh":
        leak = activation[1]
        if isinstance(leak, numbers.Real) and 0.0 < float(leak) <= 1.0:
            return "leaky_tanh", float(leak)
    raise ValueError(f"activation = {activation!r}: it must be None, 'tanh' or ('leaky_tanh', leak) with 0 < leak <= 1")


#: What the loops take as it is.
_KNOWN = frozenset(map(np.dtype, ("bool", "uint8", "int32", "int64", "float32", "float64")))


def real_array(value: Any, argument: str) -> npt.NDArray[Any]:
    """An array of real numbers of a type that the loops take."""
    array = np.asarray(value)
    if array.dtype in _KNOWN:
        return array
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{argument}: elements of dtype {array.dtype}; they must be real numbers")
    return array.astype(np.float64)


def _weights(weights: Any, argument: str) -> Any:
    weights = sparse_or_given(weights)
    return weights if isinstance(weights, SparseMatrix) else real_array(weights, argument)


class PreparedReservoir:
    """Weights of a reservoir in the layouts that the engine's loops read fastest: for many calls with one pair of weights.

    Parameters
    ----------
    input_weights : array or sparse matrix `(inputs, neurons)`
    reservoir_weights : array or sparse matrix `(neurons, neurons)`
        Row i holds what goes into neuron i. Where at most a quarter is not 0, they are kept sparse.
    precision : "full" or "bfloat16"
        In what numbers are multiplied. "bfloat16": weights, states and inputs are rounded to bfloat16 (8 significant bits; below 2**-55 they are 0), products
        are summed in float32: half the memory to read, and Intel's matrix tiles (AMX) multiply batches where the processor has them. Weights must be dense
        arrays and become float32, as results are; the properties give them as rounded.

    Notes
    -----
    In full precision both become one floating type: float32 when both are, else float64. In either, results have the same bits on every processor, at every
    number of threads and in every batch. Weights are copied, so that later changes of the arrays are not seen. An immutable value:
    any thread may use it, it can be pickled, and `ParallelProcessor.parallel_reservoir_computation` takes it in place of the two.

    Raises
    ------
    ValueError, TypeError
        A shape, a dtype or a precision does not fit; names the argument.

    Examples
    --------
    >>> import numpy as np
    >>> from omega.performance import PreparedReservoir
    >>> reservoir = PreparedReservoir(np.ones((2, 3)), 0.5 * np.eye(3))
    >>> reservoir.step(np.array([2.0, 4.0, 6.0]), [True, False])
    array([2., 3., 4.])
    >>> PreparedReservoir(np.ones((2, 3)), np.eye(3) / 3, precision="bfloat16").reservoir_weights[0]
    array([0.33398438, 0.        , 0.        ], dtype=float32)
    """

    def __init__(self, input_weights: Any, reservoir_weights: Any, *, precision: Literal["full", "bfloat16"] = "full") -> None:
        if precision not in ("full", "bfloat16"):
            raise ValueError(f"precision = {precision!r}: it must be 'full' or 'bfloat16'")
        inputs, recurrent = _weights(input_weights, "input_weights"), _weights(reservoir_weights, "reservoir_weights")
        narrow = precision == "bfloat16"
        dtype = np.dtype(np.float32 if narrow or inputs.dtype == recurrent.dtype == np.float32 else np.float64)
        self._native = _native.PreparedReservoir(in_type(inputs, dtype), in_type(recurrent, dtype), narrow)

    @property
    def precision(self) -> Literal["full", "bfloat16"]:
        """"full" or "bfloat16": in what numbers are multiplied."""
        return self._native.precision

    @property
    def inputs(self) -> int:
        """I."""
        return self._native.inputs

    @property
    def neurons(self) -> int:
        """N."""
        return self._native.neurons

    @property
    def dtype(self) -> np.dtype[Any]:
        """float32 or float64: of the weights as they are given and of results."""
        return self._native.dtype

    @property
    def nbytes(self) -> int:
        """Bytes of the weights as they are kept."""
        return self._native.nbytes

    @property
    def input_weights(self) -> npt.NDArray[Any] | SparseMatrix:
        """(I, N), a copy; sparse where they are kept so, rounded in bfloat16."""
        return self._native.input_weights()

    @property
    def reservoir_weights(self) -> npt.NDArray[Any] | SparseMatrix:
        """(N, N), a copy; sparse where they are kept so, rounded in bfloat16."""
        return self._native.reservoir_weights()

    def step(self, states: Any, spikes: Any, *, activation: Activation = None) -> npt.NDArray[Any]:
        """One step: `spikes @ input_weights + states @ reservoir_weights.T`, and what `activation` makes of it.

        Parameters
        ----------
        states : array `(neurons,)`, or `(batch, neurons)`
        spikes : array or SpikeArray `(inputs,)`, or `(batch, inputs)`
            Booleans, or real inputs.
        activation : None, "tanh" or ("leaky_tanh", leak)
            Applied in the same pass: `tanh(current)`, `state + leak * (tanh(current) - state)`.

        Returns
        -------
        array
            Of the states' shape and the weights' dtype.

        Raises
        ------
        ValueError
            A shape does not fit; names the argument, its shape and the one that would.
        """
        name, leak = name_and_leak(activation)
        states, spikes = self._checked_states(states), real_array(spikes, "spikes")
        expected = (*states.shape[:-1], self.inputs)
        if spikes.shape != expected:
            raise ValueError(f"spikes: shape {spikes.shape}; states of shape {states.shape} and {self.inputs} inputs need {expected}")
        return self._native.currents(None, [states], [spikes], name, leak, None)[0]

    def run(self, states: Any, spikes: Any, *, activation: Activation = None) -> npt.NDArray[Any]:
        """Many steps in one call: the states after each.

        Parameters
        ----------
        states : array `(neurons,)`, or `(batch, neurons)`
            Before the first step.
        spikes : array or SpikeArray `(steps, inputs)`, or `(steps, batch, inputs)`
        activation : None, "tanh" or ("leaky_tanh", leak)
            As in `step`.

        Returns
        -------
        array `(steps, neurons)`, or `(steps, batch, neurons)`
            Of the weights' dtype.

        Raises
        ------
        ValueError
            A shape does not fit; names the argument, its shape and the one that would.
        """
        name, leak = name_and_leak(activation)
        states, spikes = self._checked_states(states), real_array(spikes, "spikes")
        if spikes.ndim != states.ndim + 1 or spikes.shape[1:] != (*states.shape[:-1], self.inputs):
            expected = ", ".join(map(str, ("steps", *states.shape[:-1], self.inputs)))
            raise ValueError(f"spikes: shape {spikes.shape}; states of shape {states.shape} and {self.inputs} inputs need ({expected})")
        batch = states.shape[0] if states.ndim == 2 else 1
        start = np.ascontiguousarray(states.reshape(batch, self.neurons), self.dtype)
        trajectory = self._native.run(start, spikes.reshape(len(spikes), batch, self.inputs), name, leak)
        return trajectory.reshape(*spikes.shape[:-1], self.neurons)

    def _checked_states(self, states: Any) -> npt.NDArray[Any]:
        array = real_array(states, "states")
        if array.ndim not in (1, 2) or array.shape[-1] != self.neurons:
            raise ValueError(f"states: shape {array.shape}; a reservoir of {self.neurons} neurons needs ({self.neurons},) or (batch, {self.neurons})")
        return array

    def __repr__(self) -> str:
        return f"PreparedReservoir({self.inputs} inputs, {self.neurons} neurons, {self._native.describe()})"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(PreparedReservoir, precision=self.precision), (self.input_weights, self.reservoir_weights)
