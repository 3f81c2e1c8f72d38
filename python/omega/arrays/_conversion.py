# SPDX-License-Identifier: Apache-2.0
"""Matrices as they are given, dense or sparse, as the ones that the C++ side takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from omega._native import SparseMatrix


def sparse_or_given(matrix: Any) -> Any:
    """SciPy's sparse matrices as a SparseMatrix; all else as it is."""
    return SparseMatrix(matrix) if hasattr(matrix, "tocsr") and hasattr(matrix, "nnz") else matrix


def in_type(matrix: Any, dtype: np.dtype[Any]) -> Any:
    """The same matrix in a floating type, dense or sparse as it is."""
    if matrix.dtype == dtype:
        return matrix
    if isinstance(matrix, SparseMatrix):
        return SparseMatrix(matrix.shape, matrix.indptr, matrix.indices, matrix.data.astype(dtype))
    return matrix.astype(dtype)
