# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a workspace has what a spec asks for: what is certainly wrong, what may be, and what is not judged."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.preflight import (
    WorkspaceCatalog,
    reserve,
    validate,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.spec import writable_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._payload import pick
from ansible_collections.rayops.alicloud.plugins.module_utils._schema import read_answer
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace.fields import Queue, ShownQueue
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace.result import parse_capacity, queue_to_result

Json = dict[str, Any]

VERSION = "ray-1.0.0 (Ray 2.47.1, Python 3.12)"
GPU = "ecs.gn6i-c4g1.xlarge"


def queue(
    name: str = "root_queue", cpu: Any = 100, memory: Any = 400, used: tuple[Any, Any] = (0, 0), **more: Any
) -> Json:
    """Return a queue as it is shown."""
    limits = {
        "max_resource": {"cpu": cpu, "memory_gib": memory},
        "used_resource": {"cpu": used[0], "memory_gib": used[1]},
    }
    return {"queue_name": name, "queue_category": "CPU", "gpu_spec": [], **limits, **more}


KNOWN = WorkspaceCatalog(
    queues=(queue(), queue("gpu_queue", queue_category="GPU", gpu_spec=[GPU])),
    networks=({"name": "vpc", "state": "running"}, {"name": "new", "state": "creating"}),
    versions=(
        {"display_release_version": VERSION},
        {"display_release_version": "esr-4.3.0 (Spark 3.5.2, Scala 2.12)"},
        {"display_release_version": "mine", "is_custom": True},
    ),
)


def spec(replica: int = 2, group: Json | None = None, head: Json | None = None, **top: Any) -> Json:
    """Return a spec that fits: 10 cores and 40 GiB with two replicas."""
    node = {"queue_name": "root_queue", "cpu": "4", "memory": "16Gi"}
    return {
        "name": "training",
        "display_release_version": VERSION,
        "network_service_name": "vpc",
        "head_spec": {"queue_name": "root_queue", "cpu": "2", "memory": "8Gi", **(head or {})},
        "worker_spec": [{"group_name": "a", "replica": replica, **node, **(group or {})}],
        **top,
    }


def running(wanted: Json, **more: Any) -> Json:
    """Return the cluster that runs with a spec."""
    return {**copy.deepcopy(wanted), "cluster_id": "ray-1", "state": "Running", "modified": False, **more}


def test_what_fits_has_no_problem() -> None:
    assert validate(spec(), None, KNOWN) == ([], [])


@pytest.mark.parametrize(
    ("wanted", "text"),
    [
        (
            spec(head={"queue_name": "rot_queue"}),
            "head_spec.queue_name: there is no queue 'rot_queue'; the valid values are gpu_queue, root_queue",
        ),
        (
            spec(group={"queue_name": "x"}),
            "worker_spec[a].queue_name: there is no queue 'x'; the valid values are gpu_queue, root_queue",
        ),
        (
            spec(network_service_name="vcp"),
            "network_service_name: there is no network service 'vcp'; the valid values are new, vpc",
        ),
        (
            spec(display_release_version="ray-1.0.0"),
            f"display_release_version: there is no engine version 'ray-1.0.0'; the valid values are mine, {VERSION}",
        ),
        (
            spec(head={"display_release_version": "ray-9 (Ray 9, Python 3.12)"}),
            (
                "head_spec.display_release_version: there is no engine version 'ray-9 (Ray 9, Python 3.12)'; "
                f"the valid values are mine, {VERSION}"
            ),
        ),
        (
            spec(group={"gpu_spec": GPU}),
            (
                f"worker_spec[a].gpu_spec: there is no GPU '{GPU}' in queue 'root_queue'; there are no valid values; "
                "it is in the queues gpu_queue"
            ),
        ),
        (
            spec(group={"gpu_spec": "ecs.x", "queue_name": "gpu_queue"}),
            f"worker_spec[a].gpu_spec: there is no GPU 'ecs.x' in queue 'gpu_queue'; the valid values are {GPU}",
        ),
        (
            spec(replica=25),
            (
                "head_spec, worker_spec[a]: need 102 cores (100 of 100 left) and 408 GiB (400 of 400 left) "
                "of queue 'root_queue'"
            ),
        ),
    ],
)
def test_what_is_certainly_wrong_names_option_and_valid_values(wanted: Json, text: str) -> None:
    assert validate(wanted, None, KNOWN) == ([text], [])


def test_all_problems_are_found_at_once() -> None:
    wanted = spec(
        head={"queue_name": "x"}, group={"gpu_spec": GPU}, display_release_version="y", network_service_name="z"
    )
    assert len(validate(wanted, None, KNOWN)[0]) == 4


def test_what_may_be_right_is_a_warning() -> None:
    custom = "worker_spec[a].display_release_version: 'own' is not listed; it may be your own image"
    assert validate(spec(group={"display_release_version": "own"}), None, KNOWN) == ([], [custom])
    state = "network_service_name: the network service 'new' is not running but creating"
    assert validate(spec(network_service_name="new"), None, KNOWN) == ([], [state])
    assert validate(spec(group={"display_release_version": "mine"}), None, KNOWN) == ([], [])


