# SPDX-License-Identifier: Apache-2.0
import pickle
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from reference_lsm import Reference, ridge

from omega import EventArray, SpikeArray
from omega.core.liquid_state_machine import LiquidStateMachine, LSMConfig, LSMState
from omega.spiking import Reservoir, RidgeReadout, nrmse, rate

INPUTS = 15


@pytest.fixture(scope="module")
def lsm():
    return LiquidStateMachine(LSMConfig(reservoir_size=120, input_size=INPUTS, dtype="float64", seed=3))


def poisson(steps, *batch, seed=0, probability=0.2, inputs=INPUTS):
    return rate(np.full((*batch, inputs), probability), steps, seed=seed)


def reference(lsm, **changes):
    return Reference(lsm.recurrent_weights, lsm.input_weights(), **changes)


@pytest.mark.parametrize("topology", ["random", "distance", "small_world"])
@pytest.mark.parametrize("dt", [0.001, 0.0005])
def test_it_follows_the_reference(topology, dt):
    lsm = LiquidStateMachine(reservoir_size=120, input_size=INPUTS, dtype="float64", topology=topology, seed=5)
    train = poisson(400, seed=1)
    spikes, state, potentials = lsm.process_spike_train(train, dt, return_potentials=True)
    expected_spikes, expected_potentials, expected_traces = reference(lsm, dt=dt).run(train)
    assert expected_spikes.sum() > 100
    np.testing.assert_array_equal(spikes, expected_spikes)
    np.testing.assert_allclose(potentials, expected_potentials, atol=1e-12)
    np.testing.assert_allclose(state.trace, expected_traces[-1], atol=1e-12)
    assert state.time == pytest.approx(400 * dt)


def test_drawn_weights(lsm):
    weights = lsm.recurrent_weights
    assert weights.shape == (120, 120) and weights.dtype == np.float64
    assert np.max(np.abs(np.linalg.eigvals(weights))) == pytest.approx(0.95, abs=1e-8)
    assert not np.any(np.diag(weights))
    excitatory, inhibitory = np.any(weights > 0, axis=0), np.any(weights < 0, axis=0)
    assert not np.any(excitatory & inhibitory)  # the sign is the presynaptic neuron's: one per column
    assert excitatory.sum() == 96
    assert lsm.input_weights().shape == (INPUTS, 120)


def test_step_gives_spikes_and_state(lsm):
    train = poisson(60, seed=2)
    at_once, last = lsm.process_spike_train(train)
    state = lsm.init_state()
    for t, spikes in enumerate(train):
        before = pickle.dumps(state)
        fired, after = lsm.step(state, spikes, dt=0.001, t=t * 0.001)
        assert pickle.dumps(state) == before  # a state is a value
        np.testing.assert_array_equal(fired, at_once[t])
        np.testing.assert_array_equal(fired, after.spikes)
        state = after
    for name in ("potential", "refractory", "spikes", "trace"):
        np.testing.assert_array_equal(getattr(state, name), getattr(last, name))
    assert state.time == pytest.approx(0.06)


def test_the_documents_processing_function():
    lsm = LiquidStateMachine()

    def process_lsm_batch(spike_batch):
        state = lsm.init_state()
        return lsm.step(state, spike_batch, dt=0.001, t=0.0)

    batches = [np.random.default_rng(seed).random((10, 100, 50)) < 0.1 for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(process_lsm_batch, batches))
    for batch, (spikes, state) in zip(batches, results):
        assert spikes.shape == (10, 100, 1000) and isinstance(state, LSMState)
        np.testing.assert_array_equal(spikes, process_lsm_batch(batch)[0])
        # An element of the batch is a step of its own.
        np.testing.assert_array_equal(lsm.step(lsm.init_state(), batch[3, 7])[0], spikes[3, 7])


def test_batches_are_copies_side_by_side(lsm):
    train = poisson(50, 2, 3, seed=4)
    spikes, state = lsm.process_spike_train(train)
    assert spikes.shape == (50, 2, 3, 120) and state.batch_shape == (2, 3)
    alone, last = lsm.process_spike_train(train[:, 1, 2])
    np.testing.assert_array_equal(spikes[:, 1, 2], alone)
    np.testing.assert_array_equal(state.trace[1, 2], last.trace)
    more, _ = lsm.process_spike_train(train, state=state)
    np.testing.assert_array_equal(more[:, 1, 2], lsm.process_spike_train(train[:, 1, 2], state=last)[0])


