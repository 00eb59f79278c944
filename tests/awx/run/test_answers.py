# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX takes for an answer, and that an empty one counts as not given."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.emulator import Emulator
from tools import awx_files

from .conftest import Run
from .definitions import ROOT, Json, answered, credential_types, extra_vars_file, job_templates, load, questions
from .planted import KEY

TEXTS = ("text", "textarea", "password")
PLAYBOOKS = ROOT / "playbooks" / "awx"
# What no survey asks for: what an administrator may set in a template, and what an earlier job hands on.
OTHERS = {
    "rayops_clusters",
    "rayops_defaults",
    "rayops_cluster_id",
    "rayops_endpoint",
    "rayops_holder",
    "rayops_network",
    "rayops_region",
    "rayops_settle_seconds",
    "rayops_wait_interval",
    "rayops_workspace_id",
}


def empty(key: str) -> Json:
    """Return an answer of nothing to each question that need not be answered, as AWX's page sends it."""
    return {
        question["variable"]: [] if question["type"] == "multiselect" else ""
        for question in questions(key)
        if not question["required"] and question["type"] in (*TEXTS, "multiselect")
    }


@pytest.mark.parametrize(
    ("key", "answers"),
    [
        ("create", {"rayops_name": "training"}),
        ("submit_job", {"rayops_name": "office-a"}),
        ("office_hours", {"rayops_actions": ["stop"]}),
    ],
)
def test_nothing_is_no_answer(key: str, answers: dict[str, Any], run: Run, emulator: Emulator) -> None:
    emulator.seed("office-a", state="Running")
    # Numbers are not sent at all, or as null by scripts that fill in every question.
    numbers = {
        question["variable"]: None
        for question in questions(key)
        if not question["required"] and question["type"] in ("integer", "float")
    }
    done = run(key, {**empty(key), **answers}, template_vars={"rayops_wait_interval": 0.1, **numbers})
    assert done.artifacts["rayops_result"]["summary"]


def test_a_project_of_its_own_that_imports_the_playbooks(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    awx_files.write(tmp_path / "awx")
    own = tmp_path / "awx/project"
    answers = {"rayops_name": "serving", "rayops_check_entrypoint": "python check.py"}
    run("blue_green", answers, project=own)
    assert [job["entrypoint"] for job in emulator.jobs()] == ["python check.py"]
    done = run("stop", {"rayops_names": "serving-*"}, project=own)
    assert [cluster["state"] for cluster in emulator.clusters()] == ["Stopped"]
    assert done.artifacts["rayops_result"]["changed"] is True


def test_the_same_from_a_command_line(emulator: Emulator, home: Path, where: Json) -> None:
    env = {
        **os.environ,
        "HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY["access_key_secret"],
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": "w-another",
    }

    def play(key: str, **variables: Any) -> str:
        given = {"rayops_endpoint": where["endpoint"], "rayops_workspace_id": where["workspace_id"], **variables}
        command = [
            str(Path(sys.executable).parent / "ansible-playbook"),
            f"rayops.alicloud.awx.{key}",
            "-e",
            json.dumps(given),
        ]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=120).stdout

    engine = "ray-1.0.0 (Ray 2.47.1, Python 3.12)"
    assert "did create, start." in play("create", rayops_name="ours", rayops_engine=engine, rayops_wait_interval=0.1)
    assert "1 changed" in play("stop", rayops_names=["ours", "o*"])
    assert [cluster["state"] for cluster in emulator.clusters()] == ["Stopped"]


def test_surveys_ask_in_every_way_that_awx_has() -> None:
    kinds = {question["type"] for key in job_templates() for question in questions(key)}
    assert kinds == {"text", "textarea", "password", "integer", "float", "multiplechoice", "multiselect"}


@pytest.mark.parametrize("key", sorted(job_templates()))
def test_every_answer_is_used_and_every_variable_is_asked_for(key: str) -> None:
    playbook = PLAYBOOKS / f"{key}.yml"
    assert job_templates()[key]["playbook"] == f"playbooks/awx/{key}.yml"
    text, read = playbook.read_text(), {playbook}
    # What the playbook reads, and what that reads.
    while True:
        named = {PLAYBOOKS / folder / name for folder, name in re.findall(r"\b(tasks|vars)/(\w+\.yml)", text)} - read
        if not named:
            break
        read |= named
        text += "".join(path.read_text() for path in named)
    used = set(re.findall(r"\brayops_\w+", text))
    asked = {question["variable"] for question in questions(key)}
    assert asked <= used
    others = {name for template in job_templates() for name in (q["variable"] for q in questions(template))} - asked
    # A file that several playbooks share may look for the answers of another one.
    shared = {"rayops_name", "rayops_names", "rayops_cluster_id", "rayops_max_clusters", "rayops_wait_timeout"}
    assert used & others <= shared


@pytest.mark.parametrize("key", sorted(job_templates()))
def test_awx_takes_the_defaults_of_a_survey(key: str) -> None:
    must = {question["variable"] for question in questions(key) if question["required"] and not question.get("default")}
    answered(key, {name: 2 if name == "rayops_workers" else "x" for name in must if name != "rayops_retries"})


def test_answers_are_marked_as_no_templates() -> None:
    text = extra_vars_file({"kept": "{{ template }}"}, {"answer": "{{ text }}", "many": ["{{ a }}"], "number": 1.5})
    assert "!unsafe '{{ text }}'" in text
    assert "!unsafe '{{ a }}'" in text
    assert "kept: '{{ template }}'" in text
    assert load(text) == {"kept": "{{ template }}", "answer": "{{ text }}", "many": ["{{ a }}"], "number": 1.5}


@pytest.mark.parametrize("key", sorted(credential_types()))
def test_a_credential_type_keeps_to_what_awx_takes(key: str) -> None:
    kind = credential_types()[key]
    fields = {field["id"]: field for field in kind["inputs"]["fields"]}
    assert set(kind["inputs"]["required"]) <= set(fields)
    assert all(name.startswith("ALIBABA_CLOUD_") for name in kind["injectors"]["env"])
    secret = {name for name, field in fields.items() if field.get("secret")}
    assert secret == {name for name in fields if name in ("access_key_secret", "security_token", "oidc_token")}
    text = str(kind["injectors"])
    assert all(re.search(rf"\b{name}\b", text) for name in fields), "every field goes somewhere"
