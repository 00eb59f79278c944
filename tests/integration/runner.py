# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running the real ansible-playbook and ansible, those next to the Python of the tests, against an emulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.emulator import Emulator
from tests.integration import preloaded

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[2]
CALLBACKS = Path(__file__).parent / "callback_plugins"
MODULE = "rayops.alicloud.emr_ray_cluster"
INFO = "rayops.alicloud.emr_ray_cluster_info"
FLEET = "rayops.alicloud.emr_ray_fleet"
TIMEOUT_SECONDS = 120.0
_PRELOADED: dict[tuple[tuple[str, str], ...], preloaded.PreloadedAnsible] = {}
ACTION_GROUP = "group/rayops.alicloud.all"


@dataclass
class RunResult:
    """What a run gave: its exit code, all that it printed, and the result of every task."""

    exit_code: int
    output: str
    task_results: list[Json]

    def __getitem__(self, task: str) -> Json:
        """Return the result of the task with this name."""
        (line,) = [line for line in self.task_results if line["task"] == task]
        return dict(line["result"])

    @property
    def statuses(self) -> dict[str, str]:
        """Return how each task ended."""
        return {line["task"]: line["status"] for line in self.task_results}


def run_environment(home: Path, emulator: Emulator, more: Mapping[str, str | None]) -> dict[str, str]:
    """Return the environment of a run: a user's, with an account at the emulator. None in `more` takes away."""
    given: dict[str, str | None] = {
        **os.environ,
        "HOME": str(home),
        "ANSIBLE_HOME": str(home / "ansible"),
        "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
        "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACKS),
        "ANSIBLE_CALLBACKS_ENABLED": "dump_results",
        "ANSIBLE_NOCOLOR": "1",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": emulator.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": emulator.access_key_secret,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": emulator.url,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": emulator.workspace_id,
        **more,
    }
    return {name: value for name, value in given.items() if value is not None}


def command_path(name: str) -> str:
    """Return the path of one of Ansible's commands."""
    return str(Path(sys.executable).parent / name)


class AnsibleRunner:
    """Runs playbooks and ad-hoc commands; each run has files of its own below `folder`."""

    def __init__(self, folder: Path, home: Path, emulator: Emulator) -> None:
        self.emulator = emulator
        self._folder = folder
        self.home = home
        self._runs = 0

    def play(
        self,
        tasks: list[Json],
        *arguments: str,
        env: Mapping[str, str | None] | None = None,
        inventory: str | None = None,
        code: int = 0,
        **play: Any,
    ) -> RunResult:
        """Run a play of these tasks on localhost, or on what `play` says; it must end with an exit code."""
        self._runs += 1
        content = [{"name": "Play", "hosts": "localhost", "gather_facts": False, "tasks": tasks, **play}]
        path = self._folder / f"play-{self._runs}.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
        where: list[str] = []
        if inventory is not None:
            (self._folder / f"hosts-{self._runs}").write_text(inventory)
            where = ["-i", str(self._folder / f"hosts-{self._runs}")]
        return self.run("ansible-playbook", str(path), *where, *arguments, env=env, code=code)

    def run(self, name: str, *arguments: str, env: Mapping[str, str | None] | None = None, code: int = 0) -> RunResult:
        """Run a command of Ansible."""
        self._runs += 1
        dump = self._folder / f"results-{self._runs}"
        dump.touch()
        surroundings = run_environment(self.home, self.emulator, {"DUMP_RESULTS_TO": str(dump), **(env or {})})
        exit_code, output = self._execute([command_path(name), *arguments], surroundings)
        assert exit_code == code, output
        return RunResult(exit_code, output, [json.loads(line) for line in dump.read_text().splitlines()])

    def _execute(self, command: list[str], env: dict[str, str]) -> tuple[int, str]:
        """Run a command in a fork of a process that has imported Ansible, where that makes no difference."""
        if not preloaded.is_supported(Path(command[0]).name, env):
            done = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                env=env,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                timeout=TIMEOUT_SECONDS,
            )
            return done.returncode, done.stdout
        settings = preloaded.import_settings(env)
        if settings not in _PRELOADED:
            _PRELOADED[settings] = preloaded.PreloadedAnsible(env)
        shown = self._folder / f"output-{self._runs}"
        exit_code = _PRELOADED[settings].run(command, env, self._folder, shown, TIMEOUT_SECONDS)
        return exit_code, shown.read_text()

    def writes(self) -> list[str]:
        """Return the writes that the service has seen."""
        return [entry.operation for entry in self.emulator.writes()]


def task(title: str, module: str = MODULE, /, **options: Any) -> Json:
    """Return a task; options with a leading underscore are keywords of the task itself."""
    keywords = {key[1:]: value for key, value in options.items() if key.startswith("_")}
    given = {key: value for key, value in options.items() if not key.startswith("_")}
    return {"name": title, module: given, **keywords}
