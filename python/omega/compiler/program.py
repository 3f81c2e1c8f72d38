# SPDX-License-Identifier: Apache-2.0
"""compile(), check() and run()."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from omega import _native
from omega._arguments import flag, path, real, several
from omega.compiler._background import in_background
from omega.compiler.diagnostics import CompileError, Diagnostic, read_diagnostics

#: What programs and contracts can be compiled for.
TARGETS = ("native", "c", "evm", "solana", "cosmos", "move")
_PROGRAM_TARGETS = ("native", "c")
_SUFFIXES = (".omega", ".mega", ".sol")


@dataclass(frozen=True)
class Run:
    """How a program ended.

    Attributes
    ----------
    exit_code : int
        The program's; ``-N`` where signal N ended it.
    stdout, stderr : str
        What it wrote; empty where that went to this process's own streams.
    """

    exit_code: int
    stdout: str
    stderr: str

    def check(self) -> Run:
        """This, or ProgramFailed unless the exit code is 0."""
        if self.exit_code != 0:
            raise ProgramFailed(self)
        return self


class ProgramFailed(Exception):
    """A program ended with another exit code than 0; ``run`` says how."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self.run = run

    def __str__(self) -> str:
        said = self.run.stderr.strip()
        return f"the program ended with exit code {self.run.exit_code}" + (f": {said}" if said else "")


@dataclass(frozen=True)
class Compiled:
    """What compile() made.

    Attributes
    ----------
    name : str
        Of the program's artifacts.
    files : mapping
        By target, the contents of each file by its name: ``files["evm"]["Token.bin"]``.
    diagnostics : tuple of Diagnostic
        Warnings and notes.
    explanation : tuple of dict
        With ``explain``: for each loop what was done with it and why.
    """

    name: str
    files: Mapping[str, Mapping[str, bytes]] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = field(default=(), repr=False)
    explanation: tuple[dict[str, Any], ...] = field(default=(), repr=False)

    def __repr__(self) -> str:
        made = (f"{target}: {len(files)} file{'s' * (len(files) != 1)}, {sum(map(len, files.values())):,} bytes" for target, files in self.files.items())
        return f"<Compiled {self.name} ({'; '.join(made)})>"

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that were made."""
        return tuple(self.files)

    def save(self, folder: str | os.PathLike[str] = "out") -> list[Path]:
        """Writes every target's files to ``folder/TARGET/``, as ``omega build`` does.

        Returns
        -------
        list of Path
            The files, by target.

        Raises
        ------
        OSError
            A file cannot be written; then the old one is whole.
        """
        paths = []
        for target, files in self.files.items():
            at = Path(folder) / target
            _native.write_files(str(at), target, list(files.items()))
            paths += [at / name for name in files]
        return paths

    def run(
        self,
        *arguments: str | os.PathLike[str],
        input: str | bytes | None = None,
        capture: bool = True,
        check: bool = False,
        timeout: float | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
    ) -> Run:
        """Runs the native program in a process of its own, from memory.

        Parameters
        ----------
        arguments : str
            What it gets as arguments.
        input : str or bytes, optional
            What it reads from standard input; without, this process's own.
        capture : bool
            Whether to collect what it writes; otherwise it writes where this process does.
        check : bool
            Raise ProgramFailed unless it ends with 0.
        timeout : float, optional
            Seconds after which it is killed and TimeoutError raised.

        Raises
        ------
        ValueError
            There is no native program.
        """
        if "native" not in self.files:
            raise ValueError(f"run: {self.name} was compiled for {', '.join(self.files)}; only the target 'native' runs here")
        if input is not None and not isinstance(input, (str, bytes)):
            raise TypeError(f"input = {input!r}: it must be a str, bytes or None")
        seconds = None if timeout is None else real(timeout, "timeout", 0)
        image = os.memfd_create(self.name, os.MFD_CLOEXEC)
        try:
            with os.fdopen(os.dup(image), "wb") as writer:
                writer.write(self.files["native"][self.name])
            return _run_image(image, [self.name, *(os.fspath(each) for each in arguments)], input, capture, check, seconds, env, cwd)
        finally:
            os.close(image)


@contextmanager
def _interrupts_deferred() -> Iterator[None]:
    """An interrupt that comes inside is raised at the end: between a process's start and its being known nobody could end it."""
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
    if came:
        handler(*came[0])


