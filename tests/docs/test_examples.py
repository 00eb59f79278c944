# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of every page is run, and changes nothing when it is run again; excuses.py names what is not run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from tests.docs import excuses
from tests.docs.examples import BlockResult, ExampleRunner, UnknownExampleError, block_kind, commands, skip_reason
from tests.docs.pages import FOLDER, ROOT, CodeBlock, block_texts, code_blocks, guide_path
from tests.integration.conftest import DOCUMENTED_WORKSPACE

README = ROOT / "README.md"
PAGES = sorted(
    page
    for page in [README, *FOLDER.glob("*.rst"), *ROOT.glob("roles/*/README.md")]
    if any(block_kind(block) != "data" for block in code_blocks(page))
)


@dataclass
class Plan:
    """What a page needs before its examples are run, and what is looked at afterwards."""

    before: Callable[[ExampleRunner], None] = lambda _workshop: None
    after: Callable[[ExampleRunner, list[BlockResult]], None] = lambda _workshop, _runs: None
    # Tasks that change something in every run, as the page says.
    always: set[str] = field(default_factory=set)


def result_of(runs: list[BlockResult], task: str, *, again: bool = False) -> dict[str, object]:
    """Return the result of a task, wherever it is on the page."""
    (run,) = [run for run in runs if task in {line["task"] for line in run.first_run}]
    return run.task_result(task, again=again)


def changed(runs: list[BlockResult]) -> set[str]:
    """Return the tasks that changed something in the first run."""
    return {line["task"] for run in runs for line in run.first_run if line["result"].get("changed")}


def the_documented_workspace(example_runner: ExampleRunner) -> None:
    example_runner.env["ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID"] = DOCUMENTED_WORKSPACE


def before_readme(example_runner: ExampleRunner) -> None:
    """Have the cluster of the first playbook for the job, in the workspace that the page selects."""
    emulator = example_runner.runner.emulator
    emulator.seed("training", workspace_id=DOCUMENTED_WORKSPACE, state="Running")


def after_readme(_workshop: ExampleRunner, runs: list[BlockResult]) -> None:
    assert {"Run the job and wait for it", "Declare one cluster for each team"} <= changed(runs)
    assert not any(re.search(r'"skipped": true', run.output) for run in runs)


