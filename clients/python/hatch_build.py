"""Puts the binary into the wheel, and gives the wheel the tag of its platform.

PUTEVENTS_MOCK_BUNDLE is the path of the binary. PUTEVENTS_MOCK_PLATFORM is the platform of the tag, such as `linux_x86_64`,
`macosx_11_0_arm64`, `win_amd64`, or several with dots between them. Without both the wheel has no binary and fits every platform.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE, PLATFORM = "PUTEVENTS_MOCK_BUNDLE", "PUTEVENTS_MOCK_PLATFORM"


class Bundle(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: "dict[str, Any]") -> None:
        root = Path(self.root).parent.parent
        for name in ("LICENSE-APACHE", "LICENSE-MIT"):
            build_data["extra_metadata"][str(root / name)] = name
        binary, platform = os.environ.get(BUNDLE), os.environ.get(PLATFORM)
        if bool(binary) != bool(platform):
            raise SystemExit(f"{BUNDLE} and {PLATFORM} belong together: set both, or none for a wheel without a binary")
        if not binary or not platform or version == "editable":
            return
        if not Path(binary).is_file():
            raise SystemExit(f"{BUNDLE} is {binary}, and there is no such file")
        suffix = ".exe" if platform.startswith("win") else ""
        # A binary that was packed on its way here may have lost its mode. The one in the wheel can be executed.
        self.folder = tempfile.TemporaryDirectory()
        copy = shutil.copyfile(binary, Path(self.folder.name, "putevents-mock"))
        copy.chmod(0o755)
        build_data["force_include"][str(copy)] = f"putevents_mock/bin/putevents-mock{suffix}"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
