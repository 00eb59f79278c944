# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keeps real Ray from outliving the emulator, tried with a shell in Ray's place; and the refusal without Ray."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.emulator import Emulator
from tests.emulator.ray_head import environment
from tests.emulator.ray_keeper import family

ROOT = Path(__file__).parents[3]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def family_of(pid: int, size: int) -> set[int]:
    """Return the family as soon as it has that size."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = family(pid)
        if len(found) == size:
            return found
        time.sleep(0.05)
    raise AssertionError(f"no family of {size}")


@pytest.mark.parametrize(
    ("script", "size"),
    [
        ("sleep 1000 & exec sleep 1000", 2),
        ("(trap '' TERM HUP INT; sleep 1000; :) & setsid sleep 1000 & wait", 4),
    ],
)
def test_nothing_outlives_the_pipe(tmp_path: Path, script: str, size: int) -> None:
    temp = tmp_path / "temp"
    (temp / "inside").mkdir(parents=True)
    command = [sys.executable, "-m", "tests.emulator.ray_keeper", str(temp), "sh", "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as keeper:
        pids = family_of(keeper.pid, size)
        assert keeper.stdin is not None
        keeper.stdin.close()
        assert keeper.wait(timeout=30) == 0
    assert [pid for pid in pids if alive(pid)] == []
    assert not temp.exists()


def test_what_a_command_leaves_behind_is_ended_too(tmp_path: Path) -> None:
    left = tmp_path / "left"
    script = f"setsid sleep 1000 & echo $! > {left}; exit 3"
    command = [sys.executable, "-m", "tests.emulator.ray_keeper", str(tmp_path / "temp"), "sh", "-c", script]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as keeper:
        assert keeper.wait(timeout=30) == 0
    assert not alive(int(left.read_text()))


def test_a_head_sees_nothing_of_the_developer_s_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "canary")
    seen = environment("/nowhere")
    assert "canary" not in seen.values()
    assert (seen["HOME"], seen["RAY_USAGE_STATS_ENABLED"], seen["http_proxy"]) == (
        "/nowhere",
        "0",
        "http://127.0.0.1:9",
    )


def test_real_ray_is_refused_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RuntimeError, match=r"ray\[default\]"):
        Emulator(real_ray=True)
