# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service that keeps or shows names in its own spelling gets no second cluster from one declaration."""

from __future__ import annotations

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.similar_names import find_cut, find_respelled
from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import Json, minimal_options, minimal_stored_spec

LIST = "ListRayCluster"
RESPELLINGS = [
    ("lower", "Training"),
    ("upper", "training"),
    ("collapse", "my  training"),
    ("nfc", "cafe\u0301"),
    ("nfd", "caf\u00e9"),
    ("nfkc", "train\u2460"),
    ("blank", "training"),
    ("newline", "training"),
    ("cut:20", "production-training-of-team-a"),
    ("cut:8", "trainings"),
    ("cut:1", "training"),
    ("lower+cut:20", "Production-Training-of-team-a"),
]


@pytest.mark.parametrize("side", ["stored", "shown"])
@pytest.mark.parametrize(("steps", "name"), RESPELLINGS)
def test_another_spelling_fails_once_and_makes_no_second_cluster(
    harness: TaskHarness, steps: str, name: str, side: str
) -> None:
    harness.emulator.rules.set({f"{side}_name": steps})
    first = harness.expect_failure(**minimal_options(name=name, state="started"))
    (cluster,) = harness.emulator.clusters()
    assert first["error"]["code"] == "NameAltered"
    assert repr(name) in first["msg"]
    assert repr(cluster["name"]) in first["msg"]
    assert first["cluster_id"] == cluster["clusterId"]
    assert first["actions"] == ["create"]
    assert first.writes == ["CreateRayCluster"]
    for state in ("present", "started"):
        again = harness.expect_failure(**minimal_options(name=name, state=state))
        assert again["error"]["code"] == "NameSimilar"
        assert cluster["clusterId"] in again["msg"]
        assert again.writes == []
    assert harness.cluster(check=True, **minimal_options(name=name)).result["error"]["code"] == "NameSimilar"
    assert len(harness.emulator.clusters()) == 1
    # Both ways out that the hints name; a name that ends in a blank cannot be declared.
    if side == "stored" and cluster["name"] == cluster["name"].strip():
        harness.expect_success(**minimal_options(name=cluster["name"]), cluster_id=cluster["clusterId"])
        assert harness.expect_success(name=cluster["name"], state="absent")["actions"] == ["delete"]


@pytest.mark.parametrize(("steps", "name"), RESPELLINGS)
@pytest.mark.parametrize("lag", [0, 12])
def test_another_spelling_and_a_lost_answer_make_one_cluster(
    harness: TaskHarness, steps: str, name: str, lag: int
) -> None:
    harness.emulator.rules.set({"stored_name": steps, "list_hides_new_seconds": lag})
    harness.emulator.fault("cut_after", "CreateRayCluster")
    failed = harness.expect_failure(**minimal_options(name=name))
    (cluster,) = harness.emulator.clusters()
    assert failed["error"]["code"] == "NameAltered"
    assert cluster["clusterId"] in failed["msg"]
    assert harness.expect_failure(**minimal_options(name=name))["error"]["code"] == "NameSimilar"
    assert len(harness.emulator.clusters()) == 1


def test_a_run_that_fails_waits_until_the_next_one_can_see_the_cluster(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"stored_name": "lower", "list_hides_new_seconds": 25})
    assert harness.expect_failure(**minimal_options(name="Training"))["error"]["code"] == "NameAltered"
    assert harness.expect_failure(**minimal_options(name="Training"))["error"]["code"] == "NameSimilar"
    assert len(harness.emulator.clusters()) == 1


def test_absent_does_not_pass_over_another_spelling(harness: TaskHarness) -> None:
    harness.emulator.seed("training")
    assert harness.expect_failure(name="Training", state="absent")["error"]["code"] == "NameSimilar"
    harness.emulator.rules.set({"shown_name": "cut:3"})
    cut = harness.expect_failure(**minimal_options(name="training", state="absent"))
    assert cut["error"]["code"] == "NameSimilar"
    assert len(harness.emulator.clusters()) == 1


def test_absent_passes_over_a_shorter_name(harness: TaskHarness) -> None:
    harness.emulator.seed("train")
    harness.expect_unchanged(name="training", state="absent")


@pytest.mark.parametrize("rule", ["omitted_fields", "row_omits"])
def test_names_that_are_not_shown(harness: TaskHarness, rule: str) -> None:
    """A list without names is completed by reads; where those have none, nothing can be created."""
    (cluster_id,) = harness.emulator.seed("training")
    harness.emulator.rules.set({rule: "name"})
    if rule == "row_omits":
        assert harness.expect_success(**minimal_options(name="training"))["cluster_id"] == cluster_id
        assert harness.expect_success(**minimal_options(name="other"))["actions"] == ["create"]
        assert len(harness.emulator.clusters()) == 2
    else:
        failed = harness.expect_failure(**minimal_options(name="training"))
        assert failed["error"]["code"] == "NameUnknown"
        assert cluster_id in failed["msg"]
        assert failed.writes == []


