# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator without sockets: gateway (routes, signatures, permissions, faults, journal) in front of the service."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from . import answers
from .answers import Answer, Context
from .clock import Clock
from .errors import ApiError, gateway_error
from .faults import Fault, Faults
from .journal import Entry
from .model import Json
from .routes import Route, match
from .rules import Rules, Timing
from .service import RayService
from .signature import Account, Signed, Verifier

ACCESS_KEY_ID = "emulator-access-key"
ACCESS_KEY_SECRET = "emulator-access-secret"
STS_KEY_ID = "emulator-sts-key"
STS_KEY_SECRET = "emulator-sts-secret"
STS_TOKEN = "emulator-sts-token"
WORKSPACE = "w-emulator"


def default_accounts() -> list[Account]:
    """Return the long-lived and the temporary key that the emulator knows unless told otherwise."""
    return [Account(ACCESS_KEY_ID, ACCESS_KEY_SECRET), Account(STS_KEY_ID, STS_KEY_SECRET, STS_TOKEN)]


@dataclass
class Ticket:
    """A request that has passed the gateway, or is going to be answered with `error`."""

    context: Context
    entry: Entry
    route: Route | None = None
    error: ApiError | None = None
    modifiers: dict[str, Fault] = field(default_factory=dict)
    outcome: Fault | None = None

    def pause(self, when: str) -> float:
        """Return how many seconds to wait before or after the effect."""
        slow = self.modifiers.get("slow")
        return float(slow.params["seconds"]) if slow and slow.params["when"] == when else 0.0


