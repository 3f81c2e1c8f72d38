# SPDX-License-Identifier: Apache-2.0
"""Files that are not what they should be, limits, signals, streams that are closed."""
import glob, os, random, resource, shutil, signal, subprocess, tempfile, threading
import harness
from harness import Skipped, need_root, omega, write

HELLO = "println(\"hello\")\n"
SUM = "let s = 0\n@@ i in 0..<1000 { s += i }\nprintln(s)\n"


# ---- files ----
def test_missing_file():
    for command in ("check", "run", "build"):
        omega(command, "missing.omega").ends(3).says("missing.omega", "No such file")


def test_unreadable_file():
    need_root()
    if shutil.which("setpriv") is None:
        raise Skipped("needs setpriv")
    # The binary may lie where an ordinary user cannot go.
    shutil.copy(harness.OMEGA, "omega")
    os.chmod(write("a.omega", HELLO), 0o600)
    ended = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "./omega", "check", "a.omega"], capture_output=True)
    harness.Ended(ended.returncode, ended.stdout, ended.stderr, "omega check as nobody").ends(3).says("a.omega", "Permission denied")


def test_folder_as_file():
    os.mkdir("a.omega")
    omega("check", "a.omega").ends(1, 3).says("a.omega")


def test_pipe_as_file():
    os.mkfifo("a.omega")
    writer = threading.Thread(target=lambda: write("a.omega", HELLO))
    writer.start()
    omega("run", "a.omega").ends(0).prints("hello\n")
    writer.join()


def test_devices_as_files():
    omega("check", "/dev/null").ends(0, 1, 3).says_little()
    omega("check", "/proc/self/mem").ends(1, 3).says("/proc/self/mem")
    omega("check", "/dev/tty").ends(0, 1, 3).says_little()
    if not harness.SANITIZED:
        omega("check", "/dev/zero", limits=[(resource.RLIMIT_AS, 1 << 30)]).ends(3)
        for how in ((), ("--interpret",)):
            endless = omega("run", *how, write("a.omega", 'println(read_file("/dev/zero").ok)\n'), limits=[(resource.RLIMIT_AS, 1 << 30)])
            endless.ends(3).says("memory")


def test_links_in_a_circle():
    os.symlink("b.omega", "a.omega")
    os.symlink("a.omega", "b.omega")
    omega("check", "a.omega").ends(3).says("symbolic links")
    write("main.omega", 'import "./a.omega"\nprintln(1)\n')
    omega("check", "main.omega").ends(1).says("main.omega:1")


def test_long_paths():
    omega("check", "a" * 300 + ".omega").ends(3).says("File name too long")
    omega("check", "a/" * 4000 + "b.omega").ends(3).says("File name too long")
    omega("check", write("m.omega", 'import "./' + "a" * 100_000 + '.omega"\n')).ends(1).says("m.omega:1")
    write("a.omega", HELLO)
    omega("build", "-o", "b" * 300, "a.omega").ends(3).says("File name too long")


def test_a_file_that_changes_while_it_is_read():
    texts = [HELLO * 2000, HELLO * 4000, "// nothing\n" * 20_000 + HELLO]
    stop = threading.Event()

    def rewrite():
        k = 0
        while not stop.is_set():
            k += 1
            with open("a.omega", "r+b") as file:
                file.write(texts[k % 3].encode())
                file.truncate()

    write("a.omega", texts[0])
    writer = threading.Thread(target=rewrite)
    writer.start()
    try:
        for _ in range(30):
            omega("check", "a.omega").ends(0, 1).says_little()
    finally:
        stop.set()
        writer.join()


# ---- where the result goes ----
def test_unwritable_folder():
    need_root()
    if shutil.which("setpriv") is None:
        raise Skipped("needs setpriv")
    shutil.copy(harness.OMEGA, "omega")
    write("a.omega", HELLO)
    os.mkdir("closed", 0o555)
    ended = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "./omega", "build", "-o", "closed", "a.omega"], capture_output=True)
    harness.Ended(ended.returncode, ended.stdout, ended.stderr, "omega build into a closed folder").ends(3).says("closed", "Permission denied")


def test_full_device_as_output():
    write("a.omega", HELLO)
    with open("/dev/full", "wb") as full:
        omega("emit", "a.omega", "--tree", stdout=full).ends(3)
        omega("build", "a.omega", stdout=full).ends(3)
        omega("--help", stdout=full).ends(3)
        for how in ((), ("--interpret",)):
            omega("run", *how, "a.omega", stdout=full).ends(3)


