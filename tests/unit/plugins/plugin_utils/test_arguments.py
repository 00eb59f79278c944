# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Arguments as people write them are read as what they mean, or refused by the name of the option."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.cluster import (
    CLUSTER_INFO_OPTIONS,
    CLUSTER_OPTIONS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.fleet import FLEET
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.job import JOB, JOB_INFO, JOB_LOG
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.platform import MEMBER_OPTIONS, QUEUE_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.workspace import WORKSPACE_INFO_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import REDACTED
from ansible_collections.rayops.alicloud.plugins.module_utils._task.hidden import collect_secrets, hide_secrets
from ansible_collections.rayops.alicloud.plugins.plugin_utils._action.arguments import read_arguments

GROUPS = [{"group_name": "w", "replica": 3, "env": {"A": "1"}}]
HEAD = {"queue_name": "root_queue", "cpu": 2}
CANARY = "Canary-71c0"


def read(spec: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """Return arguments that must be good."""
    found, problems = read_arguments(spec, arguments)
    assert problems == []
    return found


def problem(spec: dict[str, Any], **arguments: Any) -> str:
    """Return the one problem of arguments, which holds no value."""
    _found, problems = read_arguments(spec, arguments)
    (text,) = problems
    assert CANARY not in text
    return text


def write_flow(value: Any) -> str:
    return str(yaml.safe_dump(value, default_flow_style=True))


@pytest.mark.parametrize("write", [json.dumps, yaml.safe_dump, write_flow])
def test_json_and_yaml_text_is_read_as_the_structure_that_it_is(write: Any) -> None:
    read_text = read(CLUSTER_OPTIONS, head_spec=write(HEAD), worker_spec=write(GROUPS), volume_ids=write(["a", "b"]))
    assert read_text == {"head_spec": HEAD, "worker_spec": GROUPS, "volume_ids": ["a", "b"]}
    nested = [{"group_name": "w", "env": write({"A": "1"})}, write({"group_name": "v"})]
    assert read(CLUSTER_OPTIONS, worker_spec=nested) == {
        "worker_spec": [{"group_name": "w", "env": {"A": "1"}}, {"group_name": "v"}]
    }
    fleet = write([{"name": "a", "worker_spec": GROUPS}, {"name": "b"}])
    assert read(FLEET, clusters=fleet, defaults=write({"head_spec": HEAD})) == {
        "clusters": [{"name": "a", "worker_spec": GROUPS}, {"name": "b"}],
        "defaults": {"head_spec": HEAD},
    }
    job = read(JOB, tags=write({"team": "a"}), head_spec=write(HEAD), worker_spec=write(GROUPS[:1]))
    assert job == {"tags": {"team": "a"}, "head_spec": HEAD, "worker_spec": GROUPS}
    times = {"start_time": "2026-01-01"}
    assert read(JOB_INFO, submit_time=write(times)) == {"submit_time": times}


def test_the_text_of_the_command_line_stays_what_ansible_reads() -> None:
    given = {"volume_ids": "a,b", "head_spec": "queue_name=q cpu=2", "extra_param": '{"a": 1}', "wait": "no"}
    assert read(CLUSTER_OPTIONS, **given) == given
    assert read(CLUSTER_INFO_OPTIONS, states="Running,Error") == {"states": "Running,Error"}


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [
        (
            "worker_spec",
            f"[{{group_name: {CANARY}",
            "worker_spec: takes a list of mappings, and the text is not valid JSON or YAML",
        ),
        (
            "worker_spec",
            f"- a: [\n  {CANARY}: x: y",
            "worker_spec: takes a list of mappings, and the text is not valid JSON or YAML",
        ),
        ("worker_spec", CANARY, "worker_spec: takes a list of mappings, not text"),
        ("worker_spec", f'{{"group_name": "{CANARY}"}}', "worker_spec: takes a list of mappings, not a mapping"),
        ("worker_spec", "5", "worker_spec: takes a list of mappings, not a number"),
        ("worker_spec", "", "worker_spec: is empty; leave the option out"),
        ("worker_spec", "  ", "worker_spec: is empty; leave the option out"),
        ("worker_spec", ["{", CANARY], None),
        (
            "worker_spec",
            f"- &a {CANARY}\n- *a\n",
            "worker_spec: takes a list of mappings, and the text is not valid JSON or YAML",
        ),
        ("worker_spec", "[" * 100_000, "worker_spec: takes a list of mappings, and the text is nested"),
        ("head_spec", f"[{CANARY}]", "head_spec: takes a mapping, not a list"),
        ("head_spec", f"!!python/object/apply:os.system [{CANARY}]", "head_spec: takes a mapping, and the text is"),
        ("head_spec", [HEAD], "head_spec: takes a mapping, not a list"),
        ("head_spec", 5, "head_spec: takes a mapping, not a number"),
        ("head_spec", "", "head_spec: is empty; leave the option out"),
        ("volume_ids", {"a": 1}, "volume_ids: takes a list, not a mapping"),
        ("volume_ids", [{"a": 1}], "volume_ids[0]: takes text, not a mapping"),
        ("extra_param", True, "extra_param: takes a mapping or JSON text, not true or false"),
    ],
)
def test_a_structure_that_cannot_be_read_is_named(option: str, text: Any, expected: str | None) -> None:
    _found, problems = read_arguments(CLUSTER_OPTIONS, {option: text})
    assert problems
    assert CANARY not in str(problems)
    if expected is None:
        assert [found.split(":")[0] for found in problems] == ["worker_spec[0]", "worker_spec[1]"]
    else:
        assert problems[0].startswith(expected)


