# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster a task is about: by name over all pages, by id, renamed, or refused."""

from __future__ import annotations

import pytest

from tests.unit.scenarios.specs import full, full_wire, minimal, plain
from tests.unit.scenarios.stage import Stage

NAMES = [
    "测试 ray+1",
    "with spaces  inside",
    " spaces around ",
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


def seed_many(stage: Stage, order: str) -> str:
    """Fill 250 clusters, the wanted one on page 3 under the order of the list; return its id."""
    stage.emulator.rules.set({"list_order": order})
    if order == "newest":
        (wanted,) = stage.emulator.seed("needle")
        stage.emulator.seed("straw", count=249)
    else:
        stage.emulator.seed("straw", count=249)
        (wanted,) = stage.emulator.seed("needle")
    return wanted


@pytest.mark.parametrize("order", ["newest", "oldest"])
def test_finds_a_name_on_the_third_page(stage: Stage, order: str) -> None:
    wanted = seed_many(stage, order)
    started = stage.done(name="needle", state="started")
    assert started["cluster_id"] == wanted
    assert started.operations[:4] == ["ListRayCluster"] * 3 + ["GetRayCluster"]
    # A fleet asks for several pages at once.
    pages = sorted((entry.query for entry in started.entries[:3]), key=lambda query: query["pageNum"])
    assert pages == [{"pageNum": str(number), "pageSize": "100"} for number in (1, 2, 3)]
    stage.unchanged(name="needle", state="started")


def test_a_name_that_is_only_a_part_of_another_is_not_found(stage: Stage) -> None:
    stage.emulator.seed("needles")
    stage.emulator.seed("Needle")
    stage.emulator.seed("needle ")
    created = stage.done(**minimal(name="needle"))
    assert created["actions"] == ["create"]


def test_as_many_clusters_as_a_full_page_are_followed_by_an_empty_one(stage: Stage) -> None:
    stage.emulator.seed("straw", count=100)
    operations = stage.unchanged(name="needle", state="absent").operations
    assert operations == ["ListRayCluster"] * (2 if stage.exact else 3)


@pytest.mark.parametrize("state", ["present", "started", "stopped", "restarted", "absent"])
@pytest.mark.parametrize("check", [False, True])
def test_several_clusters_of_a_name_are_refused_with_their_ids(stage: Stage, state: str, check: bool) -> None:
    ids = stage.emulator.seed("twin")
    stage.emulator.seed("straw", count=150)
    ids += stage.emulator.seed("twin")
    refused = stage.refused(check=check, name="twin", state=state)
    assert all(cluster_id in refused["msg"] for cluster_id in ids)
    assert refused["error"]["code"] == "NameNotUnique"
    assert "cluster_id" in refused["error"]["hint"]
    assert refused.writes == []
    # The id is the way out.
    assert stage.done(cluster_id=ids[0], state=state)["cluster_id"] == ids[0]


@pytest.mark.parametrize("state", ["present", "started", "stopped", "restarted"])
@pytest.mark.parametrize("check", [False, True])
def test_an_id_that_does_not_exist_is_an_error_and_creates_nothing(stage: Stage, state: str, check: bool) -> None:
    refused = stage.refused(check=check, **full(), cluster_id="ray-nowhere", state=state)
    assert refused["error"]["code"] == "ClusterNotFound"
    assert "ray-nowhere" in refused["msg"]
    assert refused["cluster"] is None
    assert refused["cluster_id"] == "ray-nowhere"
    assert refused.operations == ["GetRayCluster"]


def test_an_id_that_does_not_exist_is_absent(stage: Stage) -> None:
    absent = stage.unchanged(cluster_id="ray-nowhere", state="absent")
    assert absent.operations == ["GetRayCluster"]
    assert absent["cluster_id"] == "ray-nowhere"


def test_an_id_and_another_name_rename(stage: Stage) -> None:
    cluster_id = stage.done(**full())["cluster_id"]
    renamed = stage.done(**full(name="renamed"), cluster_id=cluster_id)
    assert renamed["actions"] == ["update"]
    assert [change["field"] for change in renamed["changes"]] == ["name"]
    assert renamed["cluster"]["name"] == "renamed"
    assert plain(stage.stored(cluster_id)) == plain({**full_wire(), "name": "renamed"})
    stage.unchanged(**full(name="renamed"), cluster_id=cluster_id)
    assert len(stage.emulator.clusters()) == 1


def test_a_name_with_an_id_may_be_somebody_elses(stage: Stage) -> None:
    """The id decides which cluster is meant, and the service whether names may repeat."""
    one, other = stage.emulator.seed("one") + stage.emulator.seed("other")
    stage.done(cluster_id=other, name="one")
    assert stage.stored(other)["name"] == stage.stored(one)["name"] == "one"


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_of_all_kinds(stage: Stage, name: str) -> None:
    created = stage.done(**minimal(name=name))
    cluster_id = created["cluster_id"]
    assert created["cluster"]["name"] == stage.stored(cluster_id)["name"] == name
    stage.unchanged(**minimal(name=name))
    assert stage.done(name=name, description=name)["actions"] == ["update"]
    assert stage.stored(cluster_id)["description"] == name
    assert [cluster["cluster_id"] for cluster in stage.info(name=name)["clusters"]] == [cluster_id]
    assert stage.done(name=name, state="absent")["cluster_id"] == cluster_id
    assert stage.emulator.clusters() == []


def test_a_cluster_that_vanishes_between_list_and_read_is_created_anew(stage: Stage) -> None:
    (old,) = stage.emulator.seed("training")
    stage.emulator.fault("stale_list", "ListRayCluster")
    stage.emulator.service.remove(old)
    created = stage.done(**minimal())
    assert created["actions"] == ["create"]
    assert created["cluster_id"] != old


@pytest.mark.parametrize("code", ["RayCluster.NotFound", "RayClusterNotExist", "Cluster.NotExists"])
@pytest.mark.parametrize("status", [404, 400])
def test_the_code_says_that_a_cluster_is_absent(stage: Stage, code: str, status: int) -> None:
    stage.emulator.rules.set({"deleted_code": code, "deleted_status": status})
    stage.unchanged(cluster_id="ray-nowhere", state="absent")


def test_a_404_without_a_code_is_no_absent_cluster(stage: Stage) -> None:
    refused = stage.refused(workspace_id="w-other", cluster_id="ray-nowhere", state="absent")
    assert refused["error"]["http_status"] == 404
    assert "workspace_id" in refused["error"]["hint"]
