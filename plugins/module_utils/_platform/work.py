# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Track one task for a workspace: its operations so far, its waits, its result, and its failure."""

from __future__ import annotations

import typing as t
from decimal import Decimal

from .._api.exactly_once import SHORT_SEARCH_SECONDS, ExactlyOnce, ResourceKind
from .._api.retry_policy import is_transient
from .._api.settings import option_or_env, resolve_settings
from .._cluster.capacity import BOUNDS, Resources, bounds_to_result
from .._cluster.guardrails import guardrail_error
from .._errors import ApiError, ClusterError, Failure, ParameterError, Problems
from .._payload import Params
from .._task.context import (
    Result,
    TaskContext,
    TaskFailed,
    builds_on_create,
    open_session,
    seconds_problems,
)
from .._task.failures import task_failure
from .._task.waiting import Waiter, heartbeat, run_sync
from .._workspace.fields import Workspace
from .._workspace.result import workspace_to_result
from .client import PlatformApi
from .values import Change, Row

T = t.TypeVar("T")

# Words of a refusal which say that the resource exists; its code is not documented.
_EXISTS_WORDS = ("exist", "already", "duplicate", "taken", "used")
# Reads show an edit at once or after a few seconds; if they do not show it after this time, it has failed.
CONVERGE_SECONDS = 60.0
# Pause before resending a write that overlapped with another one in the same workspace.
OVERLAP_PAUSE = 5.0


class StartingError(Exception):
    """In check mode, a workspace that exists and does not run yet."""


class _WorkWaiter(Waiter[Row]):
    """Waits for any result of a read: rows with the ``name`` of the work, the ``value`` and its ``state`` in words."""

    def check_tolerable(self, failure: Failure) -> None:
        if not is_transient(failure):
            raise failure

    def timeout_error(self, resource: Row, what: str, trouble: str) -> ClusterError:
        return ClusterError(
            f"waited {self.elapsed():.0f} s {what}; last state: {resource['state'] or 'unknown'}{trouble}",
            "WaitTimeout",
            hint="run the task again to keep waiting, or raise wait_timeout",
        )


