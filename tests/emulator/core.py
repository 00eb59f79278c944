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
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from . import responses
from .clock import Clock
from .discovery import Catalog
from .errors import ApiError, gateway_error
from .faults import Fault, Faults
from .ground import Ground
from .jobs import JobService
from .journal import Entry
from .limits import FlowControl, Limits
from .logs import LogService
from .operations import Operations
from .oss import PREFIX as OSS_PREFIX
from .oss import Oss, Presigner
from .platform_service import Platform
from .ray_gateway import PREFIX as RAY_PREFIX
from .ray_gateway import Gateway, Passage
from .rayjobs import FakeRay
from .responses import Context, Response
from .routes import REQUEST_IDS, Route, match
from .rules import Rules, Timing
from .service import RayService
from .service_address import ServiceAddress
from .service_description import ServiceDescription
from .signature import Account, Signed, Verifier

if TYPE_CHECKING:
    from .real_ray import RealRay

ACCESS_KEY_ID = "emulator-access-key"
ACCESS_KEY_SECRET = "emulator-access-secret"
STS_KEY_ID = "emulator-sts-key"
STS_KEY_SECRET = "emulator-sts-secret"
STS_TOKEN = "emulator-sts-token"
WORKSPACE = "w-emulator"
# The name under which faults and the journal know a request for a log file.
OSS = "OssGetObject"


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
    latency: float = 0.0
    passage: Passage | None = None

    def pause(self, when: str) -> float:
        """Return how many seconds to wait before or after the effect."""
        seconds = self.latency if when == "before" else 0.0
        slow = self.modifiers.get("slow")
        return seconds + (float(slow.params["seconds"]) if slow and slow.params["when"] == when else 0.0)


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
        limits: Limits | None = None,
        region: str = "cn-hangzhou",
        ticks: Callable[[], float] = time.monotonic,
        real_ray: bool = False,
    ) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.rules = rules or Rules()
        self.timing = timing or Timing()
        self.limits = limits or Limits()
        self.site = ServiceAddress(region)
        self.wall, self.ticks = wall, ticks
        self._first_workspaces = tuple(workspaces)
        self.service = RayService(
            rules=self.rules, timing=self.timing, clock=self.clock, workspaces=self._first_workspaces, site=self.site
        )
        self.jobs = JobService(self.service)
        self.catalog = Catalog(self.site, self.rules)
        self.catalog.reset(self._first_workspaces)
        presigner = Presigner(uuid.uuid4().hex, wall)
        self.logs = LogService(self.jobs, self.rules, self.site, presigner)
        self.oss = Oss(presigner, self.logs.content, lambda: self.rules.oss_bad_range)
        self.gateway = Gateway(self.service, FakeRay(self.service, self.jobs.plans.take))
        ground = Ground(self.catalog, self.service, self.rules, self.timing, self.clock, self.service.rng)
        self.platform = Platform(ground)
        self.operations = Operations(self.service, self.jobs, self.logs, self.catalog, self.clock, self.platform)
        self.flow = FlowControl(self.limits, ticks)
        self.verifier = Verifier(default_accounts() if accounts is None else accounts, wall)
        self.faults = Faults()
        self.journal: list[Entry] = []
        self.denied: set[str] = set()
        self.denied_code = "NoPermission"
        self.real_ray: RealRay | None = None
        if real_ray:
            from .real_ray import RealRay

            self.real_ray = RealRay(self.service)
            self.service.begin_head, self.gateway.heads = self.real_ray.begin, self.real_ray.address
            self.jobs.runner = self.real_ray.run_job

    # Controls for tests and the control API

    def add_fault(self, fault: Fault) -> Fault:
        """Queue a fault and take the snapshots that it needs."""
        with self.lock:
            self.operations.remember(fault)
            return self.faults.add(fault, self.clock())

    def behave(self, described: ServiceDescription) -> None:
        """Behave as described: change these rules, durations and limits, and queue these faults; raises ValueError."""
        with self.lock:
            self.rules.set(described.rules)
            self.timing.set(described.timing)
            self.limits.set(described.limits)
            for fault in described.faults:
                self.add_fault(Fault.of(**fault))

    def set_workspace(self, workspace_id: str, fields: dict[str, Any]) -> None:
        """Add or change a workspace: wire fields, `queues` and `networkServices`; raises TypeError for bad rows."""
        with self.lock:
            self.catalog.set_workspace(workspace_id, **fields)
            if "queues" in fields:
                self.platform.queues.forget(workspace_id)
            self.service.workspaces.setdefault(workspace_id, {})

    def reset(self, *, rules: bool = False) -> None:
        """Forget clusters, jobs, faults, journal, nonces and denials; workspaces and what is around them are as at the
        start; with `rules`, rules, timing and limits have their defaults again."""
        with self.lock:
            if rules:
                self.rules.set(Rules().as_dict())
                self.timing.set(Timing().as_dict())
                self.limits.set(Limits().as_dict())
            self.flow.forget()
            self.service.workspaces = {name: {} for name in self._first_workspaces}
            self.service.lists.forget()
            self.catalog.reset(self._first_workspaces)
            self.platform.clear()
            self.jobs.clear()
            self.gateway.fake.clear()
            if self.real_ray:
                self.real_ray.close()
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
            if request.raw_path.startswith((OSS_PREFIX, RAY_PREFIX)):
                self._pass_unsigned(ticket)
                return ticket
            try:
                self._pass_gateway(ticket)
            except ApiError as error:
                ticket.error = error
            return ticket

    def _pass_unsigned(self, ticket: Ticket) -> None:
        """Log files and a cluster's own endpoint have their own keys; faults meet them by name only."""
        request, operation = ticket.context.request, OSS
        if request.raw_path.startswith(RAY_PREFIX):
            ticket.passage = self.gateway.passage(request)
            operation = ticket.passage.operation
        ticket.entry.operation = operation
        ticket.modifiers, ticket.outcome = self.faults.take(operation, self.clock(), signed=False)
        self._note(ticket)

    def _pass_gateway(self, ticket: Ticket) -> None:
        request = ticket.context.request
        ticket.route = route = match(request.method, request.raw_path)
        ticket.entry.operation = route.operation
        ticket.modifiers, outcome = self.faults.take(
            route.operation, self.clock(), state=lambda: self.operations.state_of(route)
        )
        skew = ticket.modifiers.get("skew")
        account = self.verifier.verify(request, route.operation, skew.params["seconds"] if skew else 0.0)
        ticket.entry.signed_ok = True
        ticket.latency = self.limits.latency
        self._check_permission(route.operation, account)
        ticket.outcome = self.flow.check() or outcome
        self._note(ticket)

    @staticmethod
    def _note(ticket: Ticket) -> None:
        """Count the outcome as fired, and write down what plays."""
        if ticket.outcome:
            ticket.outcome.fired += 1
        ticket.entry.faults = [*ticket.modifiers, *([ticket.outcome.kind] if ticket.outcome else [])]

    def execute(self, ticket: Ticket, forwarded: Response | None = None) -> Response:
        """Carry the operation out, unless a fault forbids it, and return what the client gets to see.

        `forwarded` is the answer of a real Ray head, where the request went there.
        """
        with self.lock:
            answer = self._answer(ticket, forwarded)
            if self.real_ray:
                self.real_ray.sweep()
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
            arrived=self.ticks(),
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

    def _answer(self, ticket: Ticket, forwarded: Response | None) -> Response:
        context = ticket.context
        context.pascal = self.rules.error_style == "pascal"
        if ticket.error is not None:
            return responses.of_error(ticket.error, context)
        outcome = ticket.outcome
        real: Response | None = None
        if outcome is None or outcome.params["effect"]:
            real = forwarded or self._carry_out(ticket)
        if outcome is not None:
            return responses.of_fault(outcome, context, real)
        return real or responses.of_data({})

    def _carry_out(self, ticket: Ticket) -> Response:
        context, route = ticket.context, ticket.route
        if ticket.passage is not None:
            return self.gateway.answer(ticket.passage, context.request)
        if route is None:
            return self.oss.answer(context.request)
        try:
            body = _body_of(context.request)
            result = self.operations.carry_out(route, ticket.entry.query, body, ticket.modifiers)
        except ApiError as error:
            return responses.of_error(error, context)
        return responses.of_result(result, context.request_id, REQUEST_IDS.get(route.operation, ("requestId",)))

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
