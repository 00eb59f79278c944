# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unsigned control API under /_emulator: read the state, change rules, inject faults, and change clusters."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from .cluster_views import get_view
from .core import WORKSPACE, Core
from .errors import ApiError
from .faults import Fault
from .model import Json
from .signature import Account

Handler = Callable[[Core, Any, str], Any]


def state(core: Core, body: Any = None, target: str = "") -> Json:
    """Return rules, timing, limits, clusters, jobs, pending faults and the length of the journal."""
    service = core.service
    clusters = {name: [service.get(name, key) for key in list(found)] for name, found in service.workspaces.items()}
    return {
        "rules": core.rules.as_dict(),
        "timing": core.timing.as_dict(),
        "limits": core.limits.as_dict(),
        "clock": core.clock(),
        "denied": sorted(core.denied),
        "faults": [fault.as_dict() for fault in core.faults.queue if not fault.spent],
        "requests": len(core.journal),
        "workspaces": clusters,
        "jobs": {name: [core.jobs.get(name, job.submission_id) for job in core.jobs.all(name)] for name in clusters},
    }


def set_rules(core: Core, body: Any, target: str) -> Json:
    """Change some rules."""
    core.rules.set(body)
    return core.rules.as_dict()


def set_timing(core: Core, body: Any, target: str) -> Json:
    """Change some durations."""
    core.timing.set(body)
    return core.timing.as_dict()


def set_limits(core: Core, body: Any, target: str) -> Json:
    """Change the flow control and the latency."""
    core.limits.set(body)
    return core.limits.as_dict()


def set_clock(core: Core, body: Any, target: str) -> Json:
    """Jump ahead in time, so that movements end: {"advance": seconds}."""
    core.clock.advance(float(body["advance"]))
    return {"clock": core.clock()}


def set_denied(core: Core, body: Any, target: str) -> Json:
    """Replace the list of operations that the account may not call: {"operations": [...], "code": "..."}."""
    core.denied = {str(name) for name in body["operations"]}
    core.denied_code = str(body.get("code", "NoPermission"))
    return {"operations": sorted(core.denied), "code": core.denied_code}


def set_accounts(core: Core, body: Any, target: str) -> Json:
    """Add or change access keys: [{access_key_id, access_key_secret, security_token?, expired?}]."""
    accounts = [Account(**item) for item in body]
    core.verifier.accounts.update({account.access_key_id: account for account in accounts})
    return {"access_key_ids": sorted(core.verifier.accounts)}


def add_faults(core: Core, body: Any, target: str) -> Json:
    """Queue one fault or a list of them."""
    faults = [Fault.of(**item) for item in (body if isinstance(body, list) else [body])]
    return {"faults": [core.add_fault(fault).as_dict() for fault in faults]}


def list_faults(core: Core, body: Any, target: str) -> Json:
    """Return the faults that are still waiting."""
    return {"faults": [fault.as_dict() for fault in core.faults.queue if not fault.spent]}


def clear_faults(core: Core, body: Any, target: str) -> Json:
    """Drop all faults."""
    core.faults.clear()
    return {}


def reset(core: Core, body: Any, target: str) -> Json:
    """Forget clusters, faults, journal, nonces and denials; {"rules": true}: rules and timing are defaults again."""
    core.reset(rules=bool(body.get("rules", False)))
    return {}


def list_requests(core: Core, body: Any, target: str) -> Json:
    """Return the journal."""
    return {"requests": [entry.as_dict() for entry in core.journal]}


def clear_requests(core: Core, body: Any, target: str) -> Json:
    """Empty the journal."""
    core.journal.clear()
    return {}


def seed(core: Core, body: Any, target: str) -> Json:
    """Add clusters: {name, count?, spec?, state?, workspace_id?}."""
    return {"ids": core.service.seed(**body)}


def patch(core: Core, body: Any, target: str) -> Json:
    """Change a cluster behind everyone's back."""
    return get_view(core.service.patch(target, body), core.rules, core.site)


def remove(core: Core, body: Any, target: str) -> Json:
    """Let a cluster vanish."""
    core.service.remove(target)
    return {}


def submit(core: Core, body: Any, target: str) -> Json:
    """Submit a job behind the clients' back: wire fields, and workspace_id."""
    fields = dict(body)
    name, workspace_id = str(fields.pop("name", "job")), str(fields.pop("workspace_id", WORKSPACE))
    return {"id": core.jobs.seed(name, workspace_id, fields)}


def patch_job(core: Core, body: Any, target: str) -> Json:
    """Change a job behind everyone's back."""
    job = core.jobs.patch(target, body)
    return core.jobs.get(job.workspace_id, target)


def plan_job(core: Core, body: Any, target: str) -> Json:
    """Say how the next job goes: {name?, times?, status?, message?, exit_code?, log?, files?, seconds?, ...}."""
    return asdict(core.jobs.plans.add(body))


def set_workspace(core: Core, body: Any, target: str) -> Json:
    """Add or change a workspace: wire fields, queues, networkServices."""
    core.set_workspace(target, body)
    lists = {"queues": core.catalog.queues[target], "networkServices": core.catalog.networks[target]}
    return core.catalog.workspaces[target] | lists


def set_releases(core: Core, body: Any, target: str) -> Json:
    """Replace the release versions: a list of display names or objects."""
    return {"releaseVersions": core.catalog.set_releases(body)}


HANDLERS: dict[tuple[str, str], Handler] = {
    ("GET", "/"): state,
    ("GET", "/state"): state,
    ("PUT", "/rules"): set_rules,
    ("PUT", "/timing"): set_timing,
    ("PUT", "/limits"): set_limits,
    ("PUT", "/clock"): set_clock,
    ("PUT", "/denied"): set_denied,
    ("PUT", "/accounts"): set_accounts,
    ("POST", "/faults"): add_faults,
    ("GET", "/faults"): list_faults,
    ("DELETE", "/faults"): clear_faults,
    ("POST", "/reset"): reset,
    ("GET", "/requests"): list_requests,
    ("DELETE", "/requests"): clear_requests,
    ("POST", "/clusters"): seed,
    ("PATCH", "/clusters/{target}"): patch,
    ("DELETE", "/clusters/{target}"): remove,
    ("POST", "/jobs"): submit,
    ("PATCH", "/jobs/{target}"): patch_job,
    ("POST", "/plans"): plan_job,
    ("PUT", "/workspaces/{target}"): set_workspace,
    ("PUT", "/releases"): set_releases,
}


def _endpoint(core: Core, handler: Handler) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> JSONResponse:
        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
            with core.lock:
                return JSONResponse(handler(core, body, str(request.path_params.get("target", ""))))
        except KeyError as error:
            return JSONResponse({"error": f"not found or missing: {error}"}, status_code=404)
        except (ApiError, ValueError, TypeError, AttributeError) as error:
            return JSONResponse({"error": str(error)}, status_code=400)

    return endpoint


def routes(core: Core) -> list[Route]:
    """Return the Starlette routes of the control API, relative to its prefix."""
    return [Route(path, _endpoint(core, handler), methods=[method]) for (method, path), handler in HANDLERS.items()]
