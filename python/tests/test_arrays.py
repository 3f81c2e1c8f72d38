# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest

from omega import _native


def test_views_name_type_and_shape():
    assert _native.describe(np.zeros((3, 4), np.float32)) == "float32(3, 4)"
    assert _native.describe([True, False]) == "bool(2,)"


def test_other_element_types_are_refused_by_name():
    with pytest.raises(TypeError, match="object: elements of dtype complex128"):
        _native.describe(np.zeros(3, np.complex128))
