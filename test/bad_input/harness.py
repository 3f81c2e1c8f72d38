# SPDX-License-Identifier: Apache-2.0
"""Runs the binary under test and says what was wrong with how it ended."""
import os, pathlib, resource, signal, subprocess

OMEGA = ""
SANITIZED = False


class Skipped(Exception):
    pass


class Ended:
    def __init__(self, code, out, err, what):
        self.code, self.out, self.err, self.what = code, out, err, what

    def failure(self, expected):
        return AssertionError(f"{self.what}: {expected}; exit code {self.code}\n  stdout: {self.out[:300]!r}\n  stderr: {self.err[:600]!r}")

    def ends(self, *codes):
        """With one of these exit codes, and with nothing that smells of a crash."""
        if self.code not in codes:
            raise self.failure(f"expected exit code {' or '.join(map(str, codes))}")
        for trace in (b"internal error", b"terminate called", b"AddressSanitizer", b"runtime error:", b"ThreadSanitizer"):
            if trace in self.err:
                raise self.failure(f"unexpected {trace.decode()!r}")
        return self

    def says(self, *words):
        for word in words:
            if word.encode() not in self.err:
                raise self.failure(f"expected {word!r} in standard error")
        return self

    def prints(self, text):
        if self.out != text.encode():
            raise self.failure(f"expected {text!r} on standard output")
        return self

    def says_little(self, most=200_000):
        if len(self.err) > most:
            raise self.failure(f"{len(self.err)} bytes on standard error, more than {most}")
        return self


def omega(*arguments, limits=(), timeout=120, stdin=subprocess.DEVNULL, cwd=None, prefix=(), **streams):
    """Runs `omega ARGUMENTS`; `limits`: pairs (resource.RLIMIT_…, value); a signal is a negative exit code, no end after `timeout` s a failure."""

    def before():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for which, value in limits:
            if SANITIZED and which == resource.RLIMIT_FSIZE:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # ThreadSanitizer writes a file of its own before `main`, which ignores the signal
            resource.setrlimit(which, (value, value))

    what = "omega " + " ".join(str(a)[:60] for a in arguments)
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **streams}
    process = subprocess.Popen([*prefix, OMEGA, *map(str, arguments)], stdin=stdin, cwd=cwd, preexec_fn=before, **streams)
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise AssertionError(f"{what}: no end after {timeout} s")
    return Ended(process.returncode, out or b"", err or b"", what)


def write(name, text):
    """A file in the test's own folder; its name."""
    pathlib.Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return name


def need_root():
    if os.geteuid() != 0:
        raise Skipped("needs root")
