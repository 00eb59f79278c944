# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What emr_ray_doctor does: it looks at everything that a task needs, each thing by itself.

Private to this collection.
"""

from __future__ import annotations

import platform
import sys
import typing as t
from importlib import metadata

from .._api.settings import ENVIRONMENT, Settings, resolve_settings, setting
from .._api.transport import HAS_HTTPX, HTTPX_VERSION
from .._credentials.static import Source
from .._credentials.store import CredentialStore, choose_source
from .._errors import Failure
from .._schema import HAS_PYDANTIC, PYDANTIC_VERSION
from .._task.context import Result, Task, bug_of, failed
from .._task.requirements import HTTPX_FLOOR, PYDANTIC_FLOOR
from .._version import VERSION
from .credential_source import describe, half_keys
from .finding import OK, PROBLEM, UNKNOWN, WARNING, Finding
from .network import STEPS, Reach, reach
from .report import (
    CREDENTIALS_FLOOR,
    CREDENTIALS_LIBRARY,
    about_clock,
    about_library,
    as_module,
    masked,
    summary,
    told_of,
)
from .service import Service

MOST_RETRIES = 2

Probe = t.Callable[[], list[Finding]]


def run_doctor(task: Task, ran: Finding | None = None) -> Result:
    """Return what was found; ``ran`` tells where the task runs. Raises TaskFailed only where that is asked for."""
    doctor = _Doctor(task)
    findings = [told_safely(doctor.task, found) for found in doctor.examine(ran or as_module())]
    result = {"changed": False, **told_of(findings, VERSION), "permissions": doctor.service.permissions()}
    if task.params.get("fail_on_problem") and not result["ok"]:
        raise failed(doctor.task, "Tasks cannot work as things are", _failure(findings), result)
    return t.cast(Result, doctor.task.secrets.scrub(result))


def told_safely(task: Task, found: Finding) -> Finding:
    """Return a finding without secrets, which what the service and libraries say may hold."""
    step = task.secrets.tell(found.next_step) if found.next_step else None
    return found._replace(told=task.secrets.tell(found.told), next_step=step)


def _failure(findings: list[Finding]) -> Failure:
    first = next(found for found in findings if found.status == PROBLEM)
    failure = Failure(f"{summary(findings)}. {first.check}: {first.told}")
    failure.code = "ProblemsFound"
    failure.hint = first.next_step
    return failure


def _ignore(text: str) -> None:
    """Warn of nothing: what there is to say is a finding."""


def _without_workspace(environ: t.Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in ENVIRONMENT["workspace_id"]}


class _Doctor:
    """Looks at one thing after the other; what a look needs of an earlier one is None where that failed."""

    def __init__(self, task: Task) -> None:
        # The workspace is looked at by itself: a bad id must not hide whether the service can be reached.
        params = {**task.params, "workspace_id": None, "retries": min(task.params.get("retries", 0), MOST_RETRIES)}
        self.task = Task(
            params,
            _without_workspace(task.environ),
            _ignore,
            task.check_mode,
            task.user_agent,
            task.clock,
            task.no_log,
            secrets=task.secrets,
        )
        self.workspace_id = setting("workspace_id", task.params, task.environ)
        self.source: Source | None = None
        self.has_key = False
        self.settings: Settings | None = None
        self.way: Reach | None = None
        self.service = Service(self.task, self.workspace_id)

    def examine(self, ran: Finding) -> list[Finding]:
        """Return all findings, in the order in which a task would meet the troubles."""
        looks: list[tuple[str, Probe]] = [
            ("interpreter", self._interpreter),
            ("execution", lambda: [ran]),
            ("credentials", self._credentials),
            ("libraries", self._libraries),
            ("endpoint", self._endpoint),
            ("connection", self._reach),
            ("clock", lambda: [about_clock(self.way.skew if self.way else None)]),
            ("service", lambda: self.service.look(self._why_not_asked())),
        ]
        return [found for check, probe in looks for found in self._look(check, probe)]

    def _look(self, check: str, probe: Probe) -> list[Finding]:
        """Look at one thing such that nothing that goes wrong there hides the others."""
        try:
            return probe()
        except Exception as error:  # noqa: BLE001 - a bug of ours
            return [Finding(check, UNKNOWN, f"could not be looked at: {bug_of(error)}", "please report this")]

    def _interpreter(self) -> list[Finding]:
        told = f"Python {platform.python_version()}, {sys.executable}, {self.task.user_agent}".rstrip(", ")
        return [Finding("interpreter", OK, told)]

    def _libraries(self) -> list[Finding]:
        static = self.source is None or self.source.kind == "static"
        try:
            found: str | None = metadata.version(CREDENTIALS_LIBRARY)
        except metadata.PackageNotFoundError:
            found = None
        httpx = HTTPX_VERSION if HAS_HTTPX else None
        pydantic = PYDANTIC_VERSION if HAS_PYDANTIC else None
        return [
            about_library("httpx", httpx, HTTPX_FLOOR, sys.executable),
            about_library("pydantic", pydantic, PYDANTIC_FLOOR, sys.executable),
            about_library(CREDENTIALS_LIBRARY, found, CREDENTIALS_FLOOR, sys.executable, needed=not static),
        ]

    def _credentials(self) -> list[Finding]:
        params, environ = self.task.params, self.task.environ
        halves = "; ".join(half_keys(environ))
        try:
            self.source = choose_source(params, environ)
            told = describe(self.source, params, environ)
            key = CredentialStore(self.source).get()
        except Failure as failure:
            told = f"{failure}; {halves}" if halves else str(failure)
            step = "set the other half of the key" if halves and self.source is None else failure.hint
            return [Finding("credentials", PROBLEM, told, step or "give access_key_id and access_key_secret")]
        # The whole id is hidden too, wherever somebody quotes it.
        self.task.secrets.add(*key)
        self.has_key = True
        found = Finding("credentials", OK, f"{told}; the key is {masked(key.access_key_id)}")
        if halves:
            return [found._replace(status=WARNING, told=f"{found.told}; {halves}", next_step="take that half away")]
        return [found]

    def _endpoint(self) -> list[Finding]:
        params, environ = self.task.params, self.task.environ
        try:
            self.settings = settings = resolve_settings(params, environ, needs_workspace=False)
        except Failure as failure:
            return [Finding("endpoint", PROBLEM, str(failure), "correct this: nothing can be asked without it")]
        option = "endpoint" if setting("endpoint", params, environ) else "region"
        variables = (name for name in ENVIRONMENT[option] if environ.get(name))
        origin = f"the option {option}" if params.get(option) else next(variables, option)
        network = ", for use inside a VPC" if option == "region" and params.get("network") == "vpc" else ""
        return [Finding("endpoint", OK, f"{settings.scheme}://{settings.host}, from {origin}{network}")]

    def _reach(self) -> list[Finding]:
        if self.settings is None:
            return [Finding(step, UNKNOWN, "not looked at: there is no endpoint") for step in STEPS]
        self.way = reach(self.settings, self.task.clock)
        return self.way.findings

    def _why_not_asked(self) -> str | None:
        """Return why the service cannot be asked anything, None where it can."""
        if not HAS_HTTPX:
            return "httpx is missing"
        if not self.has_key:
            return "there are no credentials"
        if self.settings is None or self.way is None:
            return "there is no way to the service"
        blocked = self.way.blocked
        return f"the service is not reached ({blocked.check})" if blocked else None
