"""Become another program with less power: `python -I -S limited.py PARENT BYTES PROGRAM ARG…`.

Runs as a script before the program does, because what it sets is kept across exec and must not be
set in a thread between fork and exec. PARENT is the process whose death ends this one (Linux),
BYTES the size that no file of the program may pass. Imports nothing of the project.
"""

from __future__ import annotations

import os
import sys

_PR_SET_PDEATHSIG = 1


def _become(parent: int, size: int, program: list[str]) -> None:
    if os.name == "posix":
        import ctypes
        import resource
        import signal

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:  # it died before the line above
                sys.exit(1)
    os.execvp(program[0], program)  # noqa: S606 no shell is wanted


if __name__ == "__main__":
    _become(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
