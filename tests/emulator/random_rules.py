# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Random services for property tests: sets of rules and faults, as hypothesis strategies.

`python -m tests.emulator.random_rules --seed 7` prints one as JSON, `python -m tests.emulator --rules-from FILE` plays
it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import Field, fields
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .faults import ACTS
from .model import STATES, Json
from .rules import Rules
from .text_rules import STEPS

WRITES = ("CreateRayCluster", "UpdateRayCluster", "StartRayCluster", "StopRayCluster", "DeleteRayCluster")
OPERATIONS = (*WRITES, "GetRayCluster", "ListRayCluster")
# Codes outside the families that a client may know, with the status they come with. None of them proves that a cluster
# is absent: a service that says so of one that is there cannot be dealt with.
ERRORS = (
    (404, "Service.NotFound"), (403, "NoPermission.ResourceNotFound"), (500, "InstanceNotFound"),
    (503, "UpstreamNotFound"), (400, "RayCluster.InvalidState"), (409, "Conflict"), (408, "RequestTimeout"),
    (302, ""), (400, "OperationDenied"), (404, ""), (423, "Locked"),
)  # fmt: skip
_LOST_FIELDS = (
    "description", "name", "state", "modified", "createTime", "networkServiceName", "displayReleaseVersion",
    "extraParam", "headSpec.env", "headSpec.memory", "workerSpec.queueName", "workerSpec.replica", "workerSpec",
)  # fmt: skip
_IGNORED_FIELDS = ("description", "name", "headSpec.cpu", "headSpec.env", "workerSpec.memory", "workerSpec.replica")
_STATE_NAMES = ("Initializing", "Active", "Terminating", "Ready", "Pending", "Unknown", "")
# The most that a number may be; what is not here is left at its default.
_MOST = {
    "list_hides_new_seconds": 40, "list_hides_new_lists": 2, "list_shows_deleted_seconds": 40,
    "list_shows_deleted_lists": 4, "list_ghosts": 3, "list_page_cap": 50, "reads_behind": 3,
}  # fmt: skip

# Rules that show nothing unless another one is set, too.
_NEEDS: dict[str, Json] = {
    "password_mask": {"redis_password": "masked"},
    "list_shift": {"list_page_cap": 3},
    "list_shift_lists": {"list_shift": "delete", "list_page_cap": 3},
    "list_short_pages": {"list_page_cap": 3},
    "name_taken_code": {"unique_names": "true"},
    "name_taken_status": {"unique_names": "true"},
}

_RULES: dict[str, Field[Any]] = {rule.name: rule for rule in fields(Rules)}


def _steps() -> st.SearchStrategy[str]:
    # A name that shares no letter with the declared one cannot be recognized by anyone.
    step = st.sampled_from([*(step for step in STEPS if step != "hash"), *(f"cut:{count}" for count in (1, 8, 20, 63))])
    return st.lists(step, min_size=1, max_size=3).map("+".join)


@st.composite
def _refusals(draw: st.DrawFn) -> str:
    found = []
    for _number in range(draw(st.integers(1, 2))):
        status, code = draw(st.sampled_from(ERRORS))
        state = draw(st.sampled_from(["", *(f"@{name}" for name in STATES)]))
        done = draw(st.sampled_from(["", " done"]))
        found.append(f"{draw(st.sampled_from(OPERATIONS))}{state} {status}{f' {code}' if code else ''}{done}")
    return "; ".join(found)


def _state_names() -> st.SearchStrategy[str]:
    names = st.dictionaries(st.sampled_from(STATES), st.sampled_from(_STATE_NAMES), min_size=1, max_size=2)
    return names.map(lambda found: ",".join(f"{state}={name}" for state, name in found.items()))


