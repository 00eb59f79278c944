# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.emulator.ray_keeper TEMP COMMAND...`: run a command until standard input ends, then end all of it.

The emulator holds the other end of the pipe: whatever becomes of it, no Ray process outlives it, and no folder.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

_ROUNDS = 50
_ROUND_SECONDS = 0.1
# <linux/prctl.h>
_PR_SET_CHILD_SUBREAPER = 36


def adopt() -> None:
    """Become the parent of all descendants whose own parent ends, so that none gets lost (Linux; no harm elsewhere)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def processes() -> list[tuple[int, int]]:
    """Return id and parent of every living process (zombies do not count)."""
    stats = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            stats.append(entry.read_text(errors="replace"))
    if not stats:
        # A system without /proc: ps shows itself as well.
        with subprocess.Popen(["ps", "-A", "-o", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True) as process:
            rows = [line.split() for line in process.communicate()[0].splitlines()]
        found = [(int(row[0]), int(row[1])) for row in rows if not row[2].startswith("Z")]
        return [(pid, parent) for pid, parent in found if pid != process.pid]
    # "12 (a name) S 1 ...": the name may have brackets and spaces in it.
    parts = [(stat.partition(" ")[0], stat.rpartition(")")[2].split()) for stat in stats]
    return [(int(pid), int(rest[1])) for pid, rest in parts if rest[0] != "Z"]


def family(root: int) -> set[int]:
    """Return the ids of a process' living descendants.

    By parents, not by session: Ray starts each job's entrypoint in a session of its own.
    """
    children: dict[int, list[int]] = {}
    for pid, parent in processes():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    generation = [root]
    while generation:
        generation = [child for parent in generation for child in children.get(parent, [])]
        found.update(generation)
    return found


def end() -> None:
    """Kill all descendants of this process: first none of them can make another, then none of them is left."""
    for _round in range(_ROUNDS):
        frozen: set[int] = set()
        while new := family(os.getpid()) - frozen:
            _signal(new, signal.SIGSTOP)
            frozen |= new
        if not frozen:
            return
        _signal(frozen, signal.SIGKILL)
        time.sleep(_ROUND_SECONDS)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _signal(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _read_to_end() -> None:
    # Not through sys.stdin: an interpreter that ends waits for the lock of its buffer.
    while os.read(0, 4096):
        pass


def main(arguments: list[str]) -> int:
    """Run, wait for the end of standard input (or of the command), clean up; returns the exit code."""
    temp, *command = arguments
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    adopt()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        told = threading.Thread(target=_read_to_end, daemon=True)
        told.start()
        while told.is_alive() and process.poll() is None:
            told.join(_ROUND_SECONDS)
    finally:
        end()
        shutil.rmtree(temp, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