def test_the_place_of_a_mistake_in_a_text_is_named() -> None:
    assert "(line 3, column " in problem(CLUSTER_OPTIONS, worker_spec=f"- group_name: a\n  env: [{CANARY}\n")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"name": {"a": CANARY}}, "name: takes text, not a mapping"),
        ({"name": [CANARY]}, "name: takes text, not a list"),
        ({"name": False}, "name: takes text, and YAML reads yes, no, on, and off as true or false; quote it"),
        ({"name": 20261201}, "name: takes text, and YAML changes numbers such as 1.10"),
        ({"name": dt.datetime(2026, 12, 1, 10)}, "name: takes text, and YAML reads it as a time; quote it"),
        ({"display_release_version": 1.1}, "display_release_version: takes text, and YAML changes numbers"),
        ({"description": {"team": CANARY}}, "description: takes text, not a mapping"),
        ({"region": False}, "region: takes text, and YAML reads"),
        ({"ca_path": ["a"]}, "ca_path: takes text, not a list"),
        ({"head_spec": {"ray_start_params": {"a": "0"}}}, "head_spec.ray_start_params: takes text, not a mapping"),
        ({"head_spec": {"ray_start_params": ["--num-cpus=0"]}}, "head_spec.ray_start_params: takes text, not a list"),
        ({"head_spec": {"cpu": True}}, "head_spec.cpu: takes text, and YAML reads"),
        ({"head_spec": {"env": [{"name": "A"}]}}, "head_spec.env: takes a mapping, not a list"),
        ({"head_spec": {"env": {"T": dt.datetime(2026, 1, 1)}}}, "head_spec.env.T: takes text, and YAML"),
        ({"head_spec": {"gft_config": {"redis_password": 1234}}}, "head_spec.gft_config.redis_password: takes text"),
        ({"worker_spec": [{"gpu_spec": {"nvidia.com/gpu": 1}}]}, "worker_spec[0].gpu_spec: takes text, not a mapping"),
        ({"worker_spec": [{}, {"queue_name": ["q"]}]}, "worker_spec[1].queue_name: takes text, not a list"),
        ({"worker_spec": [{"replica": True}]}, "worker_spec[0].replica: takes a whole number, not true or false"),
        ({"worker_spec": [{"replica": CANARY}]}, "worker_spec[0].replica: takes a whole number, not text"),
        ({"worker_spec": [{"replica": 2.5}]}, "worker_spec[0].replica: takes a whole number, not a number"),
        ({"retries": {"a": CANARY}}, "retries: takes a whole number, not a mapping"),
        ({"wait": CANARY}, "wait: takes true or false, not text"),
        ({"wait": [CANARY]}, "wait: takes true or false, not a list"),
        ({"timeout": CANARY}, "timeout: takes a number, not text"),
        ({"wait_timeout": False}, "wait_timeout: takes a number, not true or false"),
    ],
)  # fmt: skip
def test_what_ansible_would_make_text_of_is_refused(given: dict[str, Any], expected: str) -> None:
    assert problem(CLUSTER_OPTIONS, **given).startswith(expected)
    options = {name: value for name, value in given.items() if name in FLEET["clusters"]["options"]}
    if options:
        assert problem(FLEET, clusters=[{}, options]).startswith(f"clusters[1].{expected}")


def test_numbers_that_mean_themselves_are_taken() -> None:
    given = {
        "name": 7,
        "wait_timeout": 0.5,
        "head_spec": {"cpu": 0.5, "memory": 16, "env": {"A": 1.5}},
        "worker_spec": [{"group_name": "w", "replica": 2}],
        "description": "2026-12-01 10:00:00",
    }
    assert read(CLUSTER_OPTIONS, **given) == given
    assert read(CLUSTER_OPTIONS, description=dt.date(2026, 12, 1)) == {"description": "2026-12-01"}
    numbers = {"entrypoint_num_cpus": 0.5, "entrypoint_memory": 8}
    assert read(JOB, **numbers) == numbers
    times = {"start_time": 1780000000000, "end_time": "2026-12-01"}
    assert read(JOB_INFO, submit_time=times) == {"submit_time": times}


