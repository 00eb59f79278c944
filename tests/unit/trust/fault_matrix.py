# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenarios and faults of the matrix, as data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.unit.trust.harness import CLUSTER_NAME, InvariantHarness, Json

CREATE, UPDATE = "CreateRayCluster", "UpdateRayCluster"
LIST, GET = "ListRayCluster", "GetRayCluster"
START, STOP, DELETE = "StartRayCluster", "StopRayCluster", "DeleteRayCluster"


@dataclass
class FaultScenario:
    """One way of a task: what is there before, what is declared, and which specs may be stored at any moment."""

    operations: tuple[str, ...]
    set_up: Callable[[InvariantHarness], Any]
    options: Callable[[InvariantHarness], Json]
    allowed_specs: Callable[[InvariantHarness], list[Json]]
    # What a run after it declares: a restart is due every time, so it ends in its state.
    rerun_options: Json | None = None

    def options_for_rerun(self, harness: InvariantHarness) -> Json:
        """Return the options of the runs after the first."""
        return self.options(harness) | (self.rerun_options or {})


def _drifted_spec(harness: InvariantHarness) -> Json:
    """Return what is stored before the update: one field differs, one was set behind our back and is not declared."""
    return harness.full_stored_spec(description="somebody else's", networkServiceName="set behind our back")


def _partial_options(harness: InvariantHarness) -> Json:
    """Declare one field of many; all others must survive."""
    return {"name": CLUSTER_NAME, "description": "ours"}


def _old_and_new_spec(harness: InvariantHarness) -> list[Json]:
    return [_drifted_spec(harness), _drifted_spec(harness) | {"description": "ours"}]


SCENARIOS: dict[str, FaultScenario] = {
    "create": FaultScenario(
        (LIST, CREATE, GET), lambda w: None, lambda w: w.full_options(), lambda w: [w.full_stored_spec()]
    ),
    "update": FaultScenario(
        (LIST, GET, UPDATE),
        lambda w: w.seed_cluster("Running", **_drifted_spec(w)),
        _partial_options,
        _old_and_new_spec,
    ),
    "started": FaultScenario(
        (LIST, GET, UPDATE, START),
        lambda w: w.seed_cluster("Stopped", **_drifted_spec(w)),
        lambda w: _partial_options(w) | {"state": "started"},
        _old_and_new_spec,
    ),
    "stopped": FaultScenario(
        (LIST, GET, STOP),
        lambda w: w.seed_cluster("Running"),
        lambda w: w.full_options(state="stopped"),
        lambda w: [w.full_stored_spec()],
    ),
    "restarted": FaultScenario(
        (LIST, GET, STOP, START),
        lambda w: w.seed_cluster("Running"),
        lambda w: w.full_options(state="restarted"),
        lambda w: [w.full_stored_spec()],
        rerun_options={"state": "started"},
    ),
    "absent": FaultScenario(
        (LIST, GET, STOP, DELETE),
        lambda w: w.seed_cluster("Running"),
        lambda w: {"name": CLUSTER_NAME, "state": "absent"},
        lambda w: [w.full_stored_spec()],
    ),
}

RETRY_HINTS = (("x-acs-retry-after", 1500), ("x-ratelimit-user-api", 1500), ("retry-after", 2))
# Seconds of the clusters' time that a slow answer takes, and real ones after which the attempt gives up.
SLOW, PATIENCE = 8.0, 0.25

