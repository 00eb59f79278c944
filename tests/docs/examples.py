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
from tests.docs.pages import ROOT, Block, code
from tests.emulator.__main__ import parser
from tests.integration.conftest import DOCUMENTED_WORKSPACE
from tests.integration.runner import Json, Played, Runner, environment

CLUSTER, JOB = "rayops.alicloud.emr_ray_cluster", "rayops.alicloud.emr_ray_job"
# Clusters of the emulator are quick, so waits may look often.
QUICK: Json = {CLUSTER: {"wait_interval": 0.02}, JOB: {"wait_interval": 0.02}}
FAST = {"ray_schedule_wait_interval": 0.02, "ray_cluster_settle_seconds": 1}
PLACES = {"ANSIBLE_HOME": "ansible", "ANSIBLE_COLLECTIONS_PATH": "collections"}
STRICT = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
MARK = "Which play of the page"


class UnknownExampleError(AssertionError):
    """A block that no way of running fits, and that excuses.py does not name."""


@dataclass
class Run:
    """What came of one block: results of its plays, in the first and in the second run, or what was printed."""

    block: Block
    first: list[Json] = field(default_factory=list)
    again: list[Json] = field(default_factory=list)
    output: str = ""

    def result(self, task: str, *, again: bool = False) -> Json:
        """Return the result of the task with this name."""
        (line,) = [line for line in (self.again if again else self.first) if line["task"] == task]
        return dict(line["result"])


def kind_of(block: Block) -> str:
    """Return what is to be done with a block. Raises UnknownExampleError."""
    if block.language in {"shell", "console", "python"}:
        return block.language
    if block.language in excuses.LANGUAGES:
        return "data"
    if block.language != "yaml" or not block.text.strip():
        raise UnknownExampleError(f"{block}: nobody knows how to run {block.language or 'a block without a language'}")
    parsed = yaml.safe_load(block.text)
    if isinstance(parsed, list):
        return "plays" if all("hosts" in item for item in parsed) else "file"
    if block.text.splitlines()[0] in excuses.YAML:
        return "data"
    if "plugin" in parsed:
        return "inventory"
    if "all" in parsed:
        return "hosts"
    if "jobs" in parsed:
        return "workflow"
    if block.file:
        return "file"
    raise UnknownExampleError(f"{block}: no play, no inventory, no file that the page names")


def commands(block: Block) -> list[str]:
    """Return the commands of a block, one a line."""
    lines = block.text.replace("\\\n", " ").splitlines()
    if block.language == "console":
        lines = [line[2:] for line in lines if line.startswith("$ ")]
    return [line for line in lines if line.strip() and not line.startswith("#")]


def excused(command: str) -> str | None:
    """Return the entry of excuses.py that says why a command is not run."""
    return next((begin for begin in excuses.COMMANDS if command.startswith(begin)), None)


