# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every strange rule of the emulator shows its effect; no HTTP, no real time."""

from __future__ import annotations

import math
import unicodedata
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Rules
from tests.emulator.rules_table import GUIDE, page
from tests.emulator.shown_formats import amount
from tests.emulator.sizes import cores, gibibytes
from tests.emulator.strange_rules import StrangeRules
from tests.emulator.text_rules import FIELDS, STEPS, apply_steps
from tests.unit.emulator.world import W, World

PASSWORD = "chirpy"


def rich(**changes: Any) -> dict[str, Any]:
    """Return a body with every kind of field."""
    return {
        "name": "one",
        "description": "text",
        "networkServiceName": "vpc",
        "displayReleaseVersion": "v1",
        "extraParam": '{"a": 1}',
        "volumeIds": [],
        "headSpec": {
            "queueName": "q", "cpu": "2", "memory": "8Gi", "env": "B=2\nA=1", "enableAutoScaling": True,
            "idleTimeoutSeconds": 0, "gftConfig": {"redisUrl": "h:1", "redisPassword": PASSWORD},
        },
        "workerSpec": [
            {"groupName": "g", "workerType": "CPU", "queueName": "q", "cpu": "0.5", "memory": "1Gi", "replica": 2}
        ],
    } | changes  # fmt: skip


def test_a_test_names_every_strange_rule() -> None:
    files = Path(__file__).parent.glob("test_emulator_strange_*.py")
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    names = [rule.name for rule in fields(StrangeRules) if rule.name.partition("_")[2] not in FIELDS]
    assert [name for name in names if name not in text] == []


def test_the_defaults_change_nothing() -> None:
    assert Rules().changed() == {}
    world = World()
    sent = rich()
    got = world.get(world.create(sent))
    assert got["headSpec"].pop("gftConfig") == {"redisUrl": "h:1"}
    del sent["headSpec"]["gftConfig"]
    assert {key: got[key] for key in sent} == {**sent, "headSpec": {**sent["headSpec"], "replica": 1}}


def test_the_guide_has_the_tables_of_now() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert page(text) == text, "run python -m tests.emulator.rules_table"


@pytest.mark.parametrize(
    "values",
    [
        {"stored_name": "trim+dance"},
        {"stored_name": "cut:0"},
        {"refusals": "GetRayCluster"},
        {"refusals": "Nope 404 X"},
        {"state_names": "Nope=X"},
        {"state_names": "Running"},
        {"omitted_fields": "nope"},
        {"row_omits": "headSpec.nope"},
        {"list_ghosts": -1},
        {"cpu_format": "loud"},
    ],
)
def test_bad_values_are_refused(values: dict[str, Any]) -> None:
    rules = Rules()
    with pytest.raises(ValueError, match=next(iter(values))):
        rules.set({"update": "clear", **values})
    assert rules == Rules()


def test_rules_survive_a_round_trip_as_json() -> None:
    rules, other = Rules(), Rules()
    rules.set(
        {
            "stored_name": "trim | LOWER|cut:7",
            "refusals": ["GetRayCluster@Running: 404 A.B", " CreateRayCluster  408   done "],
        }
    )
    assert rules.changed() == {
        "stored_name": "trim+lower+cut:7",
        "refusals": "GetRayCluster@Running 404 A.B; CreateRayCluster 408 done",
    }
    other.set(rules.changed())
    assert other == rules


# Text


@pytest.mark.parametrize(
    ("steps", "text", "result"),
    [
        ("trim", " a b\n", "a b"),
        ("collapse", " a \t b ", "a b"),
        ("lower", "Ab", "ab"),
        ("upper", "Ab", "AB"),
        ("nfc", "e\u0301", "\xe9"),
        ("nfd", "\xe9", "e\u0301"),
        ("nfkc", "\uff41", "a"),
        ("printable", "a\u200b\x07b", "ab"),
        ("newline", "a", "a\n"),
        ("blank", "a", "a "),
        ("cut:2", "abc", "ab"),
        ("trim+upper+cut:1", " ab", "A"),
        ("as_sent", " a ", " a "),
    ],
)
def test_steps(steps: str, text: str, result: str) -> None:
    assert apply_steps(text, steps) == result
    assert steps.startswith("cut") or "+" in steps or steps == "as_sent" or steps in STEPS


