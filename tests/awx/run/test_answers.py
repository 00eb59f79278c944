# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers: what AWX makes of them, and what the playbooks read. An answer means the same in every place."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.rayops.alicloud.plugins.plugin_utils._operations.survey_answers import read_answers
from tests.awx.double.survey_rules import form_answers
from tests.emulator import Emulator
from tools import awx_files

from . import page
from .conftest import Run
from .definitions import (
    ROOT,
    Json,
    credential_types,
    extra_vars_file,
    formats,
    job_templates,
    launch_by_api,
    load,
    questions,
)
from .definitions import read_variables as read
from .planted_secrets import KEY

PLAYBOOKS = ROOT / "playbooks" / "awx"
# Words that mean something other than any default, in whichever way they are answered.
WORDS = {
    "number": ("none", None),
    "integer": ("none", None),
    "hours": ("closed", []),
    "moment": ("now", None),
    "pattern": ("all", "*"),
    "patterns": ("all", ["*"]),
}
SOMETHING: Json = {"integer": 2, "multiplechoice": "stopped"}


def needed(key: str) -> Json:
    """Return an answer to each required question."""
    return {q["variable"]: SOMETHING.get(q["type"], "x") for q in questions(key) if q["required"]}


OPTIONAL = [(key, q) for key in sorted(job_templates()) for q in questions(key) if not q["required"]]


@pytest.mark.parametrize(
    ("key", "question"), OPTIONAL, ids=lambda value: value if isinstance(value, str) else value["variable"]
)
def test_an_optional_question_means_the_same_however_it_is_left_unanswered(key: str, question: Json) -> None:
    """In the form, by API, in a schedule, and on a command line, where null may come from."""
    name, spec = question["variable"], {"spec": questions(key)}
    unanswered = read(key, launch_by_api(key, needed(key)))
    assert read(key, launch_by_api(key, form_answers(spec, {**needed(key), name: ""}))) == unanswered
    nothing = {"text": "", "textarea": "\n", "password": "", "multiselect": []}
    if question["type"] in nothing:
        assert read(key, launch_by_api(key, {**needed(key), name: nothing[question["type"]]})) == unanswered
    assert read(key, {**needed(key), name: None}) == unanswered
    default = question.get("default")
    if default is None:
        assert name.removeprefix("rayops_") not in unanswered
        return
    assert read(key, {**needed(key), name: default}) == unanswered
    assert "empty" not in question.get("question_description", "").lower(), "an emptied answer is the default"


@pytest.mark.parametrize("key", sorted(job_templates()))
def test_a_word_differs_from_the_default_however_it_is_answered(key: str) -> None:
    for question in (q for q in questions(key) if formats().get(q["variable"]) in WORDS):
        name = question["variable"]
        word, meaning = WORDS[formats()[name]]
        given = {**needed(key), name: word}
        for variables in (
            launch_by_api(key, given),
            launch_by_api(key, form_answers({"spec": questions(key)}, given)),
            given,
        ):
            assert read(key, variables).get(name.removeprefix("rayops_")) == meaning
        assert word in question["question_description"], "the question names the word"


def test_awx_insists_only_on_decisions() -> None:
    """A launch without answers is refused for these templates alone."""
    assert {key for key in job_templates() if needed(key)} == {"create", "scale", "submit_job", "blue_green", "fleet"}
    assert all("default" not in q for key in job_templates() for q in questions(key) if q["required"])


