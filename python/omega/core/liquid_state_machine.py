# SPDX-License-Identifier: Apache-2.0
"""Liquid state machines: fixed recurrent networks of spiking neurons with a trained linear readout.

>>> import numpy as np
>>> from omega.core.liquid_state_machine import LiquidStateMachine
>>> lsm = LiquidStateMachine(reservoir_size=100, seed=1)
>>> state = lsm.init_state()
>>> spikes, state = lsm.step(state, np.ones(20, bool), dt=0.001)
>>> spikes.shape, spikes.dtype
((100,), dtype('bool'))

The model (Maass, Natschlaeger and Markram 2002, with synapses that act at once): in each step of dt seconds, a neuron that is not refractory gets
``v = rest + exp(-dt / tau_membrane) (v - rest) + input_spikes @ W_in + last_spikes @ W.T``; at ``v >= threshold`` it spikes, ``v`` is reset and stays there for
``round(refractory_period / dt)`` steps. Readouts see the spikes through an exponential filter, ``trace = exp(-dt / tau_readout) trace + spike``.
"""

from __future__ import annotations

import math
import threading
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal, NamedTuple, overload

import numpy as np
import numpy.typing as npt

from omega import _native
from omega._arguments import flag, real, several, whole
from omega._native import EventArray, SparseMatrix, SpikeArray
from omega.arrays._conversion import in_type, sparse_or_given
from omega.spiking.plots import Plot, raster_plot
from omega.spiking.readout import RidgeReadout

__all__ = ["LSMConfig", "LSMState", "LiquidStateMachine"]


@dataclass(frozen=True)
class LSMConfig:
    """How a liquid is drawn and runs. Potentials and weights are in units of the threshold's, times in seconds.

    Parameters
    ----------
    reservoir_size
        Neurons, N.
    input_size
        Inputs. None: as many as the last axis of the spikes has that come; an input's weights do not depend on how many others there are.
    topology
        Who is connected: ``"random"``, every pair with the probability `connectivity`; ``"distance"``, neurons on a grid, with the probability
        C exp(-(distance / connection_length)^2), C = 0.3, 0.2, 0.4, 0.1 for EE, EI, IE, II (Maass et al. 2002); ``"small_world"``, a ring of
        connectivity * (N - 1) neighbours of which the share `rewiring` is moved (Watts and Strogatz 1998). No neuron is connected to itself.
    connectivity, connection_length, rewiring, grid
        Of the topologies; the grid's extents multiply to N, and None is the box that is nearest to a cube.
    excitatory_ratio
        Share of neurons whose outgoing weights are positive; those of the others are negative.
    spectral_radius
        Largest magnitude of an eigenvalue of the recurrent weights, signs included. Magnitudes are half-normal before scaling.
    input_connectivity, input_weight_scale
        Share of neurons that an input reaches, and the standard deviation of the weights, which are normal around 0.
    tau_membrane, threshold, reset, rest, refractory_period
        Of the neurons [s, thresholds].
    tau_readout
        Of the filter through which readouts see spikes [s].
    regularization
        Of the readout: the penalty on its squared weights.
    plasticity, potentiation, depression, tau_potentiation, tau_depression, lowest_weight, highest_weight
        Spike-timing-dependent plasticity of the recurrent weights, off by default: by pairs, with traces (Morrison, Diesmann and Gerstner 2008). Bounds are of
        magnitudes, in the unit of the weights. Weights that change are part of the state, and there is no batch of them.
    dtype
        ``"float32"`` or ``"float64"``, of weights and potentials. Traces and readouts are float64.
    seed
        All weights are a function of the configuration; the number of threads changes nothing.
    """

    reservoir_size: int = 1000
    input_size: int | None = None
    topology: str = "random"
    connectivity: float = 0.1
    connection_length: float = 2.0
    rewiring: float = 0.1
    grid: tuple[int, int, int] | None = None
    excitatory_ratio: float = 0.8
    spectral_radius: float = 0.95
    input_connectivity: float = 0.3
    input_weight_scale: float = 0.25
    tau_membrane: float = 0.020
    threshold: float = 1.0
    reset: float = 0.0
    rest: float = 0.0
    refractory_period: float = 0.002
    tau_readout: float = 0.030
    regularization: float = 1e-2
    plasticity: bool = False
    potentiation: float = 0.01
    depression: float = 0.012
    tau_potentiation: float = 0.020
    tau_depression: float = 0.020
    lowest_weight: float = 0.0
    highest_weight: float = 1.0
    dtype: str = "float32"
    seed: int = 0

    def __post_init__(self) -> None:
        flag(self.plasticity, "plasticity")
        real(self.regularization, "regularization", 0)
        for name in ("potentiation", "depression", "tau_potentiation", "tau_depression", "lowest_weight", "highest_weight"):
            value = getattr(self, name)
            if not math.isfinite(real(value, name)):
                raise ValueError(f"{name} = {value!r}: it must be finite")