def test_an_input_does_not_depend_on_the_others():
    lsm = LiquidStateMachine(reservoir_size=80, seed=2)
    np.testing.assert_array_equal(lsm.input_weights(5), lsm.input_weights(9)[:5])
    train = poisson(30, inputs=5)
    padded = np.concatenate([train, np.zeros((30, 4), bool)], axis=1)
    np.testing.assert_array_equal(lsm.process_spike_train(train)[0], lsm.process_spike_train(padded)[0])


@pytest.mark.parametrize("make", [np.asarray, lambda a: a.astype(np.float32), lambda a: a.astype(np.int64), lambda a: a.tolist(), np.asfortranarray, lambda a: np.repeat(a, 2, axis=0)[::2], SpikeArray, EventArray.from_dense])
def test_spikes_of_any_kind(lsm, make):
    train = poisson(20, seed=6)
    np.testing.assert_array_equal(lsm.process_spike_train(make(train))[0], lsm.process_spike_train(train)[0])


def test_spikes_stay_packed(lsm):
    train = rate(np.full((2, 3, INPUTS), 0.2), 20, seed=6, packed=True)
    packed, state = lsm.process_spike_train(train, packed=True)
    assert isinstance(train, SpikeArray) and isinstance(packed, SpikeArray)
    dense, _ = lsm.process_spike_train(np.asarray(train))
    np.testing.assert_array_equal(packed, dense)
    np.testing.assert_array_equal(lsm.step(lsm.init_state(), train[0])[0], dense[0])


def test_empty_and_single(lsm):
    spikes, state = lsm.process_spike_train(np.zeros((0, INPUTS)))
    assert spikes.shape == (0, 120) and state.time == 0
    assert lsm.process_spike_train(np.zeros((4, 0, INPUTS)))[0].shape == (4, 0, 120)
    one = LiquidStateMachine(reservoir_size=1, input_size=1, input_connectivity=1.0, input_weight_scale=0.0)
    assert not one.process_spike_train(np.ones((5, 1)))[0].any()