def test_a_service_that_gives_no_name_back_is_refused_after_the_first_create(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"omitted_fields": "name"})
    assert harness.expect_failure(**minimal_options())["error"]["code"] == "NameAltered"
    assert harness.expect_failure(**minimal_options())["error"]["code"] == "NameUnknown"
    assert len(harness.emulator.clusters()) == 1


NAMES = [
    ("team-1", "team-10"),
    ("team-a", "team-a-gpu"),
    ("training", "training 2"),
    ("train", "trains-nightly-x"),
]


@pytest.mark.parametrize(("short", "long"), NAMES)
def test_a_name_that_begins_like_another_one_is_another_cluster(harness: TaskHarness, short: str, long: str) -> None:
    if short == "train":
        harness.emulator.seed("some-name-that-is-longer")
    for name in (short, long):
        assert harness.expect_success(**minimal_options(name=name, description=name))["actions"] == ["create"]
    for name in (short, long):
        harness.expect_unchanged(**minimal_options(name=name, description=name))


@pytest.mark.parametrize("steps", ["cut:1", "cut:8", "cut:16"])
def test_an_update_that_cuts_the_name_is_not_followed_by_a_create(harness: TaskHarness, steps: str) -> None:
    """Longer names beside it are no proof that the service cuts none: an update may cut names, too."""
    name = "trainingtheinterns"
    harness.emulator.seed("neighbour-with-a-longer-name", count=3)
    harness.emulator.seed(name, spec=minimal_stored_spec() | {"name": name})
    harness.emulator.rules.set({"stored_name": steps})
    wanted = minimal_options(name=name, description="new")
    assert harness.expect_failure(**wanted)["error"]["code"] == "NotConverged"
    again = harness.expect_failure(**wanted)
    assert again["error"]["code"] == "NameSimilar"
    assert again.writes == []
    assert len(harness.emulator.clusters()) == 4


@pytest.mark.parametrize(
    ("steps", "name"),
    [
        ("dashes", "team_a"), ("dashes", "team a"), ("ascii", "caf\xe9-a"), ("question", "caf\xe9-a"),
        ("unaccent", "caf\xe9-a"), ("html", "a & b"), ("url", "team a/b"), ("ellipsis", "training-large-a"),
    ],
)  # fmt: skip
def test_a_name_with_other_characters_makes_one_cluster(harness: TaskHarness, steps: str, name: str) -> None:
    harness.emulator.seed("neighbour-with-a-longer-name")
    harness.emulator.rules.set({"stored_name": steps})
    harness.emulator.fault("cut_after", "CreateRayCluster")
    assert harness.expect_failure(**minimal_options(name=name))["error"]["code"] == "NameAltered"
    again = harness.expect_failure(**minimal_options(name=name))
    assert again["error"]["code"] == "NameSimilar"
    assert again.writes == []
    assert len(harness.emulator.clusters()) == 2


@pytest.mark.parametrize("cut", [3, 8, 9])
def test_a_lost_create_is_not_repeated_beside_a_new_cluster_with_a_cut_name(harness: TaskHarness, cut: int) -> None:
    """A cut between two words proves nothing, except of a cluster that was not there before."""
    harness.emulator.seed("neighbour-with-a-longer-name")
    harness.emulator.seed("team")
    harness.emulator.rules.set({"stored_name": f"cut:{cut}"})
    harness.emulator.fault("cut_after", "CreateRayCluster")
    failed = harness.expect_failure(**minimal_options(name="training-large"))
    assert failed["error"]["code"] == "NameAltered"
    assert failed.writes == ["CreateRayCluster"]


@pytest.mark.parametrize("steps", ["lower", "cut:8", "cut:4", "dashes"])
@pytest.mark.parametrize("fault", [None, "cut_after"])
def test_a_list_that_shows_another_spelling_than_get(harness: TaskHarness, steps: str, fault: str | None) -> None:
    """The cluster itself says what it is called."""
    harness.emulator.seed("Tea")
    harness.emulator.rules.set({"row_name": steps})
    if fault:
        harness.emulator.fault(fault, "CreateRayCluster")
    wanted = minimal_options(name="Training_large", description="ours")
    assert harness.expect_success(**wanted)["actions"] == ["create"]
    harness.expect_unchanged(**wanted)
    assert len(harness.emulator.clusters()) == 2


@pytest.mark.parametrize("rule", ["omitted_fields", "row_omits"])
def test_a_lost_create_in_a_list_without_names(harness: TaskHarness, rule: str) -> None:
    harness.emulator.rules.set({rule: "name"})
    harness.emulator.fault("cut_after", "CreateRayCluster")
    done = harness.cluster(**minimal_options())
    assert done.writes == ["CreateRayCluster"]
    assert done.failed is (rule == "omitted_fields")
    assert len(harness.emulator.clusters()) == 1


