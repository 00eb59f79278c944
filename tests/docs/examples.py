# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the examples of a page, from its first block to its last, each in the way of its kind."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from tests.docs import excuses, stand_ins
from tests.docs.pages import ROOT, CodeBlock, code_blocks
from tests.emulator import random_rules
from tests.emulator.__main__ import parser
from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import AnsibleRunner, Json, RunResult, run_environment

CLUSTER, JOB = "rayops.alicloud.emr_ray_cluster", "rayops.alicloud.emr_ray_job"
# Clusters of the emulator are quick, so waits may look often.
SHORT_WAITS: Json = {CLUSTER: {"wait_interval": 0.02}, JOB: {"wait_interval": 0.02}}
FAST_VARIABLES = {"ray_schedule_wait_interval": 0.02, "ray_cluster_settle_seconds": 1}
ANSIBLE_FOLDERS = {"ANSIBLE_HOME": "ansible", "ANSIBLE_COLLECTIONS_PATH": "collections"}
STRICT_INVENTORY = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
PLAY_MARKER = "Which play of the page"


class UnknownExampleError(AssertionError):
    """A block that no way of running fits, and that excuses.py does not name."""


@dataclass
class BlockResult:
    """What came of one block: results of its plays, in the first and in the second run, or what was printed."""

    block: CodeBlock
    first_run: list[Json] = field(default_factory=list)
    second_run: list[Json] = field(default_factory=list)
    output: str = ""

    def task_result(self, task: str, *, again: bool = False) -> Json:
        """Return the result of the task with this name."""
        (line,) = [line for line in (self.second_run if again else self.first_run) if line["task"] == task]
        return dict(line["result"])


def block_kind(block: CodeBlock) -> str:
    """Return what is to be done with a block. Raises UnknownExampleError."""
    if block.language in {"shell", "console", "python"}:
        return block.language
    if block.language in excuses.DATA_LANGUAGES:
        return "data"
    if block.language != "yaml" or not block.text.strip():
        raise UnknownExampleError(f"{block}: nobody knows how to run {block.language or 'a block without a language'}")
    parsed = yaml.safe_load(block.text)
    if isinstance(parsed, list):
        return "plays" if all("hosts" in item for item in parsed) else "file"
    if block.text.splitlines()[0] in excuses.SKIPPED_YAML:
        return "data"
    if "plugin" in parsed:
        return "inventory"
    if "all" in parsed:
        return "hosts"
    if "jobs" in parsed:
        return "workflow"
    if block.file_name:
        return "file"
    raise UnknownExampleError(f"{block}: no play, no inventory, no file that the page names")


