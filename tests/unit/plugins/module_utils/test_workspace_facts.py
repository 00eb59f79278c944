# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking at what a workspace has: few requests, and no failure when the service does not let one look."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._api.operations import OPERATIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._api.session import ApiSession
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.preflight import validate
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.workspace_facts import load_catalog
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext, open_session
from ansible_collections.rayops.alicloud.plugins.module_utils._workspace.client import WorkspaceApi
from tests.emulator import Emulator
from tests.unit.scenarios.harness import EmulatorClock

Json = dict[str, Any]

VERSION = "ray-1.0.0 (Ray 2.47.1, Python 3.12)"
NODE = {"queue_name": "root_queue", "cpu": "2", "memory": "8Gi"}
SPEC = {
    "display_release_version": VERSION,
    "network_service_name": "vpc",
    "head_spec": NODE,
    "worker_spec": [{"group_name": "a", "replica": 2, **NODE}],
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture
def session(emulator: Emulator) -> Iterator[ApiSession]:
    params = {
        "endpoint": emulator.url,
        "workspace_id": emulator.workspace_id,
        "access_key_id": emulator.access_key_id,
        "access_key_secret": emulator.access_key_secret,
    }
    warnings: list[str] = []
    with open_session(TaskContext(params, {}, warnings.append, clock=EmulatorClock(emulator))) as session:
        yield session
    assert warnings == []


def test_three_reads_say_whether_a_spec_is_possible(emulator: Emulator, session: ApiSession) -> None:
    known = load_catalog(session, SPEC)
    assert sorted(emulator.operations()) == ["ListNetworkServices", "ListReleaseVersions", "ListWorkspaceQueues"]
    assert known.unavailable == ()
    assert validate(SPEC, None, known) == ([], [])
    wrong, doubtful = validate({**SPEC, "network_service_name": "x"}, None, known)
    assert wrong == ["network_service_name: there is no network service 'x'; the valid values are vpc"]
    assert doubtful == []


def test_the_capacity_that_is_left_is_the_services_own(emulator: Emulator, session: ApiSession) -> None:
    resources = {"maxResource": {"cpu": "16", "memory": "64Gi"}, "usedResource": {"cpu": "12", "memory": "8Gi"}}
    emulator.set_workspace(queues=[{"queueName": "root_queue", **resources}])
    wrong, _doubtful = validate(SPEC, None, load_catalog(session, SPEC))
    assert wrong == ["head_spec, worker_spec[a]: need 6 cores (4 of 16 left) of queue 'root_queue'"]


def test_only_what_is_named_is_asked_for(emulator: Emulator, session: ApiSession) -> None:
    load_catalog(session, {"head_spec": NODE}, {"head_spec": NODE})
    assert emulator.operations() == ["ListWorkspaceQueues"]
    load_catalog(session, {})
    assert emulator.operations() == ["ListWorkspaceQueues"]
    load_catalog(session, {"name": "x"}, {"network_service_name": "vpc"})
    assert emulator.operations() == ["ListWorkspaceQueues", "ListNetworkServices"]


def test_a_denied_look_is_told_and_judges_nothing(emulator: Emulator, session: ApiSession) -> None:
    emulator.deny("ListWorkspaceQueues", "ListNetworkServices")
    known = load_catalog(session, SPEC)
    assert (known.queues, known.networks) == (None, None)
    assert known.versions is not None
    queues, networks = known.unavailable
    assert queues.startswith("the queues could not be read: NoPermission")
    assert "emr-serverless-spark:ListWorkspaceQueues" in queues
    assert "emr-serverless-spark:ListNetworkServices" in networks
    assert validate({**SPEC, "network_service_name": "x", "head_spec": {"queue_name": "y"}}, None, known) == ([], [])


@pytest.mark.parametrize("kind", ["http_500", "html_502", "wrong_types", "cut_before", "broken_json"])
def test_a_broken_look_is_told(emulator: Emulator, session: ApiSession, kind: str) -> None:
    emulator.fault(kind, times=1000)
    known = load_catalog(session, SPEC)
    assert (known.queues, known.networks, known.versions) == (None, None, None)
    assert [text.split(" could")[0] for text in known.unavailable] == [
        "the queues",
        "the network services",
        "the engine versions",
    ]


def test_a_part_of_a_list_or_an_empty_one_judges_nothing(emulator: Emulator, session: ApiSession) -> None:
    emulator.set_workspace(queues=[], networkServices=[])
    known = load_catalog(session, SPEC)
    assert known.queues is None
    assert known.networks == ()
    assert validate(SPEC, None, known)[0] == [
        "network_service_name: there is no network service 'vpc'; there are no valid values"
    ]


class Answers:
    """A session that gives answers, one after the other."""

    workspace_id = "w-1"

    def __init__(self, *answers: Json) -> None:
        self._answers = iter(answers)
        self.queries: list[Json] = []

    def call(self, operation: str, read: Any, query: Any = None, **more: Any) -> Any:
        OPERATIONS[operation].build_path(workspace=more.get("workspace") or "w-1")
        self.queries.append(dict(query))
        return read(next(self._answers))


@pytest.mark.parametrize("more", [{"nextToken": "1"}, {"totalCount": 2}])
def test_a_list_that_is_not_whole_is_called_so(more: Json) -> None:
    answers = Answers({"queues": [{"queueName": "q"}], **more})
    known = load_catalog(answers, {"head_spec": NODE})  # type: ignore[arg-type]
    assert known.queues is None
    assert known.unavailable == ("the queues could not be read: the list is incomplete",)


def test_workspaces_are_read_page_by_page_and_each_once() -> None:
    pages = [{"workspaces": [{"workspaceId": "w-1"}, {"workspaceId": "w-2"}], "nextToken": "2"}]
    pages += [{"workspaces": [{"workspaceId": "w-2"}, {"workspaceId": "w-3"}], "nextToken": ""}]
    answers = Answers(*pages)
    rows = list(WorkspaceApi(answers, "cn-hangzhou").list_workspaces("x"))  # type: ignore[arg-type]
    assert [row["workspace_id"] for row in rows] == ["w-1", "w-2", "w-3"]
    assert [query.get("nextToken") for query in answers.queries] == [None, "2"]
    assert answers.queries[0] == {"regionId": "cn-hangzhou", "maxResults": 100, "name": "x"}


def test_a_list_of_workspaces_that_never_ends_is_left() -> None:
    same = {"workspaces": [{"workspaceId": "w-1"}], "nextToken": "1"}
    rows = list(WorkspaceApi(Answers(same, same)).list_workspaces())  # type: ignore[arg-type]
    assert [row["workspace_id"] for row in rows] == ["w-1"]
    endless = ({"workspaces": [{"workspaceId": f"w-{number}"}], "nextToken": "1"} for number in itertools.count())
    answers = Answers()
    answers._answers = endless
    with pytest.raises(ApiError, match="does not end"):
        list(WorkspaceApi(answers).list_workspaces())  # type: ignore[arg-type]


def test_many_workspaces_of_the_emulator(emulator: Emulator, session: ApiSession) -> None:
    for number in range(150):
        emulator.set_workspace(f"w-{number}")
    rows = list(WorkspaceApi(session).list_workspaces())
    assert len({row["workspace_id"] for row in rows}) == len(rows) == 151
    assert emulator.operations() == ["ListWorkspaces", "ListWorkspaces"]
    assert [row["workspace_id"] for row in WorkspaceApi(session).list_workspaces("w-149")] == ["w-149"]


@pytest.mark.parametrize("answer", [{}, {"workspace": None}, {"workspace": {"workspaceId": "w-2"}}])
def test_an_answer_about_another_workspace_is_none(answer: Json) -> None:
    with pytest.raises(ApiError, match=r"workspaceId: field required|not about workspace w-1"):
        WorkspaceApi(Answers(answer)).get_workspace("w-1")  # type: ignore[arg-type]


def test_an_id_that_would_leave_the_path_is_not_asked_for() -> None:
    with pytest.raises(ApiError, match="cannot be one"):
        WorkspaceApi(Answers()).list_queues("../x")  # type: ignore[arg-type]
