# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Infer the emulator's rules from observations. Pure: a rule that the observations do not prove is left out."""

from __future__ import annotations

import collections
import json
import math
import typing as t

from .._quantities import parse_cpu, parse_memory
from .lab import STATES, canonical_state
from .spellings import AS_SENT, LAST_MARK, find_steps

Json = dict[str, t.Any]
Facts = dict[str, t.Any]
Rules = dict[str, t.Any]
OK = "ok"


def only(hypotheses: t.Mapping[str, t.Callable[[], bool]]) -> str | None:
    """Return the one hypothesis that fits, None if none or several do."""
    fitting = [name for name, fits in hypotheses.items() if fits()]
    return fitting[0] if len(fitting) == 1 else None


def rule(name: str, value: t.Any) -> Rules:
    """Return a rule, none at all if the value is not known."""
    return {} if value is None else {name: value}


# What does not exist


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
    if last["token"] == "text":
        return {"next_token": "always"} if not last["rows"] else {}
    if not last["rows"] and last["token"] == "absent" and len(pages) > 1:
        return {"next_token": "always"}
    return {"next_token": {"absent": "until_last"}.get(last["token"], last["token"])}


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


# Formats


def _reads(facts: Facts) -> list[tuple[Json, Json]]:
    """Return pairs of specs that were sent and what was shown of them."""
    minimal = facts.get("minimal")
    notes = [*([minimal] if minimal else []), *(facts.get("full") or [])]
    return [(note["sent"], note["get"]) for note in notes if note.get("get")]


def _nodes(facts: Facts, key: str) -> list[list[tuple[t.Any, t.Any]]]:
    """Return (sent, shown) of a field, in one list for the head and one for the first worker group."""
    head, worker = [], []
    for sent, shown in _reads(facts):
        shown_head, groups = shown.get("headSpec") or {}, shown.get("workerSpec") or []
        if key in sent["headSpec"] and key in shown_head:
            head.append((sent["headSpec"][key], shown_head[key]))
        # Groups are all alike: their order does not matter.
        if key in sent["workerSpec"][0] and groups and isinstance(groups[0], dict) and key in groups[0]:
            worker.append((sent["workerSpec"][0][key], groups[0][key]))
    return [pairs for pairs in (head, worker) if pairs]


def _fits_all(
    nodes: list[list[tuple[t.Any, t.Any]]], formats: t.Mapping[str, t.Callable[[t.Any], t.Any]]
) -> str | None:
    """Return the one format that explains what is shown of a field at every place."""
    # A place where nothing changed may be one that updates ignore.
    changed = [pairs for pairs in nodes if len({_key(shown) for _sent, shown in pairs}) > 1]

    def fits(form: t.Callable[[t.Any], t.Any], pairs: list[tuple[t.Any, t.Any]]) -> bool:
        return all(_key(form(sent)) == _key(shown) for sent, shown in pairs)

    places = changed or nodes
    if not places or any(len({_key(sent) for sent, _shown in pairs}) < 2 for pairs in places):
        return None
    return only(
        {name: lambda form=form: all(fits(form, pairs) for pairs in places) for name, form in formats.items()}  # type: ignore[misc]
    )


def _key(value: t.Any) -> tuple[str, t.Any]:
    kind = "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
    return kind, json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else value


def _plain(value: t.Any) -> str:
    return f"{float(value):g}" if float(value) != int(value) else str(int(value))


_CPU: dict[str, t.Callable[[t.Any], t.Any]] = {
    AS_SENT: lambda sent: sent,
    "plain": lambda sent: _plain(parse_cpu(sent)),
    "decimal": lambda sent: str(float(parse_cpu(sent))),
    "millicores": lambda sent: f"{_plain(parse_cpu(sent) * 1000)}m",
    "number": lambda sent: float(parse_cpu(sent)),
}
_MEMORY: dict[str, t.Callable[[t.Any], t.Any]] = {
    AS_SENT: lambda sent: sent,
    "Gi": lambda sent: f"{_plain(parse_memory(sent))}Gi",
    "Mi": lambda sent: f"{_plain(parse_memory(sent) * 1024)}Mi",
    "Ki": lambda sent: f"{_plain(parse_memory(sent) * 1024**2)}Ki",
    "GiB": lambda sent: f"{_plain(parse_memory(sent))} GiB",
    "bare": lambda sent: _plain(parse_memory(sent)),
    "bytes": lambda sent: _plain(parse_memory(sent) * 1024**3),
    "number": lambda sent: float(parse_memory(sent)),
}


