# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters as tasks: run back they change nothing, whatever the service does, and they tell no secret."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings

from tests.emulator import Emulator
from tests.unit.plugins.strategies import cluster_specs
from tests.unit.scenarios.conftest import TIMING
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import REDIS_PASSWORD, Json, full_options, minimal_options
from tests.unit.scenarios.test_service_rules import CELLS, name_of

MODULE = "rayops.alicloud.emr_ray_cluster"
MANY = 100


class Loader(yaml.SafeLoader):
    """Reads what Ansible reads: texts with the tag !unsafe too."""


Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))  # type: ignore[no-untyped-call]


def parsed(text: str) -> Any:
    return yaml.load(text, Loader)


@pytest.fixture
def alone(running: Emulator) -> TaskHarness:
    running.reset(rules=True)
    running.timing.set(TIMING)
    return TaskHarness(running)


@cache
def drawn() -> tuple[Json, ...]:
    """Return specs of many clusters, the same in every run."""
    found: list[Json] = []

    @settings(
        max_examples=2 * MANY, phases=[Phase.generate], derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), deadline=None,
    )  # fmt: skip
    @given(cluster_specs(complete=True))
    def draw(spec: Json) -> None:
        # Some drawn values leave a field empty in a way that the emulator takes for no JSON.
        if spec.get("extra_param") != "":
            found.append(spec)

    draw()
    return tuple(json.loads(json.dumps(spec)) for spec in found[:MANY])


def passwords(harness: TaskHarness) -> dict[str, str]:
    """Return the Redis passwords that the service has, by cluster."""
    ids = [cluster["clusterId"] for cluster in harness.emulator.clusters()]
    configs = {cluster_id: harness.stored_spec(cluster_id)["headSpec"].get("gftConfig") or {} for cluster_id in ids}
    return {cluster_id: config.get("redisPassword") or "" for cluster_id, config in configs.items()}


def filled(harness: TaskHarness, exported: TaskOutcome) -> list[Json]:
    """Return the options of the exported tasks, their variables filled in."""
    entries: list[Json] = json.loads(json.dumps([task[MODULE] for task in exported["tasks"]]))
    known = passwords(harness)
    values = {"{{ " + needed["variable"] + " }}": known[needed["cluster_id"]] for needed in exported["secrets"]}
    for entry in entries:
        gft = (entry.get("head_spec") or {}).get("gft_config")
        if gft:
            gft["redis_password"] = values[gft["redis_password"]]
            if not gft["redis_password"]:
                # A Redis without a password: the option is left out.
                del gft["redis_password"]
    return entries


@pytest.mark.nightly(one_in=4)
@pytest.mark.parametrize("cell", CELLS, ids=name_of)
def test_a_hundred_clusters_run_back_without_a_change(alone: TaskHarness, cell: Any) -> None:
    alone.emulator.rules.set(cell)
    made = alone.fleet(
        clusters=[spec | {"name": f"{number} {spec['name']}"} for number, spec in enumerate(drawn())],
        defaults={"wait": False},
    )
    assert made["summary"]["changed"] == len(drawn()) == MANY
    alone.emulator.advance(1000)
    for state in ("present", "as_is"):
        exported = alone.info(as_tasks=True, tasks_state=state)
        assert exported.warnings == []
        back = alone.fleet(clusters=filled(alone, exported))
        assert not back.failed, back["msg"]
        assert back["changed"] is False, [entry["changes"] for entry in back["clusters"] if entry["changed"]]
        assert back.writes == []
        assert parsed(exported["tasks_yaml"]) == exported["tasks"]
        assert parsed(exported["vars_yaml"]) == exported["vars"]
    assert exported.operations.count("GetRayCluster") == MANY
    one = filled(alone, exported)[7]
    assert alone.expect_success(**one)["changed"] is False


def test_a_cluster_is_made_anew_from_its_task(alone: TaskHarness) -> None:
    first = alone.expect_success(**full_options())["cluster_id"]
    exported = alone.info(as_tasks=True)
    (entry,) = filled(alone, exported)
    before = alone.stored_spec(first)
    alone.expect_success(cluster_id=first, state="absent")
    again = alone.expect_success(**entry)["cluster_id"]
    after = alone.stored_spec(again)
    for group in before["workerSpec"]:
        # The service does not return it back, so that nobody can tell.
        group.pop("extraParam", None)
    for spec in (before, after):
        # Where the autoscaler has the say, the number of the moment is nothing to declare.
        spec["workerSpec"][0].pop("replica", None)
    assert after == before


@pytest.mark.parametrize(
    ("state", "as_is"),
    [("Running", "started"), ("Starting", "started"), ("Stopped", "stopped"), ("Error", "present")],
)
def test_the_run_state_is_declared_where_that_is_asked_for(alone: TaskHarness, state: str, as_is: str) -> None:
    alone.emulator.seed("training", state=state)
    for option, expected in ((None, "present"), ("present", "present"), ("as_is", as_is)):
        (task,) = alone.info(as_tasks=True, tasks_state=option)["tasks"]
        assert task[MODULE]["state"] == expected
        assert task["name"] == "Ray cluster training"