def commands(block: CodeBlock) -> list[str]:
    """Return the commands of a block, one a line."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def skip_reason(command: str) -> str | None:
    """Return the entry of excuses.py that says why a command is not run."""
    return next((begin for begin in excuses.SKIPPED_COMMANDS if command.startswith(begin)), None)


class ExampleRunner:
    """A folder in which the examples of one page are run."""

    def __init__(self, runner: AnsibleRunner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.env: dict[str, str | None] = {"HOME": str(self.home)}
        self._where = {name: str(runner.home / folder) for name, folder in ANSIBLE_FOLDERS.items()}
        # Extra variables for every run of ansible-playbook.
        self.extra: Json = dict(FAST_VARIABLES)
        # Whether what a block exports is forgotten at its end.
        self.forget = False
        self._inventory: list[str] = []
        self._waiting: list[BlockResult] = []
        (folder / "bin").mkdir()
        (folder / "bin/curl").write_text(stand_ins.CURL)
        (folder / "bin/curl").chmod(0o755)

    def run(self, page: Path, some: list[CodeBlock] | None = None) -> list[BlockResult]:
        """Run all blocks of a page, or some of them, and return what came of each."""
        found = code_blocks(page) if some is None else some
        for block in found:
            if block.file_name:
                self.write(block)
        runs = []
        for block in found:
            way: Callable[[BlockResult], None] = getattr(self, f"_run_{block_kind(block)}")
            runs.append(BlockResult(block))
            if block_kind(block) not in {"plays", "data", "file"}:
                self._run_pending_plays()
            way(runs[-1])
        self._run_pending_plays()
        return runs

    def write(self, block: CodeBlock) -> None:
        """Write a block to the file that it says it is."""
        name = str(block.file_name)
        path = self.home / name[2:] if name.startswith("~/") else self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = block.text
        if block.language == "yaml" and block_kind(block) == "plays":
            text = yaml.safe_dump([with_short_waits(play) for play in yaml.safe_load(text)], sort_keys=False)
        path.write_text(text, encoding="utf-8")

    def _with_local_urls(self, text: str) -> str:
        """Return a text with the addresses of the documentation replaced by those of the emulator."""
        url = self.runner.emulator.url.removeprefix("http://")
        return re.sub(r"(127\.0\.0\.1|localhost):8080", url, text).replace("=w-...", f"={DOCUMENTED_WORKSPACE}")

    # Each kind of block has a way.

    def _run_data(self, run: BlockResult) -> None:
        if run.block.language == "json":
            json.loads(run.block.text)

    def _run_file(self, run: BlockResult) -> None:
        text = run.block.page.read_text(encoding="utf-8").replace(run.block.preceding_text, "")
        if not run.block.file_name or run.block.file_name not in text:
            raise UnknownExampleError(f"{run.block}: no command and no play of the page uses it")

    def _run_plays(self, run: BlockResult) -> None:
        self._waiting.append(run)

    def _run_inventory(self, run: BlockResult) -> None:
        path = self.folder / (run.block.file_name or f"line-{run.block.line}.emr_ray.yml")
        path.write_text(run.block.text, encoding="utf-8")
        self._inventory = self._inventory or ["-i", str(path)]
        self._list_inventory(run, path)

    def _run_hosts(self, run: BlockResult) -> None:
        path = self.folder / f"line-{run.block.line}.yml"
        path.write_text(run.block.text, encoding="utf-8")
        self._list_inventory(run, path)

    def _list_inventory(self, run: BlockResult, path: Path) -> None:
        output = self.folder / f"listed-{run.block.line}.json"
        words = ["-i", str(path), "--list", "--output", str(output)]
        self.runner.run("ansible-inventory", *words, env={**self.env, **STRICT_INVENTORY})
        run.output = output.read_text(encoding="utf-8")

    def _run_workflow(self, run: BlockResult) -> None:
        """Run the commands of a workflow's steps in their order, but for those that set the machine up."""
        for job in yaml.safe_load(run.block.text)["jobs"].values():
            self.env |= {name: self._with_local_urls(value) for name, value in job.get("env", {}).items()}
            for step in job["steps"]:
                if "run" in step and not skip_reason(step["run"]) and "tests.emulator" not in step["run"]:
                    run.output += self._run_shell_command(step["run"])

    def _run_shell_command(self, script: str) -> str:
        path = f"{self.folder}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
        command = ["bash", "-euo", "pipefail", "-c", self._with_local_urls(script)]
        return self._run_process(command, {**self.env, "PATH": path})

    def _run_process(self, command: list[str], env: dict[str, str | None]) -> str:
        surroundings = run_environment(self.home, self.runner.emulator, {**self._where, **env})
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=surroundings, cwd=self.folder, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def _run_python(self, run: BlockResult) -> None:
        """Run the tests of a block by pytest."""
        path = self.folder / f"test_line_{run.block.line}.py"
        path.write_text(run.block.text, encoding="utf-8")
        (self.folder / "conftest.py").write_text(stand_ins.PLAYBOOK_RUNNER)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(self.folder),
            str(path),
        ]
        run.output = self._run_process(command, {**self.env, "PYTHONPATH": str(ROOT)})
        assert "1 passed" in run.output

    def _run_console(self, run: BlockResult) -> None:
        self._run_shell(run)

    def _run_shell(self, run: BlockResult) -> None:
        before = dict(self.env)
        for command in commands(run.block):
            run.output += self._run_command(run.block, command)
        if self.forget:
            self.env = before

    def _run_command(self, block: CodeBlock, command: str) -> str:
        """Run one command in the way of its name."""
        if skip_reason(command):
            return ""
        words = shlex.split(self._with_local_urls(command), comments=True)
        if words[0] == "export":
            self.env |= dict(word.split("=", 1) for word in words[1:] if not word.endswith("..."))
        elif words[0] == "make":
            targets = re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert words[1] in targets, f"{block}: {command}"
        elif words[:3] == ["python", "-m", "tests.emulator"]:
            parser().parse_args(words[3:])
        elif words[:3] == ["python", "-m", "tests.emulator.random_rules"]:
            random_rules.parser().parse_args(words[3 : words.index(">")])
        elif words[0] == "curl":
            return self._run_shell_command(command)
        elif words[0] in {"ansible", "ansible-playbook", "ansible-inventory", "ansible-doc"}:
            return self.runner.run(words[0], *self._ansible_arguments(words), env=self.env).output
        else:
            raise UnknownExampleError(f"{block}: nobody knows how to run {words[0]}")
        return ""

    def _ansible_arguments(self, words: list[str]) -> list[str]:
        """Return the arguments of a command of Ansible, with waits that look often."""
        if words[0] == "ansible-playbook":
            return [*words[1:], "-e", json.dumps(self.extra)]
        if CLUSTER in words and "-a" in words:
            words[words.index("-a") + 1] += " wait_interval=0.02"
        return words[1:]

    def _run_pending_plays(self) -> None:
        """Run the plays that wait, each twice, in one run of ansible-playbook."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        content: list[Json] = []
        for number, run in enumerate(waiting):
            for again in (False, True):
                told = {"ansible.builtin.debug": {"msg": [number, again]}}
                content.append(
                    {
                        "name": PLAY_MARKER,
                        "hosts": "localhost",
                        "gather_facts": False,
                        "tasks": [{"name": PLAY_MARKER, **told}],
                    }
                )
                content += [with_short_waits(play) for play in yaml.safe_load(run.block.text)]
        path = self.folder / f"plays-{waiting[0].block.line}.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        words = [str(path), *self._inventory, "-e", json.dumps(self.extra)]
        assign_results(waiting, self.runner.run("ansible-playbook", *words, env=self.env))


def assign_results(waiting: list[BlockResult], played: RunResult) -> None:
    """Give each block the results of its own plays."""
    lines: list[Json] = []
    for line in played.task_results:
        if line["task"] == PLAY_MARKER:
            number, again = line["result"]["msg"]
            lines = waiting[number].second_run if again else waiting[number].first_run
        else:
            lines.append(line)
    for run in waiting:
        run.output = played.output


def with_short_waits(play: Json) -> Json:
    """Return a play whose waits look often."""
    given = play.get("module_defaults", {})
    defaults = {name: {**SHORT_WAITS.get(name, {}), **given.get(name, {})} for name in (*SHORT_WAITS, *given)}
    for variables in (role.get("vars", {}) for role in play.get("roles", [])):
        if "ray_cluster_defaults" in variables:
            variables["ray_cluster_defaults"]["wait_interval"] = 0.02
    return {**play, "module_defaults": defaults}