def test_an_empty_text_clears_only_what_may_be_empty() -> None:
    given = {"volume_ids": "", "description": "", "worker_spec": [{"group_name": "w", "env": "", "gpu_spec": ""}]}
    assert read(CLUSTER_OPTIONS, **given) == {
        "volume_ids": [],
        "description": "",
        "worker_spec": [{"group_name": "w", "env": {}, "gpu_spec": ""}],
    }


@pytest.mark.parametrize(
    ("spec", "option"),
    [
        (CLUSTER_OPTIONS, "cluster_id"),
        (CLUSTER_INFO_OPTIONS, "cluster_id"),
        *((JOB, name) for name in ("cluster_id", "cluster_name", "submission_id", "job_key")),
        *((JOB_INFO, name) for name in ("cluster_id", "cluster_name", "submission_id")),
        (JOB_LOG, "submission_id"),
    ],
)
def test_an_id_that_is_null_is_refused(spec: dict[str, Any], option: str) -> None:
    assert problem(spec, **{option: None}).startswith(f"{option}: is null")


def test_other_options_that_are_null_are_not_given() -> None:
    given = {"name": None, "head_spec": {"cpu": None}, "worker_spec": None}
    assert read(CLUSTER_OPTIONS, **given) == given
    assert problem(FLEET, clusters=[{"cluster_id": None}]).startswith("clusters[0].cluster_id: is null")


def test_every_problem_is_named_at_once() -> None:
    _found, problems = read_arguments(
        CLUSTER_OPTIONS, {"cluster_id": None, "name": 1.5, "head_spec": {"queue_name": []}, "worker_spec": "x"}
    )
    assert [text.split(":")[0] for text in problems] == ["cluster_id", "name", "head_spec.queue_name", "worker_spec"]


def test_what_may_hold_a_secret_is_hidden_by_the_names_of_options() -> None:
    given = {
        "name": "training",
        "wait_timeout": 5,
        "access_key_id": "LTAI",
        "access_key_secret": CANARY,
        "acces_key_secret": CANARY,
        "security_token": [CANARY],
        "credentials_uri": CANARY,
        "extra_param": f'{{"a": "{CANARY}"',
        "head_spec": {
            "cpu": 2,
            "env": {"PASSWORD": CANARY},
            "gft_config": {"redis_url": "r:6379", "redis_password": CANARY, "redis_pasword": CANARY},
        },
        "worker_spec": f"text {CANARY}",
        "volume_ids": ["vol-1"],
        "retries": {"a": CANARY},
        "description": None,
    }
    assert hide_secrets(CLUSTER_OPTIONS, given) == {
        "name": "training",
        "wait_timeout": 5,
        "access_key_id": "LTAI",
        "access_key_secret": REDACTED,
        "acces_key_secret": REDACTED,
        "security_token": REDACTED,
        "credentials_uri": REDACTED,
        "extra_param": REDACTED,
        "head_spec": {
            "cpu": 2,
            "env": REDACTED,
            "gft_config": {"redis_url": "r:6379", "redis_password": REDACTED, "redis_pasword": REDACTED},
        },
        "worker_spec": REDACTED,
        "volume_ids": ["vol-1"],
        "retries": REDACTED,
        "description": None,
    }
    fleet = {"clusters": [given, CANARY], "defaults": CANARY, "unknown": [CANARY]}
    assert CANARY not in str(hide_secrets(FLEET, fleet))
    assert collect_secrets(FLEET, fleet) == [CANARY]


@pytest.mark.parametrize(
    ("spec", "given", "option"),
    [
        (CLUSTER_INFO_OPTIONS, {"name": ""}, "name"),
        (CLUSTER_INFO_OPTIONS, {"states": ""}, "states"),
        (CLUSTER_INFO_OPTIONS, {"states": ["Running", ""]}, "states[1]"),
        (JOB_INFO, {"name": ""}, "name"),
        (JOB_INFO, {"cluster_name": ""}, "cluster_name"),
        (JOB_LOG, {"submission_id": "jr-1", "dest": ""}, "dest"),
        (WORKSPACE_INFO_OPTIONS, {"name": ""}, "name"),
        (FLEET, {"clusters": [{"name": ""}]}, "clusters[0].name"),
        (FLEET, {"clusters": [], "prune_pattern": ""}, "prune_pattern"),
        (QUEUE_OPTIONS, {"name": ""}, "name"),
        (MEMBER_OPTIONS, {"member_arns": [""]}, "member_arns[0]"),
    ],
)
def test_an_empty_text_is_refused_by_every_module(spec: dict[str, Any], given: dict[str, Any], option: str) -> None:
    assert problem(spec, **given) == f"{option}: is empty; leave the option out, for example with default(omit)"


def test_an_empty_text_for_the_connection_means_that_it_is_not_set() -> None:
    given = {"region": "", "profile": "", "access_key_id": ""}
    assert read(CLUSTER_INFO_OPTIONS, **given) == given