def infer_sizes(facts: Facts) -> Rules:
    """Infer the formats of cpu and memory."""
    cpu, memory = _fits_all(_nodes(facts, "cpu"), _CPU), _fits_all(_nodes(facts, "memory"), _MEMORY)
    if cpu is None or memory is None:
        return {**rule("cpu_format", cpu), **rule("memory_format", memory)}
    both = {("plain", "Gi"): "normalised", ("plain", "bare"): "bare"}.get((cpu, memory))
    if both:
        return {"sizes": both, "cpu_format": AS_SENT, "memory_format": AS_SENT}
    return {"sizes": AS_SENT, "cpu_format": cpu, "memory_format": memory}


def _all_values(facts: Facts, key: str) -> list[t.Any]:
    return [shown for pairs in _nodes(facts, key) for _sent, shown in pairs]


def infer_scalars(facts: Facts) -> Rules:
    """Infer the types of whole numbers, booleans, and times."""
    rules: Rules = {}
    numbers = {type(value) for value in _all_values(facts, "replica")}
    if numbers in ({int}, {str}):
        rules["integers"] = "number" if numbers == {int} else "text"
    flags = [*_all_values(facts, "enableAutoScaling"), *_all_values(facts, "gftEnabled")]
    flags += [shown["modified"] for _sent, shown in _reads(facts) if "modified" in shown]
    names = {"False": "boolean", "'false'": "text", "'False'": "title", "0": "number"}
    words = {names.get(repr(flag)) for flag in flags}
    if len(words) == 1 and None not in words:
        rules["booleans"] = words.pop()
    times = {_time_format(shown["createTime"]) for _sent, shown in _reads(facts) if shown.get("createTime") is not None}
    if len(times) == 1:
        rules |= rule("times", times.pop())
    return rules


def _time_format(value: t.Any) -> str | None:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else "infinity" if math.isinf(value) else None
    if isinstance(value, str):
        return (
            "text" if value.isdigit() and len(value) >= 13 else "iso" if "T" in value and value[:4].isdigit() else None
        )
    if not isinstance(value, int):
        return None
    return "milliseconds" if value > 10**11 else "seconds"


def infer_env(facts: Facts) -> Rules:
    """Infer the format of env."""
    shown = [(sent, got) for pairs in _nodes(facts, "env") for sent, got in pairs if sent == "B_X=1\nA_X=2"]
    texts = {
        "lines": "B_X=1\nA_X=2", "spaced": "B_X = 1\nA_X = 2", "crlf": "B_X=1\r\nA_X=2", "sorted": "A_X=2\nB_X=1",
    }  # fmt: skip
    found = set[tuple[t.Any, t.Any]]()
    for _sent, got in shown:
        if isinstance(got, dict):
            found.add(("object", None))
            continue
        name = next((name for name, text in texts.items() if str(got).rstrip("\r\n") == text), None)
        # Only these two keep a line end.
        ending = None if name in ("spaced", "sorted") else "trailing" if str(got) != str(got).rstrip() else AS_SENT
        found.add((name, ending))
    if len(found) != 1:
        return {}
    ((name, ending),) = found
    return {**rule("env_format", name), **rule("env_newline", ending)} if name else {}


def infer_extra_param(facts: Facts) -> Rules:
    """Infer the format of extraParam, and whether worker groups have one."""
    sent = '{"b": 1,"a":2}'
    shown = [got["extraParam"] for body, got in _reads(facts) if body.get("extraParam") == sent and "extraParam" in got]
    forms = {AS_SENT: sent, "compact": '{"b":1,"a":2}', "spaced": '{"b" : 1 , "a" : 2}', "object": {"b": 1, "a": 2}}
    rules: Rules = {}
    if shown:
        rules |= rule("extra_param_format", only({name: lambda form=form: all(got == form for got in shown)  # type: ignore[misc]
                                                  for name, form in forms.items()}))  # fmt: skip
    groups = [
        group
        for body, got in _reads(facts)
        for group in got.get("workerSpec") or []
        if "extraParam" in body["workerSpec"][0] and isinstance(group, dict)
    ]
    found = {"extraParam" in group and group["extraParam"] is not None for group in groups}
    if len(found) == 1:
        rules["worker_extra_param"] = "returned" if found.pop() else "hidden"
    return rules


