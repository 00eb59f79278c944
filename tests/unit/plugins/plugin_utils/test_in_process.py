# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin: which arguments go on, where a task runs, and what is shown of secrets. Without a play."""

from __future__ import annotations

import importlib
import json
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.rayops.alicloud.plugins.action import emr_ray_cluster, emr_ray_cluster_info
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import (
    ClusterError,
    MissingLibraryError,
    ParameterError,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext
from ansible_collections.rayops.alicloud.plugins.module_utils._task.failures import task_failure
from ansible_collections.rayops.alicloud.plugins.plugin_utils._action import in_process
from tests.unit.plugins.modules.contract import MODULES
from tests.unit.plugins.plugin_utils.play import Play

CANARY = "Canary-71c0"
KEYS = {"access_key_id": "LTAI", "access_key_secret": f"{CANARY}-secret", "security_token": f"{CANARY}-token"}


def cluster(**arguments: Any) -> Play:
    return Play(emr_ray_cluster, {"name": "training", **arguments})


# Arguments that no module may see, and words of the message.
INVALID: list[tuple[dict[str, Any], str]] = [
    ({"worker_spec": f"text {CANARY}"}, "The options cannot be used: worker_spec: takes a list of mappings, not text"),
    ({"worker_spec": f"[{{a: {CANARY}"}, "worker_spec: takes a list of mappings, and the text is not valid"),
    ({"worker_spec": [{"cpu": 4}]}, "missing required arguments: group_name"),
    ({"worker_spec": [f"text {CANARY}"]}, "worker_spec[0]: takes a mapping, not text"),
    ({"head_spec": {"cpus": CANARY}}, "for (rayops.alicloud.emr_ray_cluster) module: head_spec.cpus"),
    ({"acces_key_secret": CANARY}, "Unsupported parameters"),
    ({"retries": "many"}, "retries"),
    ({"state": "sideways"}, "value of state must be one of"),
    ({"cluster_id": None}, "cluster_id: is null"),
    ({"name": {"a": CANARY}}, "name: takes text, not a mapping"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def show_invocations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show the options in results, which newer releases of ansible-core do not by default."""
    monkeypatch.setenv("ANSIBLE_INJECT_INVOCATION", "true")


@pytest.mark.parametrize("asynchronous", [0, 30], ids=["in process", "as a module"])
@pytest.mark.parametrize(("arguments", "words"), INVALID)
def test_what_is_invalid_reaches_neither_module_nor_core(
    arguments: dict[str, Any], words: str, asynchronous: int
) -> None:
    gft = {"gft_config": {"redis_url": "r:6379", "redis_password": f"{CANARY}-redis"}}
    head = {"head_spec": gft} if "head_spec" not in arguments else {}
    play = cluster(**{**KEYS, **head, **arguments})
    play.given["async_val"] = asynchronous
    result = play.run()
    assert result["failed"] is True
    assert result["changed"] is False
    assert words in result["msg"]
    assert result["error"]["code"] == "InvalidOption"
    assert "LTAI" in str(result["invocation"])
    assert CANARY not in json.dumps(result)
    assert (play.modules, play.tasks) == ([], [])


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_an_action_that_checks_its_arguments(module: str) -> None:
    action = importlib.import_module(f"ansible_collections.rayops.alicloud.plugins.action.{module}")
    play = Play(action, {**KEYS, "retries": {"a": CANARY}, "unheard": CANARY}, async_val=30)
    result = play.run()
    assert result["failed"] is True
    assert CANARY not in json.dumps(result)
    assert play.modules == []


def test_text_becomes_a_structure_on_both_ways() -> None:
    given = {"head_spec": '{"gft_config": {"redis_password": "Canary-71c0-text"}}', "worker_spec": "- group_name: w"}
    here, there = cluster(**given), cluster(**given)
    there.given["async_val"] = 30
    result = here.run()
    assert CANARY not in json.dumps(result)
    assert here.tasks[0].params["worker_spec"][0]["group_name"] == "w"
    there.run()
    head = {"gft_config": {"redis_password": "Canary-71c0-text"}}
    expected = {"head_spec": head, "worker_spec": [{"group_name": "w"}]}
    assert there.modules == [{"module_args": {"name": "training", **expected}, "task_vars": {}, "wrap_async": 30}]


def test_a_task_runs_here_where_nothing_speaks_against_it() -> None:
    play = cluster(wait_timeout="5")
    play.variables = {"ansible_playbook_python": sys.executable}
    result = play.run()
    (task,) = play.tasks
    assert play.modules == []
    assert task.params["wait_timeout"] == 5.0
    assert task.params["state"] == "present"
    assert (task.check_mode, task.no_log) == (False, False)
    assert result["invocation"]["module_args"]["name"] == "training"
    assert result["changed"] is False


def _with(**changes: Any) -> Any:
    def change(play: Play) -> None:
        for name, value in changes.items():
            where, _dot, what = name.partition("__")
            setattr(getattr(play, where), what, value) if what else play.given.update({name: value})

    return change


def _with_variables(**variables: Any) -> Any:
    return lambda play: play.variables.update(variables)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_with(async_val=5), "it has async"),
        (_with(play_context__become=True), "it has become"),
        (_with(connection__transport="ssh"), "it is for another host"),
        (_with(environment=[{"A": "b"}]), "it has an environment"),
        (_with(environment=[{}, {"A": "b"}]), "it has an environment"),
        (_with_variables(rayops_alicloud_in_process=False), "rayops_alicloud_in_process is false"),
        *((_with_variables(rayops_alicloud_in_process=word), "rayops_alicloud_in_process is false")
          for word in ("false", "No", " off ", "0", "n", "F")),
        (_with_variables(ansible_python_interpreter="/usr/bin/other"), "it uses another interpreter"),
        (_with_variables(ansible_python_interpreter="auto"), None),
        (_with_variables(ansible_python_interpreter="auto_silent"), None),
        (_with_variables(ansible_python_interpreter=sys.executable), None),
        (_with_variables(ansible_python_interpreter="/p", ansible_playbook_python="/p"), None),
        (_with_variables(rayops_alicloud_in_process=True), None),
        (_with_variables(rayops_alicloud_in_process="yes"), None),
        (_with(environment=[{}]), None),
        (_with(delegate_to="other"), None),
    ],
)  # fmt: skip
def test_why_a_task_is_a_module(change: Any, reason: str | None) -> None:
    play = cluster()
    change(play)
    plugin_result = play.run()
    assert bool(play.modules) is (reason is not None)
    assert bool(play.tasks) is (reason is None)
    assert (plugin_result.get("ran") == "module") is (reason is not None)
    loader = DataLoader()
    templar = Templar(loader=loader, variables=play.variables)
    plugin = play.action.ActionModule(
        SimpleNamespace(**play.given), play.connection, play.play_context, loader, templar, None
    )
    assert plugin._find_module_reason(play.variables) == reason


def test_the_interpreter_of_a_delegated_host_counts() -> None:
    play = cluster()
    play.given["delegate_to"] = "other"
    own = {"ansible_python_interpreter": sys.executable}
    play.variables = {**own, "ansible_delegated_vars": {"other": {"ansible_python_interpreter": "/usr/bin/other"}}}
    play.run()
    assert len(play.modules) == 1
    play = cluster()
    play.given["delegate_to"] = "other"
    play.variables = {"ansible_python_interpreter": "/x", "ansible_delegated_vars": {"other": own}}
    play.run()
    assert len(play.tasks) == 1


def test_a_missing_library_sends_the_task_to_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_process, "_LIBRARY_PROBLEM", MissingLibraryError("httpx", "0.27.0"))
    play = cluster()
    play.run()
    assert len(play.modules) == 1


def test_check_mode_no_log_and_diff_reach_the_core() -> None:
    play = cluster()
    play.given |= {"check_mode": True, "no_log": True}
    play.answer = lambda task: {"changed": True, "diff": {"before": 1}}
    assert "diff" not in play.run()
    assert (play.tasks[0].check_mode, play.tasks[0].no_log) == (True, True)
    play.given["diff"] = True
    assert play.run()["diff"] == {"before": 1}


def test_warnings_come_once_and_secrets_never() -> None:
    play = cluster(**KEYS)

    def answer(task: TaskContext) -> dict[str, Any]:
        for text in ("first", "second", "first"):
            task.warn(text)
        return {"changed": False, "echo": [KEYS["access_key_secret"], {"in": f"x {KEYS['security_token']} y"}]}

    play.answer = answer
    result = play.run()
    assert result["warnings"] == ["first", "second"]
    assert CANARY not in json.dumps(result)
    assert "LTAI" in json.dumps(result)


def test_a_failure_is_shown_with_its_arguments() -> None:
    play = cluster(**KEYS)

    def fail(task: TaskContext) -> dict[str, Any]:
        raise task_failure(task, "Could not start", ClusterError("it is broken", "Broken"), {"changed": True})

    play.answer = fail
    result = play.run()
    assert (result["failed"], result["changed"], result["msg"]) == (True, True, "Could not start: it is broken")
    assert result["error"]["code"] == "Broken"
    assert result["invocation"]["module_args"]["name"] == "training"
    assert CANARY not in json.dumps(result)


def test_options_that_the_core_refuses_are_shown_without_what_may_be_secret() -> None:
    play = cluster(extra_param=f'{{"password": "{CANARY}"', head_spec={"env": {"A": CANARY}}, description="d")

    def fail(task: TaskContext) -> dict[str, Any]:
        raise task_failure(task, "Bad", ParameterError(["extra_param: is not valid JSON"]), {"changed": False})

    play.answer = fail
    result = play.run()
    assert CANARY not in json.dumps(result)
    assert result["invocation"]["module_args"]["description"] == "d"


def test_a_bug_shows_no_traceback() -> None:
    play = cluster(**KEYS)

    def fail(task: TaskContext) -> dict[str, Any]:
        raise ZeroDivisionError(KEYS["access_key_secret"])

    play.answer = fail
    result = play.run()
    assert result["failed"] is True
    assert result["error"]["code"] == "Bug"
    assert CANARY not in json.dumps(result)


def test_a_library_that_is_missing_only_now_is_told_as_in_a_module() -> None:
    play = cluster()

    def fail(task: TaskContext) -> dict[str, Any]:
        missing = MissingLibraryError("alibabacloud-credentials", "1.0.9")
        raise task_failure(task, "Could not look", missing, {"changed": False})

    play.answer = fail
    result = play.run()
    assert result["failed"] is True
    assert "alibabacloud-credentials" in result["msg"]
    assert sys.executable in result["msg"]
    assert result["error"]["code"] == "MissingLibrary"


def test_the_invocation_is_left_out_where_a_setting_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_process.constants.config, "get_config_value", lambda name, variables=None: "auto")
    monkeypatch.setattr(in_process, "_injects_invocation", lambda variables: False)
    assert "invocation" not in cluster().run()
    assert "invocation" not in cluster(state="sideways").run()


def test_an_unknown_setting_means_that_the_invocation_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def get(name: str, variables: Any = None) -> Any:
        raise KeyError(name)

    monkeypatch.setattr(in_process.constants.config, "get_config_value", get)
    assert in_process._injects_invocation({}) is True
    monkeypatch.setattr(in_process.constants.config, "get_config_value", lambda name, variables=None: False)
    assert in_process._injects_invocation({}) is False


def test_progress_goes_to_the_error_output(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output may be a callback's JSON."""
    play = Play(emr_ray_cluster_info, {})
    play.answer = lambda task: task.progress("training: Starting") or {"changed": False}
    play.run()
    shown = capsys.readouterr()
    assert "training: Starting\n" in shown.err
    assert shown.out == ""
