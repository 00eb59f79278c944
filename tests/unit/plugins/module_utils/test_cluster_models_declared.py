# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user may declare: every bad input is refused with the path of its option, all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError
from tests.unit.plugins.strategies import cluster_specs

CANARY = "Canary-9f3a"


def problems_of(declared: Any) -> list[str]:
    with pytest.raises(ParameterError) as caught:
        parse_spec(declared)
    return caught.value.problems


def worker(**fields: Any) -> dict[str, Any]:
    return {"worker_spec": [{"group_name": "g", **fields}]}


def redis(**fields: Any) -> dict[str, Any]:
    return {"head_spec": {"gft_config": fields}}


# What a name, an id, or a version may not be.
LABELS = [
    ("", "is empty; leave the option out"),
    (" x", "starts or ends with a blank"),
    ("x ", "starts or ends with a blank"),
    ("x\n", "contains an invisible character (U+000A)"),
    ("a\tb", "contains an invisible character (U+0009)"),
    ("a\u200bb", "contains an invisible character (U+200B)"),
    ("\u00a0x", "contains an invisible character (U+00A0)"),
    ("x\u3164", "contains an invisible character (U+3164)"),
    ("x\ufe0f", "contains an invisible character (U+FE0F)"),
    ("\x1b[31mx", "contains an invisible character (U+001B)"),
]
NO_UNIT = "and counts as GiB, and no node has that much; "
BAD = [
    ({"name": ""}, "name: "),
    ({"name": "x" * 65}, "name: "),
    ({"name": ["x"]}, "name: "),
    ({"extra_param": "{not json"}, "extra_param: is not valid JSON"),
    ({"extra_param": "[" * 100_000}, "extra_param: is not valid JSON"),
    ({"volume_ids": "vol-1"}, "volume_ids: "),
    ({"volume_ids": [{}]}, "volume_ids[0]: "),
    ({"head_spec": "big"}, "head_spec: "),
    ({"head_spec": {"cpu": "two"}}, "head_spec.cpu: is not a number of cores"),
    ({"head_spec": {"cpu": 0}}, "head_spec.cpu: must be more than 0"),
    ({"head_spec": {"cpu": -1}}, "head_spec.cpu: "),
    ({"head_spec": {"memory": "8 apples"}}, "head_spec.memory: is not a size"),
    ({"head_spec": {"memory": "0Gi"}}, "head_spec.memory: must be more than 0"),
    ({"head_spec": {"idle_timeout_seconds": -1}}, "head_spec.idle_timeout_seconds: "),
    ({"head_spec": {"idle_timeout_seconds": "soon"}}, "head_spec.idle_timeout_seconds: "),
    ({"head_spec": {"enable_auto_scaling": "perhaps"}}, "head_spec.enable_auto_scaling: "),
    ({"head_spec": {"ray_start_params": "--labels='open"}}, "head_spec.ray_start_params: cannot be split"),
    ({"head_spec": {"env": {"A=B": "1"}}}, "head_spec.env: "),
    ({"head_spec": {"env": {"A": True}}}, "head_spec.env: takes text, and YAML reads yes, no"),
    ({"head_spec": {"env": {"A": 1.1}}}, "head_spec.env: takes text, and YAML changes numbers"),
    ({"head_spec": {"env": {"A": 45000}}}, "head_spec.env: takes text, and YAML changes numbers"),
    ({"head_spec": {"env": {"A": None}}}, "head_spec.env: takes text, not null"),
    ({"head_spec": {"env": {"A": {"b": 1}}}}, "head_spec.env: takes text, not a mapping"),
    ({"head_spec": {"env": {"PASSWORD": "********"}}}, "head_spec.env: has a mask"),
    ({"head_spec": {"env": {"A": "1\n2"}}}, "head_spec.env: has a line break in A"),
    ({"head_spec": {"env": "A=1"}}, "head_spec.env: "),
    ({"head_spec": {"env": ["A"]}}, "head_spec.env: "),
    ({"head_spec": {"gft_config": {"redis_urls": "x"}}}, "head_spec.gft_config.redis_urls: "),
    ({"head_spec": {"replica": 2}}, "head_spec.replica: "),
    *(({field: text}, f"{field}: {start}") for field in ("name", "display_release_version") for text, start in LABELS),
    *((worker(**{field: text}), f"worker_spec[0].{field}: {start}")
      for field in ("group_name", "queue_name", "worker_type", "display_release_version") for text, start in LABELS),
    *(({"volume_ids": [text]}, f"volume_ids[0]: {start}") for text, start in LABELS),
    *(({field: text}, f"{field}: {start}") for field in ("network_service_name",) for text, start in LABELS[1:]),
    *((worker(gpu_spec=text), f"worker_spec[0].gpu_spec: {start}") for text, start in LABELS[1:]),
    ({"extra_param": ""}, "extra_param: is empty; leave the option out"),
    ({"extra_param": '{"a": NaN}'}, "extra_param: is not valid JSON"),
    (worker(ray_start_params=""), "worker_spec[0].ray_start_params: is empty"),
    *((worker(memory=size), f"worker_spec[0].memory: {size} has no unit {NO_UNIT}write {meant}, or") for size, meant in
      [(8192, "8192Mi"), ("4097", "4097Mi"), (536870912, "0.5Gi"), (8589934592, "8Gi")]),
    *((redis(redis_url=text), "head_spec.gft_config.redis_url: must be host:port") for text in
      ["redis://r:6379", "r:6379/0", "user@r:6379", "fd00::1:6379", ":6379"]),
    *((redis(redis_url=text), "head_spec.gft_config.redis_url: must ") for text in
      ["r", "r:", "r:0", "r:70000", "r:x"]),
    (redis(redis_password="********"), "head_spec.gft_config.redis_password: is a mask"),
    (redis(redis_password=""), "head_spec.gft_config.redis_password: is empty"),
    ({"head_specs": {}}, "head_specs: "),
    ({"worker_spec": {}}, "worker_spec: "),
    ({"worker_spec": ["g"]}, "worker_spec[0]: "),
    ({"worker_spec": [{"replica": 1}]}, "worker_spec[0].group_name: "),
    ({"worker_spec": [{"group_name": ""}]}, "worker_spec[0].group_name: "),
    ({"worker_spec": [{"group_name": "g"}] * 2}, "worker_spec: the group name is used more than once: g"),
    ({"worker_spec": [{"group_name": f"g{i}"} for i in range(51)]}, "worker_spec: at most 50 worker groups"),
    (worker(replica=0), "worker_spec[0].replica: "),
    (worker(replica="many"), "worker_spec[0].replica: "),
    (worker(min_replica=0), "worker_spec[0].min_replica: "),
    (worker(max_replica=0), "worker_spec[0].max_replica: "),
    (worker(min_replica=3, max_replica=2), "worker_spec[0]: min_replica 3 is above max_replica 2"),
    (worker(cpu="x"), "worker_spec[0].cpu: "),
    (worker(memory="x"), "worker_spec[0].memory: "),
    (worker(env={"": "1"}), "worker_spec[0].env: "),
    (worker(ray_start_params='"'), "worker_spec[0].ray_start_params: "),
    (worker(extra_param="}"), "worker_spec[0].extra_param: is not valid JSON"),
    (worker(colour="red"), "worker_spec[0].colour: "),
]  # fmt: skip


