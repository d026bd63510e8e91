"""Become another program with less power: `python -I -S confined.py PARENT BYTES PROGRAM ARG…`.

Runs as a script before the engine does, because what it sets is kept across exec and must not be
set in a thread of the server between fork and exec. PARENT is the process whose death ends this
one (Linux), BYTES the limit of the address space (0: none). On Linux the program cannot connect
to any address: the call is forbidden by a seccomp filter, where the processor is a known one.
Imports nothing of the project.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2
_LOAD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06  # classic BPF
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refused with EPERM
_IO_URING_SETUP = 425  # another way to connect, and the same number everywhere
# Name of the machine → (its number in audit.h, its number of connect).
_MACHINES = {"x86_64": (0xC000003E, 42), "aarch64": (0xC00000B7, 203), "riscv64": (0xC00000F3, 203)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _die_with(libc: ctypes.CDLL, parent: int) -> None:
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it died before the line above
        sys.exit(1)


def _forbid_connecting(libc: ctypes.CDLL) -> bool:
    known = _MACHINES.get(os.uname().machine)
    if not known or sys.byteorder != "little":
        return False
    audit, connect = known

    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("HBBI", code, then, otherwise, value)

    rules = (
        step(_LOAD, 4),  # the machine whose call this is
        step(_JUMP_IF_EQUAL, audit, then=1),
        step(_RETURN, _KILL),
        step(_LOAD, 0),  # the call's number
        step(_JUMP_IF_EQUAL, connect, then=1),
        step(_JUMP_IF_EQUAL, _IO_URING_SETUP, otherwise=1),
        step(_RETURN, _REFUSE),
        step(_RETURN, _ALLOW),
    )
    code = ctypes.create_string_buffer(b"".join(rules))
    program = _Program(len(rules), ctypes.addressof(code))
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def main() -> None:
    """Set the limits and become the program; says on standard error what could not be set."""
    parent, space, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        _die_with(libc, parent)
        if not _forbid_connecting(libc):
            print("the engine's process can open connections: no filter here", file=sys.stderr)
    if space:
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        limit = space if hard == resource.RLIM_INFINITY else min(space, hard)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    os.execv(program, sys.argv[3:])  # noqa: S606 - becoming the program is what this is for


if __name__ == "__main__":
    main()
