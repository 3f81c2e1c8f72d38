# SPDX-License-Identifier: Apache-2.0
"""tools/install_python: into a prefix, a virtual environment, a wheel; again; and away. pip from the clone."""

import email
import importlib.util
import json
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import omega

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(omega._native.__file__).parent  # the build folder's, which holds the compiled part
BUILT = PACKAGE.parents[1]  # CMake's folder
SITE = f"lib/{Path(sysconfig.get_path('stdlib')).name}/site-packages"
PROGRAM = "import omega; print(omega.__file__); print(omega.run('printf(\"%d\\\\n\", 42)').stdout)"


def install(*arguments, status=0):
    ended = subprocess.run([sys.executable, ROOT / "tools/install_python", "--built", BUILT, *map(str, arguments)], capture_output=True, text=True)
    assert ended.returncode == status, ended.stderr
    return ended.stdout + ended.stderr


def used_from(python, environment=None):
    """Where an interpreter finds the package, after it has done something."""
    ended = subprocess.run([python, "-B", "-c", PROGRAM], capture_output=True, text=True, env=environment or {}, cwd="/")
    assert ended.returncode == 0, ended.stderr
    place, answer = ended.stdout.split()
    assert answer == "42"
    return place


def test_a_prefix_twice_and_away(tmp_path):
    for _ in range(2):
        install("--prefix", tmp_path)
        assert used_from(sys.executable, {"PYTHONPATH": str(tmp_path / SITE)}) == str(tmp_path / SITE / "omega/__init__.py")
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))
    sources = {str(path.relative_to(ROOT / "python")) for path in (ROOT / "python/omega").rglob("*") if path.suffix in (".py", ".pyi", ".typed")}
    installed = {str(path.relative_to(tmp_path / SITE)) for path in (tmp_path / SITE / "omega").rglob("*") if path.is_file()}
    assert installed == {*sources, f"omega/{Path(omega._native.__file__).name}"}
    install("--prefix", tmp_path, "--uninstall")
    assert list((tmp_path / SITE).iterdir()) == []
    assert "is not installed" in install("--prefix", tmp_path, "--uninstall", status=1)


def test_another_package_of_that_name_is_left_alone(tmp_path):
    other = tmp_path / SITE / "omega"
    other.mkdir(parents=True)
    assert "remove it first" in install("--prefix", tmp_path, status=1)
    assert list(other.iterdir()) == []


def test_a_virtual_environment(tmp_path):
    for _ in range(2):
        install("--venv", tmp_path / "env")
        assert used_from(tmp_path / "env/bin/python").startswith(str(tmp_path / "env"))


def test_a_wheel_that_pip_takes(tmp_path):
    pytest.importorskip("pip")
    install("--wheel", tmp_path)
    install("--wheel", tmp_path / "again")
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.read_bytes() == (tmp_path / "again" / wheel.name).read_bytes()
    target = tmp_path / "target"
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", target, wheel], check=True, capture_output=True)
    assert used_from(sys.executable, {"PYTHONPATH": str(target)}).startswith(str(target))


@pytest.fixture
def environment(tmp_path):
    """A virtual environment with the system's NumPy, and pip for it."""
    pytest.importorskip("pip")
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", "--without-pip", folder], check=True)

    def pip(*arguments):
        command = [sys.executable, "-m", "pip", "--python", folder, *map(str, arguments)]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=tmp_path).stdout

    return folder, pip


@pytest.mark.parametrize("options", [[], ["--editable"]], ids=["copied", "editable"])
def test_pip_installs_from_the_clone_and_removes(environment, options):
    folder, pip = environment
    # Without an index: nothing comes from elsewhere, neither to build nor to run.
    pip("install", "--no-index", "--config-settings", f"built={BUILT}", *options, ROOT)
    used = used_from(folder / "bin/python")
    assert used.startswith(str(PACKAGE if options else folder))
    (listed,) = [each for each in json.loads(pip("list", "--local", "--format", "json")) if each["name"] == "omega-parallel"]
    assert listed["version"] == omega.__version__
    pip("uninstall", "-y", "omega-parallel")
    assert not list(folder.rglob("*omega*"))