class Core:
    """Everything behind the socket. `admit`, then `execute` handle a request; the lock guards all state."""

    def __init__(
        self,
        *,
        rules: Rules | None = None,
        timing: Timing | None = None,
        clock: Clock | None = None,
        wall: Callable[[], float] = time.time,
        accounts: Iterable[Account] | None = None,
        workspaces: Iterable[str] = (WORKSPACE,),
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.rules = rules or Rules()
        self.timing = timing or Timing()
        self.service = RayService(rules=self.rules, timing=self.timing, clock=self.clock, workspaces=workspaces)
        self.wall = wall
        self.verifier = Verifier(default_accounts() if accounts is None else accounts, wall)
        self.faults = Faults()
        self.journal: list[Entry] = []
        self.denied: set[str] = set()
        self.denied_code = "NoPermission"

    # Hands for tests and the control API

    def add_fault(self, fault: Fault) -> Fault:
        """Queue a fault and take the snapshots that it needs."""
        with self.lock:
            if fault.kind == "stale_list":
                names = self.service.workspaces
                fault.memory["rows"] = {name: self.service.rows(name) for name in names}
            if fault.kind == "hide_new":
                known = {key for clusters in self.service.workspaces.values() for key in clusters}
                fault.memory |= {"known": known, "seen": {}}
            return self.faults.add(fault, self.clock())

    def reset(self, *, rules: bool = False) -> None:
        """Forget clusters, faults, journal, nonces and denials; with `rules`, put rules and timing back to defaults."""
        with self.lock:
            if rules:
                self.rules.set(Rules().as_dict())
                self.timing.set(Timing().as_dict())
            self.service.clear()
            self.faults.clear()
            self.journal.clear()
            self.verifier.forget()
            self.denied.clear()

    # Requests

    def admit(self, request: Signed) -> Ticket:
        """Do what the gateway does before the service hears of a request: route, verify, deny, pick the faults."""
        with self.lock:
            ticket = self._ticket(request)
            self.journal.append(ticket.entry)
            try:
                ticket.route = route = match(request.method, request.raw_path)
                ticket.entry.operation = route.operation
                ticket.modifiers, outcome = self.faults.take(route.operation, self.clock())
                skew = ticket.modifiers.get("skew")
                account = self.verifier.verify(request, route.operation, skew.params["seconds"] if skew else 0.0)
                ticket.entry.signed_ok = True
                self._check_permission(route.operation, account)
                ticket.outcome = outcome
                if outcome:
                    outcome.fired += 1
                ticket.entry.faults = [*ticket.modifiers, *([outcome.kind] if outcome else [])]
            except ApiError as error:
                ticket.error = error
            return ticket

    def execute(self, ticket: Ticket) -> Answer:
        """Carry the operation out, unless a fault forbids it, and return what the client gets to see."""
        with self.lock:
            answer = self._answer(ticket)
            ticket.entry.status = answer.status
            ticket.entry.code = answer.code
        answer.headers |= {"x-acs-request-id": ticket.context.request_id, "date": self._date(ticket)}
        return answer

    def _ticket(self, request: Signed) -> Ticket:
        context = Context(request, str(uuid.uuid4()).upper(), self.rules.error_style == "pascal")
        query = dict(parse_qsl(request.raw_query, keep_blank_values=True))
        entry = Entry(
            operation="Unknown",
            method=request.method,
            path=request.raw_path,
            query=query,
            body=_for_journal(request.body),
            headers=dict(request.headers),
            time=self.clock(),
            peer=request.peer,
        )
        return Ticket(context, entry)

    def _check_permission(self, operation: str, account: Account) -> None:
        if operation not in self.denied and "*" not in self.denied:
            return
        detail = {
            "AuthAction": f"emr-serverless-spark:{operation}",
            "AuthPrincipalType": "SubUser",
            "AuthPrincipalDisplayName": account.access_key_id,
            "AuthPrincipalOwnerId": "100000000000000001",
            "NoPermissionType": "ImplicitDeny",
            "PolicyType": "AccountLevelIdentityBasedPolicy",
            "EncodedDiagnosticMessage": "AQFohtp4aIbaeEVNVUxBVE9S",
        }
        message = "You are not authorized to perform this operation."
        raise gateway_error(403, self.denied_code, message, AccessDeniedDetail=detail)

    def _answer(self, ticket: Ticket) -> Answer:
        context = ticket.context
        context.pascal = self.rules.error_style == "pascal"
        if ticket.error is not None or ticket.route is None:
            return answers.of_error(ticket.error or gateway_error(500, "InternalError", "no route"), context)
        outcome = ticket.outcome
        real: Answer | None = None
        if outcome is None or outcome.params["effect"]:
            try:
                data = self._operate(ticket, ticket.route)
                real = answers.of_data({"requestId": context.request_id, **data})
            except ApiError as error:
                real = answers.of_error(error, context)
        if outcome is not None:
            return answers.of_fault(outcome, context, real)
        return real or answers.of_data({})

    def _operate(self, ticket: Ticket, route: Route) -> Json:
        body = _body_of(ticket.context.request)
        service, ids = self.service, (route.workspace_id, route.cluster_id)
        operations: dict[str, Callable[[], Json]] = {
            "CreateRayCluster": lambda: self._create(ids[0], body, ticket.modifiers.get("twin")),
            "ListRayCluster": lambda: service.list_page(ids[0], ticket.entry.query, self._rows(ticket, ids[0])),
            "GetRayCluster": lambda: service.get(*ids),
            "UpdateRayCluster": lambda: service.update(*ids, body),
            "DeleteRayCluster": lambda: service.delete(*ids),
            "StartRayCluster": lambda: service.start(*ids, body),
            "StopRayCluster": lambda: service.stop(*ids, body),
        }
        return operations[route.operation]()

    def _create(self, workspace: str, body: Any, twin: Fault | None) -> Json:
        if twin is None or not isinstance(body, dict):
            return self.service.create(workspace, body)
        if twin.params["when"] == "before":
            self._make_twin(workspace, body, twin)
            return self.service.create(workspace, body)
        try:
            return self.service.create(workspace, body)
        finally:
            self._make_twin(workspace, body, twin)

    def _make_twin(self, workspace: str, body: Json, twin: Fault) -> None:
        state = "Starting" if self.rules.created == "starting" else "Stopped"
        (twin_id,) = self.service.seed(str(body.get("name")), spec=dict(body), state=state, workspace_id=workspace)
        self.service.patch(twin_id, {"creatorName": "someone-else", "creator": "200000000000000002"})
        twin.memory.setdefault("ids", []).append(twin_id)

    def _rows(self, ticket: Ticket, workspace: str) -> list[Json] | None:
        """Return the rows that a stale or hiding list shows, or None for the true ones."""
        stale, hide = ticket.modifiers.get("stale_list"), ticket.modifiers.get("hide_new")
        rows: list[Json] | None = None
        if stale:
            rows = stale.memory["rows"].get(workspace)
        if hide:
            first_page = ticket.entry.query.get("pageNum", "1") == "1"
            rows = self.service.rows(workspace) if rows is None else rows
            rows = [row for row in rows if not self._hidden(row, hide, first_page)]
        return rows

    def _hidden(self, row: Json, hide: Fault, first_page: bool) -> bool:
        cluster_id, seen = row["clusterId"], hide.memory["seen"]
        if cluster_id in hide.memory["known"]:
            return False
        if first_page:
            seen[cluster_id] = seen.get(cluster_id, 0) + 1
        lists, seconds = hide.params["lists"], hide.params["seconds"]
        by_count = lists is not None and seen.get(cluster_id, 0) <= lists
        by_time = seconds is not None and self.clock() - row["createTime"] / 1000 < seconds
        return by_count or by_time

    def _date(self, ticket: Ticket) -> str:
        skew = ticket.modifiers.get("skew")
        now = self.wall() + (skew.params["seconds"] if skew else 0.0)
        return time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))


def _body_of(request: Signed) -> Any:
    """Return the parsed body of a request that has one; raises ApiError."""
    if request.method != "POST" or not request.body:
        return {}
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise gateway_error(415, "UnsupportedContentType", "The body must come as application/json.")
    try:
        return json.loads(request.body)
    except (ValueError, RecursionError):
        raise gateway_error(400, "InvalidParameter.Format", "The body is not valid JSON.") from None


def _for_journal(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return body.decode("utf-8", "replace")