def test_full_disk():
    need_root()
    os.mkdir("disk")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", "disk"], capture_output=True).returncode != 0:
        raise Skipped("needs a file system of its own (mount -t tmpfs)")
    try:
        write("a.omega", HELLO)
        for target in ("native", "c"):
            omega("build", "--target", target, "-o", "disk", "a.omega").ends(3).says("No space left on device")
        left = [name for _, folders, names in os.walk("disk") for name in [*folders, *names] if ".new." in name or name == ".omega-new"]
        assert not left, f"a failed build leaves {left}"
        omega("new", "disk/fresh").ends(0, 2, 3)
    finally:
        subprocess.run(["umount", "disk"], check=True)


def test_closed_streams():
    write("a.omega", HELLO)
    shell = lambda text: harness.Ended(*(lambda d: (d.returncode, d.stdout, d.stderr))(subprocess.run(["bash", "-c", text, "bash", harness.OMEGA], capture_output=True, timeout=60)), text)
    shell('"$1" run a.omega >&-').ends(3)
    shell('"$1" build a.omega >&-').ends(0, 3)
    shell('"$1" emit a.omega --ir >&-').ends(3)
    shell('"$1" check a.omega <&-').ends(0)
    shell('"$1" run a.omega <&-').ends(0).prints("hello\n")
    shell('"$1" check missing.omega 2>&-').ends(3)
    shell('"$1" check a.omega <&- >&- 2>&-').ends(0)
    write("r.omega", "println(read_line().ok)\n")
    for how in ("", "--interpret"):
        shell(f'"$1" run {how} r.omega <&-').ends(0, 3)


def test_broken_pipe():
    write("a.omega", "@ i in 0..<1000000 { println(i) }\n")
    done = subprocess.run(["bash", "-c", '{ "$1" run a.omega; echo "code $?" >&2; } | head -1', "bash", harness.OMEGA], capture_output=True, timeout=60)
    assert done.stdout == b"0\n" and (b"code 3" in done.stderr or b"code 141" in done.stderr), f"broken pipe: {done}"


# ---- limits ----
def is_not_loaded(ended, kilobytes):
    """Whether there is less address space than it takes to load the program: the kernel or the loader ends it."""
    return kilobytes < 12_000 and ended.code in (-signal.SIGKILL, -signal.SIGSEGV, 127) and not ended.out and not ended.err


def test_little_memory():
    if harness.SANITIZED:
        raise Skipped("sanitizers need address space")
    write("small.omega", SUM)
    write("large.omega", "".join(f"function f{i}(int64 x) returns (int64) {{ let y = x * {i}\n return y + f{max(i - 1, 0)}(x) }}\n" for i in range(20_000)) + "println(1)\n")
    write("hungry.omega", "let xs = new int64[](0)\nwhile true { xs.push(1) }\n")
    for kilobytes in (8_000, 12_000, 16_000, 20_000, 24_000, 32_000, 40_000, 60_000, 80_000, 100_000, 150_000, 300_000):
        limits = [(resource.RLIMIT_AS, kilobytes * 1024)]
        for file in ("small.omega", "large.omega"):
            for command in (("check",), ("run",), ("run", "--interpret"), ("run", "--threads", "4"), ("build", "-q"), ("run", "--release"), ("build", "-q", "--target", "c", "-o", f"out-{file}")):
                ended = omega(*command, file, limits=limits)
                if is_not_loaded(ended, kilobytes):
                    continue
                ended.ends(0, 3)
                if ended.code == 3:
                    ended.says("memory")
        for how in ((), ("--interpret",)):
            ended = omega("run", *how, "hungry.omega", limits=limits)
            if not is_not_loaded(ended, kilobytes):
                ended.ends(3).says("memory")


def test_little_room_for_files():
    write("a.omega", HELLO)
    for size in (0, 4096, 65536):
        for target in ("native", "c"):
            ended = omega("build", "-q", "--target", target, "-o", "out", "a.omega", limits=[(resource.RLIMIT_FSIZE, size)])
            if ended.code != 0:
                ended.ends(3).says("File too large")
    left = [name for _, folders, names in os.walk("out") for name in [*folders, *names] if ".new." in name or name == ".omega-new"]
    assert not left, f"a failed build leaves {left}"


def test_few_open_files():
    write("a.omega", HELLO)
    if harness.SANITIZED:
        raise Skipped("the loader of a sanitizer's library needs files")
    for count in (3, 4, 5, 6, 8):
        for command in (("check",), ("run",), ("build", "-q")):
            omega(*command, "a.omega", limits=[(resource.RLIMIT_NOFILE, count)]).ends(0, 3)