@pytest.fixture
def backend(monkeypatch):
    """What pip calls, as pip calls it: in the clone."""
    monkeypatch.syspath_prepend(ROOT / "python/distribution")
    monkeypatch.chdir(ROOT)
    import backend

    return backend


def test_machines_without_an_index_need_nothing_of_it(backend, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert backend.get_requires_for_build_wheel() == []
    assert backend.get_requires_for_build_wheel({"builder": "omega"}) == []
    assert backend.get_requires_for_build_wheel({"builder": "scikit-build-core"}) == ["scikit-build-core>=0.10"]


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"builder": "make"}, "builder=make: it must be omega or scikit-build-core"),
        ({"builder": "scikit-build-core", "built": "x"}, "leave one of built and builder away"),
        ({"builder": "scikit-build-core"}, "builder=scikit-build-core: it cannot be imported"),
    ],
)
def test_choices_of_a_builder_that_cannot_be(backend, monkeypatch, tmp_path, settings, message):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=message):
        backend.build_wheel(str(tmp_path), settings)


def test_the_same_wheel_by_scikit_build_core(tmp_path):
    pytest.importorskip("scikit_build_core", reason="scikit-build-core is not there (Debian 12 has no package of it); it builds in a folder of its own, all of Omega the first time")
    contents, information = [], []
    for folder, options in (("theirs", []), ("ours", ["--config-settings", f"built={BUILT}"])):
        command = [sys.executable, "-m", "pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation", *options, "-w", tmp_path / folder, ROOT]
        subprocess.run(command, check=True, cwd=tmp_path)
        (path,) = (tmp_path / folder).glob("*.whl")
        with zipfile.ZipFile(path) as wheel:
            contents.append({name: wheel.read(name) for name in wheel.namelist()})
        metadata = email.message_from_bytes(contents[-1].pop(f"omega_parallel-{omega.__version__}.dist-info/METADATA"))
        # Each has spaces, quotes and the order of bounds in its own way.
        requirements = sorted("".join(sorted(each.replace(" ", "").replace("'", '"'))) for each in metadata.get_all("Requires-Dist"))
        said = sorted((key, value) for key, value in metadata.items() if key not in ("Metadata-Version", "Requires-Dist"))
        information.append((said, requirements, metadata.get_payload()))
    theirs, ours = contents
    assert information[0] == information[1]
    assert theirs.keys() == ours.keys()
    about_wheel = [next(each[name] for name in each if name.endswith("/WHEEL")) for each in contents]
    assert [b"Generator: scikit-build-core" in each for each in about_wheel] == [True, False]
    about = {name for name in ours if name.endswith((".so", "/WHEEL", "/RECORD"))}
    assert {name for name in ours if theirs[name] != ours[name]} <= about
    target = tmp_path / "target"
    (wheel,) = (tmp_path / "theirs").glob("*.whl")
    subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", target, wheel], check=True, capture_output=True)
    assert used_from(sys.executable, {"PYTHONPATH": str(target)}).startswith(str(target))


def test_a_source_distribution_has_what_git_lists(backend, tmp_path):
    paths = [tmp_path / folder / backend.build_sdist(tmp_path / folder) for folder in ("a", "b") if (tmp_path / folder).mkdir() is None]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    with tarfile.open(paths[0]) as archive:
        names = {member.name.partition("/")[2]: member for member in archive.getmembers()}
        assert set(names) == {*listed, "PKG-INFO"}
        assert archive.extractfile(names["pyproject.toml"]).read() == (ROOT / "pyproject.toml").read_bytes()
    assert names["tools/install_python"].mode & 0o100 and not names["pyproject.toml"].mode & 0o100


def test_one_version_everywhere():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == omega.__version__
    assert f"project(omega VERSION {omega.__version__} " in (ROOT / "CMakeLists.txt").read_text()
