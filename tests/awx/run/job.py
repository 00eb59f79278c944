# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs as AWX runs them: a private data directory, and ansible-runner's transmit, worker and process, piped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from awx_plugins.interfaces._temporary_private_api import ManagedCredentialType
from awx_plugins.interfaces._temporary_private_credential_api import Credential
from awx_plugins.interfaces._temporary_private_inject_api import inject_credential

from .definitions import LOCAL, ROOT, Json, credential_types, extra_vars_file, job_templates, launch_by_api

# What a container of AWX calls the private data directory.
CONTAINER = "/runner"
_BIN = Path(sys.executable).parent
_FINAL = ("successful", "failed", "canceled", "error", "timeout")


@dataclass
class Launch:
    """What is launched: a template with answers and a credential, and what its administrator added to it."""

    key: str
    answers: Json = field(default_factory=dict)
    credential: tuple[str, Json] | None = None
    job_type: str = "run"
    verbosity: int = 0
    limit: str = ""
    inventory: str = LOCAL
    # Extra variables of the template itself, and what earlier jobs of a workflow handed on.
    template_vars: Json = field(default_factory=dict)
    artifacts: Json = field(default_factory=dict)
    # The environment of the execution environment.
    environ: Mapping[str, str] = field(default_factory=dict)
    # Where AWX has installed collections for the project; without it the execution environment has them.
    collections: Path | None = None
    # A project of somebody's own, whose playbooks import ours; without it this repository is the project.
    project: Path | None = None
    # As AWX does: transmitted to a worker and processed. Otherwise one process of ansible-runner runs it, faster.
    streamed: bool = True
    # Whether the worker has a callback for cancelling, rather than signals alone.
    cancellable: bool = False
    job_id: int = 7


@dataclass
class Finished:
    """What AWX has of a job that is over."""

    status: str
    rc: int
    folder: Path
    events: list[Json]
    stdout: str
    env: dict[str, str]

    @property
    def artifacts(self) -> Json:
        """Return what set_stats handed on."""
        found: Json = {}
        for event in self.events:
            found.update(event.get("event_data", {}).get("artifact_data") or {})
        return found

    def results(self, task: str) -> list[Json]:
        """Return the results of a task, those of its loop's items last."""
        return [
            event["event_data"]["res"]
            for event in self.events
            if event.get("event_data", {}).get("task") == task and "res" in event["event_data"]
        ]

    @property
    def changed(self) -> bool:
        """Tell whether a task changed something, by the recap."""
        (stats,) = [event["event_data"] for event in self.events if event["event"] == "playbook_on_stats"]
        return any(stats.get("changed", {}).values())