class LSMState(NamedTuple):
    """Everything that changes while a liquid runs: a value, made of arrays with the batch's axes first. N is the number of neurons.

    potential : (…, N), the liquid's dtype, in thresholds. refractory : (…, N) int32, steps that remain. spikes : (…, N) bool, those of the last step.
    trace : (…, N) float64, the spikes so far as readouts see them. time : seconds since the start. weights, presynaptic, postsynaptic : (N, N), (N,), (N,)
    with plasticity, else None; row i of the weights holds what goes into neuron i.
    """

    potential: npt.NDArray[Any]
    refractory: npt.NDArray[np.int32]
    spikes: npt.NDArray[np.bool_]
    trace: npt.NDArray[np.float64]
    time: float = 0.0
    weights: npt.NDArray[Any] | None = None
    presynaptic: npt.NDArray[Any] | None = None
    postsynaptic: npt.NDArray[Any] | None = None

    @property
    def batch_shape(self) -> tuple[int, ...]:
        """Extents of the batch; () for one liquid alone."""
        return self.potential.shape[:-1]

    def __repr__(self) -> str:
        return f"LSMState(neurons={np.shape(self.potential)[-1]}, batch={np.shape(self.potential)[:-1]}, time={self.time:g} s, firing={int(np.count_nonzero(self.spikes))})"

    def _parts(self, batch: int) -> tuple[Any, ...]:
        """The arrays as the C++ side takes them: one axis of the batch."""
        flat = tuple(part.reshape(batch, part.shape[-1]) for part in self[:4])
        return (*flat, self.weights, self.presynaptic, self.postsynaptic)


def _matrix(weights: Any, dtype: Any, argument: str) -> Any:
    """A copy, or a sparse matrix, which nothing changes."""
    weights = sparse_or_given(weights)
    if not isinstance(weights, SparseMatrix):
        weights = _native.as_numbers(weights, argument)
    return in_type(weights, np.dtype(dtype)) if isinstance(weights, SparseMatrix) else np.array(weights, dtype)


def _shaped(spikes: Any, shape: tuple[int, ...]) -> Any:
    """Spikes with other axes before the last; packed ones stay packed."""
    if isinstance(spikes, EventArray):
        spikes = spikes.to_spikes()
    if not isinstance(spikes, SpikeArray):
        return np.reshape(spikes, shape)
    return spikes if spikes.shape == shape else SpikeArray.from_packed(spikes.packed.reshape(*shape[:-1], spikes.packed.shape[-1]), shape)


def _shape_of(spikes: Any) -> tuple[int, ...]:
    return tuple(spikes.shape) if isinstance(spikes, (SpikeArray, EventArray)) else np.shape(spikes)


def _state_of(parts: tuple[Any, ...], batch_shape: tuple[int, ...], time: float) -> LSMState:
    potential, refractory, spikes, trace = (part.reshape(*batch_shape, part.shape[-1]) for part in parts[:4])
    return LSMState(potential, refractory, spikes, trace, time, *parts[4:])