class Work:
    """Keeps the operations of a task, so that results and failures report them in the same way.

    ``noun`` and ``name`` identify the resource in messages. ``known`` are further keys of the result.
    """

    def __init__(self, task: TaskContext, noun: str, name: str) -> None:
        self.task = task
        self.noun = noun
        self.name = name
        self.doing = "look up"
        self.done: list[str] = []
        self.creates: list[str] = ["create"]
        self.changes: list[Change] = []
        self.before: Row = {}
        self.after: Row = {}
        self.known: Row = {}
        self.adopted: str | None = None
        params = task.params
        self.waiter = _WorkWaiter(
            task.clock,
            timeout=float(params.get("wait_timeout", 900.0)),
            interval=float(params.get("wait_interval", 5.0)),
            on_progress=task.progress,
        )

    # Waiting

    def deadline(self) -> float:
        """Return the clock's time at which the task stops waiting."""
        return self.waiter.deadline()

    def wait_until(
        self,
        read: t.Callable[[], T],
        is_reached: t.Callable[[T], bool],
        describe: t.Callable[[T], str],
        limit: float | None = None,
        what: str = "",
    ) -> T:
        """Return the result of ``read`` once ``is_reached`` accepts it. Raises ClusterError on timeout.

        ``limit`` bounds the wait in seconds, besides the task's own deadline. Temporarily failed reads are repeated.
        """

        known = {"name": f"{self.noun} {self.name}", "state": None}

        def read_row(_resource_id: str, _seconds: float) -> Row:
            value = read()
            return {**known, "state": describe(value), "value": value}

        wait = self.waiter.poll_until(
            "",
            known,
            lambda row: row is not None and is_reached(row["value"]),
            what,
            look_first=True,
            limit=limit,
        )
        with heartbeat(self.task):
            row = run_sync(wait, read_row, self.task.clock)
        return t.cast(T, row and row["value"])

    def read_running(self, api: PlatformApi, read: t.Callable[[], T]) -> T:
        """Return what a read of the session's workspace returns. If that still starts, wait until it runs.

        Raises the refusal of a workspace that runs, and StartingError in check mode.
        """
        workspace_id = api.session.workspace_id
        try:
            return read()
        except ApiError as refusal:
            try:
                state = api.get_workspace(workspace_id).get("workspace_status")
            except Failure:
                raise refusal from None
            if state != "STARTING":
                raise
        if self.task.check_mode:
            raise StartingError
        wait_for_running(self, api, workspace_id)
        return read()

    def exactly_once(
        self,
        kind: ResourceKind,
        send_create: t.Callable[[t.Callable[[], str | None]], str],
        list_ids: t.Callable[[], t.Iterable[str]],
        name: str | None,
    ) -> ExactlyOnce:
        """Return an object that creates one resource of a name until the task's deadline."""
        return ExactlyOnce(
            resource_kind=kind,
            send_create=send_create,
            list_ids=list_ids,
            clock=self.task.clock,
            deadline=self.deadline(),
            retries=int(self.task.params.get("retries", 5)),
            warn=self.task.warn,
            display_name=f"{kind.name} {name!r}",
        )

    def find_after_refusal(self, refusal: ApiError, find: t.Callable[[], T | None]) -> T:
        """Return what ``find`` finds after a refused create: an earlier run may have been killed after its create.

        If the refusal says that it exists, wait for lists that lag behind. Raises the refusal if there is nothing.
        """
        clock = self.task.clock
        says_so = any(word in f"{refusal.code} {refusal}".casefold() for word in _EXISTS_WORDS)
        ends = clock.monotonic() + (SHORT_SEARCH_SECONDS if says_so else 0.0)
        while True:
            found = find()
            if found:
                self.adopted = f"the create was refused ({refusal}), and the {self.noun} was there"
                return found
            if clock.monotonic() >= ends:
                raise refusal
            clock.sleep(1.0)

    def write(self, send: t.Callable[[], None]) -> None:
        """Send a write, and send it again while another one in the same workspace is in progress."""
        clock = self.task.clock
        while True:
            try:
                return send()
            except ApiError as error:  # noqa: PERF203
                overlaps = error.code == "Error.Internal" and "queue" in str(error)
                if not overlaps or clock.monotonic() + OVERLAP_PAUSE > self.deadline():
                    raise
                self.task.progress(f"{self.noun} {self.name}: another edit is in progress, trying again")
                clock.sleep(OVERLAP_PAUSE)

    # Results

    def build_result(self, actions: list[str], message: str) -> Result:
        """Return the result of a successful task, or the expected result in check mode."""
        result: Result = {
            "changed": bool(actions),
            "msg": message,
            "actions": actions,
            "changes": [change.to_result() for change in self.changes],
            "diff": {
                "before": self.before,
                "after": self.after,
                "before_header": f"{self.noun} {self.name}",
                "after_header": f"{self.noun} {self.name}",
            },
            **self.known,
        }
        if self.adopted:
            result["adopted"] = self.adopted
        return self.task.secrets.redact(result)

    def plan_text(self, actions: list[str]) -> str:
        """Return the plan in one line."""
        changes = ", ".join(change.to_text() for change in self.changes if change.field != "force")
        todo = ", ".join(actions) or "no change"
        return f"{self.noun} {self.name}: {todo}" + (f"; {changes}" if changes and actions else "")

    def build_failure(self, failure: Failure) -> TaskFailed:
        """Return the failure of the task, with the result so far."""
        result: Result = {"changed": bool(self.done), "actions": list(self.done), **self.known}
        if isinstance(failure, ParameterError) and self.doing == "look up":
            doing = f"The options of the {self.noun} {self.name!r} cannot be used"
        else:
            doing = f"Could not {self.doing} the {self.noun} {self.name!r}"
        return task_failure(self.task, doing, failure, result)

    def builds_on_create(self) -> Result:
        """Return the result in check mode for a task whose workspace a run would create."""
        self.after = {"name": self.name}
        text = f"{self.noun} {self.name}: {', '.join(self.creates)}; it requires a workspace that does not run yet"
        return self.build_result(self.creates, text)


