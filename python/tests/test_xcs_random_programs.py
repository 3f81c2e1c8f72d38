# SPDX-License-Identifier: Apache-2.0
"""Random programs do under `xcs.jit` what they do as they are written; `fuzz_traced_effects.py` runs as many as one likes."""

from __future__ import annotations

import pytest
from fuzz_traced_effects import difference_of
from traced_programs import Program


@pytest.mark.parametrize("own_objects", [False, True])
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_random_programs_have_the_effects_that_they_have_without_tracing(first: int, own_objects: bool) -> None:
    for seed in range(first, first + 20):
        assert difference_of(Program(seed, own_objects=own_objects)) == "", f"seed {seed}"


def test_what_a_repeated_body_computes_with_numbers_is_not_taken_for_its_arrays() -> None:
    seed = 46662
    assert difference_of(Program(seed, own_objects=False)) == "", f"seed {seed}"