class Job:
    """One job under way."""

    def __init__(self, launch: Launch, folder: Path, home: Path) -> None:
        self.launch = launch
        self.data, self._flag = folder / "pdd", folder / "cancelled"
        self.worker_data = folder / "worker" if launch.streamed else self.data
        self._home = home
        self.artifacts = self.data / "artifacts" / str(launch.job_id)
        self.env = self._lay_out()
        self._processes = self._start()

    def _lay_out(self) -> dict[str, str]:
        """Write the private data directory, and return the environment of the job."""
        for name in ("env", "inventory", "artifacts"):
            (self.data / name).mkdir(parents=True)
        self.worker_data.mkdir(exist_ok=True)
        if self.launch.project:
            shutil.copytree(self.launch.project, self.data / "project")
        else:
            for folder in ("playbooks", "roles/awx_setup"):
                shutil.copytree(ROOT / folder, self.data / "project" / folder)
        if self.launch.collections:
            shutil.copytree(self.launch.collections, self.data / "requirements_collections")
        env, arguments = self._injected()
        env.update(self._of_awx())
        hosts = self.data / "inventory" / "hosts"
        hosts.write_text(self.launch.inventory)
        hosts.chmod(0o700)
        self._write("extravars", extra_vars_file(self.launch.template_vars, self._variables()))
        self._write("envvars", yaml.safe_dump({name: self._inside(value) for name, value in env.items()}))
        self._write("cmdline", " ".join(map(self._inside, [*arguments, *self._command_line()])))
        settings = {
            "fact_cache_type": "jsonfile",
            "suppress_env_files": True,
            "pexpect_timeout": 1,
            "idle_timeout": 300,
        }
        self._write("settings", yaml.safe_dump(settings))
        return env

    def _write(self, name: str, text: str) -> None:
        path = self.data / "env" / name
        path.write_text(text)
        path.chmod(0o600)

    def _inside(self, text: str) -> str:
        """Return text with the directory of the container where the worker has it here."""
        return text.replace(f"{CONTAINER}/", f"{self.worker_data}/")

    def _injected(self) -> tuple[dict[str, str], list[str]]:
        env: dict[str, str] = {}
        arguments: list[str] = []
        if self.launch.credential:
            kind, inputs = self.launch.credential
            definition = credential_types()[kind]
            lacking = [name for name in definition["inputs"]["required"] if not inputs.get(name)]
            if lacking:
                raise ValueError(f"AWX launches nothing without {lacking}")
            names = ("name", "kind", "inputs", "injectors")
            made = ManagedCredentialType(namespace=kind, managed=False, **{name: definition[name] for name in names})
            self.safe_env: dict[str, str] = {}
            inject_credential(made, Credential(dict(inputs)), env, self.safe_env, arguments, str(self.data))
        return env, arguments

    def _of_awx(self) -> dict[str, str]:
        return {
            "ANSIBLE_FORCE_COLOR": "True",
            "ANSIBLE_HOST_KEY_CHECKING": "False",
            "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
            "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
            "ANSIBLE_RETRY_FILES_ENABLED": "False",
            "ANSIBLE_COLLECTIONS_PATH": f"{CONTAINER}/requirements_collections"
            + ("" if self.launch.collections else f":{self._home}/collections"),
            "AWX_HOST": "https://towerhost",
            "JOB_ID": str(self.launch.job_id),
            "INVENTORY_ID": "1",
            "MAX_EVENT_RES": "700000",
            "PROJECT_REVISION": "0" * 40,
        }

    def _variables(self) -> Json:
        job_id = self.launch.job_id
        own = {"job_id": job_id, "job_template_id": 3, "launch_type": "manual", "user_name": "operator"}
        given = launch_by_api(self.launch.key, self.launch.answers)
        return {
            **given,
            **self.launch.artifacts,
            **{f"{prefix}_{name}": value for prefix in ("tower", "awx") for name, value in own.items()},
        }

    def _command_line(self) -> list[str]:
        line = ["-u", "root", "--forks=5"]
        line += ["--check"] if self.launch.job_type == "check" else []
        line += [f"-{'v' * self.launch.verbosity}"] if self.launch.verbosity else []
        return line + (["-l", self.launch.limit] if self.launch.limit else [])

    def _start(self) -> list[subprocess.Popen[bytes]]:
        runner = str(_BIN / "ansible-runner")
        playbook = f"{self.launch.key}.yml" if self.launch.project else job_templates()[self.launch.key]["playbook"]
        # The environment of a container, not of whoever runs the tests.
        environ = {
            "PATH": f"{_BIN}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self._home),
            "LANG": "C.UTF-8",
            "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true",
            **self.launch.environ,
        }
        ident = ["--ident", str(self.launch.job_id)]
        transmit = [runner, "transmit", str(self.data), "--playbook", playbook, *ident]
        worker = [runner, "worker", "--private-data-dir", str(self.worker_data)]
        if self.launch.cancellable:
            worker = [
                sys.executable,
                str(Path(__file__).with_name("worker.py")),
                str(self.worker_data),
                str(self._flag),
            ]
        process = [runner, "process", str(self.data), *ident]
        started: list[subprocess.Popen[bytes]] = []
        if not self.launch.streamed:
            process = [runner, "run", str(self.data), "--playbook", playbook, *ident]
            transmit, worker = [], []
        for command in filter(None, (transmit, worker, process)):
            stdin = started[-1].stdout if started else subprocess.DEVNULL
            stdout = subprocess.PIPE if command is not process else subprocess.DEVNULL
            env = {name: value for name, value in environ.items() if value}
            started.append(subprocess.Popen(command, stdin=stdin, stdout=stdout, env=env, cwd=self.data.parent))
            if len(started) > 1 and started[-2].stdout:
                started[-2].stdout.close()
        return started

    def events(self) -> Iterator[Json]:
        """Return the events that have arrived so far, in their order."""
        paths = self.artifacts.glob("job_events/*.json")
        for path in sorted(paths, key=lambda path: int(path.name.split("-")[0])):
            with suppress(ValueError, FileNotFoundError):  # being written
                yield json.loads(path.read_text())

    def until(self, seen: Callable[[Json], bool], seconds: float = 60) -> Json:
        """Return the first event of which `seen` is true, as soon as it has arrived while the job is under way."""
        end = time.monotonic() + seconds
        read: dict[Path, Json] = {}
        while time.monotonic() < end:
            over = self.over
            for path in set(self.artifacts.glob("job_events/*.json")) - set(read):
                with suppress(ValueError, FileNotFoundError):  # being written
                    read[path] = json.loads(path.read_text())
                    if seen(read[path]):
                        assert not over, "the event came, but only with the end of the job"
                        return read[path]
            assert not over, f"the job ended without the event: {[event['stdout'] for event in self.events()]}"
            time.sleep(0.02)
        raise AssertionError(f"no such event within {seconds} s: {[event['stdout'] for event in self.events()]}")

    @property
    def over(self) -> bool:
        """Tell whether all of its events have arrived."""
        return self._processes[-1].poll() is not None

    def cancel(self) -> None:
        """Let the worker's callback say that the job is cancelled."""
        self._flag.touch()

    def terminate(self) -> None:
        """End the worker as whatever runs the container does: with SIGTERM."""
        if self._processes[1].poll() is None:
            os.kill(self._processes[1].pid, signal.SIGTERM)

    def end(self) -> None:
        """End what is still under way, when a test is over."""
        if any(process.poll() is None for process in self._processes):
            self.terminate()
        for process in self._processes:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            process.wait()

    def wait(self, seconds: float = 120) -> Finished:
        """Return what came of the job when it is over."""
        for process in self._processes:
            process.wait(timeout=seconds)
        text = {name: self._text(name) for name in ("status", "rc", "stdout")}
        return Finished(
            status=text["status"] or "error",
            rc=int(text["rc"] or -1),
            folder=self.data.parent,
            events=list(self.events()),
            stdout=text["stdout"],
            env=self.env,
        )

    def _text(self, name: str) -> str:
        path = self.artifacts / name
        return path.read_text() if path.exists() else ""