def run_work(
    task: TaskContext,
    work: Work,
    check: t.Callable[[], None],
    converge: t.Callable[[PlatformApi], Result],
    needs_workspace: bool = True,
) -> Result:
    """Check the options, open a session and run ``converge``. Raises TaskFailed."""
    try:
        builds_on_workspace = builds_on_create(task, "workspace_id")
        problems = Problems()
        with problems:
            check()
        problems += seconds_problems(task.params, wait_timeout=0, wait_interval=0.01)
        if not builds_on_workspace:
            with problems:
                resolve_settings(task.params, task.environ, needs_workspace)
        problems.raise_any()
        if builds_on_workspace:
            return work.builds_on_create()
        with open_session(task, needs_workspace=needs_workspace) as session:
            return converge(PlatformApi(session, option_or_env("region", task.params, task.environ)))
    except StartingError:
        return work.builds_on_create()
    except Failure as failure:
        raise work.build_failure(failure) from None


def read_new_workspace(work: Work, api: PlatformApi, workspace_id: str) -> Workspace:
    """Return a workspace that was just created: for a while, reads may not find it."""
    ends = work.task.clock.monotonic() + CONVERGE_SECONDS

    def read() -> Workspace:
        try:
            return api.get_workspace(workspace_id)
        except ApiError as error:
            if not 400 <= (error.http_status or 0) < 500 or work.task.clock.monotonic() >= ends:
                raise
            return {}

    return work.wait_until(read, bool, lambda _row: "not readable yet", what="for it to appear")


def wait_for_running(work: Work, api: PlatformApi, workspace_id: str) -> Workspace:
    """Return a workspace once it is RUNNING. Raises ClusterError at once if it can never be."""

    def is_running(row: Workspace) -> bool:
        state = str(row.get("workspace_status")).upper()
        if state in ("TERMINATING", "TERMINATED"):
            shown = workspace_to_result(row)
            said = shown["fail_reason"] or shown["state_change_reason"] or "the service returns no reason"
            raise ClusterError(
                f"the workspace is {state}, so it will not run: {said}",
                "WorkspaceTerminated",
                hint="fix the reported problem, and run the task again: it creates another workspace",
            )
        return state == "RUNNING"

    return work.wait_until(
        lambda: api.get_workspace(workspace_id),
        is_running,
        lambda row: f"workspace is {row.get('workspace_status')}",
        what="for the workspace to run",
    )


def capacity_delta(had: t.Sequence[int | None], has: t.Sequence[int | None]) -> Row:
    """Return the growth in CU: of the guaranteed, the declared, and the largest size, in this order."""
    sizes = {}
    for bound, one, other in zip(BOUNDS, had, has, strict=True):
        more = None if one is None or other is None else Decimal(other - one)
        sizes[bound] = Resources(more, None if more is None else more * 4, more)
    return dict(bounds_to_result(sizes))


def check_max_cu(params: Params, had: int | None, has: int, what: str) -> None:
    """Raise ClusterError if the growth exceeds the guardrail ``max_cu``."""
    most = params.get("max_cu")
    if most is not None and has > most and has > (had or 0):
        raise guardrail_error(f"max_cu: {what} would have {has} CU, and at most {most:g} are allowed")


def not_converged(field: str, declared: object, stored: object, hint: str) -> ClusterError:
    """Return the error for a successful write that reads do not show."""
    return ClusterError(
        f"{field}: declared {declared!r}, but the service still has {stored!r} after the change", "NotConverged", hint
    )
