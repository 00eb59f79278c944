# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, answers' shapes, the control API and the command line."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docs.pages import guide_path, table_rows
from tests.emulator import Clock, Emulator, Timing
from tests.emulator.__main__ import make_core, parser
from tests.emulator.control_api import HANDLERS
from tests.emulator.faults import KINDS
from tests.emulator.limits import Limits
from tests.emulator.rules import Rules
from tests.emulator.server import bind

ROOT = Path(__file__).parents[3]
BASE = "/api/v1/workspaces/w-emulator/rayCluster"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/v1/workspace"),
        ("GET", "/api/v1/workspaces/w-emulator/ray/rj-x/logs"),
        ("GET", "/api/v1/workspaces/w-emulator/raycluster"),
        ("GET", f"{BASE}/"),
        ("PUT", BASE),
        ("GET", f"{BASE}/ray-x/start"),
        ("POST", f"{BASE}/ray-x/restart"),
        ("POST", f"{BASE}/ray-x/start/again"),
        ("GET", "/api/v2/workspaces/w-emulator/rayCluster"),
    ],
)
def test_unknown_paths(client: Any, method: str, path: str) -> None:
    response = client.send(method, path, "ListRayCluster")
    assert (response.status_code, response.json()["Code"]) == (404, "InvalidApi.NotFound")
    assert client.emulator.operations() == ["Unknown"]


@pytest.mark.parametrize("cluster_id", ["ray-unknown", "../x", "a/b", "%2F", "ray\n", "ü"])
def test_an_unknown_id_is_an_unknown_cluster_whatever_is_in_it(client: Any, cluster_id: str) -> None:
    response = client.call("GetRayCluster", cluster_id)
    assert (response.status_code, response.json()["code"]) == (404, "RayCluster.NotFound")
    assert cluster_id in response.json()["message"]


def test_unknown_workspace_answers_without_a_code(client: Any) -> None:
    response = client.call("ListRayCluster", workspace_id="w-other")
    assert response.status_code == 404
    assert set(response.json()) == {"requestId", "message"}


def test_missing_queue_answers_with_an_empty_code(client: Any, body: Any) -> None:
    response = client.call("CreateRayCluster", body=body(headSpec={"cpu": "1", "memory": "1Gi"}))
    assert response.status_code == 400
    assert (response.json()["code"], response.json()["message"]) == ("", "queueName: null is not valid")


def test_shapes_of_good_answers(client: Any, body: Any) -> None:
    created = client.call("CreateRayCluster", body=body()).json()
    assert set(created) == {"requestId", "clusterId"}
    cluster_id = created["clusterId"]
    assert set(client.call("UpdateRayCluster", cluster_id, body=body()).json()) == {"requestId", "clusterId"}
    assert set(client.call("ListRayCluster").json()) == {"requestId", "rayClusters"}
    assert set(client.call("StartRayCluster", cluster_id, body={}).json()) == {"requestId"}
    assert set(client.call("StopRayCluster", cluster_id, body={}).json()) == {"requestId"}
    client.emulator.advance(1)
    response = client.call("DeleteRayCluster", cluster_id)
    assert set(response.json()) == {"requestId"}
    assert response.headers["x-acs-request-id"] == response.json()["requestId"]
    assert client.emulator.operations()[-1] == "DeleteRayCluster"
    assert [entry.method for entry in client.emulator.writes()] == ["POST", "POST", "POST", "POST", "DELETE"]


def test_journal(client: Any, body: Any) -> None:
    client.call("ListRayCluster", query={"pageSize": 5}, headers={"user-agent": "tester"})
    client.call("CreateRayCluster", body=body())
    client.call("CreateRayCluster", content=b"\xff{")
    first, second, third = client.emulator.journal
    assert (first.operation, first.path, first.query, first.body) == ("ListRayCluster", BASE, {"pageSize": "5"}, None)
    assert (first.status, first.signed_ok, first.headers["user-agent"]) == (200, True, "tester")
    assert second.body == body()
    assert (third.status, third.code) == (400, "InvalidParameter.Format")


def test_only_the_loopback_is_bound() -> None:
    for host in ("0.0.0.0", "192.0.2.1", "example.com", "::"):
        with pytest.raises(ValueError, match="loopback only"):
            Emulator(host=host)
        with pytest.raises(ValueError, match="loopback only"):
            bind(host, 0)
    with Emulator(host="localhost") as emulator:
        assert emulator.url == f"http://{emulator.endpoint}"
        with pytest.raises(OSError, match="in use"):
            bind("127.0.0.1", int(emulator.endpoint.rpartition(":")[2]))


