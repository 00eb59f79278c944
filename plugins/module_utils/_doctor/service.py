# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""What the doctor asks the service: is the key good, is the workspace there, and what may this user read.

Private to this collection.
"""

from __future__ import annotations

from .._api.session import Caller
from .._api.settings import is_id, setting
from .._errors import Failure, TransportError
from .._task.context import Task, open_caller
from .finding import OK, PROBLEM, UNKNOWN, WARNING, Finding
from .permissions import GRANTED, MISSING, NEEDED, READS, UNCLEAR, WRITES, Known, Tried, action, learned, try_read

# One read with its repeats ends within this; there are eleven of them.
BUDGET = 15.0
MOST_NAMED = 5


class Service:
    """The reads that were tried, and what follows from them."""

    def __init__(self, task: Task, workspace_id: str | None) -> None:
        self._task, self._workspace_id = task, workspace_id
        self._tried: dict[str, Tried] = {}
        self._ended: Failure | None = None

    def look(self, why_not: str | None) -> list[Finding]:
        """Ask the service, unless there is a reason why it cannot be asked."""
        if why_not:
            told = f"not asked: {why_not}"
            return [*(Finding(check, UNKNOWN, told) for check in ("key", "workspace", "reads")), self._writes()]
        try:
            with open_caller(self._task, needs_workspace=False) as caller:
                self._read_all(caller)
        except Failure as failure:
            self._ended = failure
        return [self._key(), self._workspace(), self._reads(), self._writes()]

    def permissions(self) -> dict[str, list[str]]:
        """Return the RAM actions that are known to be there, to be missing, and not known."""
        found: dict[str, list[str]] = {GRANTED: [], MISSING: [], UNCLEAR: []}
        for read in READS:
            tried = self._tried.get(read.operation)
            found[tried.verdict if tried else UNCLEAR].append(action(read.operation))
        found[UNCLEAR] += map(action, WRITES)
        return found

    def _read_all(self, caller: Caller) -> None:
        region = setting("region", self._task.params, self._task.environ)
        usable = bool(self._workspace_id and is_id(self._workspace_id))
        known = Known(self._workspace_id or "", region)
        for read in READS:
            if read.of_workspace and not usable:
                continue
            tried = self._tried[read.operation] = try_read(caller, read, known, BUDGET)
            known = learned(known, tried)
            # The others would end no other way, and each takes its time.
            if tried.key_refused or isinstance(tried.failure, TransportError):
                self._ended = tried.failure
                return

    def _key(self) -> Finding:
        refused = next((tried.failure for tried in self._tried.values() if tried.key_refused), None)
        if refused:
            return Finding("key", PROBLEM, str(refused), refused.hint or "check the credentials")
        if self._ended:
            step = self._ended.hint or "run this again; if it stays, look at what is between here and the service"
            return Finding("key", PROBLEM, f"the service could not be asked: {self._ended}", step)
        if any(tried.verdict in (GRANTED, MISSING) for tried in self._tried.values()):
            return Finding("key", OK, "the service accepts the key and the signature")
        return Finding("key", UNKNOWN, f"no answer tells: {self._first_failure()}", "run this again later")

    def _first_failure(self) -> str:
        return next((str(tried.failure) for tried in self._tried.values() if tried.failure), "none came")

    def _workspace(self) -> Finding:
        name = "workspace_id"
        if not self._workspace_id:
            told = f"{name} is not set, which all modules but emr_workspace_info need{self._others()}"
            return Finding("workspace", PROBLEM, told, f"give {name}, or set it in the environment")
        if not is_id(self._workspace_id):
            return Finding("workspace", PROBLEM, f"{name} is not an id", f"correct {name}")
        if self._ended:
            return Finding("workspace", UNKNOWN, "not asked: see the key")
        tried = self._tried["GetWorkspace"]
        if tried.verdict == GRANTED and tried.failure is None:
            return self._seen(tried.payload.get("workspace"))
        seen = [read.operation for read in READS if read.of_workspace and self._answered(read.operation)]
        if seen:
            return Finding("workspace", OK, f"{self._workspace_id} is visible: {seen[0]} gives what is in it")
        if tried.verdict == MISSING and self._tried["ListRayCluster"].verdict == MISSING:
            return Finding(
                "workspace", UNKNOWN, "this user may neither read the workspace nor list clusters, see reads"
            )
        step = "check workspace_id and region, and that the user has a role in the workspace"
        return Finding("workspace", PROBLEM, f"{self._workspace_id} is not visible{self._others()}", step)

    def _seen(self, row: object) -> Finding:
        row = row if isinstance(row, dict) else {}
        state = row.get("workspaceStatus")
        told = f"{self._workspace_id} ({row.get('workspaceName')}) is {state}"
        if state in ("RUNNING", None):
            return Finding("workspace", OK, told)
        return Finding("workspace", WARNING, told, "see in the console what has become of it")

    def _answered(self, operation: str) -> bool:
        tried = self._tried.get(operation)
        # What the service does not find, and the engine versions, it may answer without looking at the workspace.
        return bool(tried and tried.failure is None and operation in ("ListRayCluster", "ListRayJob"))

    def _others(self) -> str:
        """Return the workspaces that this user sees, as an end of a sentence."""
        tried = self._tried.get("ListWorkspaces")
        rows = tried.payload.get("workspaces") if tried else None
        ids = [str(row.get("workspaceId")) for row in rows or () if isinstance(row, dict)]
        if not ids:
            return ""
        more = f" and {len(ids) - MOST_NAMED} more" if len(ids) > MOST_NAMED else ""
        return f"; this user sees {', '.join(ids[:MOST_NAMED])}{more}"

    def _reads(self) -> Finding:
        verdicts: dict[str, list[str]] = {GRANTED: [], MISSING: [], UNCLEAR: []}
        for read in READS:
            tried = self._tried.get(read.operation)
            verdicts[tried.verdict if tried else UNCLEAR].append(read.operation)
        if verdicts[MISSING]:
            status = PROBLEM if set(verdicts[MISSING]) & set(NEEDED) else WARNING
            told = f"not allowed: {', '.join(verdicts[MISSING])}"
            step = f"grant {', '.join(map(action, verdicts[MISSING]))}, and a role in the workspace"
            return Finding("reads", status, told, step)
        if verdicts[UNCLEAR]:
            return Finding("reads", UNKNOWN, f"no answer tells about {', '.join(verdicts[UNCLEAR])}")
        return Finding("reads", OK, f"all {len(READS)} reading actions are allowed")

    def _writes(self) -> Finding:
        told = f"no read can tell whether these are allowed: {', '.join(WRITES)}"
        return Finding("writes", UNKNOWN, told, "compare the user's policy with the one in the README")