def test_readout_is_that_of_the_reference(lsm):
    train, rng = poisson(900, seed=7), np.random.default_rng(0)
    targets = rng.standard_normal((900, 2))
    lsm.fit(train, targets, warmup=50, regularization=0.3)
    _, _, traces = reference(lsm).run(train)
    weights, intercepts = ridge(traces[50:], targets[50:], 0.3)
    np.testing.assert_allclose(lsm.readout.weights, weights, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(lsm.readout.intercepts, intercepts, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(lsm.predict(train), traces @ weights + intercepts, atol=1e-7)


def test_readout_of_a_batch_and_flat_targets(lsm):
    train, rng = poisson(200, 3, seed=8), np.random.default_rng(0)
    targets = rng.standard_normal((200, 3))
    assert lsm.fit(train, targets, warmup=10) is lsm
    traces = np.stack([reference(lsm).run(train[:, b])[2] for b in range(3)], axis=1)
    weights, intercepts = ridge(traces[10:].reshape(-1, 120), targets[10:].reshape(-1, 1), lsm.config.regularization)
    said = lsm.predict(train)
    assert said.shape == (200, 3)
    np.testing.assert_allclose(said, (traces @ weights + intercepts)[..., 0], atol=1e-7)


def test_it_remembers_its_input():
    """The number of input spikes in the last 20 steps, on steps it has not seen: far better than from the inputs of the moment."""
    lsm = LiquidStateMachine(reservoir_size=300, input_size=10, seed=1)
    rates = 0.05 + 0.1 * (1 + np.sin(np.arange(5000) / 40))
    train = rate(np.repeat(rates[:, None], 10, axis=1), seed=1)
    wanted = np.convolve(train.sum(1), np.ones(20), "full")[:5000] / 200
    said = lsm.fit(train[:4000], wanted[:4000], warmup=100).predict(train)
    from_the_moment = RidgeReadout().fit(train[:4000], wanted[:4000]).predict(train)
    errors = [nrmse(each[4000:], wanted[4000:]) for each in (said, from_the_moment)]
    assert errors[0] < 0.6 and errors[1] > 0.8, errors


def test_plasticity():
    lsm = LiquidStateMachine(reservoir_size=60, input_size=INPUTS, plasticity=True, highest_weight=0.4, seed=1)
    train = poisson(300, seed=9, probability=0.4)
    state = lsm.init_state()
    _, after = lsm.process_spike_train(train, state=state)
    np.testing.assert_array_equal(state.weights, lsm.recurrent_weights)
    assert np.any(after.weights != state.weights)
    assert np.all(after.weights * state.weights >= 0)
    assert np.abs(after.weights).max() <= max(0.4, np.abs(state.weights).max())
    half = lsm.process_spike_train(train[150:], state=lsm.process_spike_train(train[:150])[1])[1]
    np.testing.assert_array_equal(half.weights, after.weights)
    with pytest.raises(ValueError, match="batch of 2"):
        lsm.process_spike_train(poisson(3, 2))


def test_dynamics(lsm):
    found = lsm.analyze_dynamics(poisson(150, 8, seed=10))
    assert found["kernel_rank"] == 8
    assert found["firing_rates"].shape == (120,)
    spikes, state = lsm.process_spike_train(poisson(150, 8, seed=10))
    np.testing.assert_allclose(found["firing_rates"], spikes.sum((0, 1)) / (150 * 8 * 0.001))
    assert found["mean_firing_rate"] == pytest.approx(found["firing_rates"].mean())
    assert found["firing_rate_std"] == pytest.approx(found["firing_rates"].std())
    pairs = [np.sum((state.trace[a] - state.trace[b]) ** 2) for a in range(8) for b in range(a)]
    assert found["state_distance"] == pytest.approx(np.sqrt(np.mean(pairs) / 120))
    assert found["separation"] == pytest.approx(found["state_distance"] / found["input_distance"])
    assert found["spectral_radius"] == pytest.approx(0.95)
    assert found["connectivity"] == pytest.approx(np.count_nonzero(lsm.recurrent_weights) / (120 * 119))
    assert LiquidStateMachine(reservoir_size=50).analyze_dynamics()["kernel_rank"] > 1


def test_given_weights():
    recurrent, inputs = np.array([[0.0, 0.6], [0.0, 0.0]]), np.array([[0.0, 2.0]])
    lsm = LiquidStateMachine(recurrent_weights=recurrent, input_weights=inputs, dtype="float64", threshold=0.5, refractory_period=0.0)
    spikes, _ = lsm.process_spike_train(np.array([[1], [0], [0]]))
    assert spikes.tolist() == [[False, True], [True, False], [False, False]]
    assert lsm.neurons == 2 and lsm.config.input_size == 1


@pytest.mark.parametrize("given", [False, True])
def test_pickling(lsm, given):
    made = lsm
    if given:
        made = LiquidStateMachine(recurrent_weights=lsm.recurrent_weights * 0.5, input_weights=lsm.input_weights(), dtype="float64")
    train = poisson(100, seed=11)
    made.fit(train, np.arange(100.0), regularization=1.0)
    spikes, state = made.process_spike_train(train)
    copy, state_copy = pickle.loads(pickle.dumps((made, state)))
    assert copy.config == made.config
    np.testing.assert_array_equal(copy.predict(train), made.predict(train))
    np.testing.assert_array_equal(copy.process_spike_train(train, state=state_copy)[0], made.process_spike_train(train, state=state)[0])


def test_the_same_seed_is_the_same_liquid():
    a, b, c = (LiquidStateMachine(reservoir_size=90, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(a.recurrent_weights, b.recurrent_weights)
    assert np.any(a.recurrent_weights != c.recurrent_weights)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda m: m.step(m.init_state(), np.ones(14)), r"spikes: shape \(14,\) where \(…, inputs\) with 15 inputs is expected; LSMConfig\(input_size=14\)"),
        (lambda m: m.process_spike_train(np.ones(15)), r"spikes: shape \(15,\) where \(T, …, inputs\) is expected"),
        (lambda m: m.step(m.init_state(3), np.ones((2, 15))), r"state: a batch of shape \(3,\) does not fit spikes of a batch of shape \(2,\)"),
        (lambda m: m.step(LiquidStateMachine(reservoir_size=9).init_state(), np.ones(15)), "state: one of 9 neurons, where the liquid has 120"),
        (lambda m: m.step(m.init_state(), np.ones(15), dt=0.0), "dt: 0.0+ is not a time above 0 s"),
        (lambda m: m.fit(np.ones((9, 15)), np.ones((8, 1))), r"targets: shape \(8, 1\) where \(9,\) or \(9, 'K'\) is expected"),
        (lambda m: m.fit(np.ones((9, 15)), np.ones(9), warmup=10), "warmup: 10 is not within 0 to the 9 steps"),
        (lambda m: m.fit(np.ones((9, 15)), np.full(9, np.nan)), "targets: an element is nan"),
        (lambda m: m.fit(np.ones((9, 15)), np.ones(9), regularization=-1), "regularization: -1.0+ is not a number from 0 on"),
        (lambda m: m.fit(np.zeros((9, 15)), np.ones(9), regularization=0), "regularization: 0.0+ is too small"),
        (lambda m: m.analyze_dynamics(np.ones((9, 15))), r"spikes: shape \(9, 15\) where \(T, B, inputs\) is expected"),
        (lambda m: m.init_state(-1), r"batch_shape: \(-1,\) has a negative extent"),
        (lambda m: LiquidStateMachine(reservoir_size=0), "reservoir_size: 0 is not within 1 to"),
        (lambda m: LiquidStateMachine(reservoir_size=9, connectivity=2.0), "connectivity: 2.0+ is not within 0 to 1"),
        (lambda m: LiquidStateMachine(reservoir_size=9, topology="ring"), "topology: 'ring' is not one of 'random', 'distance', 'small_world'"),
        (lambda m: LiquidStateMachine(reservoir_size=9, dtype="int8"), "dtype: 'int8' is not 'float32' or 'float64'"),
        (lambda m: LiquidStateMachine(reservoir_size=9, grid=(2, 2, 2)), r"grid: \(2, 2, 2\) does not hold 9 neurons"),
        (lambda m: LiquidStateMachine(recurrent_weights=np.ones((2, 3)), input_weights=np.ones((1, 2))), "matrix: 2 x 3 is not square"),
        (lambda m: LiquidStateMachine(recurrent_weights=np.ones((2, 2))), "give both or none"),
    ],
)
def test_what_cannot_be_is_named(lsm, call, message):
    with pytest.raises(ValueError, match=message):
        call(lsm)


def test_types_are_named(lsm):
    with pytest.raises(TypeError, match="state: dict where an LSMState"):
        lsm.process_spike_train(np.ones((2, 15)), state={})
    with pytest.raises(TypeError, match="size: LSMConfig has no such field"):
        LiquidStateMachine(size=3)
    with pytest.raises(TypeError, match="tau_membrane = 'long': it must be a number"):
        LiquidStateMachine(reservoir_size=3, tau_membrane="long")
    with pytest.raises(TypeError, match="state.potential: dtype float32 where float64 is expected"):
        state = lsm.init_state()
        lsm.step(state._replace(potential=state.potential.astype(np.float32)), np.ones(15))
    with pytest.raises(RuntimeError, match="has not been trained"):
        LiquidStateMachine(reservoir_size=3, input_size=2).predict(np.ones((4, 2)))


def test_descriptions(lsm):
    assert repr(LiquidStateMachine(reservoir_size=50, seed=2)) == "LiquidStateMachine(reservoir_size=50, seed=2)"
    assert repr(lsm.init_state()) == "LSMState(neurons=120, batch=(), time=0 s, firing=0)"
    page = lsm._repr_html_()
    assert "<td>reservoir_size</td><td>120</td>" in page
    svg = page[page.index("<svg") : page.index("</svg>") + 6]
    assert ElementTree.fromstring(svg).find("{http://www.w3.org/2000/svg}path").get("d").startswith("M")


@pytest.mark.parametrize("seed", range(20))
def test_random_liquids_follow_the_reference(seed):
    """Sizes around the words of packed spikes, any batch, strides and parameters."""
    rng = np.random.default_rng(seed)
    neurons, inputs = int(rng.choice([1, 2, 63, 64, 65, 127, 200])), int(rng.choice([1, 3, 64, 65, 90]))
    config = LSMConfig(
        reservoir_size=neurons,
        input_size=inputs,
        topology=str(rng.choice(["random", "distance", "small_world"])),
        connectivity=float(rng.choice([0.0, 0.1, 0.5, 1.0])),
        spectral_radius=float(rng.uniform(0, 1.5)),
        excitatory_ratio=float(rng.uniform(0, 1)),
        input_weight_scale=float(rng.uniform(0.1, 1)),
        tau_membrane=float(rng.uniform(0.002, 0.1)),
        refractory_period=float(rng.choice([0.0, 0.0015, 0.004])),
        rest=float(rng.choice([0.0, -0.2])),
        reset=float(rng.choice([0.0, -0.5])),
        dtype="float64",
        seed=seed,
    )
    lsm, steps, batch, dt = LiquidStateMachine(config), int(rng.integers(1, 120)), int(rng.integers(1, 4)), float(rng.choice([0.001, 0.0005]))
    train = (rng.random((steps, 2 * batch, inputs)) < rng.uniform(0, 0.5))[:, ::-2]
    spikes, state, potentials = lsm.process_spike_train(train, dt, return_potentials=True)
    for b in range(batch):
        model = reference(lsm, dt=dt, **{name: getattr(config, name) for name in ("tau_membrane", "refractory_period", "rest", "reset", "threshold", "tau_readout")})
        expected_spikes, expected_potentials, expected_traces = model.run(train[:, b])
        np.testing.assert_array_equal(spikes[:, b], expected_spikes)
        np.testing.assert_allclose(potentials[:, b], expected_potentials, atol=1e-10)
        np.testing.assert_allclose(state.trace[b], expected_traces[-1], atol=1e-10)
        np.testing.assert_array_equal(state.refractory[b], model.wait)


@pytest.mark.parametrize(
    "field, value", [("plasticity", 1), ("plasticity", None), ("regularization", "a"), ("regularization", -1), ("depression", "a"), ("tau_potentiation", float("nan")), ("highest_weight", None)]
)
def test_fields_of_what_is_off_are_checked_too(field, value):
    with pytest.raises((TypeError, ValueError), match=field):
        LSMConfig(**{field: value})


def test_a_potential_that_is_no_number_is_named():
    with pytest.raises(ValueError, match="rest: nan"):
        LiquidStateMachine(reservoir_size=10, rest=float("nan"))


def test_parts_of_a_state_that_are_no_arrays_are_named():
    liquid = LiquidStateMachine(reservoir_size=10, seed=1)
    state = liquid.init_state()
    for field in ("potential", "refractory", "spikes", "trace"):
        wrong = state._replace(**{field: [0.0] * 10})
        assert "neurons=10" in repr(wrong)
        with pytest.raises(TypeError, match=f"state.{field}: list"):
            liquid.step(wrong, np.ones(3))


@pytest.mark.parametrize("make", [lambda: Reservoir(10**7), lambda: LiquidStateMachine(reservoir_size=10**7), lambda: LiquidStateMachine(reservoir_size=1000, input_size=10**12)])
def test_more_connections_than_memory_holds_are_refused_before_they_are_drawn(make):
    with pytest.raises(MemoryError, match="reservoir_size.* connections take .* GB, and the machine has"):
        make()


@pytest.mark.parametrize(
    "call, told",
    [
        (lambda liquid, x: liquid.fit(x, x, warmup=1.5), "warmup = 1.5"),
        (lambda liquid, x: liquid.fit(x, x, regularization="a"), "regularization = 'a'"),
        (lambda liquid, x: liquid.input_weights("a"), "inputs = 'a'"),
        (lambda liquid, x: liquid.process_spike_train(x, return_potentials="a"), "return_potentials = 'a'"),
        (lambda liquid, x: liquid.process_spike_train(x, packed=1), "packed = 1"),
        (lambda liquid, x: liquid.raster("a"), "steps = 'a'"),
        (lambda liquid, x: liquid.init_state("a"), "batch_shape = 'a'"),
        (lambda liquid, x: liquid.init_state(1.5), "batch_shape = 1.5"),
        (lambda liquid, x: liquid.init_state((2, -1)), "has a negative extent"),
        (lambda liquid, x: LiquidStateMachine(recurrent_weights=np.eye(3) * 1j, input_weights=np.eye(3)), "recurrent_weights: elements of dtype complex128"),
        (lambda liquid, x: LiquidStateMachine(recurrent_weights=np.eye(3), input_weights="a"), "input_weights: elements of dtype <U1"),
    ],
)
def test_what_a_liquid_is_given_is_checked_by_name(call, told):
    with pytest.raises((TypeError, ValueError), match=told):
        call(LiquidStateMachine(reservoir_size=10, seed=1), np.ones((5, 3)))


def test_batch_shapes_of_numpys_integers():
    assert LiquidStateMachine(reservoir_size=10, seed=1).init_state(np.int64(2)).batch_shape == (2,)