def test_rules_timing_and_workspaces_of_one_s_own() -> None:
    rules, timing = {"created": "starting"}, Timing(1, 2, 3)
    with Emulator(rules=rules, timing=timing, workspaces=["w-1", "w-2"], clock=Clock(frozen=True)) as emulator:
        assert (emulator.rules.created, emulator.timing.stopping_seconds) == ("starting", 2)
        emulator.seed(workspace_id="w-2")
        assert (len(emulator.clusters("w-1")), len(emulator.clusters("w-2"))) == (0, 1)


class Control:
    """The control API of the running emulator, on the shared connection."""

    def __init__(self, emulator: Emulator, http: httpx.Client) -> None:
        self._base = emulator.url + "/_emulator"
        self._http = http

    def __getattr__(self, method: str) -> Callable[..., httpx.Response]:
        return lambda path, **options: self._http.request(method.upper(), self._base + path, **options)


@pytest.fixture
def control(emulator: Emulator, http: httpx.Client) -> Control:
    return Control(emulator, http)


def test_control_rules_timing_clock(control: Control, client: Any) -> None:
    assert control.put("/rules", json={"update": "replace"}).json()["update"] == "replace"
    assert control.put("/timing", json={"starting_seconds": 100}).json()["starting_seconds"] == 100
    (cluster_id,) = control.post("/clusters", json={"name": "a", "state": "Starting"}).json()["ids"]
    control.put("/clock", json={"advance": 99})
    assert client.get(cluster_id)["state"] == "Starting"
    control.put("/clock", json={"advance": 1})
    state = control.get("/").json()
    assert state == control.get("/state").json()
    assert (state["rules"]["update"], state["timing"]["starting_seconds"]) == ("replace", 100)
    assert state["workspaces"]["w-emulator"][0]["state"] == "Running"
    assert state["requests"] == 1


def test_control_faults_requests_reset(control: Control, client: Any) -> None:
    control.post("/faults", json={"kind": "http_500", "operation": "ListRayCluster", "times": 1})
    control.post("/faults", json=[{"kind": "html_502"}, {"kind": "throttle", "status": 429}])
    assert [fault["kind"] for fault in control.get("/faults").json()["faults"]] == ["http_500", "html_502", "throttle"]
    assert client.call("ListRayCluster").status_code == 500
    assert len(control.get("/faults").json()["faults"]) == 2
    assert control.delete("/faults").status_code == 200
    assert client.call("ListRayCluster").status_code == 200
    entries = control.get("/requests").json()["requests"]
    assert [(entry["operation"], entry["status"]) for entry in entries] == [("ListRayCluster", s) for s in (500, 200)]
    control.delete("/requests")
    assert control.get("/requests").json() == {"requests": []}
    control.post("/clusters", json={"name": "a", "count": 2})
    control.put("/rules", json={"update": "clear"})
    control.post("/reset")
    assert control.get("/").json()["workspaces"] == {"w-emulator": []}
    assert control.get("/").json()["rules"]["update"] == "clear"
    control.post("/reset", json={"rules": True})
    assert control.get("/").json()["rules"]["update"] == "patch"


def test_control_clusters(control: Control, client: Any) -> None:
    (cluster_id,) = control.post("/clusters", json={"name": "a", "spec": {"description": "d"}}).json()["ids"]
    got = control.patch(f"/clusters/{cluster_id}", json={"state": "Error", "message": "bad", "description": "e"}).json()
    assert (got["state"], got["message"], got["description"]) == ("Error", "bad", "e")
    assert client.get(cluster_id)["instances"][0]["type"] == "Head"
    assert control.delete(f"/clusters/{cluster_id}").status_code == 200
    assert client.call("GetRayCluster", cluster_id).status_code == 404


def test_control_jobs_and_what_is_around(control: Control, emulator: Emulator) -> None:
    plan = control.post("/plans", json={"name": "j", "status": "Failed", "message": "m"}).json()
    assert (plan["status"], plan["times"]) == ("Failed", 1)
    submission_id = control.post("/jobs", json={"name": "j", "entrypoint": "sleep 1"}).json()["id"]
    emulator.advance(10)
    state = control.get("/").json()
    assert [job["message"] for job in state["jobs"]["w-emulator"]] == ["m"]
    assert control.patch(f"/jobs/{submission_id}", json={"status": "Running"}).json()["status"] == "Running"
    assert control.put("/limits", json={"latency": 0.5}).json()["latency"] == 0.5
    got = control.put("/workspaces/w-2", json={"workspaceName": "two", "queues": ["q"]}).json()
    assert (got["workspaceName"], got["queues"][0]["queueName"]) == ("two", "q")
    assert control.put("/releases", json=["x (Ray 1)"]).json()["releaseVersions"][0]["releaseVersion"] == "x"


