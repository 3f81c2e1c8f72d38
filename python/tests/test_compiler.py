# SPDX-License-Identifier: Apache-2.0
"""compile(), check(), run() and ParallelCompiler."""

import contextlib
import errno
import os
import pickle
import signal
import subprocess
import threading
from pathlib import Path

import pytest

import omega
from omega import _native

TOKEN = """// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;
contract Counter {
    uint256 public count;
    function increment() external { count += 1; }
}
"""
RACE = "let last = 0\n@@ i in 0..<1000 {\n    last = i\n}\n"


def test_a_program_runs_in_a_process_of_its_own():
    assert omega.run('printf("%d\\n", 6 * 7)') == omega.Run(0, "42\n", "")


def test_arguments_exit_codes_and_failures():
    program = omega.compile("let xs = [1, 2, 3]\nlet n = 7\nprintf(\"%d\\n\", xs[n])\n", name="outside")
    ended = program.run()
    assert ended.exit_code != 0
    assert "outside.omega:3" in ended.stderr
    with pytest.raises(omega.ProgramFailed, match="exit code") as failed:
        program.run(check=True)
    assert failed.value.run == ended
    with pytest.raises(omega.ProgramFailed):
        ended.check()


def test_a_program_that_does_not_end_is_killed_at_its_timeout():
    with pytest.raises(TimeoutError, match="program: not done within"):
        omega.run("let n = 1\nwhile (n > 0) { n = n % 5 + 1 }\n", timeout=0.2)


def test_the_same_bytes_whatever_way_a_program_comes(tmp_path):
    text = 'printf("hello\\n")\n'
    path = tmp_path / "hello.omega"
    path.write_text(text)
    from_path = omega.compile(path)
    assert omega.compile(str(path)).files == from_path.files
    assert from_path.name == "hello"
    assert from_path.run().stdout == omega.run(text).stdout == "hello\n"


def test_artifacts_are_written_as_the_command_line_writes_them(tmp_path):
    compiled = omega.compile('printf("x\\n")\n', target=("native", "c"), output=tmp_path / "out", name="x")
    program = tmp_path / "out" / "native" / "x"
    assert subprocess.run([program], capture_output=True).stdout == b"x\n"
    assert (tmp_path / "out" / "c" / "main.c").read_bytes() == compiled.files["c"]["main.c"]
    assert compiled.targets == ("native", "c")
    assert compiled.save(tmp_path / "other")[0].read_bytes() == program.read_bytes()


def test_release_and_explain():
    text = "let sum = 0\n@@ i in 0..<1000 { sum += i }\nprintf(\"%d\\n\", sum)\n"
    compiled = omega.compile(text, release=True, explain=True, threads=2)
    assert compiled.run().stdout == "499500\n"
    assert [(loop["loop"]["line"], loop["outcome"]) for loop in compiled.explanation] == [(2, "parallel")]


def test_a_race_is_an_error_with_its_place():
    with pytest.raises(omega.CompileError) as rejected:
        omega.compile(RACE, name="race")
    error = rejected.value
    assert (error.code, error.file, error.line, error.column) == ("E0601", "race.omega", 3, 10)
    assert "reduction" in error.help
    assert "    last = i" in str(error)
    assert str(error).endswith("1 error in race.omega")
    assert error.diagnostics[0].notes
    assert error.compiled.targets == ()


def test_errors_travel_between_processes():
    with pytest.raises(omega.CompileError) as rejected:
        omega.compile(RACE, name="race")
    copy = pickle.loads(pickle.dumps(rejected.value))
    assert copy.diagnostics == rejected.value.diagnostics and str(copy) == str(rejected.value)


def test_check_lists_and_does_not_raise():
    assert [each.code for each in omega.check(RACE)] == ["E0601"]
    assert omega.check("let x = 1\n") == ()
    assert omega.check(TOKEN) == ()
    assert [each.severity for each in omega.check(TOKEN.replace("+= 1", "+= true"))] == ["error"]


def test_a_file_that_is_missing_is_the_systems_error(tmp_path):
    with pytest.raises(FileNotFoundError) as missing:
        omega.compile(tmp_path / "nowhere.omega")
    assert missing.value.errno == errno.ENOENT
    assert missing.value.filename == str(tmp_path / "nowhere.omega")


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"target": "avr"}, "target: there is no target 'avr', only native, c, evm"),
        ({"target": ()}, "target: at least one"),
        ({"threads": -1}, "threads: a whole number from 0 is needed, not -1"),
        ({"name": "a/b"}, "name: letters"),
        ({"name": ".."}, "name: letters"),
        ({"move_address": "zz"}, "move_address: '0x'"),
        ({"disabled_passes": ["inlining", "inlinig"]}, "disabled_passes: there is no pass `inlinig`; did you mean `inlining`"),
        ({"disabled_passes": ["quantum"]}, "disabled_passes: there is no pass `quantum`, only common_subexpressions, .* and slots_to_values"),
    ],
)
def test_arguments_that_cannot_be(arguments, message):
    with pytest.raises(ValueError, match=message):
        omega.compile("let x = 1\n", **arguments)


def test_a_text_of_half_characters_is_refused():
    with pytest.raises(ValueError, match="source: '.ud800', character 7, is half of a pair"):
        omega.run('print("\ud800")')


def test_a_coin_that_cannot_be():
    with pytest.raises(ValueError, match="cosmos_denomination: a coin's name begins with a letter"):
        omega.compile(TOKEN, target="cosmos", cosmos_denomination="1")


def test_what_is_no_source_is_said():
    with pytest.raises(TypeError, match="source: a path or the text of a program is needed, not int"):
        omega.compile(3)
    with pytest.raises(ValueError, match="compiled for c; only the target 'native' runs"):
        omega.compile("let x = 1\n", target="c").run()