@pytest.mark.parametrize(
    ("key", "answers", "words"),
    [
        ("create", {"rayops_name": "  "}, "Cluster name (rayops_name) needs an answer."),
        ("create", {"rayops_name": "a\u200bb"}, "invisible characters"),
        ("create", {"rayops_environment": "A=1\nB"}, "one NAME=value per line"),
        ("create", {"rayops_environment": "A=1\nA=2"}, "sets A twice"),
        ("create", {"rayops_max_cu": "much"}, "must be a number or none"),
        ("create", {"rayops_max_cu": "nan"}, "must be a number or none"),
        ("create", {"rayops_max_gpus": "1.5"}, "must be a whole number or none"),
        ("create", {"rayops_max_gpus": "-1"}, "must not be negative"),
        ("create", {"rayops_workers": "many"}, "must be a number"),
        ("create", {"rayops_workers": 0}, "must be 1 to 1000"),
        ("create", {"rayops_restart": "sometimes"}, "must be never or if_needed"),
        ("office_hours", {"rayops_weekdays": "closed, 09:00-10:00"}, "ranges or closed, not both"),
        ("report", {"rayops_artifacts": ["none", "csv"]}, "none or other choices, not both"),
        ("report", {"rayops_artifacts": ["pdf"]}, "one or more of none, csv, html, json"),
        ("report", {"rayops_title": ["a"]}, "must be text"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named(key: str, answers: Json, words: str) -> None:
    _answers, problems = read_answers(questions(key), {**needed(key), **answers}, formats())
    assert len(problems) == 1
    assert words in problems[0]
    (name,) = answers
    assert name in problems[0]


def test_answers_are_trimmed_and_read_as_a_command_line_gives_them() -> None:
    text = read("create", {"rayops_name": " a ", "rayops_workers": "3", "rayops_environment": "\r\n A=b = c\r\n"})
    assert (text["name"], text["workers"], text["environment"]) == ("a", 3, {"A": "b = c"})
    assert text["max_cu"] == 64
    assert read("create", {"rayops_name": "a", "rayops_environment": {"A": 1}})["environment"] == {"A": "1"}
    assert read("create", {"rayops_name": "a", "rayops_redis_password": " p "})["redis_password"] == " p "
    # ansible-core 2.19 and newer read text of AWX as YAML.
    assert read("converge", {"rayops_prune": False})["prune"] == "off"
    sweep = read("sweep", {"rayops_dry_run": False, "rayops_patterns": ["a-* ", "b\nc"]})
    assert (sweep["dry_run"], sweep["patterns"]) == (False, ["a-*", "b", "c"])


def test_a_project_of_its_own_that_imports_the_playbooks(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    awx_files.write(tmp_path / "awx")
    own = tmp_path / "awx/project"
    answers = {"rayops_name": "serving", "rayops_check_entrypoint": "python check.py"}
    run("blue_green", answers, project=own)
    assert [job["entrypoint"] for job in emulator.jobs()] == ["python check.py"]


@pytest.mark.parametrize("key", sorted(set(job_templates()) - {"doctor"}))
def test_the_command_in_a_playbook_gives_answers_that_it_reads(key: str) -> None:
    text = re.sub(r"\\\n# +", "", (PLAYBOOKS / f"{key}.yml").read_text())
    words = shlex.split(re.findall(rf"^#   (ansible-playbook .*awx\.{key}\b.*)$", text, re.MULTILINE)[0])
    given = [word for option, word in itertools.pairwise(words) if option == "-e" and not word.startswith("@")]
    variables: Json = {}
    for word in given:
        variables |= json.loads(word) if word.startswith("{") else dict([word.split("=", 1)])
    answers = read(key, variables)
    assert {name.removeprefix("rayops_") for name in variables} <= set(answers)


def test_the_command_of_the_page_creates_a_cluster(emulator: Emulator, home: Path, where: Json) -> None:
    env = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        "ALIBABA_CLOUD_ACCESS_KEY_ID": KEY["access_key_id"],
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": KEY["access_key_secret"],
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": where["workspace_id"],
        # A variable of the play replaces a variable of the environment.
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": "http://127.0.0.1:9",
    }
    (line,) = re.findall(r"^   (ansible-playbook .*)$", page.PAGE.read_text(), re.MULTILINE)
    command = [*shlex.split(line), "-e", f"rayops_wait_interval=0.1 rayops_endpoint={where['endpoint']}"]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False, timeout=120)
    assert "training: did create, start." in done.stdout, done.stdout + done.stderr
    assert [(cluster["name"], cluster["state"]) for cluster in emulator.clusters()] == [("training", "Running")]


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
    text = re.sub(r"^ *#.*", "", text, flags=re.MULTILINE)
    used = {f"rayops_{name}" for name in re.findall(r"\brayops_answers\.(\w+)", text)}
    asked = {question["variable"] for question in questions(key)}
    assert asked <= used
    # A file that several playbooks share may look for the answers of another one.
    assert used - asked <= {"rayops_restart_when"}
    assert not asked & set(re.findall(r"\brayops_\w+", text)), "an answer is read once, in tasks/answers.yml"


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