def _text(where: dict[str, Any], name: str) -> list[str]:
    keys = {"network_service": "networkServiceName", "release_version": "displayReleaseVersion"}
    keys |= {"queue_name": "queueName", "gpu_spec": "gpuSpec", "ray_start_params": "rayStartParams"}
    key = {**keys, "group_name": "groupName"}.get(name, name)
    return [part[key] for part in (where, where["headSpec"], *where["workerSpec"]) if key in part]


@pytest.mark.parametrize("name", FIELDS)
def test_every_text_field_is_stored_and_shown_through_steps(name: str) -> None:
    node = {"displayReleaseVersion": " V ", "queueName": " V ", "gpuSpec": " V ", "rayStartParams": " V "}
    body = rich(name=" V ", description=" V ", networkServiceName=" V ", displayReleaseVersion=" V ")
    body["headSpec"] |= node
    body["workerSpec"][0] |= {**node, "groupName": " V "}
    world = World(**{f"shown_{name}": "blank"})
    cluster_id = world.create(body)
    assert set(_text(world.get(cluster_id), name)) == {" V  "}
    assert set(_text(world.service.find(cluster_id).spec, name)) == {" V "}
    world.rules.set({f"shown_{name}": "as_sent", f"stored_{name}": "trim+lower"})
    assert set(_text(world.get(world.create(body)), name)) == {"v"}
    world.service.update(W, cluster_id, body)
    got = world.get(cluster_id)
    assert set(_text(got, name)) == {"v"}
    assert sum(text == " V " for other in FIELDS if other != name for text in _text(got, other)) > 5


def test_a_name_that_is_nothing_when_it_is_stored_is_refused() -> None:
    assert World(stored_name="trim").refused("create", rich(name="  ")).code == "InvalidParameter"
    taken = World(stored_name="lower", unique_names=True, name_taken_code="Name.InUse", name_taken_status=409)
    taken.create(rich(name="a"))
    refused = taken.refused("create", rich(name="A"))
    assert (refused.status, refused.code) == (409, "Name.InUse")


def test_shown_names_are_in_lists_too() -> None:
    world = World(shown_name="nfd")
    world.create(rich(name="\xe9"))
    (row,) = world.service.list_page(W, {})["rayClusters"]
    assert row["name"] == unicodedata.normalize("NFD", "\xe9")


def test_update_ignores() -> None:
    world = World(update_ignores="description,headSpec.env,workerSpec.replica", update="replace")
    cluster_id = world.create(rich())
    changed = rich(description="other", networkServiceName="other")
    changed["headSpec"]["env"] = "A=2"
    changed["workerSpec"][0]["replica"] = 9
    changed["workerSpec"].append({**changed["workerSpec"][0], "groupName": "new"})
    world.service.update(W, cluster_id, changed)
    got = world.get(cluster_id)
    assert (got["description"], got["networkServiceName"], got["headSpec"]["env"]) == ("text", "other", "B=2\nA=1")
    assert [group["replica"] for group in got["workerSpec"]] == [2, 9]


# Formats


@pytest.mark.parametrize(
    ("rule", "head", "worker"),
    [("plain", "2", "0.5"), ("decimal", "2.0", "0.5"), ("millicores", "2000m", "500m"), ("number", 2, 0.5)],
)
def test_cpu_format(rule: str, head: Any, worker: Any) -> None:
    world = World(cpu_format=rule)
    cluster_id = world.create(rich())
    got = world.get(cluster_id)
    assert (got["headSpec"]["cpu"], got["workerSpec"][0]["cpu"]) == (head, worker)
    _takes_what_it_gives(world, cluster_id, got)


@pytest.mark.parametrize(
    ("rule", "memory"),
    [
        ("Gi", "8Gi"), ("Mi", "8192Mi"), ("Ki", "8388608Ki"), ("GiB", "8 GiB"), ("bare", "8"), ("bytes", "8589934592"),
        ("number", 8),
    ],
)  # fmt: skip
def test_memory_format(rule: str, memory: Any) -> None:
    world = World(memory_format=rule, sizes="bare")
    cluster_id = world.create(rich())
    got = world.get(cluster_id)
    assert got["headSpec"]["memory"] == memory
    assert gibibytes(str(memory)) == 8
    _takes_what_it_gives(world, cluster_id, got)