def infer_workers(facts: Facts) -> Rules:
    """Infer the order of worker groups, and how their type is shown."""
    rules: Rules = {}
    orders = {
        tuple("".join(mark for mark in str(group.get("groupName")) if mark.isdigit()) for group in got["workerSpec"])
        for body, got in _reads(facts)
        if len(body["workerSpec"]) == 3 and len(got.get("workerSpec") or []) == 3
    }
    if len(orders) == 1:
        names: dict[tuple[str, ...], str] = {
            ("2", "3", "1"): AS_SENT,
            ("1", "3", "2"): "reversed",
            ("1", "2", "3"): "sorted",
        }
        rules |= rule("worker_order", names.get(orders.pop()))
    kinds = {
        str(group.get("workerType"))
        for body, got in _reads(facts)
        if body["workerSpec"][0].get("workerType") == "CPU"
        for group in got.get("workerSpec") or []
    }
    if len(kinds) == 1:
        forms = {"CPU": AS_SENT, "cpu": "lower", "Cpu": "title", "None": "omitted"}
        rules |= rule("worker_type", forms.get(kinds.pop()))
    return rules


def infer_password(facts: Facts) -> Rules:
    """Infer how a password is given back."""
    seen = []
    for body, got in _reads(facts):
        config, shown = body["headSpec"].get("gftConfig"), (got.get("headSpec") or {}).get("gftConfig")
        if config and isinstance(shown, dict) and shown.get("redisUrl"):
            seen.append((config["redisPassword"], shown.get("redisPassword")))
    if len(seen) != 1:
        return {}
    ((password, shown),) = seen
    if shown is None:
        # An empty mask may have been left out.
        return {"redis_password": "hidden"} if infer_empty(facts).get("empty_values") == AS_SENT else {}
    if shown == password:
        return {"redis_password": "clear"}
    masks = {"stars": "******", "ends": f"{password[:1]}****{password[-1:]}", "hidden": "<hidden>",
             "redacted": "[REDACTED]", "crosses": "xxxxxxxx", "bullets": "•" * 8, "empty": ""}  # fmt: skip
    name = next((name for name, mask in masks.items() if mask == shown), None)
    return {"redis_password": "masked", **rule("password_mask", name)}


def infer_empty(facts: Facts) -> Rules:
    """Infer what is shown of empty values, of fields that were never sent, and of an idle timeout of zero."""
    rules: Rules = {}
    full = [(body, got) for body, got in _reads(facts) if "rayStartParams" in body["headSpec"]]
    empty = [
        "rayStartParams" in node and node["rayStartParams"] is not None
        for _body, got in full
        for node in [got.get("headSpec") or {}, *(got.get("workerSpec") or [])]
    ] + ["volumeIds" in got and got["volumeIds"] is not None for body, got in full if body.get("volumeIds") == []]
    if len(empty) > 2 and len(set(empty)) == 1:
        rules["empty_values"] = AS_SENT if empty[0] else "omitted"
    minimal = facts.get("minimal")
    if not minimal:
        return rules
    head, groups = minimal["get"].get("headSpec") or {}, minimal["get"].get("workerSpec") or [{}]
    # No default is known for these, so only nulls can show them.
    unset = [
        key in node for node, key in ((head, "gpuSpec"), (groups[0], "gpuSpec"), (minimal["get"], "networkServiceName"))
    ]
    if len(set(unset)) == 1:
        rules["nulls"] = "null" if unset[0] else "omitted"
    idle = head.get("idleTimeoutSeconds")
    filled = {groups[0].get("workerType") is not None, minimal["get"].get("extraParam") is not None, idle in (60, "60")}
    hidden = {"worker_type": "omitted"}
    if len(filled) == 1:
        rules["defaults"] = "filled" if filled.pop() else "none"
    elif (
        minimal["get"].get("extraParam") is not None
        and infer_workers(facts).get("worker_type") == hidden["worker_type"]
    ):
        rules |= {"defaults": "filled"} if idle in (60, "60") else {}
    sent = [pair for pair in _nodes(facts, "idleTimeoutSeconds")[:1]]
    zero = any("idleTimeoutSeconds" in (got.get("headSpec") or {}) for _body, got in full if got.get("headSpec"))
    if full and any(body["headSpec"].get("idleTimeoutSeconds") == 0 for body, _got in full):
        if not zero:
            rules["idle_timeout"] = "zero_omitted"
        elif rules.get("defaults") == "none":
            rules["idle_timeout"] = "unset_zero" if idle in (0, "0") else AS_SENT
        elif rules.get("defaults") == "filled" and sent:
            # A default is shown in place of zero: nothing is ever unset.
            pass
    return rules


