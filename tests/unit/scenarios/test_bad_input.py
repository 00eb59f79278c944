# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bad input is refused before any request, every mistake at once and by the name of its option."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import Json, full_options


def group(**changes: Any) -> Json:
    """Return a worker group with one thing wrong."""
    return {
        "worker_spec": [{"group_name": "g", "queue_name": "q", "cpu": 1, "memory": 4, "replica": 1, **changes}],
    }


def head(**changes: Any) -> Json:
    """Return a head with one thing wrong."""
    return {"head_spec": {"queue_name": "q", "cpu": 1, "memory": 4, **changes}}


# What is given, and the words that the message must have.
BAD: list[tuple[Json, list[str]]] = [
    ({"name": ""}, ["name"]),
    ({"name": "x" * 65}, ["name", "64"]),
    ({"name": "é" * 65}, ["name", "64"]),
    ({"worker_spec": [group(group_name=f"g{n}")["worker_spec"][0] for n in range(51)]}, ["worker_spec", "50"]),
    ({"worker_spec": [{"group_name": "one"}, {"group_name": "two"}, {"group_name": "one"}]}, ["worker_spec", "one"]),
    ({"worker_spec": []}, ["worker_spec"]),
    (group(group_name=""), ["worker_spec[0].group_name"]),
    (group(replica=0), ["worker_spec[0].replica"]),
    (group(replica=-1), ["worker_spec[0].replica"]),
    (group(min_replica=0), ["worker_spec[0].min_replica"]),
    (group(max_replica=0), ["worker_spec[0].max_replica"]),
    (group(min_replica=3, max_replica=2), ["worker_spec[0]", "min_replica 3", "max_replica 2"]),
    *(
        (place(**{field: value}), [f"{path}.{field}"])
        for place, path in ((head, "head_spec"), (group, "worker_spec[0]"))
        for field, value in [
            ("cpu", "many"),
            ("cpu", "0"),
            ("cpu", "-1"),
            ("cpu", "nan"),
            ("cpu", "inf"),
            ("cpu", ""),
            ("memory", "lots"),
            ("memory", "0"),
            ("memory", "-8Gi"),
            ("memory", "8Gigs"),
            ("memory", ""),
            ("env", {"A": "two\nlines"}),
            ("env", {"A=B": "c"}),
            ("env", {"": "c"}),
            ("env", {"A": True}),
            ("env", {"A": ["list"]}),
            ("env", {"A": None}),
            ("ray_start_params", "--flag='open"),
        ]
    ),
    (head(idle_timeout_seconds=-1), ["head_spec.idle_timeout_seconds"]),
    ({"extra_param": "{not json"}, ["extra_param"]),
    (group(extra_param="{not json"), ["worker_spec[0].extra_param"]),
    ({"wait_timeout": -1}, ["wait_timeout"]),
    ({"wait_timeout": float("nan")}, ["wait_timeout"]),
    ({"wait_timeout": float("inf")}, ["wait_timeout"]),
    ({"wait_interval": 0}, ["wait_interval"]),
    ({"timeout": 0}, ["timeout"]),
    ({"timeout": float("nan")}, ["timeout"]),
    ({"retries": -1}, ["retries"]),
    ({"cluster_id": "a/b"}, ["cluster_id"]),
    ({"cluster_id": ".."}, ["cluster_id"]),
    ({"cluster_id": ""}, ["cluster_id", "omit"]),
    ({"cluster_id": "a b"}, ["cluster_id"]),
    ({"workspace_id": "../other"}, ["workspace_id"]),
    ({"workspace_id": None}, ["workspace_id", "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID"]),
    ({"endpoint": None}, ["region", "endpoint"]),
    ({"endpoint": "http://emr-serverless-spark.cn-hangzhou.aliyuncs.com"}, ["endpoint", "https"]),
    ({"endpoint": "ftp://127.0.0.1"}, ["endpoint", "https"]),
    ({"endpoint": "https://user@127.0.0.1"}, ["endpoint"]),
    ({"endpoint": "127.0.0.1/path"}, ["endpoint"]),
    ({"endpoint": None, "region": "cn hangzhou"}, ["region"]),
    ({"access_key_secret": None}, ["access_key_secret"]),
    ({"access_key_id": None}, ["access_key_id"]),
    ({"access_key_id": None, "access_key_secret": None}, ["credentials", "ALIBABA_CLOUD_ACCESS_KEY_ID"]),
    ({"name": None, "state": "absent"}, ["cluster_id", "name"]),
    ({"name": None}, ["cluster_id", "name", "display_release_version", "head_spec.queue_name", "worker_spec"]),
]


@pytest.mark.parametrize(("given", "words"), BAD, ids=[f"{row[1][0]}-{number}" for number, row in enumerate(BAD)])
@pytest.mark.parametrize("check", [False, True])
def test_bad_input_is_refused_before_any_request(
    harness: TaskHarness, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, given: Json, words: list[str], check: bool
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # no profile of whoever runs the tests
    refused = harness.expect_failure(check=check, **({"name": "training"} | given))
    assert harness.emulator.journal == []
    for word in words:
        assert word in refused["msg"] + str(refused["error"]["hint"])
    assert refused["changed"] is False
    assert refused["error"]["code"] in ("InvalidOption", "NoCredentials")
    assert refused["error"]["operation"] is None
    assert refused["cluster"] is None


def test_all_mistakes_are_told_at_once(harness: TaskHarness) -> None:
    spec = full_options(name="x" * 65, cluster_id="a/b", wait_interval=-1, workspace_id="a b", extra_param="{")
    spec["head_spec"] |= {"cpu": "many", "memory": "lots"}
    spec["worker_spec"][0] |= {"replica": 0, "min_replica": 9, "max_replica": 8}
    message = harness.expect_failure(**spec)["msg"]
    for word in ("name", "cluster_id", "wait_interval", "workspace_id", "extra_param", "head_spec.cpu"):
        assert word in message
    for word in ("head_spec.memory", "worker_spec[0].replica"):
        assert word in message
    assert harness.emulator.journal == []


def test_a_create_that_lacks_something_says_all_of_it_and_sends_no_write(harness: TaskHarness) -> None:
    refused = harness.expect_failure(name="training", worker_spec=[{"group_name": "g", "cpu": 1}])
    for field in (
        "display_release_version",
        "head_spec.queue_name",
        "head_spec.cpu",
        "head_spec.memory",
        "worker_spec[g].queue_name",
        "worker_spec[g].memory",
        "worker_spec[g].replica",
    ):
        assert field in refused["msg"]
    assert refused.writes == []


@pytest.mark.parametrize("given", [{"cluster_id": "a/b"}, {"cluster_id": ""}, {"workspace_id": "a b"}, {"timeout": 0}])
def test_info_refuses_bad_input_before_any_request(harness: TaskHarness, given: Json) -> None:
    outcome = harness.info(**given)
    assert outcome.failed
    assert next(iter(given)) in outcome["msg"]
    assert outcome["error"]["code"] == "InvalidOption"
    assert harness.emulator.journal == []