def test_what_a_cluster_has_already_is_a_warning() -> None:
    had = spec(head={"queue_name": "gone"}, group={"gpu_spec": GPU}, display_release_version="old (Ray 1)")
    wrong, doubtful = validate({**had, "description": "new"}, running(had), KNOWN)
    assert wrong == []
    assert len(doubtful) == 3
    moved = spec(group={"gpu_spec": GPU})
    before = running(spec(group={"gpu_spec": GPU, "queue_name": "gpu_queue"}))
    assert len(validate(moved, before, KNOWN)[0]) == 1, "the GPU is what it was, but its queue is another"


def test_a_running_cluster_may_keep_what_it_has() -> None:
    full = KNOWN._replace(queues=(queue(used=(100, 400)),))
    assert validate(spec(2), running(spec(2)), full) == ([], [])
    (text,), warnings = validate(spec(3), running(spec(2)), full)
    assert text.startswith("head_spec, worker_spec[a]: need 14 cores (10 of 100 left) and 56 GiB (40 of 400 left)")
    assert warnings == []
    assert len(validate(spec(2), running(spec(2), state="Stopped"), full)[0]) == 1
    errors, (later,) = validate(spec(2), running(spec(2), state="Stopped"), full, runs=False)
    assert errors == []
    assert later.startswith("head_spec, worker_spec[a]: would, when started, need 10 cores (0 of 100 left) and 40 GiB")
    wrong, doubtful = validate(spec(3), running(spec(2), modified=True), full)
    assert (wrong, len(doubtful)) == ([], 1), "it runs with another spec than the one that is read"
    over = KNOWN._replace(queues=(queue(used=(200, 900)),))
    assert validate(spec(2), running(spec(2)), over) == ([], []), "fuller than full is no reason to give anything back"


def test_with_autoscaling_the_least_must_fit_and_the_most_should() -> None:
    scaling = {"enable_auto_scaling": True}
    bounds = {"min_replica": 1, "max_replica": 50}
    assert validate(spec(head=scaling, group=bounds), None, KNOWN) == (
        [],
        [
            (
                "head_spec, worker_spec[a]: would, at max_replica, need 202 cores (100 of 100 left) and 808 GiB "
                "(400 of 400 left) of queue 'root_queue'"
            )
        ],
    )
    assert len(validate(spec(head=scaling, group={**bounds, "min_replica": 30}), None, KNOWN)[0]) == 1
    assert validate(spec(group=bounds), None, KNOWN) == ([], []), "without autoscaling the bounds mean nothing"


def test_a_gpu_queue_that_reports_no_cores_is_a_warning() -> None:
    gpu_queue = queue("gpu_queue", cpu=0, memory=0, queue_category="GPU", gpu_spec=[GPU])
    wanted = spec(group={"queue_name": "gpu_queue", "gpu_spec": GPU})
    wrong, doubtful = validate(wanted, None, KNOWN._replace(queues=(queue(), gpu_queue)))
    assert wrong == []
    assert doubtful == ["worker_spec[a]: the GPU queue 'gpu_queue' reports 0 cores, so its free capacity is unknown"]
    wrong, doubtful = validate(spec(), None, KNOWN._replace(queues=(queue(cpu=0),)))
    assert len(wrong) == 1, "a queue of CPUs without cores has no room"


def test_what_could_not_be_looked_at_is_not_judged() -> None:
    odd = spec(group={"gpu_spec": "x", "queue_name": "y"}, display_release_version="z", network_service_name="n")
    assert validate(odd, None, WorkspaceCatalog()) == ([], [])
    spark = ({"display_release_version": "esr-4.3.0 (Spark 3.5.2, Scala 2.12)"},)
    assert validate(spec(display_release_version="z"), None, KNOWN._replace(versions=spark)) == ([], [])
    unclear = KNOWN._replace(queues=(queue(cpu=None), queue("gpu_queue", queue_category="GPU", gpu_spec=None)))
    assert validate(spec(replica=10**6), None, unclear) == ([], [])
    assert validate(spec(group={"gpu_spec": "x", "queue_name": "gpu_queue"}), None, unclear) == ([], [])
    assert validate(spec(replica=10**6, group={"cpu": "many"}), None, KNOWN) == ([], [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"cpu":"2","memory":"2Gi"}', {"cpu": 2, "memory_gib": 2}),
        ('{"cpu":"0","memory":"0Gi"}', {"cpu": 0, "memory_gib": 0}),
        ({"cpu": 0.5, "memory": "512Mi"}, {"cpu": 0.5, "memory_gib": 0.5}),
        ('{"cpu":"unlimited"}', {"cpu": None, "memory_gib": None}),
        ('{"cpu":true,"memory":"-1Gi"}', {"cpu": None, "memory_gib": None}),
        ("broken", None),
        ("[]", None),
        (None, None),
    ],
)
def test_capacities_are_numbers(text: Any, expected: Any) -> None:
    assert parse_capacity(text) == expected


# Properties