@pytest.mark.parametrize(("declared", "start"), BAD, ids=[start for _declared, start in BAD])
def test_a_bad_input_is_named(declared: dict[str, Any], start: str) -> None:
    (problem,) = problems_of(declared)
    assert problem.startswith(start)
    assert "\n" not in problem
    assert "http" not in problem


def test_what_only_looks_unusual_is_taken() -> None:
    spec = parse_spec(
        {
            "name": "größe 训练 (v2)",
            "description": "line 1\nline 2\n",
            "network_service_name": "",
            "volume_ids": [],
            "head_spec": {
                "replica": 1,
                "memory": 4096,
                "gpu_spec": "",
                "env": {"A": 1, "B": "1.10", "C": -7, "D": ""},
                "gft_config": {"redis_url": "[fd00::1]:6379"},
            },
            "worker_spec": [{"group_name": "a b", "memory": "8192Gi", "env": {}}],
        }
    )
    assert spec["name"] == "größe 训练 (v2)"
    assert spec["description"] == "line 1\nline 2\n"
    assert spec["network_service_name"] == ""
    assert spec["volume_ids"] == []
    assert "replica" not in spec["head_spec"]
    assert spec["head_spec"]["memory"] == "4096Gi"
    assert spec["head_spec"]["gpu_spec"] == ""
    assert spec["head_spec"]["env"] == "A=1\nB=1.10\nC=-7\nD="
    assert spec["head_spec"]["gft_config"]["redis_url"] == "[fd00::1]:6379"
    assert spec["worker_spec"] == [{"group_name": "a b", "memory": "8192Gi", "env": ""}]


