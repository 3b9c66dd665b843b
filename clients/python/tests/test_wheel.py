"""The wheel: its tag, its binary and its version."""

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent
CARGO = (PACKAGE.parent.parent / "Cargo.toml").read_text()


def build(folder, **variables):
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PUTEVENTS_MOCK_")}
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=PACKAGE,
        env={**inherited, **variables},
        capture_output=True,
        text=True,
    )


def wheel(folder, **variables):
    built = build(folder, **variables)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.parametrize(
    ("platform", "name"),
    [
        ("manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64", "putevents-mock"),
        ("macosx_11_0_arm64", "putevents-mock"),
        ("win_amd64", "putevents-mock.exe"),
    ],
)
def test_a_wheel_with_a_binary_has_the_tag_of_its_platform(tmp_path, platform, name):
    binary = tmp_path / "a-binary"
    binary.write_text("the binary")
    binary.chmod(0o600)
    path = wheel(tmp_path, PUTEVENTS_MOCK_BUNDLE=str(binary), PUTEVENTS_MOCK_PLATFORM=platform)
    assert path.name.endswith(f"-py3-none-{platform}.whl")
    with zipfile.ZipFile(path) as archive:
        packed = archive.getinfo(f"putevents_mock/bin/{name}")
        assert archive.read(packed) == b"the binary"
        assert packed.external_attr >> 16 & 0o777 == 0o755
        (info,) = [name for name in archive.namelist() if name.endswith("/WHEEL")]
        lines = archive.read(info).decode().splitlines()
        assert {f"Tag: py3-none-{each}" for each in platform.split(".")} == {line for line in lines if line.startswith("Tag")}
        assert "Root-Is-Purelib: false" in lines


def test_a_wheel_without_a_binary_fits_every_platform(tmp_path):
    path = wheel(tmp_path)
    assert path.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert not [name for name in names if "/bin/" in name]
        for file in ("py.typed", "plan.py", "plugin.py"):
            assert f"putevents_mock/{file}" in names
        assert len([name for name in names if "LICENSE" in name]) == 2
        (metadata,) = [archive.read(name).decode() for name in names if name.endswith("/METADATA")]
    assert "Requires-Dist" not in metadata and "Requires-Python: >=3.9" in metadata


def test_a_binary_needs_its_platform(tmp_path):
    assert (
        "PUTEVENTS_MOCK_BUNDLE and PUTEVENTS_MOCK_PLATFORM belong together"
        in build(tmp_path, PUTEVENTS_MOCK_PLATFORM="win_amd64").stderr
    )
    missing = {"PUTEVENTS_MOCK_BUNDLE": str(tmp_path / "none"), "PUTEVENTS_MOCK_PLATFORM": "win_amd64"}
    assert "and there is no such file" in build(tmp_path, **missing).stderr


def test_the_version_is_that_of_the_crate():
    assert version("putevents-mock") == re.search('^version = "(.+)"$', CARGO, re.M)[1]