_names = st.sampled_from(["root_queue", "gpu_queue", "x", "", None])
_sizes = st.sampled_from(["1", "4", "0.5", "16Gi", "", None, "odd"])
_counts = st.sampled_from([None, 0, 1, 3, 40])
_texts = st.sampled_from([None, "", VERSION, GPU, "mine", "own", "err-9 (Ray 9)", "vpc", "new"])
_group = st.fixed_dictionaries(
    {"group_name": st.sampled_from(["a", "b", None])},
    optional={
        "queue_name": _names,
        "cpu": _sizes,
        "memory": _sizes,
        "replica": _counts,
        "min_replica": _counts,
        "max_replica": _counts,
        "gpu_spec": _texts,
        "display_release_version": _texts,
    },
)
_head = st.fixed_dictionaries(
    {}, optional={"queue_name": _names, "cpu": _sizes, "memory": _sizes, "enable_auto_scaling": st.booleans()}
)
_specs = st.fixed_dictionaries(
    {},
    optional={
        "display_release_version": _texts,
        "network_service_name": _texts,
        "head_spec": st.none() | _head,
        "worker_spec": st.none() | st.lists(_group, max_size=3),
    },
)
_numbers = st.sampled_from([None, 0, 1, 10, 100.5])
_resources = st.none() | st.fixed_dictionaries({"cpu": _numbers, "memory_gib": _numbers})
_queues = st.fixed_dictionaries(
    {"queue_name": _names, "max_resource": _resources, "used_resource": _resources},
    optional={"gpu_spec": st.none() | st.lists(_texts, max_size=2), "queue_category": st.sampled_from(["CPU", "GPU"])},
)
_rows = st.fixed_dictionaries({}, optional={"name": _texts, "state": _texts, "display_release_version": _texts})
_known = st.builds(
    WorkspaceCatalog,
    st.none() | st.lists(_queues, max_size=3).map(tuple),
    st.none() | st.lists(_rows, max_size=2).map(tuple),
    st.none() | st.lists(_rows, max_size=3).map(tuple),
)
_states = st.sampled_from(["Running", "Stopped", "Starting", "Error", None])


@given(_specs, _known, st.none() | _specs, _states, st.booleans())
def test_whatever_is_read_is_judged_without_a_crash(
    wanted: Json, known: WorkspaceCatalog, had: Json | None, state: str | None, modified: bool
) -> None:
    observed = None if had is None else {**had, "state": state, "modified": modified}
    wrong, doubtful = validate(wanted, observed, known)
    assert all(": " in text for text in wrong + doubtful)
    assert validate(wanted, observed, reserve(known, wanted, observed)._replace(queues=None))[0] == [
        text for text in wrong if "queue" not in text
    ]


@given(_specs, _known, _states)
def test_a_cluster_as_it_is_has_never_a_problem_while_it_runs(
    had: Json, known: WorkspaceCatalog, state: str | None
) -> None:
    observed = running(had, state="Running")
    assert validate(had, observed, known)[0] == []
    assert validate(had, {**observed, "state": state}, known, runs=False)[0] == []


@given(st.integers(1, 40), st.integers(0, 39), st.integers(0, 100), st.booleans())
def test_less_fits_where_more_does(replica: int, fewer: int, used: int, scaling: bool) -> None:
    known = KNOWN._replace(queues=(queue(used=(used, used)),))
    head = {"enable_auto_scaling": scaling}
    if validate(spec(replica, head=head), None, known)[0] == []:
        assert validate(spec(max(1, replica - fewer), head=head), None, known)[0] == []


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_a_fleet_fits_exactly_as_long_as_its_sum_does(replicas: list[int]) -> None:
    known, total = KNOWN, 0
    for replica in replicas:
        total += 2 + 4 * replica
        assert (validate(spec(replica), None, known)[0] == []) is (total <= 100)
        known = reserve(known, spec(replica), None)
    again = reserve(known, spec(1), running(spec(1)))
    assert again == known, "what it needs it has already"


def test_what_the_service_answers_is_what_is_judged() -> None:
    """The shapes of both reads, as they come: camelCase, capacities as text, absent fields."""
    cluster = parse_cluster(
        {
            "clusterId": "ray-1",
            "name": "training",
            "state": "Running",
            "displayReleaseVersion": VERSION,
            "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi", "replica": 1},
            "workerSpec": [{"groupName": "a", "queueName": "root_queue", "cpu": "4", "memory": "16Gi", "replica": 2}],
        },
        "GetRayCluster",
    )
    answer = {
        "queueName": "root_queue",
        "maxResource": '{"cpu":"10","memory":"40Gi"}',
        "usedResource": '{"cpu":"10","memory":"40Gi"}',
    }
    row = read_answer(Queue, answer, "ListWorkspaceQueues")
    known = WorkspaceCatalog(queues=(pick(ShownQueue, queue_to_result(row)),))
    assert validate(writable_spec(cluster), cluster, known) == ([], [])
    larger = writable_spec(cluster)
    larger["worker_spec"][0]["replica"] = 3
    assert validate(larger, cluster, known)[0] == [
        "head_spec, worker_spec[a]: need 14 cores (10 of 10 left) and 56 GiB (40 of 40 left) of queue 'root_queue'"
    ]
