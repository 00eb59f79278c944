# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Infer the emulator's rules from observations. Pure: a rule that the observations do not prove is left out."""

from __future__ import annotations

import collections

from .facts import OK, Facts, Json, Rules, Value, only, read_flag, rule
from .lab import STATES, canonical_state

# Errors


def infer_missing(facts: Facts) -> Rules:
    """Infer codes for what does not exist."""
    seen = facts.get("missing")
    if not seen:
        return {}
    rules: Rules = {}
    status, code = seen["cluster"]
    if status >= 300:
        rules |= {"deleted_status": status, "deleted_code": code}
        keys = set(seen["keys"])
        pascal, camel = "Message" in keys or "RequestId" in keys, "message" in keys or "requestId" in keys
        if pascal != camel:
            rules["error_style"] = "pascal" if pascal else "camel"
    if seen["job"] != OK and seen["job"][0] >= 300:
        rules |= {"unknown_job_status": seen["job"][0], "unknown_job_code": seen["job"][1]}
    if seen["workspace"] != OK and seen["workspace"][0] >= 300 and not seen["workspace"][1]:
        rules["unknown_workspace_status"] = seen["workspace"][0]
    return rules


def infer_page_size(facts: Facts) -> Rules:
    """Infer the largest page size."""
    return rule("max_page_size", (facts.get("page_size") or {}).get("largest"))


def infer_next_token(facts: Facts) -> Rules:
    """Infer what the last page of ListWorkspaces has for a token."""
    pages = facts.get("next_token")
    if not pages:
        return {}
    last = pages[-1]
    if last["next"] == "text":
        return {"next_token": "always"} if not last["rows"] else {}
    if not last["rows"] and last["next"] == "absent" and len(pages) > 1:
        return {"next_token": "always"}
    return {"next_token": {"absent": "until_last"}.get(last["next"], last["next"])}


# States


def state_names(facts: Facts) -> list[str]:
    """Return all texts that were read as states, in the order of their first reading."""
    run = facts.get("run") or {}
    texts = list((facts.get("create") or {}).get("states") or [])
    texts += (run.get("starting") or {}).get("states") or []
    texts += (run.get("stopping") or {}).get("states") or []
    return list(dict.fromkeys(texts))


def infer_states(facts: Facts) -> Rules:
    """Infer what a create leads to, and how states are written."""
    rules: Rules = {}
    created = (facts.get("create") or {}).get("states") or []
    known = [canonical_state(text) for text in created]
    if known == ["Stopped"]:
        rules["created"] = "stopped"
    elif known[:1] == ["Starting"] or known == ["Running"]:
        rules["created"] = "starting"
    names = state_names(facts)
    # All four states of a life were read, each under its documented name in some case.
    if {canonical_state(text) for text in names} >= {"Stopped", "Starting", "Running", "Stopping"}:
        cases = {"title": str.title, "lower": str.lower, "upper": str.upper}
        found = only({case: lambda change=change: all(change(text) == text for text in names)  # type: ignore[misc]
                      for case, change in cases.items()})  # fmt: skip
        if found and len(names) == len(STATES) - 1:
            rules |= {"state_case": found}
    return rules


def infer_stale_reads(facts: Facts) -> Rules:
    """Infer how many reads after a write show the cluster as it was."""
    return rule("reads_behind", facts.get("stale_reads"))


# Lists


