# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a fleet costs by its size: `python -m tests.benchmarks.fleet_cost`.

Each run is a whole ansible-playbook with one emr_ray_fleet task, against an emulator in a process of its own. The cost
of a fleet is the difference to the same play over one cluster, measured next to it. Nothing here gates a test.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.client import to_wire
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_spec

ROOT = Path(__file__).parents[2]
SIZES = (10, 100, 1000, 5000)
LATENCIES = (0.0, 0.05)
PARALLEL = 10
STARTING = 10.0
OLD, NEW = "as declared", "as newly declared"

Json = dict[str, Any]

# What a list's rows show, and something that they do not.
SHOWN: Json = {
    "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
    "head_spec": {"queue_name": "root_queue", "cpu": "2", "memory": "8Gi"},
    "worker_spec": [
        {
            "group_name": "cpu",
            "worker_type": "CPU",
            "queue_name": "root_queue",
            "cpu": "4",
            "memory": "16Gi",
            "replica": 2,
        }
    ],
}
HIDDEN: Json = {**SHOWN, "head_spec": {**SHOWN["head_spec"], "ray_start_params": "--num-cpus=0"}}


@dataclass
class Case:
    """A play to measure: so many clusters, of which the first ``drift`` are declared otherwise."""

    label: str
    size: int
    latency: float
    defaults: Json
    drift: int = 0
    state: str = "present"


@dataclass
class Run:
    """What one play cost, and what it asked of the service."""

    seconds: float
    megabytes: float
    requests: Counter[str]


class Service:
    """The emulator in a process of its own, by its control API."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Return the answer of the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_emulator{path}", data, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read())

    def prepare(self, case: Case) -> None:
        """Leave nothing but the clusters of a case, and the latency it asks for."""
        self.ask("POST", "/reset", {"rules": True})
        self.ask("PUT", "/timing", {"starting_seconds": STARTING})
        spec = {**to_wire(parse_spec(case.defaults)), "description": OLD}
        self.ask("POST", "/clusters", {"name": "fleet", "count": case.size, "spec": spec})
        self.ask("PUT", "/limits", {"latency": case.latency})
        self.ask("DELETE", "/requests")

    def requests(self) -> Counter[str]:
        """Return how often each operation was asked for."""
        return Counter(entry["operation"] for entry in self.ask("GET", "/requests")["requests"])


@contextmanager
def emulator() -> Iterator[Service]:
    """Give an emulator in a process of its own, so that it has a core of its own too."""
    with tempfile.TemporaryDirectory() as name:
        ready = Path(name) / "ready"
        command = [sys.executable, "-m", "tests.emulator", "--port", "0", "--ready-file", str(ready)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            try:
                while not ready.exists() or not ready.read_text():
                    time.sleep(0.05)
                yield Service(ready.read_text().strip())
            finally:
                process.terminate()


def write(folder: Path, case: Case) -> Path:
    """Write the play of a case."""
    width = len(str(case.size))
    names = [f"fleet-{number:0{width}}" if case.size > 1 else "fleet" for number in range(1, case.size + 1)]
    clusters = [
        {"name": name, "description": NEW if number < case.drift else OLD, "state": case.state}
        for number, name in enumerate(names)
    ]
    options = {"max_parallel": PARALLEL, "defaults": case.defaults, "clusters": clusters}
    tasks: list[Json] = [{"rayops.alicloud.emr_ray_fleet": options}]
    path = folder / "play.yml"
    path.write_text(yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]), encoding="utf-8")
    return path


# Times a command and says how much memory it took at most.
_WATCHER = """
import resource, subprocess, sys, time
started = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.exit(done.returncode)
"""


def run(service: Service, folder: Path, case: Case) -> Run:
    """Run the play of a case. Raises CalledProcessError when it fails."""
    service.prepare(case)
    play = write(folder, case)
    environ = {
        **os.environ,
        "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-access-key",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-access-secret",
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": service.url,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": "w-emulator",
    }
    command = [sys.executable, "-c", _WATCHER, str(Path(sys.executable).parent / "ansible-playbook"), str(play)]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, done.stdout.split())
    return Run(seconds, megabytes, service.requests())


def cases(sizes: list[int]) -> Iterator[Case]:
    """Yield what is measured."""
    for latency in LATENCIES:
        for size in sizes:
            yield Case("no drift, the list suffices", size, latency, SHOWN)
            yield Case("no drift, each cluster is read", size, latency, HIDDEN)
        if 1000 in sizes:
            yield Case("5 % drift, the list suffices", 1000, latency, SHOWN, drift=50)
            yield Case("5 % drift, each cluster is read", 1000, latency, HIDDEN, drift=50)
        yield Case(f"start of all, which takes {STARTING:g} s", 100, latency, SHOWN, state="started")


def main() -> None:
    """Measure, print a table, and write the numbers for the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="fleet sizes (default %(default)s)")
    parser.add_argument("--output", type=Path, help="file for the numbers, as JSON")
    options = parser.parse_args()
    print(f"{'fleet':36} {'size':>5} {'latency':>8} {'s':>6} {'ideal':>6} {'x':>5} {'MB':>4}  requests")
    rows = []
    with emulator() as service, tempfile.TemporaryDirectory() as name:
        for case in cases(options.sizes):
            base = run(service, Path(name), Case("one", 1, case.latency, case.defaults))
            done = run(service, Path(name), case)
            count = sum(done.requests.values())
            ideal = base.seconds + case.latency * count / PARALLEL
            rows.append({**vars(case), **vars(done), "start_up": base.seconds, "ideal": ideal})
            asked = ", ".join(f"{n} {operation}" for operation, n in sorted(done.requests.items()))
            print(
                f"{case.label:36} {case.size:5} {case.latency:8.2f} {done.seconds:6.2f} {ideal:6.2f} "
                f"{done.seconds / ideal:5.2f} {done.megabytes:4.0f}  {asked}",
                flush=True,
            )
    if options.output:
        options.output.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
