# SPDX-License-Identifier: Apache-2.0
"""ParallelCompiler: contracts for several chains at once, job by job."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from omega import _native
from omega._arguments import path, several, whole
from omega.compiler._background import in_background
from omega.compiler.diagnostics import CompileError, Diagnostic, read_diagnostics
from omega.compiler.program import TARGETS, _count, address_bytes

_STRATEGIES = ("round_robin", "load_balancing", "priority")
_CHAINS = TARGETS[2:]


@dataclass(frozen=True)
class ParallelCompilerConfig:
    """How a ParallelCompiler works. What is made depends on none of it.

    Attributes
    ----------
    max_parallel_jobs : int
        Contracts for a target that are compiled at once; 0: one for each processor.
    job_queue_size : int
        Jobs that may wait; the next one is refused.
    compilation_timeout : int
        Seconds after which what has not begun is left out; 0: never.
    enable_load_balancing : bool
        With ``round_robin``: who has nothing left to do takes from the others.
    target_distribution_strategy : str
        ``round_robin`` deals the pieces out, ``load_balancing`` gives whoever is free the largest that is left, ``priority`` goes by the job's order of targets.
    """

    max_parallel_jobs: int = 0
    job_queue_size: int = 100
    compilation_timeout: int = 300
    enable_load_balancing: bool = True
    target_distribution_strategy: str = "round_robin"

    def __post_init__(self) -> None:
        _count("max_parallel_jobs", self.max_parallel_jobs)
        _count("job_queue_size", self.job_queue_size)
        _count("compilation_timeout", self.compilation_timeout)
        if self.target_distribution_strategy not in _STRATEGIES:
            raise ValueError(f"target_distribution_strategy: {', '.join(_STRATEGIES)} are the choices, not {self.target_distribution_strategy!r}")


@dataclass(frozen=True)
class CompilationJob:
    """What is to be made."""

    job_id: int
    input_file: str
    targets: tuple[str, ...]


@dataclass(frozen=True)
class CompilationResult:
    """What a job made. Targets that succeeded are whole even when others failed or the job was stopped.

    Attributes
    ----------
    state : str
        ``done``, ``failed``, ``cancelled`` or ``timed_out``.
    files : mapping
        By target that is whole, the contents of each file by its name.
    front_end_seconds, wall_seconds : float
        Reading, checking and optimising; all of it.
    one_by_one_seconds : float
        The front end as it ran, and what each target's contracts had of processors.
    """

    job_id: int
    state: str
    files: Mapping[str, Mapping[str, bytes]] = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = field(repr=False)
    front_end_seconds: float
    wall_seconds: float
    one_by_one_seconds: float
    text: str = field(repr=False)

    @property
    def speed_up(self) -> float:
        """Time one after another, over time."""
        return self.one_by_one_seconds / self.wall_seconds if self.wall_seconds else 1.0

    def raise_for_errors(self) -> CompilationResult:
        """This, or CompileError where an error was reported."""
        if any(each.severity == "error" for each in self.diagnostics):
            raise CompileError(self.diagnostics, self.text)
        return self


@dataclass(frozen=True)
class TargetStatus:
    """How far one target of a job is. ``contracts`` is 0 until the front end is done."""

    target: str
    contracts: int
    made: int
    has_failed: bool
    elapsed_seconds: float


@dataclass(frozen=True)
class JobStatus:
    """How far a job is: ``queued``, ``running``, ``done``, ``failed``, ``cancelled``, ``timed_out``."""

    job_id: int
    state: str
    targets: tuple[TargetStatus, ...]


@dataclass(frozen=True)
class PerformanceMetrics:
    """Sums over all jobs that ended.

    Attributes
    ----------
    compilation_speed : float
        Lines of source a second of processing; 0 before the first job.
    speed_up : float
        Time one after another, over time; 1 before the first job.
    parallel_efficiency : float
        ``speed_up`` a thread.
    """

    jobs_done: int
    jobs_failed: int
    jobs_queued: int
    lines: int
    wall_seconds: float
    one_by_one_seconds: float
    threads: int
    compilation_speed: float
    speed_up: float
    parallel_efficiency: float


class ParallelCompiler:
    """Compiles jobs: the front end once, then all contracts for all targets side by side. All methods may be called from any thread.

    Parameters
    ----------
    config : ParallelCompilerConfig or mapping, optional
        How it works; single keys can be given by name instead.

    Examples
    --------
    >>> import omega
    >>> compiler = omega.ParallelCompiler(target_distribution_strategy="load_balancing")
    >>> compiler.config.job_queue_size
    100
    """

    def __init__(self, config: ParallelCompilerConfig | Mapping[str, Any] | None = None, **keys: Any) -> None:
        if isinstance(config, Mapping):
            keys = {**config, **keys}
            config = None
        if config is not None and not isinstance(config, ParallelCompilerConfig):
            raise TypeError(f"config = {config!r}: it must be a ParallelCompilerConfig, a mapping of its keys, or None")
        names = [key.name for key in dataclasses.fields(ParallelCompilerConfig)]
        for key in keys:
            if key not in names:
                raise TypeError(f"ParallelCompiler: there is no key {key!r}, only {', '.join(names)}")
        self.config = dataclasses.replace(config or ParallelCompilerConfig(), **keys)
        self._compiler = _native.ParallelCompiler(**dataclasses.asdict(self.config), text=None)

    def create_compilation_job(
        self,
        input_file: str | os.PathLike[str],
        targets: Sequence[str],
        *,
        move_address: int | str = 0xC0DE,
        cosmos_denomination: str = "stake",
        disabled_passes: Sequence[str] = (),
    ) -> CompilationJob:
        """Queues a job; targets that are named twice count once.

        Raises
        ------
        ValueError
            A target is unknown, or the queue is full.
        """
        names = [targets] if isinstance(targets, str) else several(targets, "targets", "names")
        for target in names:
            if target not in _CHAINS:
                raise ValueError(f"targets: there is no chain target {target!r}, only {', '.join(_CHAINS)}")
        file = path(input_file, "input_file")
        passes = several(disabled_passes, "disabled_passes", "names")
        number = self._compiler.create_job(file, names, address_bytes(move_address), cosmos_denomination, passes)
        return CompilationJob(number, file, tuple(dict.fromkeys(names)))

    def compile_parallel(self, job: CompilationJob) -> CompilationResult:
        """Compiles a queued job, once. What is wrong with the program is in the result.

        Raises
        ------
        OSError
            The first file cannot be read.
        ValueError
            The job is not queued.
        """
        if not isinstance(job, CompilationJob):
            raise TypeError(f"job = {job!r}: it must be a CompilationJob, as create_compilation_job() gives it")
        result = in_background(lambda: self._compiler.compile(job.job_id), lambda: self._compiler.cancel(job.job_id))
        return CompilationResult(
            job_id=job.job_id,
            state=result["state"],
            files={target: entry["files"] for target, entry in result["targets"].items() if entry["is_whole"]},
            diagnostics=read_diagnostics(result["reports"]),
            front_end_seconds=result["front_end_seconds"],
            wall_seconds=result["wall_seconds"],
            one_by_one_seconds=result["one_by_one_seconds"],
            text=result["text"],
        )

    def get_job_status(self, job_id: int) -> JobStatus | None:
        """How far a job is; None for an unknown one. Jobs that ended are known until ``job_queue_size`` others have ended."""
        status = self._compiler.status(whole(job_id, "job_id", 0))
        if status is None:
            return None
        state, targets = status
        return JobStatus(job_id, state, tuple(TargetStatus(*target) for target in targets))

    def cancel_job(self, job_id: int) -> bool:
        """Stops a job that waits or runs: what has not begun is left out. False when there is no such job."""
        return self._compiler.cancel(whole(job_id, "job_id", 0))

    def get_performance_metrics(self) -> PerformanceMetrics:
        """Sums over all jobs that ended."""
        return PerformanceMetrics(**self._compiler.metrics())

    def __repr__(self) -> str:
        return f"ParallelCompiler({self.config})"