def infer_lists(facts: Facts) -> Rules:
    """Infer order, totals, short pages, and the page cap."""
    seen = facts.get("lists")
    if not seen:
        return {}
    rules: Rules = {}
    runs = seen["pages"]
    # Own clusters only: it is known in which order these were created.
    orders = {
        tuple(seen["own"].index(row) for page in found for row in page if row in seen["own"])
        for found in runs["all"] + (runs["3"] + runs["4"] if len(runs["all"][0][0]) < seen["whole"] else [])
    }
    first = next(iter(orders))
    if len(orders) == 1 and len(first) >= 5:
        if list(first) in (sorted(first), sorted(first, reverse=True)):
            rules |= {"list_order": "oldest" if first[0] < first[-1] else "newest", "list_shuffle": "none"}
        else:
            rules["list_shuffle"] = "stable"
    elif len(first) >= 5 and all(sorted(found) == sorted(first) for found in orders):
        rules["list_shuffle"] = "every_request"
    rules |= _infer_pages(runs, seen["whole"])
    total, whole = seen["total"], seen["whole"]
    if whole > 1:
        names: dict[Value, str] = {"absent": "none", 0: "zero", 1: "page", whole: "exact", whole + 1: "more"}
        rules |= rule("list_total", names.get(total))
    return rules