def test_amounts_that_are_none() -> None:
    assert [cores(text) for text in ("0", "x", "2Gi", "500m", "1.5")] == [None, None, None, 0.5, 1.5]
    assert [gibibytes(text) for text in ("0Gi", "m", "8m", "512Mi", "1g")] == [None, None, None, 0.5, 1]


def _takes_what_it_gives(world: World, cluster_id: str, got: dict[str, Any]) -> None:
    """Send what was read, but what a client knows to be none of its fields; the next read gives the same."""
    got["headSpec"].pop("replica")
    known = {key: value for key, value in got.items() if key in rich()}
    world.service.update(W, cluster_id, known)
    after = world.get(cluster_id)
    assert {key: after[key] for key in known if key != "headSpec"} == {k: known[k] for k in known if k != "headSpec"}
    assert known["headSpec"].items() <= after["headSpec"].items()


def test_integers() -> None:
    world = World(integers="text")
    cluster_id = world.create(rich())
    got = world.get(cluster_id)
    assert (got["workerSpec"][0]["replica"], got["headSpec"]["idleTimeoutSeconds"]) == ("2", "0")
    _takes_what_it_gives(world, cluster_id, got)


@pytest.mark.parametrize(
    ("rule", "yes", "no"), [("text", "true", "false"), ("title", "True", "False"), ("number", 1, 0)]
)
def test_booleans(rule: str, yes: Any, no: Any) -> None:
    world = World(booleans=rule)
    cluster_id = world.create(rich())
    got = world.get(cluster_id)
    assert (got["headSpec"]["enableAutoScaling"], got["modified"]) == (yes, no)
    _takes_what_it_gives(world, cluster_id, got)


@pytest.mark.parametrize(
    ("rule", "value"),
    [("seconds", 1_000_000), ("text", "1000000000"), ("iso", "1970-01-12T13:46:40Z"), ("infinity", math.inf)],
)
def test_times(rule: str, value: Any) -> None:
    world = World(times=rule)
    got = world.get(world.create(rich()))
    assert got["createTime"] == got["modifiedTime"] == value


def test_times_that_are_no_number_and_sizes_of_files() -> None:
    world = World(times="nan")
    assert math.isnan(world.get(world.create(rich()))["createTime"])
    assert math.isnan(amount(7, world.rules))
    world.rules.set({"times": "iso"})
    assert amount(7, world.rules) == 7


@pytest.mark.parametrize(
    ("rule", "env"),
    [
        ("spaced", "B = 2\nA = 1"), ("crlf", "B=2\r\nA=1"), ("sorted", "A=1\nB=2"), ("object", {"B": "2", "A": "1"}),
    ],
)  # fmt: skip
def test_env_format(rule: str, env: Any) -> None:
    world = World(env_format=rule)
    cluster_id = world.create(rich())
    got = world.get(cluster_id)
    assert got["headSpec"]["env"] == env
    _takes_what_it_gives(world, cluster_id, got)


@pytest.mark.parametrize(("rule", "text"), [("compact", '{"a":1}'), ("spaced", '{"a" : 1}'), ("object", {"a": 1})])
def test_extra_param_format(rule: str, text: Any) -> None:
    world = World(extra_param_format=rule)
    cluster_id = world.create(rich())
    got = world.get(cluster_id)
    assert got["extraParam"] == text
    _takes_what_it_gives(world, cluster_id, got)


@pytest.mark.parametrize(("rule", "kind"), [("lower", "cpu"), ("title", "Cpu"), ("omitted", None)])
def test_worker_type(rule: str, kind: str | None) -> None:
    world = World(worker_type=rule)
    assert world.get(world.create(rich()))["workerSpec"][0].get("workerType") == kind
    gpu = rich()
    gpu["workerSpec"][0]["workerType"] = "GPU"
    assert world.get(world.create(gpu))["workerSpec"][0]["workerType"].upper() == "GPU"


