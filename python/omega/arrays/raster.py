# SPDX-License-Identifier: Apache-2.0
"""Small pictures of spikes and matrices, as SVG without any library."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from omega._arguments import whole
from omega._native import EventArray, SparseMatrix, SpikeArray

#: Cells that a picture has at most, across and down.
_ACROSS, _DOWN = 480, 160
#: Steps and neurons that are looked at, at most.
_STEPS, _NEURONS = 20_000, 2_000


def raster_svg(spikes: Any, width: int = 480, height: int = 160) -> str:
    """Spikes over time: steps from left to right, neurons from the bottom up.

    Parameters
    ----------
    spikes : array_like of shape (..., steps, neurons), or (neurons,)
        Of several batches the first is drawn; of many steps or neurons the first 20,000 and 2,000. Where several share a dot, the
        darkness says how many of them are spikes.
    width, height : int
        In pixels.

    Returns
    -------
    str
        An ``<svg>`` element.

    Examples
    --------
    >>> import numpy as np
    >>> raster_svg(np.eye(3, dtype=bool)).count("<path")
    1
    """
    array: Any = spikes.to_spikes() if isinstance(spikes, EventArray) else spikes if isinstance(spikes, SpikeArray) else np.asarray(spikes)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"spikes: elements of dtype {array.dtype}; they must be real numbers")
    width, height = whole(width, "width", 1), whole(height, "height", 1)
    while array.ndim > 2:
        array = array[0] if len(array) else np.zeros(array.shape[1:], bool)
    dense = np.atleast_2d(np.asarray(array[:_STEPS] if array.ndim == 2 else array))
    steps, neurons = array.shape if array.ndim == 2 else dense.shape
    return _picture(np.flipud(dense[:, :_NEURONS].T != 0), width, height, "steps", "neurons", steps, neurons)


def matrix_svg(matrix: SparseMatrix, width: int = 240, height: int = 240) -> str:
    """Where a matrix is not 0: an ``<svg>`` element."""
    rows, columns = matrix.shape
    grid = np.zeros((min(rows, _DOWN) or 1, min(columns, _DOWN) or 1))
    if matrix.nnz:
        row_of = np.repeat(np.arange(rows), np.diff(matrix.indptr))
        np.add.at(grid, (row_of * grid.shape[0] // rows, matrix.indices.astype(np.int64) * grid.shape[1] // columns), 1)
        grid /= grid.max()
    return _picture(grid, width, height, "columns", "rows", columns, rows)


def _picture(cells: NDArray[Any], width: int, height: int, across: str, down: str, columns: int, rows: int) -> str:
    """A dot for each cell that is not 0, in four grades of darkness, one path for each."""
    grid = _shrunk(cells)
    paths = []
    if grid.size:
        wide, high = width / grid.shape[1], height / grid.shape[0]
        grades = np.ceil(grid * 4 / max(grid.max(), 1e-300)).astype(int)
        for grade in range(1, 5):
            places = np.argwhere(grades == grade)
            if len(places):
                dots = "".join(f"M{x * wide:.4g} {y * high:.4g}h{wide:.3g}v{high:.3g}h{-wide:.3g}z" for y, x in places)
                paths.append(f'<path d="{dots}" fill="currentColor" fill-opacity="{grade / 4}"/>')
    label = f"{columns:,} {across}, {rows:,} {down}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{label}" width="{width + 2}" height="{height + 20}" '
        f'viewBox="-1 -1 {width + 2} {height + 20}"><rect width="{width}" height="{height}" fill="none" stroke="currentColor" stroke-opacity="0.4"/>'
        f'{"".join(paths)}<text x="0" y="{height + 15}" font-size="12" font-family="sans-serif" fill="currentColor">{label}</text></svg>'
    )


def _shrunk(cells: NDArray[Any]) -> NDArray[np.float64]:
    """Means over blocks, so that there are no more cells than a picture has."""
    grid = cells.astype(np.float64)
    for axis, most in ((0, _DOWN), (1, _ACROSS)):
        if grid.shape[axis] > most:
            edges = np.arange(most) * grid.shape[axis] // most
            sizes = np.diff(np.append(edges, grid.shape[axis]))
            grid = np.add.reduceat(grid, edges, axis=axis) / sizes.reshape((-1, 1) if axis == 0 else (1, -1))
    return grid