def test_all_bad_inputs_are_named_at_once() -> None:
    problems = problems_of(
        {
            "name": "x" * 65,
            "extra_param": "{",
            "head_spec": {"cpu": "two", "memory": "x", "ray_start_params": "'", "gft_config": {"redis_url": []}},
            "worker_spec": [{"group_name": "a", "replica": 0, "cpu": "x"}, {"min_replica": 2, "max_replica": 1}],
        }
    )
    paths = [problem.split(":")[0] for problem in problems]
    assert sorted(paths) == sorted([
        "name", "extra_param", "head_spec.cpu", "head_spec.memory", "head_spec.ray_start_params",
        "head_spec.gft_config.redis_url", "worker_spec[0].replica", "worker_spec[0].cpu", "worker_spec[1].group_name",
    ])  # fmt: skip


def test_the_text_of_the_error_has_every_problem() -> None:
    with pytest.raises(ParameterError) as caught:
        parse_spec({"name": "", "head_spec": {"cpu": "x"}})
    assert all(problem in str(caught.value) for problem in caught.value.problems)
    assert caught.value.details()["code"] == "InvalidOption"


@pytest.mark.parametrize(
    "declared",
    [
        {"name": CANARY * 10},
        {"extra_param": "{" + CANARY},
        {"head_spec": {"gft_config": {"redis_password": [CANARY]}}},
        {"head_spec": {"gft_config": {"redis_password": {"x": CANARY}}}},
        {"head_spec": {"gft_config": CANARY}},
        {"head_spec": {"env": {"A": CANARY + "\n"}}},
        {"head_spec": {"env": {"A": [CANARY]}}},
        {"head_spec": {"ray_start_params": f"--password='{CANARY}"}},
        {"head_spec": {"cpu": CANARY, "memory": CANARY, "idle_timeout_seconds": CANARY}},
        {"worker_spec": [{"group_name": "g", "replica": CANARY, "extra_param": CANARY}]},
    ],
)
def test_no_message_holds_a_value(declared: dict[str, Any]) -> None:
    with pytest.raises(ParameterError) as caught:
        parse_spec(declared)
    assert CANARY not in str(caught.value)
    assert CANARY not in str(caught.value.details())
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "declared",
    [
        {"name": "x" * 64},
        {"name": "测" * 64},
        {"name": "ä +~*'()"},
        {"worker_spec": [{"group_name": f"g{i}"} for i in range(50)]},
        {"worker_spec": []},
        worker(replica=1, min_replica=1, max_replica=1),
        worker(min_replica=7),
        {"head_spec": {"idle_timeout_seconds": 0, "env": {}, "gpu_spec": "", "gft_config": {}}},
        {"volume_ids": [], "extra_param": "{}", "description": ""},
    ],
)
def test_the_bounds_themselves_are_good(declared: dict[str, Any]) -> None:
    assert set(parse_spec(declared)) == set(declared)


def test_values_get_their_spelling_on_the_wire() -> None:
    checked = parse_spec(
        {
            "name": 7,
            "description": None,
            "head_spec": {"cpu": 2, "memory": "8192Mi", "env": {"A": 1, "B": ""}, "gft_config": None},
            "worker_spec": [{"group_name": 1, "cpu": "0.50", "memory": 16, "replica": "3", "min_replica": None}],
        }
    )
    assert checked == {
        "name": "7",
        "head_spec": {"cpu": "2", "memory": "8Gi", "env": "A=1\nB="},
        "worker_spec": [{"group_name": "1", "cpu": "0.5", "memory": "16Gi", "replica": 3}],
    }


def test_what_is_not_set_stays_away_and_what_is_empty_stays() -> None:
    assert parse_spec({"name": None, "worker_spec": None, "head_spec": None}) == {}
    assert parse_spec({"head_spec": {"env": {}, "cpu": None}, "volume_ids": []}) == {
        "head_spec": {"env": ""},
        "volume_ids": [],
    }


@given(cluster_specs(complete=True))
def test_good_specs_are_accepted_and_checking_twice_is_checking_once(declared: dict[str, Any]) -> None:
    checked = parse_spec(declared)
    assert set(checked) == set(declared)
    assert set(checked["head_spec"]) == set(declared["head_spec"])
    again = parse_spec({key: value for key, value in checked.items() if key not in ("head_spec", "worker_spec")})
    assert again == {key: value for key, value in checked.items() if key not in ("head_spec", "worker_spec")}