def _some_of(names: Iterable[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(list(names)), min_size=1, max_size=2, unique=True).map(",".join)


def _texts() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "refusals": _refusals(),
        "state_names": _state_names(),
        "update_ignores": _some_of(_IGNORED_FIELDS),
        "omitted_fields": _some_of(_LOST_FIELDS),
        "row_omits": _some_of(_LOST_FIELDS),
        "wrong_state_code": st.sampled_from(["RayCluster.InvalidState", "Conflict", "IncorrectStatus", ""]),
        "wrong_state_status": st.sampled_from([409, 412, 423, 500]),
        "name_taken_code": st.sampled_from(["Conflict", "Duplicate.Name", ""]),
        "name_taken_status": st.sampled_from([409, 422]),
        "list_shift_lists": st.sampled_from([0, 2]),
        "deleted_code": st.sampled_from(
            ["RayCluster.NotExist", "Cluster.NotFound", "NotFound", "Service.NotFound", ""]
        ),
        "deleted_status": st.sampled_from([400, 403, 410, 500]),
    }


def values_of(name: str) -> st.SearchStrategy[Any] | None:
    """Return the values that a rule can have beside its default, or None for a rule that no set has."""
    meta = _RULES[name].metadata
    if "choices" in meta:
        return st.sampled_from(meta["choices"][1:])
    if name.startswith(("stored_", "shown_", "row_name")):
        return _steps()
    if name in _MOST:
        return st.integers(1, _MOST[name])
    return _texts().get(name)


def strange_rules(*, without: Iterable[str] = (), most: int = 6) -> st.SearchStrategy[Json]:
    """Return a strategy for sets of up to `most` rules that are not at their default; it shrinks to fewer rules."""
    known = {name: found for name in _RULES if name not in set(without) and (found := values_of(name)) is not None}

    @st.composite
    def draw_rules(draw: st.DrawFn) -> Json:
        names = draw(st.lists(st.sampled_from(list(known)), max_size=most, unique=True))
        drawn = {name: draw(known[name]) for name in names}
        for name in names:
            drawn = {**_NEEDS.get(name, {}), **drawn}
        return {name: value for name, value in drawn.items() if name in known}

    return draw_rules()


FAULTS = ("after_effect_error", "error", "redirect", "throttle", "cut_after", "other_actor")


@st.composite
def strange_faults(draw: st.DrawFn, most: int = 2, kinds: Sequence[str] = FAULTS) -> list[Json]:
    """Draw up to `most` faults that strike a few times or for some seconds: lost answers, other actors and the like."""
    found: list[Json] = []
    for _number in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from(kinds))
        fault: Json = {"kind": kind, "operation": draw(st.sampled_from(OPERATIONS))}
        if kind in ("after_effect_error", "error"):
            fault["status"], fault["code"] = draw(st.sampled_from(ERRORS))
        if kind == "redirect":
            fault["effect"] = draw(st.booleans())
        if kind == "throttle":
            fault |= {"hint": "x-acs-retry-after", "value": 200, "lasts": draw(st.integers(1, 60))}
        else:
            fault |= {"times": draw(st.integers(1, 2)), "after": draw(st.integers(0, 3))}
        if kind == "other_actor":
            fault |= {"act": draw(st.sampled_from(ACTS)), "when": draw(st.sampled_from(["before", "after"]))}
        found.append(fault)
    return found


@st.composite
def strange_services(draw: st.DrawFn, without: Iterable[str] = (), kinds: Sequence[str] = FAULTS) -> Json:
    """Draw a whole service, as `--rules-from` reads it: {"rules": ..., "faults": ...}."""
    return {"rules": draw(strange_rules(without=without)), "faults": draw(strange_faults(kinds=kinds))}


def service_of(number: int) -> Json:
    """Return the service of a seed: the same one for the same number and the same version of hypothesis."""
    found: list[Json] = []

    @seed(number)
    @settings(max_examples=10, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(strange_services())
    def collect(service: Json) -> None:
        found.append(service)

    collect()
    # The first examples are simple ones; the last has the most to it.
    return found[-1]


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    result = argparse.ArgumentParser(prog="python -m tests.emulator.random_rules", description=__doc__)
    result.add_argument("--seed", type=int, default=0, help="the same seed gives the same service")
    return result


def main(arguments: list[str] | None = None) -> None:
    """Print a random service as JSON."""
    print(json.dumps(service_of(parser().parse_args(arguments).seed), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