# Updates


def infer_update(facts: Facts) -> Rules:
    """Infer what becomes of fields that an update leaves out, and which fields it ignores."""
    rules: Rules = {}
    found = _ignored(facts)
    seen = facts.get("update")
    if found is None:
        return {}
    ignored, unknown = found
    if seen:
        left_out = {*ignored, *unknown}
        top = [key for key in ("description", "extraParam", "networkServiceName") if key in seen["sent"]]
        kept_top = {_is_kept(seen, key) for key in top if key not in left_out}
        nested = {
            _is_kept_in(seen, part, key)
            for part in ("headSpec", "workerSpec")
            for key in ("env", "rayStartParams")
            if f"{part}.{key}" not in left_out
        }
        kept = kept_top - {None}, nested - {None}
        forms = {"patch": ({True}, {True}), "replace": ({False}, {False}), "clear": ({True}, {False})}
        rules |= rule("update", next((name for name, form in forms.items() if form == kept), None))
    if not unknown:
        rules["update_ignores"] = ",".join(ignored)
    return rules


def _is_kept(seen: Json, key: str) -> bool | None:
    before, after = seen["before"].get(key), seen["after"].get(key)
    return None if before in (None, "", "{}", {}) else before == after


def _first(shown: Json, part: str) -> Json:
    found = shown.get(part)
    found = found[0] if isinstance(found, list) and found else found
    return found if isinstance(found, dict) else {}


def _is_kept_in(seen: Json, part: str, key: str) -> bool | None:
    return _is_kept({when: _first(seen[when], part) for when in ("before", "after")}, key)


CHANGED = ("name", "description", "extraParam", *(f"{part}.{key}" for part in ("headSpec", "workerSpec")
           for key in ("cpu", "memory", "env", "rayStartParams")), "workerSpec.replica")  # fmt: skip


def _ignored(facts: Facts) -> tuple[list[str], list[str]] | None:
    """Return the fields that an accepted update did not change, and those of which that is not known."""
    change, rich = facts.get("change"), (facts.get("rich") or {}).get("get") or {}
    if not change:
        return None
    ignored, unknown = list[str](), list[str]()
    for path in CHANGED:
        part, _dot, key = path.rpartition(".")
        before, after = (_first(change[when], part) if part else change[when] for when in ("before", "after"))
        sent = (_first(change["base"], part) if part else change["base"]).get(key)
        if before.get(key) is None and after.get(key) is None:
            # The service ignores it, or never shows it.
            is_shown = (_first(rich, part) if part else rich).get(key) is not None
            (ignored if is_shown else unknown).append(path)
        elif before.get(key) == after.get(key):
            # Of a text that is cut, the change may have been cut off.
            is_cut = isinstance(sent, str) and key not in ("cpu", "memory") and before.get(key) != sent
            (unknown if is_cut else ignored).append(path)
    return ignored, unknown


# Texts

# The emulator's name of a text field, and its name on the wire.
WIRE = {"name": "name", "description": "description", "network_service": "networkServiceName",
        "release_version": "displayReleaseVersion", "queue_name": "queueName", "group_name": "groupName",
        "gpu_spec": "gpuSpec", "ray_start_params": "rayStartParams"}  # fmt: skip


def infer_texts(facts: Facts, wire: t.Mapping[str, str]) -> tuple[Rules, dict[str, str]]:
    """Infer the steps of text fields; return also those that may happen on storing or on showing, by field."""
    rules: Rules = {}
    either: dict[str, str] = {}
    found = _ignored(facts)
    for name, key in wire.items():
        pairs = _text_pairs(facts, name, key)
        if found is None or len([1 for sent, _shown in pairs if LAST_MARK in sent]) < 2 or key in found[0]:
            continue
        steps = find_steps(pairs)
        if steps == AS_SENT:
            rules |= {f"stored_{name}": AS_SENT, f"shown_{name}": AS_SENT}
        elif steps:
            when = _stored_or_shown(facts, name)
            if when:
                other = {"stored": "shown", "shown": "stored"}[when]
                rules |= {f"{when}_{name}": steps, f"{other}_{name}": AS_SENT}
            else:
                either[name] = steps
    return rules, either