def test_contracts_for_two_chains():
    compiled = omega.compile(TOKEN, target=("evm", "move"), name="counter")
    assert set(compiled.files["evm"]) == {"Counter.abi", "Counter.bin-runtime", "Counter.bin", "Counter.srcmap", "Counter.storage.json"}
    assert "Counter.mv" in compiled.files["move"]
    int(compiled.files["evm"]["Counter.bin"], 16)


def test_one_targets_failure_leaves_the_others_whole():
    with pytest.raises(omega.CompileError) as rejected:
        omega.compile(TOKEN.replace("count += 1;", "count += tx.gasprice;"), target=("evm", "move"))
    assert rejected.value.compiled.targets == ("evm",)


def test_a_parallel_compiler(tmp_path):
    path = tmp_path / "counter.sol"
    path.write_text(TOKEN)
    compiler = omega.ParallelCompiler({"max_parallel_jobs": 2}, target_distribution_strategy="priority")
    assert compiler.config == omega.ParallelCompilerConfig(max_parallel_jobs=2, target_distribution_strategy="priority")
    job = compiler.create_compilation_job(path, ["evm", "move", "evm"])
    assert job.targets == ("evm", "move")
    assert compiler.get_job_status(job.job_id).state == "queued"
    result = compiler.compile_parallel(job).raise_for_errors()
    assert result.state == "done"
    assert result.files == omega.compile(path, target=("evm", "move")).files
    status = compiler.get_job_status(job.job_id)
    assert [(each.target, each.made) for each in status.targets] == [("evm", 1), ("move", 1)]
    assert compiler.get_performance_metrics().jobs_done == 1
    assert not compiler.cancel_job(job.job_id)
    assert compiler.get_job_status(99) is None
    with pytest.raises(ValueError, match="does not wait to be compiled"):
        compiler.compile_parallel(job)


def test_jobs_can_be_cancelled_and_refused(tmp_path):
    path = tmp_path / "counter.sol"
    path.write_text(TOKEN)
    compiler = omega.ParallelCompiler(job_queue_size=1)
    job = compiler.create_compilation_job(path, ["evm"])
    with pytest.raises(ValueError, match="the job queue is full"):
        compiler.create_compilation_job(path, ["evm"])
    assert compiler.cancel_job(job.job_id)
    assert compiler.compile_parallel(job).state == "cancelled"


def test_a_failed_check_of_the_compilers_own_is_an_exception():
    compiler = _native.ParallelCompiler(0, 1, 0, True, "round_robin", ("a.sol", TOKEN))
    with pytest.raises(omega.compiler.InternalError, match=r"python/native/bind_compiler.cpp:\d+: an address has 32 bytes .* a bug in Omega"):
        compiler.create_job("a.sol", ["evm"], b"short", "stake", [])
    assert compiler.compile(compiler.create_job("a.sol", ["evm"], bytes(32), "stake", []))["state"] == "done"


def test_keys_of_a_parallel_compiler_are_checked():
    with pytest.raises(ValueError, match="round_robin, load_balancing, priority are the choices, not 'best'"):
        omega.ParallelCompiler(target_distribution_strategy="best")
    with pytest.raises(TypeError, match="there is no key 'jobs', only max_parallel_jobs"):
        omega.ParallelCompiler(jobs=1)
    with pytest.raises(ValueError, match="there is no chain target 'native'"):
        omega.ParallelCompiler().create_compilation_job("x.sol", ["native"])


def test_a_job_that_is_refused_takes_no_place_in_the_queue():
    compiler = omega.ParallelCompiler(job_queue_size=1)
    with pytest.raises(ValueError, match="there is no pass `dead_cod`; did you mean `dead_code`"):
        compiler.create_compilation_job("x.sol", ["evm"], disabled_passes=["dead_cod"])
    with pytest.raises(ValueError, match="cosmos_denomination: "):
        compiler.create_compilation_job("x.sol", ["cosmos"], cosmos_denomination="1")
    assert compiler.create_compilation_job("x.sol", ["evm"], disabled_passes=["dead_code"]).targets == ("evm",)


def test_compiling_is_safe_from_many_threads():
    expected = omega.compile(TOKEN, target="evm").files
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(omega.compile(TOKEN, target="evm").files)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 8


def test_an_interrupt_ends_a_program(tmp_path):
    started = tmp_path / "started"
    os.mkfifo(started)

    def interrupt() -> None:
        with open(started, "rb") as pipe:
            pipe.readline()
        os.kill(os.getpid(), signal.SIGINT)

    sender = threading.Thread(target=interrupt)
    sender.start()
    with pytest.raises(KeyboardInterrupt), open(started, "wb", buffering=0) as pipe:
        compiled = omega.compile("let n = 1\nwhile (n > 0) { n = n % 5 + 1 }\n")
        pipe.write(b"now\n")
        compiled.run()
    sender.join()


def children():
    """The processes that this one began, dead ones that nobody has waited for as well."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # ended meanwhile
            parent = each.read_text().rpartition(")")[2].split()[1]
            found |= {each.parent.name} if int(parent) == os.getpid() else set()
    return found


def test_an_interrupt_at_any_moment_leaves_no_program_behind():
    before = children()  # workers of other tests stay for the next call
    compiled = omega.compile("let n = 1\nwhile (n > 0) { n = n % 5 + 1 }\n")
    for delay in range(40):
        sender = threading.Timer(delay * 0.0001, os.kill, (os.getpid(), signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            sender.start()
            compiled.run()
        sender.join()
    assert children() <= before
