# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Ansible's commands in forks of a process that has imported Ansible: importing it takes most of a short run.

A fork runs the command's own entry point with its own arguments, environment, folder, and output. Ansible reads its
``ANSIBLE_*`` variables and the home folder when it is imported, so each set of these has a process of its own.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.resources
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "ansible": ("ansible.cli.adhoc", "AdHocCLI"),
    "ansible-inventory": ("ansible.cli.inventory", "InventoryCLI"),
    "ansible-playbook": ("ansible.cli.playbook", "PlaybookCLI"),
}
# Imported by nearly every run: parts of Ansible and libraries alone, never the collection itself.
LIBRARIES = ("ansible.executor.process.worker", "ansible.executor.task_executor", "httpcore", "httpx", "pydantic")
# Of Ansible's own plugins; a run loads all of some kinds only for their options.
PLUGINS = ("callback", "connection", "filter", "inventory", "lookup", "shell", "strategy", "test")
# With one of these set, Python itself starts differently.
UNSUPPORTED = ("PYTHONPATH", "PYTHONSTARTUP", "COVERAGE_PROCESS_START")


def is_supported(name: str, env: Mapping[str, str]) -> bool:
    """Return whether a fork runs this command as a process of its own would."""
    return name in MODULES and not any(variable in env for variable in UNSUPPORTED) and hasattr(os, "fork")


def import_settings(env: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Return the variables that Ansible reads when it is imported."""
    return tuple(sorted((name, text) for name, text in env.items() if name.startswith("ANSIBLE_") or name == "HOME"))


class PreloadedAnsible:
    """A process that has imported Ansible with one set of variables, and forks for each command."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.preloaded"],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, arguments: list[str], env: Mapping[str, str], folder: Path, output: Path, timeout: float) -> int:
        """Run a command, given as its arguments with its path first, and return its exit code.

        Writes what it prints to ``output``. Raises TimeoutError after ``timeout`` seconds, which end the command.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"arguments": arguments, "env": dict(env), "folder": str(folder), "output": str(output)}
        self._process.stdin.write(json.dumps({**order, "timeout": timeout}) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        if code == -signal.SIGALRM:
            raise TimeoutError(f"{arguments} ran longer than {timeout} seconds")
        return code

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)


def _run_in_fork(order: dict[str, Any]) -> None:
    """Run the command of an order in this process, and leave it: it shares what runs at exit with its parent."""
    code = 1
    try:
        os.setsid()
        os.chdir(order["folder"])
        os.environ.clear()
        os.environ.update(order["env"])
        shown = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, target in ((0, nothing), (1, shown), (2, shown)):
            os.dup2(target, number)
        signal.setitimer(signal.ITIMER_REAL, order["timeout"])
        sys.argv = list(order["arguments"])
        module, command = MODULES[Path(sys.argv[0]).name]
        getattr(importlib.import_module(module), command).cli_executor(sys.argv)
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 - the fork ends here, whatever happened
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _preload() -> None:
    """Import Ansible, load its plugins, and parse its list of moved plugins, which takes most of a short run."""
    for name in (*LIBRARIES, *(module for module, _command in MODULES.values())):
        importlib.import_module(name)
    loader = importlib.import_module("ansible.plugins.loader")
    for kind in PLUGINS:
        list(getattr(loader, f"{kind}_loader").all(class_only=True))
    # Ansible lets others replace this function in order to cache what it returns.
    finder = importlib.import_module("ansible.utils.collection_loader._collection_finder")
    text = (importlib.resources.files("ansible") / "config" / "ansible_builtin_runtime.yml").read_bytes()
    parse = finder._meta_yml_to_dict
    parsed = parse(text, ("ansible.builtin", "runtime.yml"))
    finder._meta_yml_to_dict = lambda read, content: parsed if read == text else parse(read, content)


def main() -> None:
    """Preload Ansible, then fork for each order on standard input and print its exit code."""
    _preload()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run_in_fork(json.loads(line))
        _pid, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code < 0:
            # What the command started goes with it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