def test_no_more_processes():
    need_root()
    if harness.SANITIZED:
        raise Skipped("the leak check starts a process")
    if shutil.which("setpriv") is None:
        raise Skipped("needs setpriv")
    shutil.copy(harness.OMEGA, "omega")
    write("a.omega", SUM)
    os.chmod(".", 0o777)
    for command in ("check", "run --threads 4", "build -q -j 4", "run --interpret --threads 4"):
        done = subprocess.run(["setpriv", "--reuid=64321", "--regid=64321", "--clear-groups", "bash", "-c", f"ulimit -u 1; exec ./omega {command} a.omega"], capture_output=True, timeout=60)
        harness.Ended(done.returncode, done.stdout, done.stderr, f"omega {command} with one process").ends(0, 3)
        if command.startswith("run") and done.returncode == 0:
            assert done.stdout == b"499500\n", done


# ---- signals ----
def build_program(k, count=400):
    return "".join(f"function f{i}(int64 x) returns (int64) {{\n  let y = x * {i} + {k}\n  return y % 7 + {i}\n}}\n" for i in range(count)) + f"println(f{k}({k}))\n"


def test_killed_while_building():
    write("p.omega", build_program(1))
    omega("build", "-q", "p.omega").ends(0)
    artifact = "out/native/p"
    contents = {1: open(artifact, "rb").read()}
    write("p.omega", build_program(2))
    omega("build", "-q", "p.omega").ends(0)
    contents[2] = open(artifact, "rb").read()
    random_moment = random.Random(7)
    for k in range(50):
        if k % 10 == 9 and os.path.exists(artifact):
            os.remove(artifact)
        write("p.omega", build_program(1 + k % 2))
        process = subprocess.Popen([harness.OMEGA, "build", "-q", "p.omega"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(random_moment.random() * (0.6 if harness.SANITIZED else 0.03))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT if k % 5 == 0 else signal.SIGKILL)
        code = process.wait()
        assert code in (0, -signal.SIGKILL, -signal.SIGINT, 130), f"build ended with {code}"
        if os.path.exists(artifact):
            assert open(artifact, "rb").read() in contents.values(), "an artifact that is neither the old one nor the new one"
    left = os.listdir("out/native")
    assert len(left) <= 3, f"killed builds leave {left}"
    write("p.omega", build_program(1))
    omega("build", "-q", "p.omega").ends(0)
    assert open(artifact, "rb").read() == contents[1], "the build after a killed one is wrong"


def test_killed_while_writing_c():
    # Two programs with other functions each: what is left of one must not be linked with the other.
    contents = {}
    for k in (1, 2):
        write("p.omega", build_program(k, 400 + 100 * k))
        omega("build", "-q", "--target", "c", "-o", f"whole{k}", "p.omega").ends(0)
        contents[k] = {name: open(f"whole{k}/c/{name}", "rb").read() for name in os.listdir(f"whole{k}/c")}
    os.makedirs("out/c")
    write("out/c/mine.h", "// not the build's\n")

    def found():
        files = {name: open(f"out/c/{name}", "rb").read() for name in os.listdir("out/c") if name not in ("mine.h", ".omega-new")}
        files[".omega-files"] = b""
        return files

    expected = {k: {**contents[k], ".omega-files": b""} for k in (1, 2)}
    random_moment = random.Random(11)
    for k in range(50):
        write("p.omega", build_program(1 + k % 2, 400 + 100 * (1 + k % 2)))
        process = subprocess.Popen([harness.OMEGA, "build", "-q", "--target", "c", "p.omega"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(random_moment.random() * (0.6 if harness.SANITIZED else 0.06))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
        code = process.wait()
        assert code in (0, -signal.SIGKILL), f"build ended with {code}"
        left = found()
        assert "main.c" not in left or left in expected.values(), "a program of which some files are old and some new"
        if k % 7 == 6:
            omega("build", "-q", "--target", "c", "p.omega").ends(0)
            assert found() == expected[1 + k % 2], "the build after a killed one is wrong"
    omega("build", "-q", "--target", "c", "p.omega").ends(0)
    assert found() == expected[2] and sorted(os.listdir("out/c")) == sorted([*contents[2], "mine.h"]), os.listdir("out/c")


def test_interrupted_run():
    write("a.omega", "println(1)\nwhile true { sleep(10) }\n")
    for how in ((), ("--interpret",)):
        process = subprocess.Popen([harness.OMEGA, "run", *how, "a.omega"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            process.wait(0.5)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=30)[1]
        assert process.returncode in (-signal.SIGINT, 130), f"interrupted: {process.returncode} {err}"
