# SPDX-License-Identifier: Apache-2.0
import pickle
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from reference_lsm import ridge

from omega.spiking import Reservoir, RidgeReadout, delta, latency, mackey_glass, memory_capacity, narma10, nrmse, raster_plot, rate, spike_patterns, trace_plot


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rate(dtype):
    values = np.linspace(0, 1, 12, dtype=dtype).reshape(3, 4)
    spikes = rate(values, steps=20000, seed=1)
    assert spikes.shape == (20000, 3, 4) and spikes.dtype == np.bool_
    np.testing.assert_allclose(spikes.mean(0), values, atol=5 * 0.5 / np.sqrt(20000))
    np.testing.assert_array_equal(spikes[:, :, 0][:, 0], False)
    np.testing.assert_array_equal(rate(values, 5, seed=1), rate(values[::1, ::-1][:, ::-1], 5, seed=1))
    assert np.any(rate(values, 50, seed=1) != rate(values, 50, seed=2))
    np.testing.assert_array_equal(rate(np.broadcast_to(values, (30, 3, 4)), seed=1), rate(values, 30, seed=1))


def test_latency():
    assert latency([1.0, 0.5, 0.0], 5).argmax(0).tolist() == [0, 2, 0]
    assert latency([1.0, 0.5, 0.0], 5).sum(0).tolist() == [1, 1, 0]
    values = np.random.default_rng(0).uniform(0.3, 1, 50)
    at = latency(values, 100, law="logarithmic", tau=20, threshold=0.25).argmax(0)
    np.testing.assert_array_equal(at, np.minimum(99, np.floor(20 * np.log(values / (values - 0.25)) + 0.5)))


def test_delta():
    signal = np.cumsum(np.random.default_rng(1).standard_normal((200, 3)), axis=0)
    change = np.diff(signal, axis=0, prepend=signal[:1])
    np.testing.assert_array_equal(delta(signal, 0.7), change >= 0.7)
    np.testing.assert_array_equal(delta(signal, 0.7, off_spikes=True), np.concatenate([change >= 0.7, change <= -0.7], axis=1))
    assert delta(signal[:, 0], 0.7, off_spikes=True).shape == (200, 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rate([1.5], 3), "values: 1.50+ is not within 0 to 1"),
        (lambda: rate([np.nan], 3), "values: nan is not within 0 to 1"),
        (lambda: rate([0.5], -3), "steps: -3 is negative"),
        (lambda: rate(0.5), "no time axis"),
        (lambda: latency([0.5], 3, law="cubic"), "law: 'cubic' is not 'linear' or 'logarithmic'"),
        (lambda: latency([0.5], 3, threshold=1.0), "threshold: 1.0+ is not within 0 to below 1"),
        (lambda: delta([0.5], 0.0), "threshold: 0.0+ is not above 0"),
        (lambda: Reservoir(10, 2).run(np.ones((5, 3))), r"inputs: shape \(5, 3\) where \(T, …, 2\) is expected"),
        (lambda: Reservoir(10, leak=0.0), "leak: 0.0+ is not above 0 and at most 1"),
        (lambda: RidgeReadout().fit(np.ones((5, 2)), np.ones((4, 2))), r"targets: shape \(4, 2\) where"),
        (lambda: RidgeReadout().fit(np.ones((5, 2)), np.ones(5), warmup=6), "warmup: 6 is not within 0 to the 5 samples"),
        (lambda: mackey_glass(10, 0.05), "tau: 0.05"),
        (lambda: spike_patterns(rate=1e4), "rate: 10000"),
        (lambda: nrmse(np.ones(3), np.ones(4)), r"predicted: shape \(3,\)"),
        (lambda: raster_plot(np.ones(3)), r"spikes: shape \(3,\) where \(T, neurons\) is expected"),
        (lambda: trace_plot(np.ones((3, 9))), "at most 8"),
        (lambda: trace_plot(np.ones(3), x=[1, 2]), r"x: shape \(2,\) where \(3,\) is expected"),
        (lambda: trace_plot(np.ones(2), x=[1, np.inf]), "x: a position that is not finite"),
        (lambda: trace_plot(np.ones(2), 0.001, x=[1, 2]), "x, dt: give one of them"),
        (lambda: trace_plot(np.ones((3, 2)), labels=["one"]), "labels: 1 where 2 are expected"),
    ],
)
def test_what_cannot_be_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("batch", [(), (3,)])
def test_reservoir_follows_the_reference(batch):
    reservoir = Reservoir(60, 2, leak=0.3, bias_scale=0.2, seed=4)
    inputs = np.random.default_rng(0).standard_normal((40, *batch, 2))
    states = reservoir.run(inputs)
    w, w_in = reservoir.recurrent_weights, reservoir.input_weights
    assert np.max(np.abs(np.linalg.eigvals(w))) == pytest.approx(0.9)
    x = np.zeros((*batch, 60))
    for t, u in enumerate(inputs):
        x = 0.7 * x + 0.3 * np.tanh(u @ w_in[:2] + w_in[2] + x @ w.T)
        np.testing.assert_allclose(states[t], x, atol=1e-12)
    np.testing.assert_allclose(reservoir.run(inputs[20:], states[19]), states[20:], atol=1e-12)
    copy = pickle.loads(pickle.dumps(reservoir))
    np.testing.assert_array_equal(copy.run(inputs), states)


