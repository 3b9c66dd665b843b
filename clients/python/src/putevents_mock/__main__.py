"""The command `putevents-mock`: the binary of the package with the arguments of the command."""

import os
import subprocess
import sys

from . import binary
from .errors import MissingBinaryError


def main() -> int:
    """Runs the binary in the place of this process. On Windows, runs it and returns its status."""
    try:
        path = str(binary.find())
    except MissingBinaryError as error:
        print(f"putevents-mock: {error}", file=sys.stderr)
        return 2
    arguments = [path, *sys.argv[1:]]
    try:
        if sys.platform == "win32":
            return subprocess.call(arguments)
        os.execv(path, arguments)
    except OSError as error:
        print(f"putevents-mock: cannot start {path}: {error.strerror}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
