# SPDX-License-Identifier: Apache-2.0
"""Every block of Python in the pages and in the README runs, in order, as one program."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run_blocks(page: Path) -> int:
    """Runs them in order; gives how many there are."""
    text = page.read_text()
    names: dict[str, object] = {"__name__": "page"}
    blocks = list(re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    for block in blocks:
        # Lines count as in the page, for messages.
        code = "\n" * text.count("\n", 0, block.start(1)) + block[1]
        exec(compile(code, str(page), "exec"), names)
    return len(blocks)


def test_the_readme_prints_what_it_shows(capsys):
    assert run_blocks(ROOT / "README.md") == 1
    said = capsys.readouterr().out
    shown = re.search(r"^```python\n.*?^```\n\n```\n(.*?)^```", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert shown is not None
    # The first line ends with a time.
    assert said.splitlines()[0].startswith("['READY?', 'READY?'] ")
    assert said.splitlines()[1:] == shown[1].splitlines()[1:]


@pytest.mark.parametrize("page", ["liquids.md", "xcs.md"])
def test_the_blocks_of_other_pages_run(page):
    assert run_blocks(ROOT / "docs" / page) >= 1


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_blocks(ROOT / "docs" / "python.md") >= 6
    said = capsys.readouterr().out
    for expected in ("(10, 50)\n(10, 50)\n42\n", "499500\n", "E0601 race.omega 2 23", "done {'evm'", "(100, 200) (100,)", "int64 (10, 50) float64", "['A QUESTION', 'A Question']"):
        assert expected in said