def test_readout_is_numpys():
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((300, 40)) + 3, rng.standard_normal((300, 2))
    readout = RidgeReadout(0.5).fit(x, y, warmup=20)
    weights, intercepts = ridge(x[20:], y[20:], 0.5)
    np.testing.assert_allclose(readout.weights, weights, atol=1e-10)
    np.testing.assert_allclose(readout.intercepts, intercepts, atol=1e-9)
    np.testing.assert_allclose(readout.predict(x), x @ weights + intercepts, atol=1e-9)
    with pytest.raises(RuntimeError, match="has not been trained"):
        RidgeReadout().predict(x)


def test_tasks():
    inputs, targets = narma10(300, seed=2)
    u, y = inputs[:, 0], targets[:, 0]
    expected = 0.3 * y[50:-1] + 0.05 * y[50:-1] * np.array([y[t - 9 : t + 1].sum() for t in range(50, 299)]) + 1.5 * u[42:-9] * u[51:] + 0.1
    np.testing.assert_allclose(y[51:], expected, atol=1e-12)
    assert 0.2 < mackey_glass(500).min() < mackey_glass(500).max() < 1.4
    assert 10 < memory_capacity(Reservoir(40, input_scale=0.01), 80, 2000) <= 41
    spikes, labels = spike_patterns(classes=3, samples=9, channels=5, steps=100, jitter=0.0)
    assert spikes.shape == (100, 9, 5) and labels.tolist() == [0, 1, 2] * 3
    np.testing.assert_array_equal(spikes[:, 0], spikes[:, 3])


def test_plots(tmp_path):
    spikes = np.random.default_rng(0).random((100, 20)) < 0.1
    plot = raster_plot(spikes, 0.001, title="a < b")
    drawing = ElementTree.fromstring(plot.svg)
    dots = drawing.find("{http://www.w3.org/2000/svg}path").get("d")
    assert dots.count("M") == spikes.sum()
    assert plot._repr_svg_() == plot.svg and "a &lt; b" in plot.svg
    plot.save(tmp_path / "raster.svg")
    assert (tmp_path / "raster.svg").read_text(encoding="utf-8") == plot.svg
    lines = trace_plot(np.array([[0.0, 1.0], [np.nan, 2.0], [2.0, 3.0]]), labels=["one", "two"])
    paths = ElementTree.fromstring(lines.svg).findall("{http://www.w3.org/2000/svg}path")
    assert [path.get("d").count("M") for path in paths] == [2, 1]  # NaN is a gap
    curve = trace_plot([1.0, 3.0, 2.0], x=[100, 200, 800], x_label="neurons", width=754)  # 700 between the axes' ends
    ends = [float(number) for number in re.findall(r"[ML]([0-9.]+) ", curve.svg)]
    assert ends[1] - ends[0] == pytest.approx(100, abs=1) and ends[2] - ends[0] == pytest.approx(700, abs=1)
    assert ">neurons</text>" in curve.svg and ">800</text>" in curve.svg and "step" not in curve.svg
    for empty in (raster_plot(np.zeros((0, 3))), raster_plot(np.zeros((5, 0))), trace_plot(np.zeros(0)), trace_plot(np.full(4, np.nan))):
        ElementTree.fromstring(empty.svg)
    assert "one of 2 spikes" in raster_plot(np.ones((200, 200))).svg