def test_control_accounts_and_denials(control: Control, client: Any) -> None:
    control.put("/accounts", json=[{"access_key_id": "mine", "access_key_secret": "s"}])
    assert client.call("ListRayCluster", key=("mine", "s")).status_code == 200
    control.put("/denied", json={"operations": ["ListRayCluster"]})
    assert client.call("ListRayCluster").json()["Code"] == "NoPermission"
    control.put("/denied", json={"operations": []})
    assert client.call("ListRayCluster").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/rules", {"nope": 1}, 400),
        ("PUT", "/rules", [], 400),
        ("PUT", "/timing", {"starting_seconds": -1}, 400),
        ("PUT", "/clock", {"advance": -1}, 400),
        ("PUT", "/clock", {}, 404),
        ("POST", "/faults", {"kind": "nope"}, 400),
        ("POST", "/clusters", {"nope": 1}, 400),
        ("POST", "/clusters", {"workspace_id": "w-other"}, 400),
        ("POST", "/clusters", {"spec": {"headSpec": "text"}}, 400),
        ("PATCH", "/clusters/ray-unknown", {}, 404),
        ("DELETE", "/clusters/ray-unknown", None, 404),
        ("PUT", "/accounts", [{"nope": 1}], 400),
        ("PUT", "/limits", {"nope": 1}, 400),
        ("POST", "/plans", {"status": "nope"}, 400),
        ("POST", "/jobs", {"entrypoint": ""}, 400),
        ("PATCH", "/jobs/rj-unknown", {}, 404),
        ("PUT", "/workspaces/w-3", {"queues": [{}]}, 400),
    ],
)
def test_control_says_what_is_wrong(control: Control, method: str, path: str, body: Any, status: int) -> None:
    response = getattr(control, method.lower())(path, json=body)
    assert (response.status_code, list(response.json())) == (status, ["error"])


def test_command_line_options() -> None:
    options = ["--rules", '{"update": "clear"}', "--rule", "created=starting", "--timing", "starting_seconds=1.5"]
    options += ["--workspace", "w-1", "--access-key", "id:secret", "--access-key", "sts:secret:to:ken"]
    options += ["--limit", "burst=5", "--region", "cn-beijing"]
    core = make_core(parser().parse_args(options))
    assert (core.rules.update, core.rules.created, core.timing.starting_seconds) == ("clear", "starting", 1.5)
    assert list(core.service.workspaces) == ["w-1"]
    assert (core.limits.burst, core.site.region) == (5, "cn-beijing")
    assert core.verifier.accounts["sts"].security_token == "to:ken"
    with pytest.raises(ValueError, match="access-key"):
        make_core(parser().parse_args(["--access-key", "id"]))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_line_runs_until_told_to_stop(tmp_path: Path, number: signal.Signals) -> None:
    ready = tmp_path / "ready"
    command = [sys.executable, "-m", "tests.emulator", "--port", "0", "--ready-file", str(ready)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            url = line.rpartition(" ")[2].strip()
            assert httpx.get(url + "/_emulator/", trust_env=False).json()["requests"] == 0
            assert ready.read_text(encoding="utf-8") == url + "\n"
            process.send_signal(number)
            assert process.wait(timeout=10) == 0
        finally:
            process.kill()


def test_command_line_refuses_other_addresses() -> None:
    command = [sys.executable, "-m", "tests.emulator", "--host", "0.0.0.0", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "loopback only" in done.stderr


def test_documentation_is_complete() -> None:
    page = guide_path("emulator")
    text = page.read_text(encoding="utf-8")
    names = [*Rules().as_dict(), *Timing().as_dict(), *Limits().as_dict(), *KINDS]
    names += [f"{method} {path.replace('{target}', 'ID')}" for method, path in HANDLERS if path != "/state"]
    names += [action.option_strings[0] for action in parser()._actions if action.dest != "help"]
    assert [name for name in names if f"``{name}``" not in text and f"``{name} " not in text] == []
    for kind, params in KINDS.items():
        (row,) = [row for row in table_rows(page) if row[0] == f"``{kind}``"]
        assert [name for name in params if name != "effect" and f"``{name}``" not in row[1]] == []
