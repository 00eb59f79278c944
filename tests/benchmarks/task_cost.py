# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task that finds nothing to do costs, next to ansible.builtin.ping: `python -m tests.benchmarks.task_cost`.

The cost of one task is the difference between a play of many and a play of one, divided; every round measures each kind
once, in turn, and the ratios are formed within the round, so that a machine whose speed drifts does not spoil them.
Nothing here gates a test.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from tests.emulator import Emulator

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
BASE = "ping"


def kinds(emulator: Emulator, cluster_id: str) -> dict[str, dict[str, Any]]:
    """Return the plays to compare, without their tasks' repetition: what they are called, one task, variables."""
    ours = {"rayops.alicloud.emr_ray_cluster": {"cluster_id": cluster_id, "description": "", "state": "present"}}
    plain = {
        "endpoint": emulator.endpoint,
        "access_key_id": emulator.access_key_id,
        "access_key_secret": emulator.access_key_secret,
        "workspace_id": emulator.workspace_id,
        "cluster_id": cluster_id,
    }
    uri = {"url": f"{emulator.url}/_emulator/", "method": "GET"}
    return {
        BASE: {"task": {"ansible.builtin.ping": {}}},
        "in the worker": {"task": ours},
        "as a module": {"task": ours, "vars": {"rayops_alicloud_in_process": False}},
        "plain module on the official SDK": {"task": {"plain_sdk": plain}},
        "ansible.builtin.uri, one GET without a signature": {"task": {"ansible.builtin.uri": uri}},
    }


def write(folder: Path, kind: dict[str, Any], count: int) -> Path:
    """Write a play that runs the task of a kind so many times."""
    path = folder / f"play-{id(kind)}-{count}.yml"
    tasks = [{"name": f"Task {number}", **kind["task"]} for number in range(count)]
    play = {"name": "Play", "hosts": "localhost", "gather_facts": False, "vars": kind.get("vars", {}), "tasks": tasks}
    path.write_text(yaml.safe_dump([play]), encoding="utf-8")
    return path


def seconds(play: Path, env: dict[str, str]) -> float:
    """Return how long a whole ansible-playbook takes. Raises CalledProcessError when it fails."""
    command = [str(Path(sys.executable).parent / "ansible-playbook"), str(play)]
    started = time.perf_counter()
    subprocess.run(command, check=True, env=env, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    return time.perf_counter() - started


def environment(emulator: Emulator) -> dict[str, str]:
    """Return the environment of a play against the emulator."""
    return {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ANSIBLE_LIBRARY": str(HERE / "library"),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": emulator.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": emulator.access_key_secret,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": emulator.url,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": emulator.workspace_id,
    }


def measure(tasks: int, rounds: int) -> dict[str, list[float]]:
    """Return, for each kind, the seconds of one task in every round."""
    with Emulator() as emulator, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (cluster_id,) = emulator.seed("bench")
        env = environment(emulator)
        plays = {
            label: (write(folder, kind, tasks + 1), write(folder, kind, 1))
            for label, kind in kinds(emulator, cluster_id).items()
        }
        found: dict[str, list[float]] = {label: [] for label in plays}
        for _round in range(rounds):
            for label, (many, one) in plays.items():
                found[label].append((seconds(many, env) - seconds(one, env)) / tasks)
        return found


def loops(count: int, rounds: int) -> list[tuple[float, float]]:
    """Return, for each round, the seconds of a loop of no-ops in the worker and of the same over a plain SDK module."""
    with Emulator() as emulator, tempfile.TemporaryDirectory() as name:
        (cluster_id,) = emulator.seed("bench")
        plays = []
        for label, kind in kinds(emulator, cluster_id).items():
            if label in ("in the worker", "plain module on the official SDK"):
                kind["task"] |= {"loop": list(range(count))}
                many, none = (write(Path(name), kind, times) for times in (1, 0))
                plays.append((many, none))
        env = environment(emulator)
        ours, plain = plays
        return [
            (seconds(ours[0], env) - seconds(ours[1], env), seconds(plain[0], env) - seconds(plain[1], env))
            for _round in range(rounds)
        ]


def report(found: dict[str, list[float]]) -> str:
    """Return a table: milliseconds of one task, and its ratio to ping, each as minimum, median and maximum."""
    lines = [f"{'one task that finds nothing to do':50} {'ms':>6}   ratio to {BASE}: min median max"]
    for label, times in found.items():
        ratios = [its / base for its, base in zip(times, found[BASE], strict=True)]
        spread = f"{min(ratios):.2f} {statistics.median(ratios):.2f} {max(ratios):.2f}"
        lines.append(f"{label:50} {1000 * statistics.median(times):6.0f}   {spread}")
    return "\n".join(lines)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=20, help="tasks in a play (default %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default %(default)s)")
    parser.add_argument("--loop", type=int, default=100, help="items of the loop, 0 for none (default %(default)s)")
    options = parser.parse_args()
    print(report(measure(options.tasks, options.rounds)), flush=True)
    if options.loop:
        for ours, plain in loops(options.loop, options.rounds):
            print(
                f"a loop of {options.loop}: {ours:.2f} s in the worker, {plain:.2f} s as plain modules on the official "
                f"SDK, {plain / ours:.1f} times as long",
                flush=True,
            )


if __name__ == "__main__":
    main()