def test_idle_timeout() -> None:
    world = World(idle_timeout="zero_omitted")
    assert "idleTimeoutSeconds" not in world.get(world.create(rich()))["headSpec"]
    world.rules.set({"idle_timeout": "unset_zero"})
    body = rich()
    del body["headSpec"]["idleTimeoutSeconds"]
    got = world.get(world.create(body))
    assert got["headSpec"]["idleTimeoutSeconds"] == 0
    assert "idleTimeoutSeconds" not in got["workerSpec"][0]


def test_empty_values() -> None:
    world = World(empty_values="omitted")
    got = world.get(world.create(rich(description="")))
    assert not {"description", "volumeIds"} & set(got)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        ("stars", "******"), ("ends", "c****y"), ("hidden", "<hidden>"), ("redacted", "[REDACTED]"),
        ("crosses", "xxxxxxxx"), ("bullets", "\u2022" * 8), ("empty", ""),
    ],
)  # fmt: skip
def test_password_mask(rule: str, shown: str) -> None:
    world = World(redis_password="masked", password_mask=rule)
    assert world.get(world.create(rich()))["headSpec"]["gftConfig"]["redisPassword"] == shown


def test_state_case_and_state_names() -> None:
    world = World(state_case="upper", state_names="Running=Active")
    assert world.get(world.seed("Running"))["state"] == "ACTIVE"
    assert world.get(world.seed("Stopped"))["state"] == "STOPPED"
    world.rules.set({"state_case": "lower", "state_names": ""})
    assert {row["state"] for row in world.service.rows(W)} == {"running", "stopped"}


@pytest.mark.parametrize(("rule", "after"), [("start", False), ("forever", True)])
def test_modified_until(rule: str, after: bool) -> None:
    world = World(modified_until=rule)
    cluster_id = world.seed("Running")
    world.service.update(W, cluster_id, {"description": "x"})
    world.service.stop(W, cluster_id, {})
    world.clock.advance(1)
    world.service.start(W, cluster_id, {})
    assert world.get(cluster_id)["modified"] is after


def test_omitted_fields_and_row_omits() -> None:
    world = World(omitted_fields="description,headSpec.queueName,workerSpec.cpu", row_omits="state,workerSpec")
    got = world.get(world.create(rich()))
    assert "description" not in got
    assert ("queueName" in got["headSpec"], "cpu" in got["workerSpec"][0], got["state"]) == (False, False, "Stopped")
    assert not {"description", "state", "workerSpec"} & set(world.service.rows(W)[0])


# Errors and movements


def test_wrong_state() -> None:
    world = World(wrong_state_code="RayCluster.InvalidState", wrong_state_status=409)
    refused = world.refused("delete", world.seed("Running"))
    assert (refused.status, refused.code) == (409, "RayCluster.InvalidState")


def test_stop_while_starting() -> None:
    world = World(stop_while_starting="refused")
    cluster_id = world.seed("Starting")
    assert world.refused("stop", cluster_id, {}).code == "OperationDenied"
    world.rules.set({"stop_while_starting": "allowed"})
    world.service.stop(W, cluster_id, {})


@pytest.mark.parametrize(
    ("rule", "state"), [("running", "Running"), ("never", "Starting"), ("error", "Error"), ("stopped", "Stopped")]
)
def test_starting_ends(rule: str, state: str) -> None:
    world = World(starting_ends=rule)
    cluster_id = world.seed("Starting")
    world.clock.advance(1e6)
    assert world.get(cluster_id)["state"] == state
    if rule == "never":
        world.service.stop(W, cluster_id, {})
        world.clock.advance(1)
        assert world.get(cluster_id)["state"] == "Stopped"


@pytest.mark.parametrize(
    ("rule", "state"), [("stopped", "Stopped"), ("never", "Stopping"), ("error", "Error"), ("running", "Running")]
)
def test_stopping_ends(rule: str, state: str) -> None:
    world = World(stopping_ends=rule)
    cluster_id = world.seed("Running")
    world.service.stop(W, cluster_id, {})
    world.clock.advance(1e6)
    got = world.get(cluster_id)
    assert got["state"] == state
    assert ("instanceId" in got) == (state != "Stopped")
