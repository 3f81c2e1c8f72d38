# SPDX-License-Identifier: Apache-2.0
"""What is installed of the Python package: the built files, what is said of them, a wheel of both."""

import base64
import hashlib
import pathlib
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
NAME = f"{PROJECT['name'].replace('-', '_')}-{PROJECT['version']}"
INFO = f"{NAME}.dist-info"
_PYTHON = f"cp{sys.version_info.major}{sys.version_info.minor}"
TAG = f"{_PYTHON}-{_PYTHON}{sys.abiflags}-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
#: How the name of a compiled module ends that this interpreter loads.
SUFFIX: str = sysconfig.get_config_var("EXT_SUFFIX")
#: The interpreter that the presets build for.
SYSTEM_PYTHON = "/usr/bin/python3"


def build_folder() -> pathlib.Path:
    """Of the interpreter that runs this: that of the preset `release` for Debian's own Python, one of its own for any other."""
    asked = "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))"
    is_system = subprocess.run([SYSTEM_PYTHON, "-c", asked], capture_output=True, text=True).stdout.strip() == SUFFIX
    return ROOT / "build" / ("release" if is_system else f"python{SUFFIX.removesuffix('.so')}")


def build(install_packages: bool) -> pathlib.Path:
    """Builds the package for the interpreter that runs this; gives CMake's folder. `install_packages`: what the build needs of Debian's packages is installed first."""
    folder = build_folder()
    if not (folder / "build.ninja").exists():
        if install_packages:
            subprocess.run([ROOT / "tools" / "install", "build"], check=True)
        interpreter = [] if folder.name == "release" else [f"-DPython_EXECUTABLE={sys.executable}"]
        _run(["cmake", "--preset", "release", "-B", folder, *interpreter])
    _run(["ninja", "-C", folder, "omega_python"])
    return folder


def _run(command: list[str | pathlib.Path], quiet: bool = False) -> None:
    try:
        ended = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE if quiet else None)
    except FileNotFoundError:
        sys.exit(f"omega: there is no {command[0]}; what the build needs of Debian's packages is installed by: {ROOT / 'tools/install'} build")
    if ended.returncode != 0:
        sys.exit(f"omega: exit status {ended.returncode} of {' '.join(map(str, command))}; what stands above says why")


def files_of(folder: pathlib.Path) -> dict[str, bytes]:
    """What is installed from CMake's folder, without what debuggers read: every file by its path in site-packages, without the list of them."""
    with tempfile.TemporaryDirectory() as prefix:
        _run(["cmake", "--install", folder, "--component", "python", "--strip", "--prefix", prefix], quiet=True)
        site = pathlib.Path(prefix)
        files = {str(path.relative_to(site)): path.read_bytes() for path in sorted(site.rglob("*")) if path.is_file()}
    if f"omega/_native{SUFFIX}" not in files:
        sys.exit(f"omega: {folder} is built for another interpreter than {sys.executable}: it has no _native{SUFFIX}; leave the folder away and it is built")
    return {**files, **information()}


def information() -> dict[str, bytes]:
    """The files that say what the package is."""
    return {
        f"{INFO}/METADATA": metadata().encode(),
        f"{INFO}/WHEEL": f"Wheel-Version: 1.0\nGenerator: omega\nRoot-Is-Purelib: false\nTag: {TAG}\n".encode(),
        f"{INFO}/licenses/LICENSE": (ROOT / "LICENSE").read_bytes(),
    }


def metadata() -> str:
    """METADATA of the core metadata specification, version 2.1."""
    lines = ["Metadata-Version: 2.1", f"Name: {PROJECT['name']}", f"Version: {PROJECT['version']}", f"Summary: {PROJECT['description']}"]
    lines += ["License: Apache-2.0", f"Requires-Python: {PROJECT['requires-python']}"]
    lines += [f"Classifier: {each}" for each in PROJECT["classifiers"]]
    lines += [f"Requires-Dist: {each}" for each in PROJECT["dependencies"]]
    for extra, needs in PROJECT["optional-dependencies"].items():
        lines += [f"Provides-Extra: {extra}", *(f"Requires-Dist: {each} ; extra == '{extra}'" for each in needs)]
    return "\n".join(lines) + "\nDescription-Content-Type: text/markdown\n\n" + (ROOT / PROJECT["readme"]).read_text()


def record(files: dict[str, bytes]) -> bytes:
    """RECORD: each file with its digest and size, so that pip can list and remove them too."""

    def line(name: str, contents: bytes) -> str:
        digest = base64.urlsafe_b64encode(hashlib.sha256(contents).digest()).rstrip(b"=").decode()
        return f"{name},sha256={digest},{len(contents)}"

    return "\n".join([*(line(*each) for each in files.items()), f"{INFO}/RECORD,,", ""]).encode()


def write_wheel(files: dict[str, bytes], folder: pathlib.Path) -> pathlib.Path:
    """A wheel of the files, the same bytes for the same package; gives its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME}-{TAG}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, contents in {**files, f"{INFO}/RECORD": record(files)}.items():
            entry = zipfile.ZipInfo(name)  # of a fixed time
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if name.endswith(".so") else 0o100644) << 16
            wheel.writestr(entry, contents)
    return path