def test_a_name_that_others_have_too_is_no_name_to_go_by(alone: TaskHarness) -> None:
    twins = [alone.emulator.seed("training")[0] for twice in range(2)]
    alone.emulator.seed("alone")
    exported = alone.info(as_tasks=True)
    by_id = {task[MODULE].get("cluster_id"): task[MODULE]["name"] for task in exported["tasks"]}
    assert by_id == {twins[0]: "training", twins[1]: "training", None: "alone"}
    assert alone.fleet(clusters=filled(alone, exported))["changed"] is False
    (one,) = alone.info(as_tasks=True, name="alone")["tasks"]
    assert "cluster_id" not in one[MODULE]
    (by_its_id,) = alone.info(as_tasks=True, cluster_id=twins[0])["tasks"]
    assert by_its_id[MODULE]["cluster_id"] == twins[0]


def test_no_secret_is_told_and_each_has_a_variable(alone: TaskHarness) -> None:
    alone.emulator.rules.set({"redis_password": "clear"})
    for name in ("team-a", "team.a", "测试"):
        spec = full_options(name=name)
        spec["head_spec"]["gft_config"]["redis_password"] = f"Canary/{name}"
        alone.expect_success(**spec)
    exported = alone.info(as_tasks=True, return_secrets=True)
    assert "Canary" not in json.dumps(exported.result, ensure_ascii=False)
    variables = [needed["variable"] for needed in exported["secrets"]]
    assert len(set(variables)) == 3
    assert all(variable.isidentifier() and variable.isascii() for variable in variables)
    assert {"ray_redis_password_team_a"} < set(variables)
    for variable in variables:
        assert exported["tasks_yaml"].count(variable + " ") == 2, "once at the head, once in its task"
    assert alone.fleet(clusters=filled(alone, exported))["changed"] is False


def test_a_field_with_a_secret_in_it_is_left_out_and_that_is_said(alone: TaskHarness) -> None:
    alone.emulator.rules.set({"redis_password": "clear"})
    spec = full_options(description=f"the password is {REDIS_PASSWORD}")
    spec["head_spec"]["env"] = {"REDIS": REDIS_PASSWORD, "OTHER": "1"}
    alone.expect_success(**spec)
    exported = alone.info(as_tasks=True)
    assert REDIS_PASSWORD not in json.dumps(exported.result)
    (entry,) = filled(alone, exported)
    assert "description" not in entry
    assert "env" not in entry["head_spec"]
    assert exported.warnings == ["training: description, head_spec.env cannot be declared and is left out"]
    assert alone.expect_unchanged(**entry)


def test_what_no_task_could_declare_is_left_out_and_that_is_said(alone: TaskHarness) -> None:
    cluster_id = alone.expect_success(**full_options())["cluster_id"]
    stored = alone.stored_spec(cluster_id)
    stored["extraParam"] = "{no json"
    stored["headSpec"] |= {"cpu": "many", "rayStartParams": "'open"}
    stored["workerSpec"][0] |= {"minReplica": 9, "maxReplica": 3}
    stored["workerSpec"][1] |= {"replica": 0, "env": " =x"}
    exported = alone.info(as_tasks=True)
    (entry,) = filled(alone, exported)
    (warning,) = exported.warnings
    left_out = ["extra_param", "head_spec.cpu", "head_spec.ray_start_params"]
    left_out += [
        f"worker_spec[{field}" for field in ("cpu].min_replica", "cpu].max_replica", "big].replica", "big].env")
    ]
    assert warning == f"training: {', '.join(left_out)} cannot be declared and is left out"
    assert alone.expect_unchanged(**entry)
    alone.stored_spec(cluster_id)["workerSpec"][1]["groupName"] = "cpu"
    (entry,) = filled(alone, alone.info(as_tasks=True))
    assert "worker_spec" not in entry
    assert alone.expect_unchanged(**entry)


HOSTILE = ["{{ 1 + 1 }}", "{% raw %}", "a {# b", "!unsafe x", "yes", "1.0", "0x1F", "- a: b", '"\\\n\t\x07 ', "null"]
HOSTILE += ["\u2028\u0085\ufeff", "🦊 測試", " # no comment", "{'a': 1}", "[1, 2]", "*anchor", "<script>", ":"]


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_read_back_as_it_was(alone: TaskHarness, text: str) -> None:
    # A name with blanks at an end or with invisible characters is refused.
    name = text if text.isprintable() and text == text.strip() else "training"
    spec = minimal_options(name=name, description=text)
    spec["head_spec"]["env"] = {"A": text.replace("\n", ""), text.replace("\n", "").replace("=", "").strip(): "1"}
    alone.expect_success(**spec)
    exported = alone.info(as_tasks=True)
    for key in ("tasks", "vars"):
        assert parsed(exported[key + "_yaml"]) == exported[key]
    (entry,) = filled(alone, exported)
    assert entry["description"] == text
    assert alone.expect_unchanged(**entry)
    template = "{{" in text or "{%" in text or "{#" in text
    assert exported["tasks_yaml"].count("!unsafe") == (3 if template else text.startswith("!unsafe") and 5)


def test_without_the_option_there_are_no_tasks(alone: TaskHarness) -> None:
    alone.emulator.seed("training")
    outcome = alone.info()
    assert set(outcome.result) == {"changed", "clusters", "region", "workspace_id"}
    nothing = alone.info(as_tasks=True, name="nobody")
    assert (nothing["tasks"], nothing["tasks_yaml"]) == ([], "---\n[]\n")
