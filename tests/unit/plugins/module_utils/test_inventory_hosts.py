# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters as hosts: filters, names that are never shared, variables."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._inventory.hosts import (
    LocatedCluster,
    WorkspaceLocation,
    assign_host_names,
    build_host_variables,
    find_shared_names,
    matches_filters,
)

CLUSTER = {
    "cluster_id": "ray-1",
    "name": "nightly-7",
    "state": "Running",
    "modified": True,
    "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)",
    "head_spec": {"queue_name": "root_queue", "gpu_spec": None},
    "worker_spec": [{"queue_name": "gpu_queue", "gpu_spec": "ecs.gn6i-c4g1.xlarge"}, {"queue_name": "root_queue"}],
}
HERE = WorkspaceLocation("w-1", "emr.example.com", "cn-hangzhou", None, "public")


@pytest.mark.parametrize(
    ("filters", "fits"),
    [
        ({}, True),
        ({"names": None, "modified": None}, True),
        ({"names": ["nightly-*", "x"]}, True),
        ({"names": ["Nightly-*"]}, False),
        ({"names": ["nightly"]}, False),
        ({"names": []}, False),
        ({"states": ["running"]}, True),
        ({"states": ["Stopped", "RUNNING"]}, True),
        ({"states": ["Stopped"]}, False),
        ({"queues": ["gpu_queue"]}, True),
        ({"queues": ["dev_queue"]}, False),
        ({"gpu_specs": ["*"]}, True),
        ({"gpu_specs": ["ecs.gn7*"]}, False),
        ({"display_release_versions": ["*(Ray 2.47.*"]}, True),
        ({"display_release_versions": ["err-*"]}, False),
        ({"modified": True}, True),
        ({"modified": False}, False),
        ({"names": ["nightly-*"], "states": ["Stopped"]}, False),
    ],
)
def test_filters(filters: dict[str, Any], fits: bool) -> None:
    assert matches_filters(CLUSTER, filters) is fits


def test_a_cluster_without_values_fits_no_filter_and_does_not_fail() -> None:
    bare = {"cluster_id": "ray-1", "name": None, "state": None, "head_spec": None, "worker_spec": None}
    assert matches_filters(bare, {"modified": False})
    for name in ("states", "names", "queues", "gpu_specs", "display_release_versions"):
        assert not matches_filters(bare, {name: ["?*"]})


def test_variables_have_the_prefix_and_what_nodes_use_together() -> None:
    values = build_host_variables(LocatedCluster(HERE, CLUSTER), "p_")
    assert values["p_queues"] == ["gpu_queue", "root_queue"]
    assert values["p_gpu_specs"] == ["ecs.gn6i-c4g1.xlarge"]
    assert (values["p_region"], values["p_workspace_id"], values["p_network"]) == ("cn-hangzhou", "w-1", "public")
    assert {name.removeprefix("p_") for name in values} >= set(CLUSTER)
    assert all(name.startswith("p_") for name in values)


def found(name: str, cluster_id: str, workspace_id: str = "w-1", host: str = "h") -> tuple[str, LocatedCluster]:
    """Return a cluster with the host name that is wanted for it."""
    return name, LocatedCluster(WorkspaceLocation(workspace_id, host), {"cluster_id": cluster_id, "name": name})


def test_names_that_are_wanted_twice_tell_which_is_which() -> None:
    wanted = [found("a", "ray-1"), found("a", "ray-2"), found("b", "ray-3"), found("", "ray-4")]
    assert assign_host_names(wanted) == ["a@ray-1", "a@ray-2", "b", "ray-4"]
    assert find_shared_names(wanted) == ["a"]


def test_one_id_in_two_workspaces_and_at_two_addresses() -> None:
    wanted = [found("a", "ray-1"), found("a", "ray-1", "w-2"), found("a", "ray-1", "w-2", "other")]
    assert assign_host_names(wanted) == ["a@ray-1@w-1", "a@ray-1@w-2@h", "a@ray-1@w-2@other"]


def test_a_cluster_that_is_called_like_another_with_its_id() -> None:
    wanted = [found("a", "ray-1"), found("a", "ray-2"), found("a@ray-1", "ray-3")]
    assert assign_host_names(wanted) == ["a@ray-1@w-1", "a@ray-2", "a@ray-1@ray-3"]


_ids = st.sampled_from(["ray-1", "ray-2", "r"])
_names = st.sampled_from(["", "a", "a@ray-1", "a@ray-1@w-1", "a@ray-1@w-1@h", "ray-1", "ray-1@ray-1", "x\ny", "x y"])


@given(
    st.lists(
        st.tuples(_names, _ids, st.sampled_from(["w-1", "w-2"]), st.sampled_from(["h", "i:80"])),
        unique_by=lambda row: row[1:],
        max_size=12,
    )
)
def test_no_two_clusters_are_one_host(rows: list[tuple[str, str, str, str]]) -> None:
    wanted = [found(*row) for row in rows]
    names = assign_host_names(wanted)
    assert len(set(names)) == len(rows)
    assert all(name.isprintable() and name for name in names)
    # The order in which a service lists clusters must not rename hosts.
    backwards = assign_host_names(wanted[::-1])
    assert backwards[::-1] == names


def located(name: str, cluster_id: str = "ray-1") -> tuple[str, LocatedCluster]:
    return name, LocatedCluster(HERE, {**CLUSTER, "name": name, "cluster_id": cluster_id})


@pytest.mark.parametrize(
    ("name", "host"),
    [
        ("{{ lookup('pipe', 'x') }}", "({ lookup('pipe', 'x') }}"),
        ("{% if x %}", "(% if x %}"),
        ("{# x #}", "(# x #}"),
        ("{{{% x", "(((% x"),
        ("{\u200b{ x", "{ { x"),
        ("{a}", "{a}"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("team/a", "team/a"),
    ],
)
def test_a_host_name_is_neither_a_template_nor_a_path(name: str, host: str) -> None:
    assert assign_host_names([located(name)]) == [host]


def test_an_id_is_no_template_either() -> None:
    assert assign_host_names([located("", "{{ x }}")]) == ["({ x }}"]
    assert assign_host_names([located("a", "{{ x }}"), located("a", "b")]) == ["a@({ x }}", "a@b"]


def test_names_that_only_differ_in_what_is_taken_away_stay_apart() -> None:
    assert assign_host_names([located("{{x", "ray-1"), located("({x", "ray-2")]) == ["({x@ray-1", "({x@ray-2"]


def test_a_reserved_name_gets_the_id() -> None:
    wanted = [located("all", "ray-1"), located("training", "ray-2"), located("gpu", "ray-3")]
    assert assign_host_names(wanted, {"all", "gpu"}) == ["all@ray-1", "training", "gpu@ray-3"]
