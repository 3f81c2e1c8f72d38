# SPDX-License-Identifier: Apache-2.0
"""Reasoning cores: the first features of images, sounds and texts. Any other callable is a core as well.

>>> import numpy as np
>>> from omega.agents.reasoning import VisualReasoningCore
>>> VisualReasoningCore().process(np.arange(600.0).reshape(20, 30)).shape
(4, 4, 8)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from omega import _native
from omega._arguments import real, whole

__all__ = ["AudioReasoningCore", "TextReasoningCore", "VisualReasoningCore"]


@dataclass(frozen=True)
class VisualReasoningCore:
    """Oriented edge energies, pooled over a grid of cells (histograms of oriented gradients: Dalal and Triggs 2005).

    Parameters
    ----------
    cells
        Rows and columns of the grid.
    orientations
        Directions, from 0 to below 180 degrees.
    """

    cells: int = 4
    orientations: int = 8

    def __post_init__(self) -> None:
        whole(self.cells, "cells", 1)
        whole(self.orientations, "orientations", 1)

    def process(self, data: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Images (…, height, width) to (…, cells, cells, orientations), of length 1 for each image that has an edge. Runs without the interpreter's lock."""
        return _native.visual_features(data, self.cells, self.orientations)

    __call__ = process


@dataclass(frozen=True)
class AudioReasoningCore:
    """Logarithms of mel-band energies of short-time spectra (Davis and Mermelstein 1980).

    Parameters
    ----------
    bands
        Of the mel scale, from 0 to half the sample rate.
    sample_rate
        [Hz]
    frame, hop
        Samples of a frame, and between frames, where a wave is cut.
    """

    bands: int = 16
    sample_rate: float = 16000.0
    frame: int = 400
    hop: int = 160

    def __post_init__(self) -> None:
        for name in ("bands", "frame", "hop"):
            whole(getattr(self, name), name, 1)
        real(self.sample_rate, "sample_rate", 0)

    def process(self, data: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """A wave (samples,), or frames (frames, samples), to (frames, bands). Runs without the interpreter's lock."""
        return _native.audio_features(data, self.bands, self.sample_rate, self.frame, self.hop)

    __call__ = process


@dataclass(frozen=True)
class TextReasoningCore:
    """Hashed n-grams of tokens (feature hashing: Weinberger et al. 2009).

    Parameters
    ----------
    features
        Length of the vector.
    longest
        Tokens of the longest n-gram.
    """

    features: int = 256
    longest: int = 3

    def __post_init__(self) -> None:
        whole(self.features, "features", 1)
        whole(self.longest, "longest", 1)

    def process(self, data: str | bytes | npt.ArrayLike) -> npt.NDArray[np.float64]:
        """A text, or tokens (count,) of integers, or vectors of tokens (count, width), to (features,), of length 1 unless it is empty.

        A text's tokens are the bytes of its UTF-8. A vector becomes the token that says on which sides of 16 random planes it lies (Charikar 2002), so that like vectors
        share tokens. Runs without the interpreter's lock.
        """
        tokens: Any = data
        if isinstance(data, str):
            tokens = np.frombuffer(data.encode(), np.uint8)
        elif isinstance(data, bytes):
            tokens = np.frombuffer(data, np.uint8)
        return _native.text_features(tokens, self.features, self.longest)

    __call__ = process
