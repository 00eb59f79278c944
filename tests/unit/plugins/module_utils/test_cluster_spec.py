# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging and comparing specs: single cases that say what the properties mean."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.spec import (
    find_differences,
    merge,
    writable_spec,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.update_checks import (
    check_merged,
    missing_for_create,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError

Json = dict[str, Any]

SIZES = {"queue_name": "q", "cpu": "1", "memory": "4Gi", "replica": 2}
A = {"group_name": "a", **SIZES}
B = {"group_name": "b", **SIZES}
SCALED = {"enable_auto_scaling": True}


def changed(observed: Json, declared: Json, purge: bool = True) -> list[str]:
    return [change.field for change in find_differences(observed, declared, merge(observed, declared, purge))]


def test_groups_that_are_not_declared_go_only_with_purge() -> None:
    observed, declared = {"worker_spec": [A, B]}, {"worker_spec": [{"group_name": "b", "cpu": "2"}]}
    assert merge(observed, declared, purge=True)["worker_spec"] == [{**B, "cpu": "2"}]
    assert merge(observed, declared, purge=False)["worker_spec"] == [A, {**B, "cpu": "2"}]
    assert changed(observed, declared) == ["worker_spec[b].cpu", "worker_spec[a]"]
    assert changed(observed, declared, purge=False) == ["worker_spec[b].cpu"]


def test_a_new_group_comes_last() -> None:
    new = {**A, "group_name": "new"}
    assert merge({"worker_spec": [A]}, {"worker_spec": [new, A]}, purge=True)["worker_spec"] == [A, new]
    assert changed({"worker_spec": [A]}, {"worker_spec": [new, A]}) == ["worker_spec[new]"]


def test_an_empty_list_removes_all_groups_only_with_purge() -> None:
    assert merge({"worker_spec": [A]}, {"worker_spec": []}, purge=True)["worker_spec"] == []
    assert merge({"worker_spec": [A]}, {"worker_spec": []}, purge=False)["worker_spec"] == [A]


@pytest.mark.parametrize("head", [{}, SCALED])
def test_merging_makes_nothing_up_and_leaves_its_arguments_alone(head: Json) -> None:
    observed: Json = {"head_spec": {**head, "cpu": "1"}}
    declared: Json = {"head_spec": {"memory": "8Gi"}}
    before = copy.deepcopy((observed, declared))
    assert merge(observed, declared, purge=True) == {"head_spec": {**head, "cpu": "1", "memory": "8Gi"}}
    assert (observed, declared) == before


def test_a_new_scaled_group_keeps_what_was_declared() -> None:
    declared: Json = {"worker_spec": [{"group_name": "new", "min_replica": 2, "max_replica": 4, "replica": 9}]}
    before = copy.deepcopy(declared)
    merged = merge({"head_spec": SCALED, "worker_spec": []}, declared, purge=True)
    assert merged["worker_spec"][0]["replica"] == 4
    assert declared == before


def test_deep_overlay_keeps_what_nobody_named() -> None:
    observed = {"head_spec": {"cpu": "1", "labels": {"x": 1}, "gft_config": {"redis_url": "h:1", "future": True}}}
    declared = {"head_spec": {"gft_config": {"redis_username": "u"}}}
    assert merge(observed, declared, purge=True) == {
        "head_spec": {
            "cpu": "1", "labels": {"x": 1}, "gft_config": {"redis_url": "h:1", "future": True, "redis_username": "u"}
        }
    }  # fmt: skip


def test_the_spec_of_a_cluster_leaves_out_what_is_only_answered() -> None:
    cluster = {
        "cluster_id": "r", "state": "Running", "name": "n", "description": None, "message": "ok",
        "head_spec": {"cpu": "1", "replica": 1, "env": None, "gft_config": {"redis_url": "h", "redis_password": "***"}},
    }  # fmt: skip
    before = copy.deepcopy(cluster)
    assert writable_spec(cluster) == {"name": "n", "head_spec": {"cpu": "1", "gft_config": {"redis_url": "h"}}}
    assert cluster == before
    assert writable_spec(None) == {}


@pytest.mark.parametrize(
    ("there", "declared", "drift"),
    [
        ("secret1", "secret1", False),
        ("secret1", "secret2", True),
        ("******", "secret2", False),
        ("••••", "secret2", False),
        (None, "secret2", False),
        ("", "secret2", False),
        ("secret1", "", True),
    ],
)
def test_a_password_is_compared_only_where_it_is_told(there: str | None, declared: str, drift: bool) -> None:
    observed = writable_spec({"head_spec": {"cpu": "1", "gft_config": {"redis_url": "h", "redis_password": there}}})
    wanted = {"head_spec": {"gft_config": {"redis_password": declared}}}
    assert bool(changed(observed, wanted)) == drift
    assert merge(observed, wanted, purge=True)["head_spec"]["gft_config"]["redis_password"] == declared


def test_the_parameters_of_a_group_are_compared_only_where_they_are_told() -> None:
    wanted = {"worker_spec": [{"group_name": "a", "extra_param": '{"x": 1}'}]}
    assert changed({"worker_spec": [A]}, wanted) == []
    assert changed({"worker_spec": [{**A, "extra_param": "{}"}]}, wanted) == []
    assert changed({"worker_spec": [{**A, "extra_param": '{"x":1}'}]}, wanted) == []
    assert changed({"worker_spec": [{**A, "extra_param": '{"x":2}'}]}, wanted) == ["worker_spec[a].extra_param"]
    assert merge({"worker_spec": [A]}, wanted, purge=True)["worker_spec"][0]["extra_param"] == '{"x": 1}'


def test_the_cluster_s_own_parameters_are_always_compared() -> None:
    assert changed({"extra_param": None}, {"extra_param": '{"x": 1}'}) == ["extra_param"]


def test_a_version_is_inherited() -> None:
    observed = {"display_release_version": "one", "head_spec": {"cpu": "1"}, "worker_spec": [A]}
    assert changed(observed, {"head_spec": {"display_release_version": "one"}}) == []
    assert changed(observed, {"head_spec": {"display_release_version": "two"}}) == ["head_spec.display_release_version"]
    assert changed(observed, {"worker_spec": [{"group_name": "a", "display_release_version": "one"}]}) == []
    other = {**observed, "head_spec": {"cpu": "1", "display_release_version": "two"}}
    assert changed(other, {"worker_spec": [{"group_name": "a", "display_release_version": "two"}]}) == []
    assert changed(other, {"worker_spec": [{"group_name": "a", "display_release_version": "one"}]}) == [
        "worker_spec[a].display_release_version"
    ]


def test_changes_show_before_after_and_a_mapping_for_variables() -> None:
    observed, declared = {"head_spec": {"env": "A=1"}}, {"head_spec": {"env": "A=2\nB=3"}}
    (change,) = find_differences(observed, declared, merge(observed, declared, purge=True))
    shown = change.to_result()
    assert (shown["field"], shown["before"], shown["after"]) == ("head_spec.env", {"A": "1"}, {"A": "2", "B": "3"})
    assert shown["why"]


def test_a_create_says_all_that_is_missing() -> None:
    everything = missing_for_create({})
    assert [text.split(" ")[0] for text in everything] == [
        "name", "display_release_version", "head_spec.queue_name", "head_spec.cpu", "head_spec.memory", "worker_spec"
    ]  # fmt: skip
    spec = {"name": "n", "display_release_version": "v", "head_spec": SIZES, "worker_spec": [{"group_name": "g"}]}
    assert missing_for_create(spec) == [
        f"worker_spec[g].{field}" for field in ("queue_name", "cpu", "memory", "replica")
    ]
    assert missing_for_create({**spec, "worker_spec": [A]}) == []


def test_a_scaled_group_needs_bounds_instead_of_a_count() -> None:
    group = {key: value for key, value in A.items() if key != "replica"}
    spec = {"name": "n", "display_release_version": "v", "head_spec": {**SIZES, **SCALED}}
    assert missing_for_create({**spec, "worker_spec": [group]}) == ["worker_spec[a].replica"]
    assert missing_for_create({**spec, "worker_spec": [{**group, "min_replica": 1}]}) == []


def test_what_cannot_stand_together_is_refused_with_all_reasons() -> None:
    observed = {"worker_spec": [{**A, "min_replica": 5, "max_replica": 9}]}
    declared = {"worker_spec": [{"group_name": "a", "max_replica": 3}, {"group_name": "new", "cpu": "1"}]}
    with pytest.raises(ParameterError) as caught:
        check_merged(observed, merge(observed, declared, purge=True))
    text = str(caught.value)
    assert "worker_spec[a]: min_replica 5 would be above max_replica 3" in text
    for field in ("queue_name", "memory", "replica"):
        assert f"worker_spec[new].{field} is needed" in text
    assert "worker_spec[new].cpu" not in text