def _stored_or_shown(facts: Facts, name: str) -> str | None:
    """Return when the steps of a field happen: other content sets ``modified``, another spelling of it does not."""
    seen = (facts.get("separate") or {}).get(name)
    if not seen or seen["reply"] != OK or infer_modified(facts).get("modified_flag") != "on_content":
        return None
    flags = _flag(seen["before"]), _flag(seen["after"])
    return {(False, False): "stored", (False, True): "shown"}.get(flags)  # type: ignore[arg-type]


_IN_HEAD = ("queue_name", "gpu_spec", "ray_start_params")


def _text_pairs(facts: Facts, name: str, key: str) -> list[tuple[str, str]]:
    """Return pairs (sent, shown) of a text field, the samples first."""
    part = "workerSpec" if name == "group_name" else "headSpec" if name in _IN_HEAD else ""
    minimal = facts.get("minimal")
    pairs = []
    for note in [*(facts.get("texts") or []), *([minimal] if minimal else [])]:
        sent, got = (_first(note[side], part) if part else note[side] for side in ("sent", "get"))
        if isinstance(sent.get(key), str) and isinstance(got.get(key), str) and (sent[key], got[key]) not in pairs:
            pairs.append((sent[key], got[key]))
    return pairs


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
        names: dict[t.Any, str] = {"absent": "none", 0: "zero", 1: "page", whole: "exact"}
        rules |= rule("list_total", names.get(total))
    return rules


def _infer_pages(runs: Json, whole: int) -> Rules:
    lengths = {int(size): [len(page) for page in found[0]] for size, found in runs.items() if size != "all"}
    if (
        any([len(page) for page in found[0]] != [len(page) for page in found[1]] for found in runs.values())
        or whole < 9
    ):
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


def _allowed(facts: Facts, name: str, reply: t.Any, yes: str = "allowed", no: str = "refused") -> Rules:
    if reply is None:
        return {}
    if reply == OK:
        return {name: yes}
    # A refusal with another code has another reason.
    return {name: no} if tuple(reply) == wrong_state(facts) else {}


def infer_run(facts: Facts) -> Rules:
    """Infer what is allowed in which state, and where movements end."""
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


_FLAGS = {"False": False, "'false'": False, "'False'": False, "0": False,
          "True": True, "'true'": True, "'True'": True, "1": True}  # fmt: skip


def _flag(value: t.Any) -> bool | None:
    return _FLAGS.get(repr(value))


def infer_modified(facts: Facts) -> Rules:
    """Infer when ``modified`` is set and when it goes."""
    run, second = facts.get("run") or {}, facts.get("second") or {}
    rules: Rules = {}
    before, same, changed = (_flag(run.get(f"modified_{name}")) for name in ("before", "same", "changed"))
    if before is False and run.get("update_same") == OK and run.get("update_changed") == OK:
        forms = {(True, True): "on_any_update", (False, True): "on_content", (False, False): "never"}
        rules |= rule("modified_flag", forms.get((same, changed)))  # type: ignore[arg-type]
    if changed is True and _flag(run.get("modified_stopped")) is True and _flag(second.get("modified")) is not None:
        rules["modified_until"] = "forever" if _flag(second.get("modified")) else "start"
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


_TOP = ("name", "description", "displayReleaseVersion", "extraParam", "headSpec", "workerSpec")
_ALWAYS = ("state", "message", "modified", "createTime", "creatorName")
_NODE = ("queueName", "cpu", "memory", "env", "groupName", "replica")


def infer_hidden(facts: Facts) -> Rules:
    """Infer which fields reads and lists leave out: of those that a create sets, and those that every cluster has."""
    rich, row, update = facts.get("rich"), facts.get("row"), facts.get("update")
    rules: Rules = {}
    # The network service is set by an update only, which may ignore it.
    if rich and update and (update["before"].get("networkServiceName") or "networkServiceName" not in update["sent"]):
        rules["omitted_fields"] = ",".join(_lost({**dict.fromkeys(_ALWAYS), **rich["sent"]}, rich["get"]))
    if row:
        # Rows never have these.
        lost = set(_lost(row["get"], row["row"])) - {"extraParam", "headSpec.env", "workerSpec.env"}
        rules["row_omits"] = ",".join(sorted(lost))
    return rules


def _lost(sent: Json, shown: Json) -> list[str]:
    """Return the paths of fields that should be shown and are not."""
    lost = [key for key in (*_TOP, *_ALWAYS) if key in sent and key not in shown]
    for part in ("headSpec", "workerSpec"):
        if part not in lost:
            lost += [f"{part}.{key}" for key in _NODE if key in _first(sent, part) and key not in _first(shown, part)]
    return lost