class Axes:
    """What plots call of matplotlib's axes."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *given, **named: self.calls.append((name, given, named))


def points_of(plot):
    """Lists of (x, y), one for each run of a trace's line."""
    path = re.search('<path d="([^"]*)"', plot.svg).group(1)
    return [[tuple(map(float, point.split())) for point in run.split("L")] for run in path.split("M")[1:]]


def test_long_traces_keep_what_one_sees():
    steps = 200_000
    line = np.sin(np.arange(steps) / 5000)
    line[123_456] = 3.0  # for a single step
    line[50_000:50_010] = np.nan
    before, after = points_of(trace_plot(line, width=654))  # 600 columns
    drawn = before + after
    assert len(drawn) <= 4 * 602 and all(a[0] <= b[0] for a, b in zip(drawn, drawn[1:]))
    assert min(y for _, y in drawn) == 22 and [x for x, y in drawn if y == 22] == [round(44 + 600 * 123_456 / (steps - 1), 1)]
    assert drawn[0] == (44.0, pytest.approx(22 + 188 * 3 / 4, abs=0.1)) and drawn[-1][0] == 644
    assert max(y for _, y in drawn) == 210
    few = points_of(trace_plot(line[:2000], width=654))
    assert len(few[0]) == 2000
    to_and_fro = points_of(trace_plot(np.arange(5000.0), x=np.arange(5000) % 2))
    assert len(to_and_fro[0]) == 5000


def test_traces_to_the_ends_of_the_numbers():
    assert points_of(trace_plot([-1.7e308, 0.0, 1.7e308], width=654)) == [[(44, 210), (344, 116), (644, 22)]]


def test_plots_on_given_axes():
    axes = Axes()
    assert raster_plot(np.eye(3), 0.001, ax=axes) is axes
    assert trace_plot(np.eye(3), ax=axes, labels=list("abc")) is axes
    assert [name for name, _, _ in axes.calls] == ["plot", "set", "plot", "legend", "set"]
    np.testing.assert_array_equal(axes.calls[0][1][1], [0, 1, 2])


@pytest.mark.parametrize("plot", [raster_plot, trace_plot])
@pytest.mark.parametrize(
    "wrong, told",
    [(dict(dt=0), "dt = 0"), (dict(dt=-1.0), "dt = -1.0"), (dict(dt="a"), "dt = 'a'"), (dict(title=None), "title = None"), (dict(width=0), "width = 0"), (dict(height="a"), "height = 'a'")],
)
def test_plots_name_what_is_wrong(plot, wrong, told):
    with pytest.raises((TypeError, ValueError), match=told):
        plot(np.ones((5, 3)), **wrong)


def test_labels_and_values_of_traces_are_checked():
    with pytest.raises(TypeError, match="labels = 'abc'"):
        trace_plot(np.ones((5, 3)), labels="abc")
    with pytest.raises(TypeError, match="values: elements of dtype complex128"):
        trace_plot(np.ones((5, 3)) * 1j)


def test_readouts_are_equal_when_what_they_say_is():
    x = np.random.default_rng(1).normal(size=(20, 3))
    readout, other = RidgeReadout().fit(x, x[:, 0]), RidgeReadout().fit(x, x[:, 0])
    assert readout == other and RidgeReadout() == RidgeReadout()
    assert readout != RidgeReadout() and readout != RidgeReadout().fit(x, x[:, 1]) and readout != "readout"


def test_memory_capacity_of_what_is_no_reservoir():
    with pytest.raises(TypeError, match="reservoir: str"):
        memory_capacity("a", 3)
