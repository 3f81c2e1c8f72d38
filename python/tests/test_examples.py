# SPDX-License-Identifier: Apache-2.0
"""The examples run and print what stands beside them, `...` for what differs from run to run; their pages can be made."""

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest

import omega

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "python"
PACKAGE_FOLDER = Path(omega._native.__file__).parents[1]
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))


def run(*command):
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE_FOLDER)}
    ended = subprocess.run([sys.executable, "-B", *map(str, command)], capture_output=True, text=True, env=environment)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("name", NAMES)
def test_what_an_example_prints(name):
    printed = run(EXAMPLES / f"{name}.py")
    expected = (EXAMPLES / f"{name}.expected").read_text()
    checker = doctest.OutputChecker()
    example = doctest.Example("", expected)
    assert checker.check_output(expected, printed, doctest.ELLIPSIS), checker.output_difference(example, printed, doctest.ELLIPSIS | doctest.REPORT_NDIFF)


def test_pages_show_text_code_output_and_plots(tmp_path):
    run(EXAMPLES / "make_page", "--output", tmp_path, "liquid_state_machine", "spike_processing", "strategies")
    page = (tmp_path / "liquid_state_machine.html").read_text()
    assert page.count("<svg") == 3 and "<h1>Liquid state machines</h1>" in page
    assert '<pre class="output">True</pre>' in page
    assert "SpikeArray(shape=(10, 100, 50)" in (tmp_path / "spike_processing.html").read_text()
    assert 'href="strategies.html"' in (tmp_path / "index.html").read_text()


def test_a_page_of_a_failing_example_says_so(tmp_path):
    for name in ("make_page", "failing.py"):
        text = (EXAMPLES / name).read_text() if name == "make_page" else "# %%\nprint(1)\n\n# %%\nraise LookupError('x')\n"
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-B", tmp_path / "make_page", "--output", tmp_path]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 1 and "LookupError: x" in ended.stderr
    assert "LookupError: x" in (tmp_path / "failing.html").read_text()
