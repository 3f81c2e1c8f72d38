# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from omega.agents.reasoning import AudioReasoningCore, TextReasoningCore, VisualReasoningCore


def test_the_documents_shapes():
    rng = np.random.default_rng(42)
    data = [rng.standard_normal((20, 30)), rng.standard_normal((15, 25)), rng.standard_normal((10, 35))]
    cores = [VisualReasoningCore().process, AudioReasoningCore().process, TextReasoningCore().process]
    shapes = [core(each).shape for core, each in zip(cores, data)]
    assert shapes == [(4, 4, 8), (15, 16), (256,)]
    for core, each in zip(cores, data):
        np.testing.assert_array_equal(core(each), core(each.copy(order="F")))


def test_visual_core_finds_the_direction_of_an_edge():
    image = np.zeros((32, 32))
    image[:, 16:] = 1  # brightness changes along x: direction 0
    energy = VisualReasoningCore(orientations=4)(image).sum((0, 1))
    assert energy.argmax() == 0 and energy[1:].max() < 1e-12
    assert VisualReasoningCore(orientations=4)(image.T).sum((0, 1)).argmax() == 2


def test_audio_core_is_a_mel_spectrum():
    rate, frame = 16000, 512
    wave = np.sin(2 * np.pi * 1000 * np.arange(frame) / rate)
    found = AudioReasoningCore(bands=12, frame=frame)(wave)
    window = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(frame) + 0.5) / frame)
    power = np.abs(np.fft.rfft(wave * window)) ** 2
    edges = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + rate / 2 / 700), 14) / 2595) - 1)
    bins = np.arange(frame // 2 + 1) * rate / frame
    bands = np.clip(np.minimum((bins - edges[:-2, None]) / np.diff(edges)[:-1, None], (edges[2:, None] - bins) / np.diff(edges)[1:, None]), 0, None)
    np.testing.assert_allclose(found[0], np.log(bands @ power + 1e-10), rtol=1e-9)


def test_text_core_takes_texts_and_tokens():
    core = TextReasoningCore()
    a, b, c = core("the liquid remembers"), core("the liquid remembered"), core("0123456789")
    assert a @ b > 0.6 > a @ c
    np.testing.assert_array_equal(a, core(b"the liquid remembers"))
    np.testing.assert_array_equal(a, core(np.frombuffer(b"the liquid remembers", np.uint8).astype(np.int64)))
    assert np.linalg.norm(a) == pytest.approx(1)
    assert not core("").any()
    assert a @ core("liquid the remembers") < 1  # order counts


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: VisualReasoningCore()(np.ones(5)), r"images: shape \(5,\) where \(…, height, width\) is expected"),
        (lambda: VisualReasoningCore(cells=0), "cells = 0: it must be an int, at least 1"),
        (lambda: AudioReasoningCore()(np.ones((2, 3, 4))), r"sound: shape \(2, 3, 4\)"),
        (lambda: TextReasoningCore()(np.ones(4)), r"text: float64\(4,\); tokens are integers"),
    ],
)
def test_what_cannot_be_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
