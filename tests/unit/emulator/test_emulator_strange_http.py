# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Strange rules over HTTP: lists, refusals, reads that are behind, and the official SDK under all of them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import httpx
import pytest
from alibabacloud_emr_serverless_spark20230808.models import (  # type: ignore[import-untyped]
    ListRayClusterRequest,
    ListWorkspacesRequest,
)

from tests.emulator import Emulator
from tests.emulator.__main__ import make_core, parser
from tests.emulator.rules_table import GUIDE
from tests.unit.emulator.sdk import make_sdk

GET, LIST, CREATE, UPDATE = "GetRayCluster", "ListRayCluster", "CreateRayCluster", "UpdateRayCluster"


def pages(client: Any, size: int) -> list[list[str]]:
    """Return the names on each page of a list, up to the first empty one."""
    result: list[list[str]] = []
    while True:
        names = client.names(query={"pageSize": size, "pageNum": len(result) + 1})
        if not names:
            return result
        result.append(names)


# Lists


def test_a_list_hides_new_clusters_for_seconds(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({"list_hides_new_seconds": 30})
    emulator.seed("old")
    client.create()
    assert client.names() == ["old"]
    emulator.advance(31)
    assert client.names() == ["one", "old"]


def test_a_list_hides_new_clusters_for_lists(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({"list_hides_new_lists": 2, "list_order": "oldest"})
    client.create()
    assert [client.names(query={"pageNum": page}) for page in (1, 2, 1, 1)] == [[], [], [], ["one"]]


def test_a_list_shows_deleted_clusters_for_seconds(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({"list_shows_deleted_seconds": 30})
    first, _second = client.create(), client.create(name="two")
    client.call("DeleteRayCluster", first)
    assert client.names() == ["two", "one"]
    assert client.call(GET, first).status_code == 404
    emulator.advance(31)
    assert client.names() == ["two"]


def test_a_list_shows_deleted_clusters_for_lists(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({"list_shows_deleted_lists": 2, "delete_takes": "time"})
    cluster_id = client.create()
    client.call("DeleteRayCluster", cluster_id)
    emulator.advance(10)
    assert [client.names() for number in range(3)] == [["one"], ["one"], []]
    client.create()
    emulator.reset()
    assert client.names() == []


def test_ghosts(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({"list_ghosts": 2})
    client.create()
    rows = client.call(LIST).json()["rayClusters"]
    assert [row["name"] for row in rows] == ["one", "ghost-1", "ghost-2"]
    assert [client.call(GET, row["clusterId"]).status_code for row in rows] == [200, 404, 404]
    assert [row["name"] for row in emulator.clusters()] == ["one"]


@pytest.mark.parametrize(
    ("rules", "lengths"),
    [
        ({"list_page_cap": 3}, [3, 3, 3, 1]),
        ({"list_short_pages": "second"}, [4, 2, 4]),
        ({"list_short_pages": "every_other"}, [4, 2, 4]),
        ({"list_short_pages": "all"}, [3, 3, 3, 1]),
        ({"list_page_cap": 2, "list_short_pages": "every_other"}, [2, 1, 2, 1, 2, 1, 1]),
        ({}, [4, 4, 2]),
    ],
)
def test_pages(client: Any, emulator: Emulator, rules: dict[str, Any], lengths: list[int]) -> None:
    emulator.rules.set(rules)
    emulator.seed("c", count=10)
    found = pages(client, 4)
    assert [len(page) for page in found] == lengths
    assert sorted(name for page in found for name in page) == [f"c-{number:02d}" for number in range(1, 11)]


def test_shuffled_lists(client: Any, emulator: Emulator) -> None:
    emulator.seed("c", count=30)
    straight = client.names(query={"pageSize": 30})
    emulator.rules.set({"list_shuffle": "stable"})
    stable = [client.names(query={"pageSize": 30}) for number in range(2)]
    assert stable[0] == stable[1] != straight
    emulator.rules.set({"list_shuffle": "every_request"})
    one, other = (client.names(query={"pageSize": 30}) for number in range(2))
    assert one != other
    assert sorted(one) == sorted(other) == sorted(straight)


def test_a_list_that_is_shifted_by_a_delete_lacks_a_row(client: Any, emulator: Emulator) -> None:
    emulator.seed("c", count=4)
    emulator.rules.set({"list_shift": "delete"})
    assert pages(client, 2) == [["someone-elses-1", "c-4"], ["c-2", "c-1"]]
    assert pages(client, 2) == [["c-4", "c-3"], ["c-2", "c-1"]]


def test_a_list_that_is_shifted_by_a_create_repeats_a_row(client: Any, emulator: Emulator) -> None:
    emulator.seed("c", count=4)
    emulator.rules.set({"list_shift": "create", "list_shift_lists": 0})
    for _number in range(2):
        assert pages(client, 2) == [["c-4", "c-3"], ["c-3", "c-2"], ["c-1"]]


@pytest.mark.parametrize(("rule", "total"), [("none", None), ("exact", 3), ("page", 2), ("zero", 0)])
def test_list_total(client: Any, emulator: Emulator, rule: str, total: int | None) -> None:
    emulator.seed("c", count=3)
    emulator.rules.set({"list_total": rule})
    assert client.call(LIST, query={"pageSize": 2}).json().get("totalCount") == total
    emulator.fault("stale_list")
    assert client.call(LIST, query={"pageSize": 2}).json().get("totalCount") == total


@pytest.mark.parametrize(
    ("rule", "first", "second"),
    [("until_last", "1", None), ("always", "1", "2"), ("empty", "1", ""), ("repeats", "1", "1"), ("null", "1", None)],
)
def test_next_token(emulator: Emulator, rule: str, first: str, second: str | None) -> None:
    emulator.set_workspace("w-second")
    emulator.rules.set({"next_token": rule})
    sdk = make_sdk(emulator)
    answer = sdk.list_workspaces(ListWorkspacesRequest(max_results=1)).body
    assert answer.next_token == first
    answer = sdk.list_workspaces(ListWorkspacesRequest(max_results=1, next_token=first)).body
    assert answer.next_token == second
    if rule == "always":
        answer = sdk.list_workspaces(ListWorkspacesRequest(max_results=1, next_token=second)).body
        assert (answer.workspaces, answer.next_token) == ([], None)


# Errors


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "Service.NotFound"),
        (403, "NoPermission.ResourceNotFound"),
        (500, "InstanceNotFound"),
        (503, "UpstreamNotFound"),
        (302, ""),
    ],
)
def test_refusals(client: Any, emulator: Emulator, status: int, code: str) -> None:
    cluster_id = client.create()
    emulator.rules.set({"refusals": f"{GET} {status} {code}"})
    answer = client.call(GET, cluster_id)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_refusals_in_a_state(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({"refusals": f"{UPDATE}@Running 409 Conflict; StopRayCluster@Starting 400 Starting.Busy"})
    cluster_id = client.create()
    assert client.call(UPDATE, cluster_id, body={"description": "a"}).status_code == 200
    emulator.patch(cluster_id, state="Running")
    assert client.call(UPDATE, cluster_id, body={"description": "b"}).json()["code"] == "Conflict"
    assert client.call("StopRayCluster", cluster_id).status_code == 200
    emulator.patch(cluster_id, state="Starting")
    assert client.call("StopRayCluster", cluster_id).json()["code"] == "Starting.Busy"
    assert client.get(cluster_id)["description"] == "a"


def test_a_refusal_after_the_effect(client: Any, emulator: Emulator, body: Any) -> None:
    emulator.rules.set({"refusals": f"{CREATE} 408 RequestTimeout done"})
    assert client.call(CREATE, body=body()).status_code == 408
    assert [row["name"] for row in emulator.clusters()] == ["one"]


def test_reads_behind(client: Any, emulator: Emulator) -> None:
    cluster_id = client.create()
    emulator.rules.set({"reads_behind": 2})
    client.call(UPDATE, cluster_id, body={"description": "new"})
    assert [client.get(cluster_id).get("description") for number in range(3)] == [None, None, "new"]
    client.call("StartRayCluster", cluster_id)
    assert [client.get(cluster_id)["state"] for number in range(3)] == ["Stopped", "Stopped", "Starting"]


def test_names_and_sizes_of_log_files(emulator: Emulator) -> None:
    emulator.plan_job(files={"a\nb\x1b[31m\0": "x"})
    job_id = emulator.submit(entrypoint="echo hi")
    emulator.advance(30)
    emulator.rules.set({"times": "infinity", "state_case": "lower"})
    with emulator.core.lock:
        rows = emulator.core.logs.list_page(emulator.workspace_id, job_id, {})["data"]["objectList"]
    assert any(row["path"].endswith("a\nb\x1b[31m\0") for row in rows)
    assert {row["size"] for row in rows} == {row["timeModified"] for row in rows} == {math.inf}
    assert emulator.jobs()[0]["status"] == "succeeded"


# Everything together


def strange(folder: Path, data: Any) -> Path:
    file = folder / "service.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    return file


def test_the_command_line_takes_a_file(tmp_path: Path) -> None:
    data = {
        "rules": {"stored_name": "trim", "list_ghosts": 3},
        "timing": {"starting_seconds": 7},
        "limits": {"burst": 9},
        "faults": [{"kind": "http_500", "operation": GET}],
        "probe": {"anything": ["goes"]},
    }
    command = ["--rules-from", str(strange(tmp_path, data)), "--rule", "list_ghosts=4"]
    core = make_core(parser().parse_args(command))
    assert core.rules.changed() == {"stored_name": "trim", "list_ghosts": 4}
    assert (core.timing.starting_seconds, core.limits.burst) == (7, 9)
    assert [fault.kind for fault in core.faults.queue] == ["http_500"]


@pytest.mark.parametrize(
    "data",
    [
        [], {}, {"rules": []}, {"rules": {"nope": 1}}, {"rules": {}, "nope": 1}, {"rules": {}, "timing": 1},
        {"rules": {}, "faults": [{"kind": "nope"}]}, {"rules": {}, "faults": {}},
    ],
    ids=str,
)  # fmt: skip
def test_bad_files_are_refused(tmp_path: Path, data: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        make_core(parser().parse_args(["--rules-from", str(strange(tmp_path, data))]))


def test_the_control_api_sets_strange_rules(emulator: Emulator, http: httpx.Client) -> None:
    url = f"{emulator.url}/_emulator/rules"
    answer = http.put(url, json={"stored_name": "trim|lower", "refusals": [f"{GET} 404 Service.NotFound"]})
    assert answer.json()["stored_name"] == "trim+lower"
    assert http.put(url, json={"stored_name": "dance"}).status_code == 400
    assert emulator.rules.changed() == {"stored_name": "trim+lower", "refusals": f"{GET} 404 Service.NotFound"}


def test_an_emulator_behaves_as_described(client: Any, emulator: Emulator) -> None:
    emulator.behave({"rules": {"stored_name": "upper"}, "faults": [{"kind": "unavailable_503", "operation": LIST}]})
    assert client.get(client.create())["name"] == "ONE"
    assert client.call(LIST).status_code == 503


def test_the_example_of_the_guide_is_a_service_description(emulator: Emulator) -> None:
    example = GUIDE.read_text(encoding="utf-8").partition(".. code-block:: json\n")[2].partition("\n``rules``")[0]
    emulator.behave(json.loads(example))
    assert emulator.rules.changed()["list_page_cap"] == 50
    emulator.reset(rules=True)


def test_the_official_sdk_reads_strange_answers(client: Any, emulator: Emulator) -> None:
    emulator.rules.set({
        "shown_name": "upper", "list_page_cap": 2, "list_total": "exact", "state_case": "lower", "memory_format": "Ki",
        "list_short_pages": "all", "omitted_fields": "createTime", "env_format": "spaced", "booleans": "text",
    })  # fmt: skip
    emulator.seed("c", count=3)
    sdk, found = make_sdk(emulator), []
    for number in range(1, 5):
        request = ListRayClusterRequest(page_num=number, page_size=100)
        found += sdk.list_ray_cluster(emulator.workspace_id, request).body.ray_clusters
    assert [row.name for row in found] == ["C-3", "C-2", "C-1"]
    got = sdk.get_ray_cluster(emulator.workspace_id, found[0].cluster_id).body
    assert (got.state, got.head_spec.memory, got.create_time) == ("stopped", "8388608Ki", None)
