# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of AWX for each test, and real ansible-playbook runs of the role against it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tests.awx.double import AwxDouble
from tests.integration.preloaded import PreloadedAnsible, import_settings, is_supported

ROOT = Path(__file__).parents[3]
URL = "https://github.com/rayops/rayops.alicloud"
BIN = Path(sys.executable).parent
# Seconds of a run on a busy machine.
LONGEST = 800
# Few objects of each kind: what a module needs to start is what these tests take.
FEW: dict[str, Any] = {
    "awx_setup_execution_environment_image": "registry.example.com/rayops-alicloud-ee:1.0.0",
    "awx_setup_poll_interval": 0,
    "awx_setup_templates": ["sweep"],
    "awx_setup_credential_kinds": ["access_key"],
    "awx_setup_workflow": False,
}


@dataclass(frozen=True)
class Run:
    """A run of a playbook: its exit code, its output, and the counters of its recap."""

    code: int
    output: str

    @property
    def recap(self) -> dict[str, int]:
        """Return what the recap counts."""
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", self.output.rpartition("PLAY RECAP")[2])}

    @property
    def changed(self) -> int:
        """Return how many tasks changed something; the run has to have succeeded."""
        assert self.code == 0, self.output
        return self.recap["changed"]

    @property
    def message(self) -> str:
        """Return the output without the breaks and escapes that a terminal sees."""
        return re.sub(r"\s+", " ", self.output.replace('\\"', '"'))


class RoleHarness:
    """A double, and the role that is run against it."""

    preloaded: ClassVar[dict[Any, PreloadedAnsible]] = {}

    def __init__(self, double: AwxDouble, folder: Path, home: Path) -> None:
        self.double = double
        self.folder = folder
        self.home = home
        self.login: dict[str, str] = {"CONTROLLER_HOST": double.url, "CONTROLLER_OAUTH_TOKEN": AwxDouble.token}
        self.more_env: dict[str, str] = {}

    def role(self, variables: dict[str, Any] | None = None, *args: str, tasks_from: str = "main.yml") -> Run:
        """Run the role, or one of its files of tasks, with variables as a user writes them in a play."""
        play = {
            "name": "Set up AWX",
            "hosts": "localhost",
            "gather_facts": False,
            "tasks": [
                {
                    "name": "Run the role",
                    "ansible.builtin.include_role": {"name": "rayops.alicloud.awx_setup", "tasks_from": tasks_from},
                    "vars": FEW if variables is None else variables,
                }
            ],
        }
        return self.play([play], *args)

    def play(self, plays: Any, *args: str) -> Run:
        """Run plays."""
        path = self.folder / "play.yml"
        path.write_text(plays if isinstance(plays, str) else json.dumps(plays), encoding="utf-8")
        return self.command("ansible-playbook", str(path), *args)

    def command(self, *command: str) -> Run:
        """Run a command next to the Python of the tests, as a user who has nothing in the home folder."""
        # With the same settings of Ansible, a run is a fork of a process that has imported Ansible.
        home = self.folder if any(name.startswith(("ANSIBLE_", "HOME")) for name in self.more_env) else self.home
        env = {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "ANSIBLE_HOME": str(home / "ansible"),
            # Not that of this repository, in whose folder the process starts that imports Ansible.
            "ANSIBLE_CONFIG": str(self.home / "ansible.cfg"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
            "ANSIBLE_COLLECTIONS_PATH": str(home / "collections"),
            **{name: value for name, value in os.environ.items() if name == "PYTHONPATH"},
            **self.login,
            **self.more_env,
        }
        if home != self.home or not is_supported(command[0], env):
            done = subprocess.run(
                command, env=env, cwd=self.folder, capture_output=True, text=True, check=False, timeout=LONGEST
            )
            return Run(done.returncode, done.stdout + done.stderr)
        settings = import_settings(env)
        if settings not in self.preloaded:
            self.preloaded[settings] = PreloadedAnsible(env)
        shown = self.folder / "output"
        code = self.preloaded[settings].run(list(command), env, self.folder, shown, LONGEST)
        return Run(code, shown.read_text(encoding="utf-8"))

    def names(self, endpoint: str) -> list[str]:
        """Return the names of the objects of a resource."""
        return sorted(self.double.named(endpoint))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a home folder for the runs whose tests need none of their own."""
    home = tmp_path_factory.mktemp("home")
    (home / "ansible.cfg").touch()
    yield home
    for preloaded in RoleHarness.preloaded.values():
        preloaded.close()


@pytest.fixture
def harness(tmp_path: Path, home: Path) -> Iterator[RoleHarness]:
    with AwxDouble({URL: ROOT}, {"rayops": ROOT}) as double:
        organization = double.store.create("organizations", {"name": "Default"})
        galaxy = double.store.create("credential_types", {"name": "Ansible Galaxy", "kind": "cloud"})
        galaxy["managed"] = True
        sent = {"name": "Ansible Galaxy", "credential_type": galaxy["id"], "organization": organization["id"]}
        double.store.link(
            organization["id"], "galaxy_credentials", {"id": double.store.create("credentials", sent)["id"]}
        )
        yield RoleHarness(double, tmp_path, home)