class LiquidStateMachine:
    """A liquid with its weights and, once fitted, its readout.

    The object itself changes in :meth:`fit` alone; all that a run changes is in the :class:`LSMState` that methods take and give. Methods may be called from
    several threads. Arrays are time-first: (T, …, inputs), with any axes of a batch between; they may be spike arrays of :mod:`omega`, NumPy's, or whatever gives itself to NumPy.

    Parameters
    ----------
    config
        None: the defaults.
    recurrent_weights
        (N, N), in place of drawn ones: row i holds what goes into neuron i.
    input_weights
        (inputs, N), in place of drawn ones; both or none are given.
    **changes
        Fields of the configuration that differ: ``LiquidStateMachine(reservoir_size=200, seed=3)``.

    Raises
    ------
    ValueError
        For a field or a shape that cannot be, naming it.
    """

    def __init__(
        self,
        config: LSMConfig | None = None,
        *,
        recurrent_weights: npt.ArrayLike | SparseMatrix | None = None,
        input_weights: npt.ArrayLike | SparseMatrix | None = None,
        **changes: Any,
    ) -> None:
        known = {field.name for field in fields(LSMConfig)}
        for name in changes:
            if name not in known:
                raise TypeError(f"{name}: LSMConfig has no such field; it has {', '.join(sorted(known))}")
        if config is not None and not isinstance(config, LSMConfig):
            raise TypeError(f"config = {config!r}: it must be an LSMConfig, or None")
        config = replace(config if config is not None else LSMConfig(), **changes)
        self.readout: RidgeReadout | None = None
        self._given: tuple[Any, Any] | None = None
        if (recurrent_weights is None) != (input_weights is None):
            raise ValueError("recurrent_weights, input_weights: give both or none")
        if recurrent_weights is not None and input_weights is not None:
            self._given = (_matrix(recurrent_weights, config.dtype, "recurrent_weights"), _matrix(input_weights, config.dtype, "input_weights"))
            for name, matrix in zip(("recurrent_weights", "input_weights"), self._given):
                if matrix.ndim != 2:
                    raise ValueError(f"{name}: shape {matrix.shape} where a matrix is expected")
            config = replace(config, reservoir_size=self._given[0].shape[0], input_size=self._given[1].shape[0])
        self.config: LSMConfig = config
        self._liquids: dict[int, _native.Liquid] = {}
        self._lock = threading.Lock()
        self._liquid(whole(config.input_size, "input_size", 0) if config.input_size is not None else 0)

    def _liquid(self, inputs: int) -> _native.Liquid:
        """The C++ side for a number of inputs."""
        with self._lock:
            liquid = self._liquids.get(inputs)
            if liquid is None:
                chosen = asdict(self.config)
                if self._given is not None:
                    liquid = _native.Liquid.given(chosen, *self._given)
                elif self._liquids:
                    liquid = next(iter(self._liquids.values())).with_inputs(inputs)
                else:
                    liquid = _native.Liquid.draw(chosen, inputs)
                self._liquids[inputs] = liquid
            return liquid

    def _liquid_for(self, shape: tuple[int, ...], name: str, axes: str) -> _native.Liquid:
        if not shape:
            raise ValueError(f"{name}: a scalar where {axes} is expected")
        if self.config.input_size is not None and shape[-1] != self.config.input_size:
            raise ValueError(
                f"{name}: shape {shape} where {axes} with {self.config.input_size} inputs is expected; LSMConfig(input_size={shape[-1]}), or None, makes a liquid that takes it"
            )
        return self._liquid(shape[-1])

    @property
    def neurons(self) -> int:
        """N."""
        return self.config.reservoir_size

    @property
    def recurrent_weights(self) -> npt.NDArray[Any]:
        """(N, N), a copy: row i holds what goes into neuron i."""
        return next(iter(self._liquids.values())).recurrent_weights()

    def input_weights(self, inputs: int | None = None) -> npt.NDArray[Any]:
        """(inputs, N), a copy. `inputs` is needed where the configuration leaves it open."""
        count = inputs if inputs is not None else self.config.input_size
        if count is None:
            raise ValueError("inputs: the configuration leaves the number of inputs open; say which")
        return self._liquid(whole(count, "inputs", 0)).input_weights()

    def init_state(self, batch_shape: int | tuple[int, ...] = ()) -> LSMState:
        """At rest, without spikes: for one liquid alone, or for a batch of copies side by side."""
        given = (batch_shape,) if isinstance(batch_shape, (int, np.integer)) else several(batch_shape, "batch_shape", "extents")
        shape = tuple(whole(extent, "batch_shape") for extent in given)
        if any(extent < 0 for extent in shape):
            raise ValueError(f"batch_shape: {shape} has a negative extent")
        parts = next(iter(self._liquids.values())).initial_state(math.prod(shape))
        return _state_of(parts, shape, 0.0)

    def _fit_state(self, state: LSMState | None, batch_shape: tuple[int, ...]) -> LSMState:
        """The state for a batch: one liquid's is that of each copy."""
        if state is None:
            return self.init_state(batch_shape)
        if not isinstance(state, LSMState):
            raise TypeError(f"state: {type(state).__name__} where an LSMState, as init_state() gives it, is expected")
        for name, part in zip(state._fields, state[:4]):
            if not hasattr(part, "shape"):
                raise TypeError(f"state.{name}: {type(part).__name__} where an array, as init_state() gives it, is expected")
        if state.potential.shape[-1] != self.neurons:
            raise ValueError(f"state: one of {state.potential.shape[-1]} neurons, where the liquid has {self.neurons}")
        if state.batch_shape == batch_shape:
            return state
        try:
            potential, refractory, spikes, trace = (np.broadcast_to(part, (*batch_shape, self.neurons)) for part in state[:4])
        except ValueError:
            raise ValueError(f"state: a batch of shape {state.batch_shape} does not fit spikes of a batch of shape {batch_shape}") from None
        return state._replace(potential=potential, refractory=refractory, spikes=spikes, trace=trace)

    def step(self, state: LSMState, spikes: npt.ArrayLike, dt: float = 0.001, t: float | None = None) -> tuple[npt.NDArray[np.bool_], LSMState]:
        """One step.

        Parameters
        ----------
        state
            As :meth:`init_state` or the step before gave it; it is not changed. That of one liquid serves a whole batch.
        spikes
            (…, inputs), not 0 where there is a spike; all axes but the last are the batch's.
        dt
            Of the step [s].
        t
            Time at the start of the step [s]; None: the state's. The dynamics do not depend on it.

        Returns
        -------
        spikes, state
            (…, N) bool, and the state after the step.
        """
        shape = _shape_of(spikes)
        liquid = self._liquid_for(shape, "spikes", "(…, inputs)")
        before = self._fit_state(state, shape[:-1])
        batch = math.prod(shape[:-1])
        _, parts, _ = liquid.advance(before._parts(batch), _shaped(spikes, (1, batch, shape[-1])), real(dt, "dt"), False, False)
        after = _state_of(parts, shape[:-1], (before.time if t is None else real(t, "t")) + dt)
        return after.spikes, after

    @overload
    def process_spike_train(
        self, spikes: npt.ArrayLike, dt: float = ..., state: LSMState | None = ..., *, return_potentials: Literal[False] = ..., packed: Literal[False] = ...
    ) -> tuple[npt.NDArray[np.bool_], LSMState]: ...
    @overload
    def process_spike_train(
        self, spikes: npt.ArrayLike, dt: float = ..., state: LSMState | None = ..., *, return_potentials: Literal[False] = ..., packed: Literal[True]
    ) -> tuple[SpikeArray, LSMState]: ...
    @overload
    def process_spike_train(
        self, spikes: npt.ArrayLike, dt: float = ..., state: LSMState | None = ..., *, return_potentials: Literal[True], packed: bool = ...
    ) -> tuple[Any, LSMState, npt.NDArray[Any]]: ...
    def process_spike_train(
        self, spikes: npt.ArrayLike, dt: float = 0.001, state: LSMState | None = None, *, return_potentials: bool = False, packed: bool = False
    ) -> tuple[Any, LSMState] | tuple[Any, LSMState, npt.NDArray[Any]]:
        """All steps of a spike train in one call, which gives the bits of as many calls of :meth:`step`.

        Parameters
        ----------
        spikes
            (T, …, inputs).
        dt
            Of a step [s].
        state
            To go on from; None: at rest.
        return_potentials
            Whether to give the potentials after each step too.
        packed
            Whether to give the spikes as a :class:`omega.SpikeArray`, a bit each.

        Returns
        -------
        spikes, state[, potentials]
            (T, …, N) bool, the state after the last step, (T, …, N) potentials in thresholds.
        """
        liquid, before, train, shape = self._train(spikes, state)
        wanted = flag(return_potentials, "return_potentials"), flag(packed, "packed")
        raster, parts, potentials = liquid.advance(before._parts(train.shape[1]), train, real(dt, "dt"), *wanted)
        after = _state_of(parts, shape[1:-1], before.time + dt * shape[0])
        raster = _shaped(raster, (*shape[:-1], self.neurons))
        return (raster, after, potentials.reshape(*shape[:-1], self.neurons)) if return_potentials else (raster, after)

    def _train(self, spikes: npt.ArrayLike, state: LSMState | None) -> tuple[_native.Liquid, LSMState, Any, tuple[int, ...]]:
        """The liquid, the state to begin with, the train as (T, batch, inputs), and its own shape."""
        shape = _shape_of(spikes)
        if len(shape) < 2:
            raise ValueError(f"spikes: shape {shape} where (T, …, inputs) is expected")
        liquid = self._liquid_for(shape, "spikes", "(T, …, inputs)")
        before = self._fit_state(state, shape[1:-1])
        batch = math.prod(shape[1:-1])
        return liquid, before, _shaped(spikes, (shape[0], batch, shape[-1])), shape

    def features(self, spikes: npt.ArrayLike, dt: float = 0.001, state: LSMState | None = None) -> npt.NDArray[np.float64]:
        """What a readout sees at the end of each spike train, (T, …, inputs): (…, N), for one decision per train."""
        return self.process_spike_train(spikes, dt, state)[1].trace

    def fit(
        self,
        spikes: npt.ArrayLike,
        targets: npt.ArrayLike,
        *,
        warmup: int = 0,
        regularization: float | None = None,
        dt: float = 0.001,
        state: LSMState | None = None,
    ) -> LiquidStateMachine:
        """Trains the readout by ridge regression in float64 to say `targets` in every step.

        Parameters
        ----------
        spikes
            (T, …, inputs).
        targets
            (T, …, K), or (T, …) for K = 1.
        warmup
            First steps of each train, in which the liquid runs and the readout is not judged.
        regularization
            None: the configuration's.
        dt
            Of a step [s].
        state
            To begin with; None: at rest.

        Returns
        -------
        self
        """
        warmup = whole(warmup, "warmup", 0)
        penalty = real(self.config.regularization if regularization is None else regularization, "regularization")
        liquid, before, train, shape = self._train(spikes, state)
        wanted = np.asarray(targets)
        flat = wanted.shape == shape[:-1]
        if not flat and wanted.shape[:-1] != shape[:-1]:
            raise ValueError(f"targets: shape {wanted.shape} where {shape[:-1]} or {(*shape[:-1], 'K')} is expected")
        outputs = 1 if flat else wanted.shape[-1]
        system = _native.RidgeSystem(self.neurons, outputs)
        liquid.add_run(before._parts(train.shape[1]), train, real(dt, "dt"), wanted.reshape(shape[0], train.shape[1], outputs), warmup, system)
        weights, intercepts = system.solve(penalty)
        self.readout = RidgeReadout(penalty, weights, intercepts, flat)
        return self

    def predict(self, spikes: npt.ArrayLike, dt: float = 0.001, state: LSMState | None = None) -> npt.NDArray[np.float64]:
        """What the readout says in every step of (T, …, inputs): (T, …, K), or (T, …) if it was fitted to such targets. Raises RuntimeError before :meth:`fit`."""
        if self.readout is None or self.readout.weights is None or self.readout.intercepts is None:
            raise RuntimeError("the readout has not been trained; call fit(spikes, targets) first")
        liquid, before, train, shape = self._train(spikes, state)
        said, _ = liquid.predict_run(before._parts(train.shape[1]), train, real(dt, "dt"), self.readout.weights, self.readout.intercepts)
        return said.reshape(shape[:-1]) if self.readout.flat else said.reshape(*shape[:-1], said.shape[-1])

    def analyze_dynamics(self, spikes: npt.ArrayLike | None = None, dt: float = 0.001) -> dict[str, Any]:
        """How the liquid answers B inputs from rest.

        Parameters
        ----------
        spikes
            (T, B, inputs); None: 20 Poisson trains of 40 Hz, 500 steps, as many inputs as the configuration has, or 100.
        dt
            Of a step [s].

        Returns
        -------
        dict
            ``separation``: state_distance / input_distance (Maass et al. 2002), which are root mean squares over pairs of inputs of the distances of filtered spikes
            after the last step, per square root of the elements. ``kernel_rank``: rank of the (B, N) states, the number of inputs that a readout can tell apart
            (Legenstein and Maass 2007). ``firing_rates``: (N,) Hz, with ``mean_firing_rate``, ``firing_rate_std`` and ``silent_fraction``. ``spectral_radius`` and
            ``connectivity`` of the recurrent weights.
        """
        dt = real(dt, "dt")
        if spikes is None:
            inputs = self.config.input_size if self.config.input_size is not None else 100
            spikes = _native.encode_rate(np.full((20, inputs), min(1.0, 40 * dt)), 500, self.config.seed, False)
        shape = _shape_of(spikes)
        if len(shape) != 3:
            raise ValueError(f"spikes: shape {shape} where (T, B, inputs) is expected")
        liquid = self._liquid_for(shape, "spikes", "(T, B, inputs)")
        found: dict[str, Any] = liquid.analyze(spikes, dt)
        found["spectral_radius"] = liquid.spectral_radius
        found["connectivity"] = liquid.synapses / max(1, self.neurons * (self.neurons - 1))
        return found

    def raster(self, steps: int = 200, dt: float = 0.001) -> Plot:
        """A plot of the liquid's spikes under Poisson inputs of 40 Hz."""
        dt = real(dt, "dt")
        inputs = self.config.input_size if self.config.input_size is not None else 100
        spikes, _ = self.process_spike_train(_native.encode_rate(np.full(inputs, min(1.0, 40 * dt)), whole(steps, "steps", 0), self.config.seed, False), dt)
        plot: Plot = raster_plot(spikes, dt, title=f"{self.neurons} neurons, {inputs} inputs of 40 Hz", height=160)
        return plot

    def __repr__(self) -> str:
        defaults = LSMConfig()
        changed = [f"{name}={value!r}" for name, value in asdict(self.config).items() if value != getattr(defaults, name)]
        return f"LiquidStateMachine({', '.join(changed)})" + (" with a trained readout" if self.readout is not None else "")

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{name}</td><td>{getattr(self.config, name)}</td></tr>" for name in ("reservoir_size", "topology", "spectral_radius", "dtype", "seed"))
        readout = "not trained" if self.readout is None else f"{self.readout.outputs} outputs"
        return f"<div><b>LiquidStateMachine</b><table>{rows}<tr><td>readout</td><td>{readout}</td></tr></table>{self.raster().svg}</div>"

    def __getstate__(self) -> dict[str, Any]:
        return {"config": self.config, "given": self._given, "readout": self.readout}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        given = kept["given"]
        recurrent, inputs = given if given is not None else (None, None)
        LiquidStateMachine.__init__(self, kept["config"], recurrent_weights=recurrent, input_weights=inputs)
        self.readout = kept["readout"]