def _infer_pages(runs: Json, whole: int) -> Rules:
    lengths = {int(size): [len(page) for page in found[0]] for size, found in runs.items() if size != "all"}
    agree = all([len(page) for page in found[0]] == [len(page) for page in found[1]] for found in runs.values())
    if not agree or whole < 9:
        return {}

    def expected(size: int, cap: int, short: str) -> list[int]:
        size = min(size, cap or size)
        result, left, number = [], whole, 0
        while left > 0:
            number += 1
            half = (short == "second" and number == 2) or (short == "every_other" and number % 2 == 0)
            length = max(1, size - 1) if short == "all" else max(1, size // 2) if half else size
            result.append(min(length, left))
            left -= length
        return result

    fitting = [
        (cap, short)
        for cap in range(4)
        for short in ("none", "second", "every_other", "all")
        if all(expected(size, cap, short) == found for size, found in lengths.items())
    ]
    if len(fitting) != 1:
        return {}
    ((cap, short),) = fitting
    # A larger cap shows only in longer lists.
    return {"list_short_pages": short, **({"list_page_cap": cap} if cap else {})}


def infer_lag(facts: Facts) -> Rules:
    """Infer how late lists are after a create and a delete."""
    seen = facts.get("names") or {}
    rules: Rules = {}
    for prefix, first, again in (
        ("list_hides_new", seen.get("hidden"), seen.get("hidden_again")),
        ("list_shows_deleted", seen.get("deleted"), seen.get("deleted_again")),
    ):
        if not first or not again or first["seconds"] is None:
            continue
        if first["seconds"] == 0 and again["seconds"] == 0 and first["lists"] == again["lists"]:
            rules |= {f"{prefix}_seconds": 0, f"{prefix}_lists": first["lists"]}
        elif first["seconds"] > 0 and again == {"lists": 0, "seconds": first["seconds"]}:
            rules |= {f"{prefix}_seconds": first["seconds"]}
    return rules


def infer_names(facts: Facts) -> Rules:
    """Infer whether names are unique."""
    seen = facts.get("names") or {}
    if seen.get("twin") == OK:
        return {"unique_names": "false"}
    if seen.get("twin") and seen.get("other") == OK:
        status, code = seen["twin"]
        return {"unique_names": "true", "name_taken_status": status, "name_taken_code": code} if status >= 300 else {}
    return {}


# Runs


def _refusals(facts: Facts) -> list[tuple[int, str]]:
    run, second = facts.get("run") or {}, facts.get("second") or {}
    stopping = run.get("while_stopping") or {}
    found = [
        run.get("stop_when_stopped"), run.get("other_token"), run.get("wrong_instance"), run.get("update_changed"),
        run.get("update_while_moving"), stopping.get("stop"), stopping.get("start"), stopping.get("update"),
        second.get("stop_while_starting"), (facts.get("delete") or {}).get("while_running"),
    ]  # fmt: skip
    return [(reply[0], reply[1]) for reply in found if reply and reply != OK]


def wrong_state(facts: Facts) -> tuple[int, str] | None:
    """Return status and code of most refusals, None if it is not clear which ones these are."""
    counts = collections.Counter(_refusals(facts)).most_common(2)
    if not counts or counts[0][1] < 2 or (len(counts) > 1 and counts[1][1] == counts[0][1]):
        return None
    return counts[0][0]


def infer_wrong_state(facts: Facts) -> Rules:
    """Infer status and code for an operation that the state of a cluster does not allow."""
    found = wrong_state(facts)
    return {"wrong_state_status": found[0], "wrong_state_code": found[1]} if found and found[0] >= 300 else {}


def _allowed(facts: Facts, name: str, reply: Value, yes: str = "allowed", no: str = "refused") -> Rules:
    if reply is None:
        return {}
    if reply == OK:
        return {name: yes}
    # A refusal with another code has another reason.
    return {name: no} if tuple(reply) == wrong_state(facts) else {}


def infer_run(facts: Facts) -> Rules:
    """Infer which operations a state allows, and where movements end."""
    run, second = facts.get("run") or {}, facts.get("second") or {}
    stopping = run.get("while_stopping") or {}
    rules = _allowed(facts, "update_while_running", run.get("update_changed"))
    moving = run.get("update_while_moving") or stopping.get("update")
    rules |= _allowed(facts, "update_while_moving", moving)
    if run.get("after_starts") and canonical_state(run["after_starts"]) == "Running":
        rules |= _allowed(facts, "start_when_running", run.get("other_token"), "noop", "error")
    rules |= _allowed(facts, "stop_when_stopped", run.get("stop_when_stopped"), "noop", "error")
    rules |= _allowed(facts, "stop_while_starting", second.get("stop_while_starting"))
    if run.get("start") == OK and _last_state(run, "starting") == "Running":
        rules["starting_ends"] = "running"
    elif run.get("start") == OK and _last_state(run, "starting") in ("Error", "Stopped"):
        rules["starting_ends"] = str(_last_state(run, "starting")).lower()
    if run.get("stop") == OK and _last_state(run, "stopping"):
        rules["stopping_ends"] = str(_last_state(run, "stopping")).lower()
    return rules


def _last_state(run: Json, movement: str) -> str | None:
    states = (run.get(movement) or {}).get("states") or []
    return canonical_state(states[-1]) if states else None


def infer_modified(facts: Facts) -> Rules:
    """Infer when ``modified`` is set and when it goes."""
    run, second = facts.get("run") or {}, facts.get("second") or {}
    rules: Rules = {}
    before, same, changed = (read_flag(run.get(f"modified_{name}")) for name in ("before", "same", "changed"))
    if before is False and run.get("update_same") == OK and run.get("update_changed") == OK:
        forms = {(True, True): "on_any_update", (False, True): "on_content", (False, False): "never"}
        rules |= rule("modified_flag", forms.get((same, changed)))  # type: ignore[arg-type]
    later = read_flag(second.get("modified"))
    if changed is True and read_flag(run.get("modified_stopped")) is True and later is not None:
        rules["modified_until"] = "forever" if later else "start"
    return rules


def infer_delete(facts: Facts) -> Rules:
    """Infer whether a running cluster can be deleted, and how long that takes."""
    seen = facts.get("delete") or {}
    rules = _allowed(facts, "delete_while_running", seen.get("while_running"))
    if seen.get("reply") == OK and "reads" in seen:
        stale = facts.get("stale_reads")
        if stale is not None:
            rules["delete_takes"] = "now" if seen["reads"] == 0 else "time"
    return rules


def infer_timing(facts: Facts) -> dict[str, float]:
    """Return how many seconds movements took, by the names of the emulator's timing."""
    run, seen = facts.get("run") or {}, facts.get("delete") or {}
    timing = {}
    for name, key in (("starting_seconds", "starting"), ("stopping_seconds", "stopping")):
        if run.get(key):
            timing[name] = float(run[key]["seconds"])
    if infer_delete(facts).get("delete_takes") == "time":
        timing["deleting_seconds"] = float(seen["seconds"])
    return timing