def after_quickstart(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    (told,) = [run for run in runs if "--check --diff" in run.block.text]
    assert [int(count) for count in re.findall(r"changed=(\d)", told.output)] == [0, 0, 0], (
        "the play above has run already"
    )
    assert example_runner.runner.emulator.clusters() == []


def before_fleets(example_runner: ExampleRunner) -> None:
    for name in ("ci-old", "ci-main", "ci-release"):
        example_runner.runner.emulator.seed(name)


def after_fleets(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    assert changed(runs) == {
        "Declare three clusters, one of them larger",
        "Change two clusters first",
        "Delete the clusters of closed branches",
    }
    left = {cluster["name"] for cluster in example_runner.runner.emulator.clusters()}
    assert left == {"team-a", "team-b", "team-c", "ci-main", "ci-release"}


def after_jobs(_workshop: ExampleRunner, runs: list[BlockResult]) -> None:
    assert changed(runs) == {
        "Train",
        "Run the training cluster",
        "Submit the report without waiting",
        "Try it up to three times",
        "Check the cluster",
        "Download the driver log",
    }


def before_inventory(example_runner: ExampleRunner) -> None:
    emulator = example_runner.runner.emulator
    emulator.set_workspace("w-0a1b2c3d4e5f", regionId="eu-central-1")
    emulator.seed("nightly-1", workspace_id=DOCUMENTED_WORKSPACE, state="Running")
    group = {"groupName": "w", "replica": 101, "cpu": "4", "memory": "16Gi", "queueName": "root_queue"}
    emulator.seed("nightly-2", workspace_id="w-0a1b2c3d4e5f", spec={"workerSpec": [group]})


def after_inventory(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    first, several, regions, kept = (json.loads(run.output) for run in runs if "plugin:" in run.block.text)
    assert first["state_running"]["hosts"] == first["modified_false"]["hosts"] == ["nightly-1"]
    assert several["large"]["hosts"] == ["nightly-2"]
    # Before ansible-core 2.19 what compose makes of an expression may be text, which is marked as unsafe.
    workers = several["_meta"]["hostvars"]["nightly-2"]["workers"]
    assert str(workers["__ansible_unsafe"] if isinstance(workers, dict) else workers) == "101"
    assert set(regions["_meta"]["hostvars"]) == {"nightly-1", "nightly-2"}
    assert kept["state_running"]["hosts"] == ["nightly-1"]
    assert (example_runner.folder / ".cache/emr-ray").is_dir()
    (play,) = (yaml.safe_load(run.block.text) for run in runs if block_kind(run.block) == "plays")
    assert play == yaml.safe_load((ROOT / "playbooks/restart_modified.yml").read_text(encoding="utf-8"))


def after_capacity(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    """The page says what its playbooks say."""
    text = guide_path("capacity").read_text(encoding="utf-8")
    capacity, report = (json.loads(block) for block in block_texts(guide_path("capacity"), "json"))
    show = "Show the maximum size and the change"
    assert result_of(runs, "Declare a cluster with autoscaling")["capacity"] == capacity
    said = [result_of(runs, show, again=again)["msg"] for again in (False, True)]
    assert said == ["66 CU, 66 more", "66 CU, 0 more"]
    assert all(words in text for words in said)
    assert changed(runs) == {
        "Declare a cluster with autoscaling",
        "Protect a cluster",
        "Write the tasks to a file",
    }
    assert result_of(runs, "Show the result")["msg"] == report["summary"]
    found = json.loads((example_runner.folder / "drift.json").read_text())
    text = json.dumps(found).replace(found["clusters"][0]["cluster_id"], report["clusters"][0]["cluster_id"])
    assert json.loads(text) == report


def after_restarts(_workshop: ExampleRunner, runs: list[BlockResult]) -> None:
    said = result_of(runs, "Show that the change waits")["msg"]
    assert f"``{said}``" in guide_path("restarts").read_text(encoding="utf-8")
    assert {"Give the workers more memory without a restart", "Restart clusters with a pending change"} <= changed(runs)


def after_identity(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    assert changed(runs) >= {"Declare it by name", "Change its description by ID"}
    assert json.loads((example_runner.folder / "drift.json").read_text())["summary"]["as_declared"] == 1


def before_emulator(example_runner: ExampleRunner) -> None:
    """Have the playbook that the reader brings along, and what the page sets back to what it was."""
    options = {"name": "mine", "display_release_version": "ray-1.0.0 (Ray 2.47.1, Python 3.12)", "wait_interval": 0.02}
    options["head_spec"] = {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"}
    options["worker_spec"] = [{"group_name": "w", "queue_name": "root_queue", "cpu": 4, "memory": "16Gi", "replica": 1}]
    task = {"name": "Declare", "rayops.alicloud.emr_ray_cluster": options}
    play = {"name": "Mine", "hosts": "localhost", "gather_facts": False, "tasks": [task]}
    (example_runner.folder / "site.yml").write_text(yaml.safe_dump([play]))


def after_emulator(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    (workflow,) = [run for run in runs if "runs-on" in run.block.text]
    assert re.findall(r"changed=(\d)", workflow.output) == ["1", "0"]
    assert example_runner.runner.emulator.rules.update == "replace", "as the commands of the page say"


def before_platform(example_runner: ExampleRunner) -> None:
    """Begin with an account that has only the workspace that the page exports."""
    example_runner.env["ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID"] = None


def after_platform(example_runner: ExampleRunner, runs: list[BlockResult]) -> None:
    (applied,) = [run for run in runs if "--check" in run.block.text]
    recaps = re.findall(r"^localhost .*changed=.*$", applied.output, re.MULTILINE)
    assert [int(re.findall(r"changed=(\d+)", recap)[0]) for recap in recaps] == [4, 4, 0]
    (shown,) = (text for text in block_texts(guide_path("platform"), "text"))
    assert recaps[-1].split() == shown.splitlines()[-1].split()
    assert result_of(runs, "Show them")["msg"][-1] == "hello"
    assert "ray_platform_workspace" in (example_runner.folder / "existing.yml").read_text()


PLANS = {
    "guide_platform": Plan(before_platform, after_platform),
    "ray_platform": Plan(before_platform),
    "README": Plan(before_readme, after_readme),
    "guide_quickstart": Plan(after=after_quickstart),
    "guide_fleets": Plan(before_fleets, after_fleets),
    "guide_jobs": Plan(the_documented_workspace, after_jobs),
    "guide_inventory": Plan(before_inventory, after_inventory),
    "guide_capacity": Plan(after=after_capacity),
    "guide_identity": Plan(after=after_identity, always={"Ask for the plan only"}),
    "guide_emulator": Plan(before_emulator, after_emulator),
    "guide_restarts": Plan(after=after_restarts),
    "guide_roles": Plan(the_documented_workspace),
}


# They run roles, whose tasks are many.
SLOW_PAGES = {
    "guide_capacity",
    "guide_emulator",
    "guide_fleets",
    "guide_platform",
    "guide_roles",
    "ray_platform",
    "ray_report",
}


def name_of(page: Path) -> str:
    """Return how a page is called in PLANS: a role by its folder."""
    return page.parent.name if "roles" in page.parts else page.stem


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] if name_of(page) in SLOW_PAGES else [])
        for page in PAGES
        if name_of(page) not in excuses.SKIPPED_PAGES
    ],
    ids=name_of,
)
def test_the_examples_of_a_page_run_and_change_nothing_when_run_again(
    page: Path, example_runner: ExampleRunner
) -> None:
    plan = PLANS.get(
        name_of(page), Plan(the_documented_workspace if page.parts[-2].startswith("ray_") else Plan.before)
    )
    plan.before(example_runner)
    runs = example_runner.run(page)
    assert [run.block for run in runs] == code_blocks(page)
    again = {line["task"] for run in runs for line in run.second_run if line["result"].get("changed")}
    assert again == plan.always
    plan.after(example_runner, runs)


def test_there_is_a_page_for_every_plan() -> None:
    assert set(PLANS) <= {name_of(page) for page in PAGES}


def test_a_page_with_tests_of_its_own_has_them() -> None:
    assert set(excuses.SKIPPED_PAGES) <= {name_of(page) for page in PAGES}
    for page, tests in excuses.SKIPPED_PAGES.items():
        text = (ROOT / tests).read_text(encoding="utf-8")
        assert page in text or f'guide_path("{page.removeprefix("guide_")}")' in text


def test_every_excuse_is_needed() -> None:
    found = [block for page in PAGES for block in code_blocks(page)]
    assert {block.language for block in found} >= set(excuses.DATA_LANGUAGES)
    said = {skip_reason(line) for block in found if block.language in {"shell", "console"} for line in commands(block)}
    workflows = [
        yaml.safe_load(block.text) for block in found if block.language == "yaml" and block_kind(block) == "workflow"
    ]
    steps = [
        step["run"] for each in workflows for job in each["jobs"].values() for step in job["steps"] if "run" in step
    ]
    assert said | {skip_reason(step) for step in steps} >= set(excuses.SKIPPED_COMMANDS)
    assert {block.text.splitlines()[0] for block in found if block.language == "yaml"} >= set(excuses.SKIPPED_YAML)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("", "ansible --version"),
        ("ruby", "puts 1"),
        ("yaml", "some: mapping"),
        ("yaml", ""),
    ],
)
def test_a_block_that_nobody_can_run_is_an_error(language: str, text: str) -> None:
    with pytest.raises(UnknownExampleError):
        block_kind(CodeBlock(README, 1, language, f"{text}\n", "Such as this:"))


@pytest.mark.parametrize("command", ["frobnicate --now", "ansible-galaxy role install x", "sudo ansible --version"])
def test_a_command_that_nobody_can_run_is_an_error(command: str, example_runner: ExampleRunner) -> None:
    block = CodeBlock(README, 1, "shell", f"{command}\n", "Such as this:")
    with pytest.raises(UnknownExampleError, match=command.partition(" ")[0]):
        example_runner._run_shell(BlockResult(block))


def test_tasks_that_no_play_includes_are_an_error(example_runner: ExampleRunner, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("In `lost.yml`:\n\n```yaml\n- name: Lost\n  ansible.builtin.debug:\n```\n")
    with pytest.raises(UnknownExampleError, match="no play of the page uses it"):
        example_runner.run(page)