def _run_image(
    image: int,
    command: Sequence[str],
    input: str | bytes | None,
    capture: bool,
    check: bool,
    timeout: float | None,
    env: Mapping[str, str] | None,
    cwd: str | os.PathLike[str] | None,
) -> Run:
    # A program that is still open for writing cannot be started.
    readable = os.open(f"/proc/self/fd/{image}", os.O_RDONLY)
    process = None
    try:
        with _interrupts_deferred():
            process = subprocess.Popen(
                command,
                executable=f"/proc/self/fd/{readable}",
                pass_fds=(readable,),
                stdin=None if input is None else subprocess.PIPE,
                stdout=subprocess.PIPE if capture else None,
                stderr=subprocess.PIPE if capture else None,
                env=env,
                cwd=cwd,
            )
            # subprocess would wait a quarter of a second for the program to end by itself.
            process._sigint_wait_secs = 0  # type: ignore[attr-defined]
        output, errors = process.communicate(input.encode() if isinstance(input, str) else input, timeout)
    except BaseException as failure:
        if process is not None:
            process.kill()
            process.communicate()
        if isinstance(failure, subprocess.TimeoutExpired):
            raise TimeoutError(f"{command[0]}: not done within {timeout} seconds") from failure
        raise
    finally:
        os.close(readable)
    run = Run(process.returncode, (output or b"").decode(errors="replace"), (errors or b"").decode(errors="replace"))
    return run.check() if check else run


def compile(
    source: str | os.PathLike[str],
    *,
    target: str | Sequence[str] = "native",
    release: bool = False,
    output: str | os.PathLike[str] | None = None,
    name: str | None = None,
    threads: int = 0,
    explain: bool = False,
    auto_parallel: bool = True,
    disabled_passes: Sequence[str] = (),
    move_address: int | str = 0xC0DE,
    cosmos_denomination: str = "stake",
) -> Compiled:
    """Compiles a program or contracts, on all cores, without the interpreter's lock.

    Parameters
    ----------
    source : str or path
        A path (a path object, or a string that ends in .omega, .mega or .sol), else the text itself.
    target : str or sequence of str
        Of ``native``, ``c`` for programs and ``evm``, ``solana``, ``cosmos``, ``move`` for contracts.
    release : bool
        Optimise programs. (Contracts always are.)
    output : path, optional
        Folder to write the artifacts to, ``output/TARGET/…``.
    name : str, optional
        Of the artifacts and of a text in messages; without, the file's, or "program".
    threads : int
        Threads of the program's parallel loops; 0: one for each processor it runs on.
    explain : bool
        Report on each loop in ``explanation``.
    auto_parallel : bool
        Whether plain loops may run in parallel too.
    disabled_passes : sequence of str
        Optimisation passes to leave out.
    move_address : int or str
        Account that publishes Move modules.
    cosmos_denomination : str
        The coin that value is counted in on CosmWasm.

    Raises
    ------
    CompileError
        The program was rejected; ``error.compiled`` has the targets that did not fail.
    OSError
        A file cannot be read or written.
    ValueError
        An argument that cannot be.
    """
    targets = _targets(target)
    options = _options(source, name)
    options.threads = _count("threads", threads)
    options.release, options.explain, options.auto_parallel = flag(release, "release"), flag(explain, "explain"), flag(auto_parallel, "auto_parallel")
    options.disabled_passes = several(disabled_passes, "disabled_passes", "names")
    folder = None if output is None else path(output, "output")
    address = address_bytes(move_address)
    results: list[dict[str, Any]] = []
    chains = [each for each in targets if each not in _PROGRAM_TARGETS]
    if chains:
        results.append(_compile_contracts(options, chains, address, cosmos_denomination))
    machines = [each for each in targets if each in _PROGRAM_TARGETS]
    if machines and not (results and results[0]["errors"] and not results[0]["targets"]):
        options.targets = machines
        results.append(in_background(lambda: _native.compile_program(options)))
    compiled = _collect(options.name, targets, results)
    if folder is not None:
        compiled.save(folder)
    _raise_for_errors(options.path, results, compiled)
    return compiled


