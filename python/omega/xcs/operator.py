# SPDX-License-Identifier: Apache-2.0
"""Operators: things that turn inputs into outputs by ``forward()``."""

from __future__ import annotations

from typing import Any


class Operator:
    """A thing that turns inputs into outputs by `forward`, which subclasses write.

    ``@xcs.jit`` in front of a subclass makes its ``forward`` traced: calls of other callables in it that do not need each other's results run at once.
    """

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """The operator's work."""
        raise NotImplementedError(f"{type(self).__qualname__} has no forward()")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.forward(*args, **kwargs)

    __call__.__xcs_forwards__ = True  # type: ignore[attr-defined]
