# SPDX-License-Identifier: Apache-2.0
"""Linear readouts, trained by ridge regression in float64.

>>> import numpy as np
>>> from omega.spiking import RidgeReadout
>>> x = np.random.default_rng(0).standard_normal((100, 3))
>>> readout = RidgeReadout(1e-6).fit(x, x @ [1.0, 2.0, 3.0] + 4.0)
>>> readout.predict([[1.0, 1.0, 1.0]]).round(3)
array([10.])
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from omega import _native
from omega._arguments import real, whole

__all__ = ["RidgeReadout"]


@dataclass(eq=False)
class RidgeReadout:
    """outputs = features @ weights + intercepts, fitted to |outputs - targets|^2 + regularization |weights|^2; the intercepts are free.

    Parameters
    ----------
    regularization
        0 or more. Where features depend on each other it must be above 0.
    weights, intercepts
        (F, K) and (K,) float64; None before :meth:`fit`.
    flat
        Whether targets had no axis for K = 1.
    """

    regularization: float = 1e-6
    weights: npt.NDArray[np.float64] | None = None
    intercepts: npt.NDArray[np.float64] | None = None
    flat: bool = False

    def __post_init__(self) -> None:
        real(self.regularization, "regularization", 0)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, RidgeReadout):
            return NotImplemented
        parts: list[tuple[Any, Any]] = [(self.weights, other.weights), (self.intercepts, other.intercepts)]
        same = (np.array_equal(mine, its) for mine, its in parts)
        return self.regularization == other.regularization and self.flat == other.flat and all(same)

    __hash__ = None  # type: ignore[assignment]

    @property
    def outputs(self) -> int:
        """K; 0 before :meth:`fit`."""
        return 0 if self.intercepts is None else len(self.intercepts)

    def fit(self, features: npt.ArrayLike, targets: npt.ArrayLike, *, warmup: int = 0) -> RidgeReadout:
        """Trains on features (S, …, F) and targets (S, …, K), or (S, …) for K = 1, without the first `warmup` of S. Returns itself."""
        x = np.asarray(features)
        y = np.asarray(targets)
        if x.ndim < 2:
            raise ValueError(f"features: shape {x.shape} where (samples, …, features) is expected")
        self.flat = y.shape == x.shape[:-1]
        if self.flat:
            y = y[..., np.newaxis]
        if y.shape[:-1] != x.shape[:-1]:
            raise ValueError(f"targets: shape {y.shape} where {x.shape[:-1]} or {(*x.shape[:-1], 'K')} is expected")
        if not 0 <= whole(warmup, "warmup") <= len(x):
            raise ValueError(f"warmup: {warmup} is not within 0 to the {len(x)} samples")
        system = _native.RidgeSystem(x.shape[-1], y.shape[-1])
        system.add(x[warmup:], y[warmup:])
        self.weights, self.intercepts = system.solve(self.regularization)
        return self

    def predict(self, features: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Outputs (…, K) for features (…, F); (…) where the targets had no axis for K. Raises RuntimeError before :meth:`fit`."""
        if self.weights is None or self.intercepts is None:
            raise RuntimeError("the readout has not been trained; call fit(features, targets) first")
        said: npt.NDArray[Any] = _native.apply_readout(self.weights, self.intercepts, features)
        return said[..., 0] if self.flat else said
