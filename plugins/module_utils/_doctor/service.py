# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check on the service that the key is valid, that the workspace exists, and what this user may read."""

from __future__ import annotations

import contextlib

from .._api.responses import read_rows
from .._api.session import ApiSession
from .._api.settings import is_valid_id, option_or_env
from .._errors import ApiError, Failure, TransportError
from .._schema import HAS_PYDANTIC
from .._task.context import TaskContext, open_session
from .._workspace.client import WorkspaceApi
from .._workspace.fields import Queue
from .._workspace.queue_usage import QueueUsage, read_queue_usage
from .permissions import (
    GRANTED,
    MISSING,
    READ_OPERATIONS,
    REQUIRED_OPERATIONS,
    UNCLEAR,
    WRITE_OPERATIONS,
    ProbeContext,
    ProbeResult,
    needs_workspace,
    ram_actions,
    run_probe,
    update_context,
)
from .report import OK, PROBLEM, UNKNOWN, WARNING, CheckResult

# One read with its repeats ends within this; there are eleven of them.
PROBE_BUDGET_SECONDS = 15.0
MAX_NAMED_WORKSPACES = 5


class ServiceChecks:
    """The reads that were tried, and what follows from them."""

    def __init__(self, task: TaskContext, workspace_id: str | None) -> None:
        self._task, self._workspace_id = task, workspace_id
        self._tried: dict[str, ProbeResult] = {}
        self._ended: Failure | None = None
        self._queues: list[QueueUsage] = []

    def run(self, why_not: str | None) -> list[CheckResult]:
        """Check the service, unless a known reason prevents it."""
        if why_not:
            told = f"not checked: {why_not}"
            return [
                *(CheckResult(check, UNKNOWN, told) for check in ("key", "workspace", "reads")),
                self._report_write_permissions(),
            ]
        try:
            with open_session(self._task, needs_workspace=False) as session:
                self._run_probes(session)
                self._read_queues(session)
        except Failure as failure:
            self._ended = failure
        return [
            self._check_key(),
            self._check_workspace(),
            *self._check_queues(),
            self._check_read_permissions(),
            self._report_write_permissions(),
        ]

    def list_permissions(self) -> dict[str, list[str]]:
        """Return the RAM actions that are known to be there, to be missing, and not known."""
        found: dict[str, list[str]] = {GRANTED: [], MISSING: [], UNCLEAR: []}
        for operation in READ_OPERATIONS:
            tried = self._tried.get(operation)
            found[tried.verdict if tried else UNCLEAR] += ram_actions([operation])
        found[UNCLEAR] += ram_actions(WRITE_OPERATIONS)
        return found

    def _run_probes(self, session: ApiSession) -> None:
        region = option_or_env("region", self._task.params, self._task.environ)
        usable = bool(self._workspace_id and is_valid_id(self._workspace_id))
        known = ProbeContext(self._workspace_id or "", region)
        for operation in READ_OPERATIONS:
            if needs_workspace(operation) and not usable:
                continue
            tried = self._tried[operation] = run_probe(session, operation, known, PROBE_BUDGET_SECONDS)
            known = update_context(known, tried)
            # The others would end no other way, and each takes its time.
            if tried.is_key_rejected or isinstance(tried.failure, TransportError):
                self._ended = tried.failure
                return

    def _read_queues(self, session: ApiSession) -> None:
        """Read who fills the queues that were listed; one that is not full costs no request."""
        tried = self._tried.get("ListWorkspaceQueues")
        api = WorkspaceApi(session, budget=PROBE_BUDGET_SECONDS)
        if not HAS_PYDANTIC:
            return
        with contextlib.suppress(ApiError):
            for row in read_rows(Queue, tried.payload if tried else {}, "queues", "ListWorkspaceQueues"):
                self._queues.append(read_queue_usage(api, self._workspace_id or "", row))

    def _check_queues(self) -> list[CheckResult]:
        """Return a warning for each queue that is full or closed to this user."""
        return [
            CheckResult(
                "queue",
                WARNING,
                queue.text,
                "wait for these jobs, stop unneeded clusters, or enlarge the queue with emr_workspace_queue"
                if queue.is_full
                else "grant this user a role in the workspace with emr_workspace_member, or name another queue",
            )
            for queue in self._queues
            if queue.is_full or queue.may_submit is False
        ]

    def _check_key(self) -> CheckResult:
        refused = next((tried.failure for tried in self._tried.values() if tried.is_key_rejected), None)
        if refused:
            return CheckResult("key", PROBLEM, str(refused), refused.hint or "check the credentials")
        if self._ended:
            step = self._ended.hint or "run this again; if the problem persists, check proxies and firewalls"
            return CheckResult("key", PROBLEM, f"the service could not be queried: {self._ended}", step)
        if any(tried.verdict in (GRANTED, MISSING) for tried in self._tried.values()):
            return CheckResult("key", OK, "the service accepts the key and the signature")
        return CheckResult(
            "key", UNKNOWN, f"cannot be determined: {self._describe_first_failure()}", "run this again later"
        )

    def _describe_first_failure(self) -> str:
        return next((str(tried.failure) for tried in self._tried.values() if tried.failure), "no response")

    def _check_workspace(self) -> CheckResult:
        name = "workspace_id"
        if not self._workspace_id:
            told = (
                f"{name} is not set, which all modules but emr_workspace_info need{self._describe_visible_workspaces()}"
            )
            return CheckResult("workspace", PROBLEM, told, f"give {name}, or set it in the environment")
        if not is_valid_id(self._workspace_id):
            return CheckResult("workspace", PROBLEM, f"{name} is not an id", f"correct {name}")
        if self._ended:
            return CheckResult("workspace", UNKNOWN, "not checked: see the key")
        tried = self._tried["GetWorkspace"]
        if tried.verdict == GRANTED and tried.failure is None:
            return self._check_workspace_state(tried.payload.get("workspace"))
        seen = [operation for operation in READ_OPERATIONS if self._has_listed(operation)]
        if seen:
            return CheckResult("workspace", OK, f"{self._workspace_id} is visible: {seen[0]} returns its content")
        if tried.verdict == MISSING and self._tried["ListRayCluster"].verdict == MISSING:
            return CheckResult(
                "workspace", UNKNOWN, "this user can neither read the workspace nor list clusters; see reads"
            )
        step = "check workspace_id and region, and that the user has a role in the workspace"
        return CheckResult(
            "workspace", PROBLEM, f"{self._workspace_id} is not visible{self._describe_visible_workspaces()}", step
        )

    def _check_workspace_state(self, row: object) -> CheckResult:
        row = row if isinstance(row, dict) else {}
        state = row.get("workspaceStatus")
        told = f"{self._workspace_id} ({row.get('workspaceName')}) is {state}"
        if state in ("RUNNING", None):
            return CheckResult("workspace", OK, told)
        return CheckResult("workspace", WARNING, told, "check its state in the console")

    def _has_listed(self, operation: str) -> bool:
        tried = self._tried.get(operation)
        # The service may answer "not found", and list the engine versions, without checking the workspace.
        return bool(tried and tried.failure is None and operation in ("ListRayCluster", "ListRayJob"))

    def _describe_visible_workspaces(self) -> str:
        """Return the workspaces that this user sees, as an end of a sentence."""
        tried = self._tried.get("ListWorkspaces")
        rows = tried.payload.get("workspaces") if tried else None
        ids = [str(row.get("workspaceId")) for row in (rows if isinstance(rows, list) else ()) if isinstance(row, dict)]
        if not ids:
            return ""
        more = f" and {len(ids) - MAX_NAMED_WORKSPACES} more" if len(ids) > MAX_NAMED_WORKSPACES else ""
        return f"; this user sees {', '.join(ids[:MAX_NAMED_WORKSPACES])}{more}"

    def _check_read_permissions(self) -> CheckResult:
        verdicts: dict[str, list[str]] = {GRANTED: [], MISSING: [], UNCLEAR: []}
        for operation in READ_OPERATIONS:
            tried = self._tried.get(operation)
            verdicts[tried.verdict if tried else UNCLEAR].append(operation)
        if verdicts[MISSING]:
            status = PROBLEM if set(verdicts[MISSING]) & set(REQUIRED_OPERATIONS) else WARNING
            told = f"not allowed: {', '.join(verdicts[MISSING])}"
            step = f"grant {', '.join(ram_actions(verdicts[MISSING]))}, and a role in the workspace"
            return CheckResult("reads", status, told, step)
        if verdicts[UNCLEAR]:
            return CheckResult("reads", UNKNOWN, f"cannot be determined for {', '.join(verdicts[UNCLEAR])}")
        return CheckResult("reads", OK, f"all {len(READ_OPERATIONS)} read actions are allowed")

    def _report_write_permissions(self) -> CheckResult:
        told = f"no read request shows if these are allowed: {', '.join(WRITE_OPERATIONS)}"
        return CheckResult(
            "writes", UNKNOWN, told, "compare the user's policy with the RAM policy in the guide about authentication"
        )
