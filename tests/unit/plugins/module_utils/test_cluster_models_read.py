# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service answers: unknown fields and states pass, wrong types are an error in words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from tests.unit.plugins.strategies import cluster_payloads

CANARY = "Canary-9f3a"


def test_fields_without_a_value_are_left_out() -> None:
    answer = {"clusterId": "ray-1", "state": None, "headSpec": {"cpu": "2", "memory": None}, "newer": None}
    assert parse_cluster(answer, "GetRayCluster") == {"cluster_id": "ray-1", "head_spec": {"cpu": "2"}, "newer": None}


def test_unknown_states_and_fields_pass_and_nested_ones_are_kept() -> None:
    cluster = parse_cluster(
        {
            "clusterId": "ray-1",
            "state": "Hibernating",
            "brandNew": [1, {"a": 2}],
            "headSpec": {"cpu": "2", "brandNew": {"a_b": [1]}, "gftConfig": {"redisUrl": "h:1", "brandNew": True}},
            "workerSpec": [{"groupName": "g", "brandNew": "x"}],
            "instances": [{"instanceId": "i", "brandNew": 1}],
        },
        "GetRayCluster",
    )
    assert cluster["state"] == "Hibernating"
    assert cluster["head_spec"]["brandNew"] == {"a_b": [1]}
    assert cluster["head_spec"]["gft_config"] == {"redis_url": "h:1", "brandNew": True}
    assert cluster["worker_spec"][0]["brandNew"] == "x"
    assert cluster["instances"][0]["instance_id"] == "i"


def test_a_field_that_nobody_knows_cannot_pose_as_one_that_is_known() -> None:
    cluster = parse_cluster(
        {"clusterId": "ray-1", "cluster_id": "ray-2", "state": "Running", "headSpec": {"gft_config": "x"}},
        "GetRayCluster",
    )
    assert cluster["cluster_id"] == "ray-1"
    assert "gft_config" not in cluster["head_spec"]


@pytest.mark.parametrize(
    ("payload", "path", "value"),
    [
        ({"userId": 1234567890123456}, ("user_id",), "1234567890123456"),
        ({"createTime": "1795000000000"}, ("create_time",), 1795000000000),
        ({"headSpec": {"cpu": 2}}, ("head_spec", "cpu"), "2"),
        ({"headSpec": {"cpu": 0.5}}, ("head_spec", "cpu"), "0.5"),
        ({"headSpec": {"idleTimeoutSeconds": "60"}}, ("head_spec", "idle_timeout_seconds"), 60),
        ({"headSpec": {"idleTimeoutSeconds": 60.0}}, ("head_spec", "idle_timeout_seconds"), 60),
        ({"modified": "true"}, ("modified",), True),
        ({"modified": 0}, ("modified",), False),
        ({"volumeIds": [1, "b"]}, ("volume_ids",), ["1", "b"]),
        ({"workerSpec": []}, ("worker_spec",), []),
        ({"headSpec": None}, ("head_spec",), None),
    ],
)
def test_tolerant_reading(payload: dict[str, Any], path: tuple[str, ...], value: Any) -> None:
    found: Any = parse_cluster({"clusterId": "ray-1", **payload}, "GetRayCluster")
    for key in path:
        found = found.get(key)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "clusterId"),
        ({"clusterId": ""}, "clusterId"),
        ({"clusterId": None}, "clusterId"),
        ({"clusterId": ["ray-1"]}, "clusterId"),
        ({"clusterId": "r", "name": {}}, "name"),
        ({"clusterId": "r", "state": ["Running"]}, "state"),
        ({"clusterId": "r", "modified": "perhaps"}, "modified"),
        ({"clusterId": "r", "createTime": "now"}, "createTime"),
        ({"clusterId": "r", "headSpec": []}, "headSpec"),
        ({"clusterId": "r", "headSpec": {"cpu": {"x": 1}}}, "headSpec.cpu"),
        ({"clusterId": "r", "headSpec": {"gftConfig": CANARY}}, "headSpec.gftConfig"),
        ({"clusterId": "r", "workerSpec": {}}, "workerSpec"),
        ({"clusterId": "r", "workerSpec": [None]}, "workerSpec[0]"),
        ({"clusterId": "r", "workerSpec": [{"replica": CANARY}]}, "workerSpec[0].replica"),
        ({"clusterId": "r", "submitToken": [CANARY]}, "submitToken"),
        ({"clusterId": "r", "instances": [{"containerExitCode": CANARY}]}, "instances[0].containerExitCode"),
        (None, ""),
        ([], ""),
        ("text", ""),
        (7, ""),
    ],
)
def test_types_that_make_no_sense(payload: Any, path: str) -> None:
    with pytest.raises(ApiError) as caught:
        parse_cluster(payload, "GetRayCluster")
    text = str(caught.value)
    assert text.startswith("the response cannot be parsed: ")
    assert f"{path}: " in text
    assert CANARY not in text
    assert caught.value.operation == "GetRayCluster"
    assert caught.value.__cause__ is None


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _level in range(depth):
        value = {"x": value}
    return value


@pytest.mark.parametrize("depth", [10, 90, 200, 300, 600, 900])
@pytest.mark.parametrize("where", ["headSpec", "other", "name"])
def test_deep_answers_are_read_or_refused_but_never_crash(depth: int, where: str) -> None:
    try:
        cluster = parse_cluster({"clusterId": "ray-1", where: nested(depth)}, "GetRayCluster")
    except ApiError as error:
        assert "cannot be parsed" in str(error)  # noqa: PT017
    else:
        assert cluster["cluster_id"] == "ray-1"


json_documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
known = st.sampled_from(
    ["clusterId", "state", "modified", "headSpec", "workerSpec", "instances", "volumeIds", "createTime"]
)


@given(st.dictionaries(known, json_documents, max_size=5))
def test_any_json_is_read_or_refused(payload: dict[str, Any]) -> None:
    try:
        cluster = parse_cluster(payload, "GetRayCluster")
    except ApiError as error:
        assert str(error).startswith("the response cannot be parsed")  # noqa: PT017
    else:
        assert cluster["cluster_id"]


@given(cluster_payloads())
def test_good_answers_are_read_whole(payload: dict[str, Any]) -> None:
    cluster = parse_cluster(payload, "GetRayCluster")
    assert cluster.get("state") == payload["state"]
    assert [group["group_name"] for group in cluster["worker_spec"]] == [g["groupName"] for g in payload["workerSpec"]]
    for field in ("cpu", "memory"):
        assert cluster["head_spec"][field] == payload["headSpec"][field]
