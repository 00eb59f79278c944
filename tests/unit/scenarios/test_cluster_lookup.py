# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster a task is about: by name over all pages, by id, renamed, or refused."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import canonical_spec, full_options, full_stored_spec, minimal_options

NAMES = [
    "测试 ray+1",
    "with spaces  inside",
    "spaces within",
    "+~*'()!%/",
    "%2F%20",
    "a?b=c&d#e",
    "Größe ß é",
    "🚀" * 64,
    "{{ not_a_template }}",
    '"quoted" \\ back',
    "x" * 64,
    "0",
    "null",
]


def seed_many(harness: TaskHarness, order: str) -> str:
    """Fill 250 clusters, the wanted one on page 3 under the order of the list; return its id."""
    harness.emulator.rules.set({"list_order": order})
    if order == "newest":
        (wanted,) = harness.emulator.seed("needle")
        harness.emulator.seed("straw", count=249)
    else:
        harness.emulator.seed("straw", count=249)
        (wanted,) = harness.emulator.seed("needle")
    return wanted


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_finds_a_name_on_the_third_page(harness: TaskHarness, order: str) -> None:
    wanted = seed_many(harness, order)
    started = harness.expect_success(name="needle", state="started")
    assert started["cluster_id"] == wanted
    assert started.operations[:4] == ["ListRayCluster"] * 3 + ["GetRayCluster"]
    # A fleet asks for several pages at once.
    pages = sorted((entry.query for entry in started.requests[:3]), key=lambda query: query["pageNum"])
    assert pages == [{"pageNum": str(number), "pageSize": "100"} for number in (1, 2, 3)]
    harness.expect_unchanged(name="needle", state="started")


def test_a_name_that_is_only_a_part_of_another_is_not_found(harness: TaskHarness) -> None:
    harness.emulator.seed("needles")
    harness.emulator.seed("the needle")
    created = harness.expect_success(**minimal_options(name="needle"))
    assert created["actions"] == ["create"]


def test_as_many_clusters_as_a_full_page_are_followed_by_an_empty_one(harness: TaskHarness) -> None:
    harness.emulator.seed("straw", count=100)
    operations = harness.expect_unchanged(name="needle", state="absent").operations
    # That nothing is there is proven by a second reading.
    assert operations == ["ListRayCluster"] * (4 if harness.exact_reads else 5)


@pytest.mark.parametrize("state", ["present", "started", "stopped", "restarted", "absent"])
@pytest.mark.parametrize("check", [False, True])
def test_several_clusters_of_a_name_are_refused_with_their_ids(harness: TaskHarness, state: str, check: bool) -> None:
    ids = harness.emulator.seed("twin")
    harness.emulator.seed("straw", count=150)
    ids += harness.emulator.seed("twin")
    refused = harness.expect_failure(check=check, name="twin", state=state)
    assert all(cluster_id in refused["msg"] for cluster_id in ids)
    assert refused["error"]["code"] == "NameNotUnique"
    assert "cluster_id" in refused["error"]["hint"]
    assert refused.writes == []
    # The id is the way out.
    assert harness.expect_success(cluster_id=ids[0], state=state)["cluster_id"] == ids[0]


@pytest.mark.parametrize("state", ["present", "started", "stopped", "restarted"])
@pytest.mark.parametrize("check", [False, True])
def test_an_id_that_does_not_exist_is_an_error_and_creates_nothing(
    harness: TaskHarness, state: str, check: bool
) -> None:
    refused = harness.expect_failure(check=check, **full_options(), cluster_id="ray-nowhere", state=state)
    assert refused["error"]["code"] == "ClusterNotFound"
    assert "ray-nowhere" in refused["msg"]
    assert refused["cluster"] is None
    assert refused["cluster_id"] == "ray-nowhere"
    assert refused.operations == ["GetRayCluster"]


def test_an_id_that_does_not_exist_is_absent(harness: TaskHarness) -> None:
    absent = harness.expect_unchanged(cluster_id="ray-nowhere", state="absent")
    assert absent.operations == ["GetRayCluster"]
    assert absent["cluster_id"] == "ray-nowhere"


def test_an_id_and_another_name_rename(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**full_options())["cluster_id"]
    renamed = harness.expect_success(**full_options(name="renamed"), cluster_id=cluster_id)
    assert renamed["actions"] == ["update"]
    assert [change["field"] for change in renamed["changes"]] == ["name"]
    assert renamed["cluster"]["name"] == "renamed"
    assert canonical_spec(harness.stored_spec(cluster_id)) == canonical_spec({**full_stored_spec(), "name": "renamed"})
    harness.expect_unchanged(**full_options(name="renamed"), cluster_id=cluster_id)
    assert len(harness.emulator.clusters()) == 1


def test_a_name_with_an_id_may_be_somebody_elses(harness: TaskHarness) -> None:
    """The id decides which cluster is meant, and the service whether names may repeat."""
    one, other = harness.emulator.seed("one") + harness.emulator.seed("other")
    harness.expect_success(cluster_id=other, name="one")
    assert harness.stored_spec(other)["name"] == harness.stored_spec(one)["name"] == "one"


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_of_all_kinds(harness: TaskHarness, name: str) -> None:
    created = harness.expect_success(**minimal_options(name=name))
    cluster_id = created["cluster_id"]
    assert created["cluster"]["name"] == harness.stored_spec(cluster_id)["name"] == name
    harness.expect_unchanged(**minimal_options(name=name))
    assert harness.expect_success(name=name, description=name)["actions"] == ["update"]
    assert harness.stored_spec(cluster_id)["description"] == name
    assert [cluster["cluster_id"] for cluster in harness.info(name=name)["clusters"]] == [cluster_id]
    assert harness.expect_success(name=name, state="absent")["cluster_id"] == cluster_id
    assert harness.emulator.clusters() == []


def test_a_cluster_that_vanishes_between_list_and_read_is_created_anew(harness: TaskHarness) -> None:
    (old,) = harness.emulator.seed("training")
    harness.emulator.fault("stale_list", "ListRayCluster")
    harness.emulator.service.remove(old)
    created = harness.expect_success(**minimal_options())
    assert created["actions"] == ["create"]
    assert created["cluster_id"] != old


@pytest.mark.parametrize("code", ["RayCluster.NotFound", "RayClusterNotExist", "Cluster.NotExists"])
@pytest.mark.parametrize("status", [404, 400])
def test_the_code_says_that_a_cluster_is_absent(harness: TaskHarness, code: str, status: int) -> None:
    harness.emulator.rules.set({"deleted_code": code, "deleted_status": status})
    harness.expect_unchanged(cluster_id="ray-nowhere", state="absent")


def test_a_404_without_a_code_is_no_absent_cluster(harness: TaskHarness) -> None:
    refused = harness.expect_failure(workspace_id="w-other", cluster_id="ray-nowhere", state="absent")
    assert refused["error"]["http_status"] == 404
    assert "workspace_id" in refused["error"]["hint"]
