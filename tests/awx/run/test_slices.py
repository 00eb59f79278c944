# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Job slicing: many clusters of the inventory plugin, in three jobs at once, each with one limit on requests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.emulator import Emulator
from tests.emulator.journal import Entry

from .conftest import Begin
from .definitions import ROOT, Json, inventory_script
from .planted_secrets import KEY

COUNT, LIMIT = 46, 8
SLICES = 3


def imported(home: Path, where: Json) -> tuple[dict[str, Json], dict[str, list[str]]]:
    """Return hosts and groups as an inventory source of AWX imports them: what ansible-inventory says of our file."""
    env = {
        **os.environ,
        "HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY["access_key_secret"],
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": where["workspace_id"],
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": where["endpoint"],
    }
    source = ROOT / "playbooks" / "inventory" / "clusters.emr_ray.yml"
    command = [str(Path(sys.executable).parent / "ansible-inventory"), "-i", str(source), "--list", "--export"]
    found = json.loads(subprocess.run(command, env=env, capture_output=True, check=True, timeout=60).stdout)
    groups = {name: group["hosts"] for name, group in found.items() if name != "_meta" and group.get("hosts")}
    return found["_meta"]["hostvars"], {
        name: hosts for name, hosts in groups.items() if name not in ("all", "ungrouped")
    }


def a_slice(hosts: dict[str, Json], groups: dict[str, list[str]], number: int) -> str:
    """Return the inventory of one slice: every third host, by name, and what of them is in which group."""
    chosen = sorted(hosts)[number::SLICES]
    return inventory_script(
        {name: hosts[name] for name in chosen},
        {name: [host for host in members if host in chosen] for name, members in groups.items()},
    )


def test_three_slices_of_many_clusters(begin: Begin, emulator: Emulator, home: Path, where: Json) -> None:
    emulator.seed("many", count=COUNT, state="Running")
    hosts, groups = imported(home, where)
    assert len(hosts) == len(groups["state_running"]) == COUNT
    emulator.journal.clear()
    answers = {
        "rayops_fleet_state": "stopped",
        "rayops_requests_per_second": str(LIMIT),
        "rayops_max_clusters": COUNT,
    }
    jobs = [
        begin("fleet", answers, inventory=a_slice(hosts, groups, number), limit="state_running")
        for number in range(SLICES)
    ]
    assert not any(job.over for job in jobs), "they work at the same time"
    done = [job.wait() for job in jobs]
    assert [one.status for one in done] == ["successful"] * SLICES
    assert {cluster["state"] for cluster in emulator.clusters()} == {"Stopped"}
    stopped = [entry.path for entry in emulator.journal if entry.operation == "StopRayCluster"]
    assert len(stopped) == len(set(stopped)) == COUNT, "every cluster is stopped once, by one slice"
    sizes = [len(one.artifacts["rayops_result"]["states"]) for one in done]
    assert sorted(sizes) == [15, 15, 16]
    for one in done:
        assert sorted(one.artifacts["rayops_result"]["states"].values()) == ["Stopped"] * len(
            one.artifacts["rayops_result"]["states"]
        )
    limits_hold(emulator, hosts)


def limits_hold(emulator: Emulator, hosts: dict[str, Json]) -> None:
    """See in the emulator's log that each slice kept to its own limit.

    Two requests may arrive at once that were not sent at once, so it goes by how long all of them took.
    """
    owner = {identity(hosts[name]): place % SLICES for place, name in enumerate(sorted(hosts))}
    for number in range(SLICES):
        arrived = [entry.arrived for entry in emulator.journal if owner.get(cluster_of(entry)) == number]
        assert len(arrived) >= COUNT // SLICES * 2, "each cluster is read and stopped"
        assert len(arrived) - 1 <= LIMIT * (max(arrived) - min(arrived) + 1)


def identity(host: Json) -> str:
    """Return the id of a host's cluster; before ansible-core 2.19 text that is no template is wrapped in the export."""
    value = host["ray_cluster_id"]
    return str(value["__ansible_unsafe"] if isinstance(value, dict) else value)


def cluster_of(entry: Entry) -> str:
    """Return the id of the cluster that a request is about, empty for none."""
    words = [word for word in entry.path.split("/") if word.startswith("ray-")]
    return words[0] if words else ""
