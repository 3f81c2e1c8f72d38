# SPDX-License-Identifier: Apache-2.0
"""Rasters and traces as SVG, which notebooks show and files keep, without a plotting package; on matplotlib's axes where they are given."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from omega import _native
from omega._arguments import real, several, whole

__all__ = ["Plot", "raster_plot", "trace_plot"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 10, 22, 30
_COLOURS = ("#1f5fa8", "#c4442b", "#2f8f4e", "#8a4fa3", "#b07c12", "#1a8a8f", "#666666", "#a8325e")
#: A raster with more spikes than this shows every k-th, which its title says.
_MOST_DOTS = 20000


@dataclass(frozen=True)
class Plot:
    """A drawing: shown by notebooks, written by :meth:`save`."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | Path) -> None:
        """Writes the SVG to a file."""
        Path(path).write_text(self.svg, encoding="utf-8")


def _number(value: float) -> str:
    if abs(value) >= 1e6:
        return f"{value:.3g}"
    return f"{value:.1f}".rstrip("0").rstrip(".") if abs(value) >= 1 else f"{value:.3g}"


def _ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers within [low, high]."""
    if not high > low:
        return [low]
    raw = high / count - low / count  # the difference itself may be beyond all numbers
    magnitude = 10.0 ** np.floor(np.log10(raw))
    step = float(magnitude * min((m for m in (1, 2, 5, 10) if m * magnitude >= raw), default=10))
    first = np.ceil(low / step - 1e-9) * step
    return [float(first + i * step) for i in range(int(high / step - first / step + 1e-9) + 1)]


def _frame(width: int, height: int, title: str, x: tuple[float, float], y: tuple[float, float], x_label: str, y_label: str, body: str) -> Plot:
    """Axes with ticks around a body drawn in the coordinates of :func:`_place`."""
    inner_width, inner_height = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="10">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{inner_width}" height="{inner_height}" fill="none" stroke="#999"/>',
        f'<text x="{_LEFT}" y="{_TOP - 8}" font-size="11">{escape(title)}</text>',
        f'<text x="{width - _RIGHT}" y="{height - 4}" text-anchor="end">{escape(x_label)}</text>',
        f'<text x="2" y="{_TOP - 8}">{escape(y_label)}</text>' if not title else f'<text x="10" y="{_TOP + inner_height / 2}" text-anchor="middle" transform="rotate(-90 10 {_TOP + inner_height / 2})">{escape(y_label)}</text>',
    ]
    for tick in _ticks(*x):
        at = _place(tick, x, _LEFT, inner_width)
        parts.append(f'<text x="{at:.1f}" y="{_TOP + inner_height + 12}" text-anchor="middle">{_number(tick)}</text>')
    for tick in _ticks(*y, 4):
        at = _TOP + inner_height - _place(tick, y, 0, inner_height)
        parts.append(f'<text x="{_LEFT - 4}" y="{at + 3:.1f}" text-anchor="end">{_number(tick)}</text>')
    return Plot("".join((*parts, body, "</svg>")))


def _place(value: Any, span: tuple[float, float], start: float, length: float) -> Any:
    """Where a value, or each of an array, lies on an axis."""
    low, high = span
    if high == low:
        return start + (value - low) * length
    if not math.isfinite(high - low):
        return start + (value / 4 - low / 4) / (high / 4 - low / 4) * length
    return start + (value - low) / (high - low) * length


def _drawn(at: npt.NDArray[Any], line: npt.NDArray[Any], pixels: int) -> npt.NDArray[np.intp]:
    """Which points of a line make its picture: of each run of finite values the first, last, lowest and highest in each column of pixels (Jugel et al. 2014,
    "M4: a visualization-oriented time series data aggregation"). All, where they are few or do not go from left to right."""
    finite = np.isfinite(line)
    points = np.flatnonzero(finite)
    if len(points) <= 4 * pixels or (np.diff(at) < 0).any():
        return points
    runs = np.cumsum(~finite)[points]
    columns = np.floor(_place(at[points], (at[0], at[-1]), 0, pixels))
    begins = np.flatnonzero(np.concatenate(([True], (np.diff(runs) != 0) | (np.diff(columns) != 0))))
    ends = np.append(begins[1:], len(points)) - 1
    by_value = np.lexsort((line[points], np.repeat(np.arange(len(begins)), ends - begins + 1)))
    chosen: npt.NDArray[np.intp] = points[np.unique(np.concatenate((begins, ends, by_value[begins], by_value[ends])))]
    return chosen


def _check_frame(dt: float | None, title: str, width: int, height: int) -> None:
    if dt is not None and not 0 < real(dt, "dt") < math.inf:
        raise ValueError(f"dt = {dt!r}: it must be a time above 0 s, or None")
    if not isinstance(title, str):
        raise TypeError(f"title = {title!r}: it must be a text")
    whole(width, "width", _LEFT + _RIGHT + 1)
    whole(height, "height", _TOP + _BOTTOM + 1)


def raster_plot(spikes: npt.ArrayLike, dt: float | None = None, *, ax: Any = None, title: str = "", width: int = 640, height: int = 240) -> Any:
    """A dot for each spike.

    Parameters
    ----------
    spikes
        (T, N), not 0 where there is a spike.
    dt
        Of a step [s], for an axis in milliseconds; None: in steps.
    ax
        matplotlib axes to draw on, in place of an SVG.
    title
        Above the drawing.
    width, height
        Of the drawing [pixels].

    Returns
    -------
    A :class:`Plot`, or `ax`.
    """
    _check_frame(dt, title, width, height)
    fired = np.asarray(spikes)
    if fired.ndim != 2:
        raise ValueError(f"spikes: shape {fired.shape} where (T, neurons) is expected; choose one of a batch")
    times, neurons = np.nonzero(fired)
    unit = 1.0 if dt is None else dt * 1000
    label = "step" if dt is None else "ms"
    if ax is not None:
        ax.plot(times * unit, neurons, ".", markersize=2, color=_COLOURS[0])
        ax.set(xlabel=label, ylabel="neuron", title=title)
        return ax
    every = -(-len(times) // _MOST_DOTS) if len(times) else 1
    if every > 1:
        title = f"{title} (one of {every} spikes)".strip()
    x_span, y_span = (0.0, fired.shape[0] * unit), (0.0, float(fired.shape[1]))
    inner_width, inner_height = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    size = max(1.0, min(3.0, inner_height / max(1, fired.shape[1])))
    strokes = "".join(
        f"M{_place(t * unit, x_span, _LEFT, inner_width):.1f} {_TOP + inner_height - _place(n + 0.5, y_span, 0, inner_height) - size / 2:.1f}v{size:.1f}"
        for t, n in zip(map(float, times[::every]), map(float, neurons[::every]))
    )
    return _frame(width, height, title, x_span, y_span, label, "neuron", f'<path d="{strokes}" stroke="{_COLOURS[0]}" stroke-width="1.4" fill="none"/>')


def trace_plot(
    values: npt.ArrayLike,
    dt: float | None = None,
    *,
    x: npt.ArrayLike | None = None,
    x_label: str = "",
    ax: Any = None,
    labels: list[str] | None = None,
    title: str = "",
    width: int = 640,
    height: int = 240,
) -> Any:
    """Lines over time: membrane potentials, traces, states, predictions.

    Parameters
    ----------
    values
        (T,) or (T, lines), at most 8 lines without `ax`.
    dt
        Of a step [s], for an axis in milliseconds; None: in steps.
    x, x_label
        (T,) where the values lie on the axis, in place of steps, and what it shows: sizes, doses.
    ax
        matplotlib axes to draw on, in place of an SVG.
    labels
        A name for each line.
    title
        Above the drawing.
    width, height
        Of the drawing [pixels].

    Returns
    -------
    A :class:`Plot`, or `ax`.
    """
    _check_frame(dt, title, width, height)
    lines = _native.as_numbers(values, "values").astype(np.float64, copy=False)
    if lines.ndim == 1:
        lines = lines[:, np.newaxis]
    if lines.ndim != 2:
        raise ValueError(f"values: shape {lines.shape} where (T,) or (T, lines) is expected")
    if labels is not None:
        labels = [str(label) for label in several(labels, "labels", "names")]
    if labels is not None and len(labels) != lines.shape[1]:
        raise ValueError(f"labels: {len(labels)} where {lines.shape[1]} are expected")
    if x is not None and dt is not None:
        raise ValueError("x, dt: give one of them")
    at = np.arange(len(lines)) * (1.0 if dt is None else dt * 1000) if x is None else np.asarray(x, np.float64)
    if at.shape != (len(lines),):
        raise ValueError(f"x: shape {at.shape} where {(len(lines),)} is expected")
    if not np.isfinite(at).all():
        raise ValueError("x: a position that is not finite")
    label = x_label if x is not None else "step" if dt is None else "ms"
    if ax is not None:
        drawn = ax.plot(at, lines)
        if labels is not None:
            ax.legend(drawn, labels)
        ax.set(xlabel=label, title=title)
        return ax
    if lines.shape[1] > len(_COLOURS):
        raise ValueError(f"values: {lines.shape[1]} lines; at most {len(_COLOURS)} can be told apart, choose some: values[:, :{len(_COLOURS)}]")
    finite = lines[np.isfinite(lines)]
    y_span = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    x_span = (float(at.min()), float(at.max())) if len(at) else (0.0, 1.0)
    inner_width, inner_height = width - _LEFT - _RIGHT, height - _TOP - _BOTTOM
    parts = []
    for i in range(lines.shape[1]):
        drawn = _drawn(at, lines[:, i], inner_width)
        gaps = np.cumsum(~np.isfinite(lines[:, i]))[drawn]
        pens = np.where(np.diff(gaps, prepend=-1) != 0, "M", "L")
        across = _place(at[drawn], x_span, _LEFT, inner_width)
        up = _TOP + inner_height - _place(lines[drawn, i], y_span, 0, inner_height)
        strokes = [f"{pen}{x:.1f} {y:.1f}" for pen, x, y in zip(pens.tolist(), across.tolist(), up.tolist())]
        parts.append(f'<path d="{"".join(strokes)}" stroke="{_COLOURS[i]}" fill="none"/>')
        if labels is not None:
            parts.append(f'<text x="{width - _RIGHT - 4}" y="{_TOP + 12 + 12 * i}" text-anchor="end" fill="{_COLOURS[i]}">{escape(labels[i])}</text>')
    return _frame(width, height, title, x_span, y_span, label, "", "".join(parts))
