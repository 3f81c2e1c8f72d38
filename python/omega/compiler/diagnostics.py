# SPDX-License-Identifier: Apache-2.0
"""What the compiler has to say about a program."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from omega.compiler.program import Compiled


@dataclass(frozen=True)
class Note:
    """More about a diagnostic, and its place where it has one."""

    message: str
    file: str | None = None
    line: int = 0
    column: int = 0


@dataclass(frozen=True)
class Diagnostic:
    """One thing that the compiler says.

    Attributes
    ----------
    code : str
        Stable, ``"E0601"``; ``omega explain CODE`` says more.
    severity : str
        ``"error"``, ``"warning"`` or ``"note"``.
    file : str or None
        Path as it was given; None where there is no place.
    line, column, end_line, end_column : int
        From 1; 0 where there is no place.
    help : str
        What would help; may be empty.
    """

    code: str
    severity: str
    message: str
    file: str | None
    line: int
    column: int
    end_line: int
    end_column: int
    notes: tuple[Note, ...]
    help: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.file is not None else ""
        return f"{place}{self.severity}[{self.code}]: {self.message}"


def read_diagnostics(lines: str) -> tuple[Diagnostic, ...]:
    """Diagnostics as `omega --message-format json` prints them, one a line."""
    return tuple(_diagnostic(json.loads(line)) for line in lines.splitlines())


def _diagnostic(fields: Mapping[str, Any]) -> Diagnostic:
    notes = tuple(Note(note["message"], note["file"], note["line"], note["column"]) for note in fields["notes"])
    return Diagnostic(
        code=fields["code"],
        severity=fields["severity"],
        message=fields["message"],
        file=fields["file"],
        line=fields["line"],
        column=fields["column"],
        end_line=fields["end_line"],
        end_column=fields["end_column"],
        notes=notes,
        help=fields["help"] or "",
    )


class CompileError(Exception):
    """The program was rejected. As text: what a terminal shows, source lines with carets included.

    Attributes
    ----------
    diagnostics : tuple of Diagnostic
        All that was said, errors and others, by place.
    code, message, file, line, column, help
        Of the first error.
    compiled : Compiled or None
        What was made all the same: the targets that did not fail.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], text: str, compiled: Compiled | None = None) -> None:
        super().__init__(text)
        self.diagnostics = tuple(diagnostics)
        self.text = text
        self.compiled = compiled
        self.first = next(each for each in self.diagnostics if each.severity == "error")
        self.code: str = self.first.code
        self.message: str = self.first.message
        self.file: str | None = self.first.file
        self.line: int = self.first.line
        self.column: int = self.first.column
        self.help: str = self.first.help

    def __str__(self) -> str:
        return self.text.rstrip("\n")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.diagnostics, self.text, self.compiled)
