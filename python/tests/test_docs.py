# SPDX-License-Identifier: Apache-2.0
"""Every block of Python in docs/python.md runs, in order, as one program."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"


def test_the_blocks_of_the_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    text = PAGE.read_text()
    names: dict[str, object] = {}
    blocks = list(re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
    assert len(blocks) >= 6
    for block in blocks:
        # Lines count as in the page, for messages.
        code = "\n" * text.count("\n", 0, block.start(1)) + block[1]
        exec(compile(code, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    for expected in ("(10, 50)\n(10, 50)\n42\n", "499500\n", "E0601 race.omega 2 23", "done {'evm'", "(100, 200) (100,)", "int64 (10, 50) float64"):
        assert expected in said