def check(source: str | os.PathLike[str], *, name: str | None = None) -> tuple[Diagnostic, ...]:
    """All that the compiler says about a program or contracts: errors too, in order of places. Nothing is made.

    >>> import omega
    >>> [str(each) for each in omega.check("let last = 0\\n@@ i in 0..<10 { last = i }", name="race")]
    ['race.omega:2:23: error[E0601]: `last` is written by every iteration of this parallel loop']
    """
    options = _options(source, name)
    result = in_background(lambda: _native.check_source(options))
    return read_diagnostics(result["reports"])


def run(
    source: str | os.PathLike[str],
    *arguments: str | os.PathLike[str],
    release: bool = False,
    threads: int = 0,
    input: str | bytes | None = None,
    capture: bool = True,
    check: bool = False,
    timeout: float | None = None,
) -> Run:
    """Compiles a program and runs it in a process of its own; compile() and Compiled.run() say what the arguments mean.

    >>> import omega
    >>> omega.run('printf("%d words\\\\n", 3)').stdout
    '3 words\\n'
    """
    compiled = compile(source, release=release, threads=threads)
    return compiled.run(*arguments, input=input, capture=capture, check=check, timeout=timeout)


def _targets(target: str | Sequence[str]) -> list[str]:
    names = [target] if isinstance(target, str) else several(target, "target", "names")
    for each in names:
        if each not in TARGETS:
            raise ValueError(f"target: there is no target {each!r}, only {', '.join(TARGETS)}")
    if not names:
        raise ValueError("target: at least one is needed")
    return sorted(set(names), key=names.index)


def _options(source: str | os.PathLike[str], name: str | None) -> _native.ProgramOptions:
    options = _native.ProgramOptions()
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(f"source: a path or the text of a program is needed, not {type(source).__name__}")
    if name is not None and not isinstance(name, str):
        raise TypeError(f"name = {name!r}: it must be a str")
    if name is not None and not re.fullmatch(r"[\w\-][\w.\-]*", name):
        raise ValueError(f"name: letters, digits, '_', '-' and '.' only, not {name!r}")
    text = None if isinstance(source, os.PathLike) or ("\n" not in source and source.endswith(_SUFFIXES)) else source
    if text is None:
        options.path = os.fsdecode(os.fspath(source))
    else:
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"source: {text[error.start]!r}, character {error.start}, is half of a pair and no character by itself") from None
        is_solidity = re.search(r"^\s*pragma\s+solidity\b", text, re.MULTILINE) is not None
        options.path = (name or "program") + (".sol" if is_solidity else ".omega")
        options.text = text
    options.name = name or Path(options.path).stem
    return options


def _count(argument: str, value: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
        raise ValueError(f"{argument}: a whole number from 0 is needed, not {value!r}")
    return value


def address_bytes(address: int | str) -> bytes:
    """The 32 bytes of an account of Move."""
    try:
        value = int(address, 16) if isinstance(address, str) else int(address)
        return value.to_bytes(32, "big")
    except (ValueError, OverflowError):
        raise ValueError(f"move_address: '0x' and up to 64 hexadecimal digits are needed, not {address!r}") from None


def _compile_contracts(options: _native.ProgramOptions, chains: list[str], address: bytes, denomination: str) -> dict[str, Any]:
    text = None if options.text is None else (options.path, options.text)
    compiler = _native.ParallelCompiler(0, 1, 0, True, "load_balancing", text)
    job = compiler.create_job(options.path, chains, address, denomination, options.disabled_passes)
    return in_background(lambda: compiler.compile(job), lambda: compiler.cancel(job))


def _collect(name: str, targets: Sequence[str], results: Sequence[dict[str, Any]]) -> Compiled:
    made = {target: entry["files"] for result in results for target, entry in result["targets"].items() if entry["is_whole"]}
    diagnostics = tuple(each for result in results for each in read_diagnostics(result["reports"]))
    explanation = tuple(json.loads(line) for result in results for line in result["explanation"].splitlines())
    return Compiled(name, {target: made[target] for target in targets if target in made}, diagnostics, explanation)


def _raise_for_errors(path: str, results: Sequence[dict[str, Any]], compiled: Compiled) -> None:
    errors = sum(result["errors"] for result in results)
    if errors:
        text = "".join(result["text"] for result in results) + f"{errors} error{'s' * (errors != 1)} in {path}\n"
        raise CompileError(compiled.diagnostics, text, compiled)
