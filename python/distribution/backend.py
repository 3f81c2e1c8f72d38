# SPDX-License-Identifier: Apache-2.0
"""What pip asks for, by PEP 517 and, of `pip install -e`, PEP 660. It needs no package of PyPI's: CMake builds, as everywhere.

scikit-build-core makes the wheel where it can be imported: with `--no-build-isolation`, or in an isolated environment where
`--config-settings builder=scikit-build-core` asks for it; that needs an index. `builder=omega` does without in any case, and
`built=FOLDER` takes what is built already in that folder of CMake's.
"""

import gzip
import importlib
import importlib.util
import io
import pathlib
import subprocess
import sys
import tarfile
from types import ModuleType

import distribution

Settings = dict[str, str] | None
SCIKIT_BUILD_CORE = "scikit-build-core>=0.10"


def _builder(settings: Settings) -> str:
    """Who makes the wheel: "omega" or "scikit-build-core"."""
    given = settings or {}
    builder = given.get("builder")
    if builder not in (None, "omega", "scikit-build-core"):
        sys.exit(f"omega: builder={builder}: it must be omega or scikit-build-core; without, it is scikit-build-core where that can be imported")
    if builder == "scikit-build-core" and "built" in given:
        sys.exit("omega: built=FOLDER: scikit-build-core builds in a folder of its own; leave one of built and builder away")
    return builder or ("omega" if "built" in given or not _is_importable() else "scikit-build-core")


def _is_importable() -> bool:
    return importlib.util.find_spec("scikit_build_core") is not None


def _scikit_build_core() -> ModuleType:
    """Its hooks."""
    if not _is_importable():
        sys.exit("omega: builder=scikit-build-core: it cannot be imported; leave --no-build-isolation away, so that pip gets it from its index, or install it")
    return importlib.import_module("scikit_build_core.build")


def _theirs(settings: Settings) -> Settings:
    """What is said to scikit-build-core, which refuses keys that it does not know."""
    return {key: value for key, value in (settings or {}).items() if key not in ("builder", "built")}


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Of packages of PyPI's nothing, unless it is asked for: a machine without an index could not have it."""
    if _builder(config_settings) == "omega":
        return []
    return list(_scikit_build_core().get_requires_for_build_wheel(_theirs(config_settings))) if _is_importable() else [SCIKIT_BUILD_CORE]


def _built(settings: Settings) -> pathlib.Path:
    given = (settings or {}).get("built")
    return pathlib.Path(given).absolute() if given is not None else distribution.build(install_packages=False)


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    if _builder(config_settings) == "scikit-build-core":
        return str(_scikit_build_core().build_wheel(wheel_directory, _theirs(config_settings), metadata_directory))
    return distribution.write_wheel(distribution.files_of(_built(config_settings)), pathlib.Path(wheel_directory)).name


def build_editable(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """The build folder holds links to the sources, so that it is what an installation to edit points to."""
    path = {"omega_parallel.pth": f"{_built(config_settings) / 'python'}\n".encode()}
    return distribution.write_wheel({**path, **distribution.information()}, pathlib.Path(wheel_directory)).name


def prepare_metadata_for_build_editable(metadata_directory: str, config_settings: Settings = None) -> str:
    for name, contents in distribution.information().items():
        path = pathlib.Path(metadata_directory, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents)
    return distribution.INFO


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    if _builder(config_settings) == "scikit-build-core":
        return str(_scikit_build_core().prepare_metadata_for_build_wheel(metadata_directory, _theirs(config_settings)))
    return prepare_metadata_for_build_editable(metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """All files that git lists, in the same bytes for the same files."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=distribution.ROOT, capture_output=True)
    if listed.returncode != 0:
        sys.exit(f"omega: a source distribution is made of the files that git lists: {listed.stderr.decode().strip()}")
    contents = {name: (distribution.ROOT / name).read_bytes() for name in sorted(listed.stdout.decode().split("\0")) if name}
    contents["PKG-INFO"] = distribution.metadata().encode()
    path = pathlib.Path(sdist_directory, f"{distribution.NAME}.tar.gz")
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name, data in contents.items():
            entry = tarfile.TarInfo(f"{distribution.NAME}/{name}")
            entry.size = len(data)
            entry.mode = 0o755 if data.startswith(b"#!") else 0o644
            archive.addfile(entry, io.BytesIO(data))
    return path.name