class Workshop:
    """A folder in which the examples of one page are run."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()
        self.env: dict[str, str | None] = {"HOME": str(self.home)}
        self._where = {name: str(runner.home / folder) for name, folder in PLACES.items()}
        # Extra variables for every run of ansible-playbook.
        self.extra: Json = dict(FAST)
        # Whether what a block exports is forgotten at its end.
        self.forget = False
        self._inventory: list[str] = []
        self._waiting: list[Run] = []
        (folder / "bin").mkdir()
        (folder / "bin/curl").write_text(stand_ins.CURL)
        (folder / "bin/curl").chmod(0o755)

    def run(self, page: Path, some: list[Block] | None = None) -> list[Run]:
        """Run all blocks of a page, or some of them, and return what came of each."""
        found = code(page) if some is None else some
        for block in found:
            if block.file:
                self.write(block)
        runs = []
        for block in found:
            way: Callable[[Run], None] = getattr(self, f"_run_{kind_of(block)}")
            runs.append(Run(block))
            if kind_of(block) not in {"plays", "data", "file"}:
                self._play()
            way(runs[-1])
        self._play()
        return runs

    def write(self, block: Block) -> None:
        """Write a block to the file that it says it is."""
        name = str(block.file)
        path = self.home / name[2:] if name.startswith("~/") else self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = block.text
        if block.language == "yaml" and kind_of(block) == "plays":
            text = yaml.safe_dump([quick(play) for play in yaml.safe_load(text)], sort_keys=False)
        path.write_text(text, encoding="utf-8")

    def _here(self, text: str) -> str:
        """Return a text with the addresses of the documentation replaced by those of the emulator."""
        url = self.runner.emulator.url.removeprefix("http://")
        return re.sub(r"(127\.0\.0\.1|localhost):8080", url, text).replace("=w-...", f"={DOCUMENTED_WORKSPACE}")

    # Each kind of block has a way.

    def _run_data(self, run: Run) -> None:
        if run.block.language == "json":
            json.loads(run.block.text)

    def _run_file(self, run: Run) -> None:
        text = run.block.page.read_text(encoding="utf-8").replace(run.block.lead, "")
        if not run.block.file or run.block.file not in text:
            raise UnknownExampleError(f"{run.block}: no command and no play of the page uses it")

    def _run_plays(self, run: Run) -> None:
        self._waiting.append(run)

    def _run_inventory(self, run: Run) -> None:
        path = self.folder / (run.block.file or f"line-{run.block.line}.emr_ray.yml")
        path.write_text(run.block.text, encoding="utf-8")
        self._inventory = self._inventory or ["-i", str(path)]
        self._list(run, path)

    def _run_hosts(self, run: Run) -> None:
        path = self.folder / f"line-{run.block.line}.yml"
        path.write_text(run.block.text, encoding="utf-8")
        self._list(run, path)

    def _list(self, run: Run, path: Path) -> None:
        output = self.folder / f"listed-{run.block.line}.json"
        words = ["-i", str(path), "--list", "--output", str(output)]
        self.runner.run("ansible-inventory", *words, env={**self.env, **STRICT})
        run.output = output.read_text(encoding="utf-8")

    def _run_workflow(self, run: Run) -> None:
        """Run the commands of a workflow's steps in their order, but for those that set the machine up."""
        for job in yaml.safe_load(run.block.text)["jobs"].values():
            self.env |= {name: self._here(value) for name, value in job.get("env", {}).items()}
            for step in job["steps"]:
                if "run" in step and not excused(step["run"]) and "tests.emulator" not in step["run"]:
                    run.output += self._shell(step["run"])

    def _shell(self, script: str) -> str:
        path = f"{self.folder}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}"
        command = ["bash", "-euo", "pipefail", "-c", self._here(script)]
        return self._process(command, {**self.env, "PATH": path})

    def _process(self, command: list[str], env: dict[str, str | None]) -> str:
        surroundings = environment(self.home, self.runner.emulator, {**self._where, **env})
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=surroundings, cwd=self.folder, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def _run_python(self, run: Run) -> None:
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
        run.output = self._process(command, {**self.env, "PYTHONPATH": str(ROOT)})
        assert "1 passed" in run.output

    def _run_console(self, run: Run) -> None:
        self._run_shell(run)

    def _run_shell(self, run: Run) -> None:
        before = dict(self.env)
        for command in commands(run.block):
            run.output += self._command(run.block, command)
        if self.forget:
            self.env = before

    def _command(self, block: Block, command: str) -> str:
        """Run one command in the way of its name."""
        if excused(command):
            return ""
        words = shlex.split(self._here(command), comments=True)
        if words[0] == "export":
            self.env |= dict(word.split("=", 1) for word in words[1:] if not word.endswith("..."))
        elif words[0] == "make":
            targets = re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert words[1] in targets, f"{block}: {command}"
        elif words[:3] == ["python", "-m", "tests.emulator"]:
            parser().parse_args(words[3:])
        elif words[0] == "curl":
            return self._shell(command)
        elif words[0] in {"ansible", "ansible-playbook", "ansible-inventory", "ansible-doc"}:
            return self.runner.run(words[0], *self._arguments(words), env=self.env).output
        else:
            raise UnknownExampleError(f"{block}: nobody knows how to run {words[0]}")
        return ""

    def _arguments(self, words: list[str]) -> list[str]:
        """Return the arguments of a command of Ansible, with waits that look often."""
        if words[0] == "ansible-playbook":
            return [*words[1:], "-e", json.dumps(self.extra)]
        if CLUSTER in words and "-a" in words:
            words[words.index("-a") + 1] += " wait_interval=0.02"
        return words[1:]

    def _play(self) -> None:
        """Run the plays that wait, each twice, in one run of ansible-playbook."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        content: list[Json] = []
        for number, run in enumerate(waiting):
            for again in (False, True):
                told = {"ansible.builtin.debug": {"msg": [number, again]}}
                content.append(
                    {"name": MARK, "hosts": "localhost", "gather_facts": False, "tasks": [{"name": MARK, **told}]}
                )
                content += [quick(play) for play in yaml.safe_load(run.block.text)]
        path = self.folder / f"plays-{waiting[0].block.line}.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        words = [str(path), *self._inventory, "-e", json.dumps(self.extra)]
        share(waiting, self.runner.run("ansible-playbook", *words, env=self.env))


def share(waiting: list[Run], played: Played) -> None:
    """Give each block the results of its own plays."""
    lines: list[Json] = []
    for line in played.lines:
        if line["task"] == MARK:
            number, again = line["result"]["msg"]
            lines = waiting[number].again if again else waiting[number].first
        else:
            lines.append(line)
    for run in waiting:
        run.output = played.output


def quick(play: Json) -> Json:
    """Return a play whose waits look often."""
    given = play.get("module_defaults", {})
    defaults = {name: {**QUICK.get(name, {}), **given.get(name, {})} for name in (*QUICK, *given)}
    for variables in (role.get("vars", {}) for role in play.get("roles", [])):
        if "ray_cluster_defaults" in variables:
            variables["ray_cluster_defaults"]["wait_interval"] = 0.02
    return {**play, "module_defaults": defaults}
