# SPDX-License-Identifier: Apache-2.0
"""What pip asks for, by PEP 517 and, of `pip install -e`, PEP 660. It needs no package of PyPI's: CMake builds, as everywhere.

`--config-settings package=FOLDER` takes a package that is built already.
"""

import gzip
import io
import pathlib
import subprocess
import sys
import tarfile

import distribution

Settings = dict[str, str] | None


def _package(settings: Settings) -> pathlib.Path:
    given = (settings or {}).get("package")
    return pathlib.Path(given).absolute() if given is not None else distribution.build(install_packages=False)


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    return distribution.write_wheel(distribution.files_of(_package(config_settings)), pathlib.Path(wheel_directory)).name


def build_editable(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """The build folder holds links to the sources, so that it is what an installation to edit points to."""
    path = {"omega_parallel.pth": f"{_package(config_settings).parent}\n".encode()}
    return distribution.write_wheel({**path, **distribution.information()}, pathlib.Path(wheel_directory)).name


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings = None) -> str:
    for name, contents in distribution.information().items():
        path = pathlib.Path(metadata_directory, name)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(contents)
    return distribution.INFO


prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel


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