# Faults by a short name; `effect` says whether the service did what it was asked for all the same.
FAULTS: dict[str, Json] = {
    "throttle": {"kind": "throttle"},
    **{f"throttle {hint}": {"kind": "throttle", "hint": hint, "value": value} for hint, value in RETRY_HINTS},
    "throttle 429": {"kind": "throttle", "status": 429, "code": "Throttling.Api"},
    "throttle 503": {"kind": "throttle", "status": 503, "code": "Throttling", "hint": "retry-after", "value": 1},
    "throttle late": {"kind": "throttle", "hint": "x-acs-retry-after", "value": 10_000_000},
    "throttle zero": {"kind": "throttle", "hint": "x-acs-retry-after", "value": 0},
    "throttle nonsense": {"kind": "throttle", "hint": "x-acs-retry-after", "value": "soon"},
    "denied": {"kind": "error"},
    "http_500": {"kind": "http_500"},
    "html_502": {"kind": "html_502"},
    "unavailable_503": {"kind": "unavailable_503"},
    "cut_before": {"kind": "cut_before"},
    "cut_after": {"kind": "cut_after"},
    "cut_during": {"kind": "cut_during"},
    "after_effect_error": {"kind": "after_effect_error"},
    "after_effect_504": {"kind": "after_effect_error", "status": 504, "code": None, "message": "gateway time-out"},
    "empty_body": {"kind": "empty_body"},
    "empty_body 502": {"kind": "empty_body", "status": 502},
    "broken_json": {"kind": "broken_json"},
    "missing_code": {"kind": "missing_code"},
    "missing_code 404": {"kind": "missing_code", "status": 404},
    "missing_code 500": {"kind": "missing_code", "status": 500},
    "wrong_types": {"kind": "wrong_types"},
    "unknown_fields": {"kind": "unknown_fields"},
    "unknown_state": {"kind": "unknown_state"},
    "no state": {"kind": "unknown_state", "state": ""},
    "expired_token": {"kind": "expired_token"},
    "signature_echo": {"kind": "signature_echo"},
    "deep_json": {"kind": "deep_json", "depth": 100_000},
    "nested_json": {"kind": "deep_json", "depth": 600},
    "huge_body": {"kind": "huge_body", "bytes": 17_000_000},
    "big_body": {"kind": "huge_body", "bytes": 300_000},
    "redirect": {"kind": "redirect"},
    "redirect 307": {"kind": "redirect", "status": 307},
    "drip": {"kind": "drip", "seconds": 0.0, "bytes": 64},
    "slow before": {"kind": "slow", "seconds": SLOW, "when": "before"},
    "slow after": {"kind": "slow", "seconds": SLOW, "when": "after"},
    "skew ahead": {"kind": "skew", "seconds": 7200},
    "skew behind": {"kind": "skew", "seconds": -7200},
    # Done, and answered as if it were not, or the other way round.
    "throttle, done": {"kind": "throttle", "effect": True},
    "denied, done": {"kind": "error", "effect": True},
    "http_500, done": {"kind": "http_500", "effect": True},
    "html_502, done": {"kind": "html_502", "effect": True},
    "unavailable_503, done": {"kind": "unavailable_503", "effect": True},
    "empty_body, not done": {"kind": "empty_body", "effect": False},
    "broken_json, not done": {"kind": "broken_json", "effect": False},
    "after_effect_error, not done": {"kind": "after_effect_error", "effect": False},
    "missing_code, done": {"kind": "missing_code", "effect": True},
    "expired_token, done": {"kind": "expired_token", "effect": True},
    "signature_echo, done": {"kind": "signature_echo", "effect": True},
    "redirect, done": {"kind": "redirect", "effect": True},
}
LIST_FAULTS: dict[str, Json] = {
    "stale_list": {"kind": "stale_list", "times": 3},
    "stale_list for a while": {"kind": "stale_list", "seconds": 20},
    "hide_new for a while": {"kind": "hide_new", "seconds": 20},
    "hide_new for some lists": {"kind": "hide_new", "lists": 2},
}
CREATE_FAULTS: dict[str, Json] = {
    "twin before": {"kind": "twin", "when": "before"},
    "twin after": {"kind": "twin", "when": "after"},
}
# How often a fault strikes: the first time, the second and third, or for good.
FAULT_TIMINGS: dict[str, Json] = {"once": {}, "later": {"after": 1, "times": 2}, "always": {"times": None}}


def faults_for(operation: str) -> dict[str, Json]:
    """Return the faults that a request of an operation can meet."""
    extra = {LIST: LIST_FAULTS, CREATE: CREATE_FAULTS}.get(operation, {})
    return FAULTS | extra