def test_a_list_that_shows_quite_another_name_fails_after_the_create(harness: TaskHarness) -> None:
    harness.emulator.rules.set({"row_name": "hash"})
    failed = harness.expect_failure(**minimal_options())
    assert failed["error"]["code"] == "NameAltered"
    assert harness.emulator.clusters()[0]["clusterId"] in failed["msg"]


def row(name: str, **sizes: str) -> Json:
    node = {"cpu": "4", "memory": "16Gi"} | sizes
    return {"cluster_id": "ray-1", "name": name, "head_spec": node, "worker_spec": [node]}


SPEC: Json = {"head_spec": {"cpu": "4", "memory": "16Gi"}, "worker_spec": [{"cpu": "4", "memory": "16Gi"}]}


@pytest.mark.parametrize(
    ("name", "start", "others", "suspected"),
    [
        ("training", "train", [], True),
        ("training", "train", ["a-longer-name"], True),
        ("training", "train-", ["a-longer-name"], False),
        ("training-a", "training-", ["a-longer-name"], True),
        ("training-a", "training", ["a-longer-name"], False),
        ("training", "train", ["equal"], True),
        ("team-10", "team-1", [], False),
        ("team-ab", "team-a", [], True),
        ("a-name-of-24-characters-and-more", "a-name-of-24-characters-", [], True),
        ("a-name-of-16-ch-and-more", "a-name-of-16-ch-", [], True),
        ("training-cluster-2", "training-cluster", [], False),
        ("a-name-that-is-cut-at-32-charact-2", "a-name-that-is-cut-at-32-charact", [], True),
        ("a-name-of-17-chas-and-more", "a-name-of-17-chas", [], False),
        ("Stra\u00dfe-a", "strass", [], True),
        ("caf\u00e9s", "cafe", [], True),
        ("training", "training", [], False),
        ("training", "trains", [], False),
    ],
)
def test_which_names_may_be_cut(name: str, start: str, others: list[str], suspected: bool) -> None:
    rows = [row(start), *(row(other) for other in others)]
    assert [found["name"] for found in find_cut(name, SPEC, rows)] == ([start] if suspected else [])


def test_a_cluster_of_another_size_is_no_cut_one() -> None:
    assert find_cut("training", SPEC, [row("train", cpu="8")]) == []
    assert find_cut("training", SPEC, [row("train", cpu="4.0", memory="16384Mi")])
    assert find_cut("training", SPEC, [row("train") | {"worker_spec": []}])
    assert find_cut("training", SPEC, [row("train") | {"worker_spec": [SPEC["head_spec"]] * 2}]) == []
    longer = row("a-longer-name")
    assert find_cut("training", {**SPEC, "description": "x"}, [row("train"), longer])
    assert find_cut("training", {**SPEC, "description": "x"}, [row("train") | {"description": "y"}, longer]) == []
    assert find_cut("training", {"description": "x"}, [row("train") | {"description": "x"}, longer]) == []
    assert find_cut("training", {}, [{"cluster_id": "ray-1", "name": "train"}]) == []
    assert find_cut("a-name-of-16-ch-and-more", {}, [row("a-name-of-16-ch-")])
    assert find_cut("training", {}, [row("train", cpu="8"), row("train")])
    assert find_cut("team-10", SPEC, [row("team-1"), row("team-1")]) == []
    assert find_cut("training", SPEC, []) == []
    assert find_respelled("training", [row("training"), {"cluster_id": "ray-2"}]) == []


@pytest.mark.parametrize("steps", ["lower", "cut:20"])
def test_prune_never_touches_what_may_be_a_declared_cluster(harness: TaskHarness, steps: str) -> None:
    name = "Production-training-of-team-a"
    harness.emulator.rules.set({"stored_name": steps})
    fleet: Json = {
        "clusters": [minimal_options(name=name)],
        "prune": "delete",
        "prune_pattern": "*",
        "max_prune": 10,
    }
    for _run in range(3):
        assert harness.fleet(**fleet).failed
        assert len(harness.emulator.clusters()) == 1


def test_prune_spares_another_spelling_and_clusters_without_a_name(harness: TaskHarness) -> None:
    harness.emulator.seed("Training")
    (nameless,) = harness.emulator.seed("nameless")
    (other,) = harness.emulator.seed("other")
    harness.emulator.seed("training")
    harness.emulator.patch(nameless, name="")
    done = harness.fleet(clusters=[{"name": "training"}], prune="delete", prune_pattern="*", max_prune=10)
    assert not done.failed
    assert [entry["cluster_id"] for entry in done["pruned"]] == [other]
    assert {cluster["name"] for cluster in harness.emulator.clusters()} == {"Training", "training", ""}
