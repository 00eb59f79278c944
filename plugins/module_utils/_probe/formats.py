# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Infer how values and empty values are shown. Pure."""

from __future__ import annotations

import json
import math
import typing as t

from .._quantities import parse_cpu, parse_memory
from .facts import Facts, Json, Rules, Value, first_node, only, rule
from .spellings import AS_SENT


def _reads(facts: Facts) -> list[tuple[Json, Json]]:
    """Return pairs (sent spec, shown cluster)."""
    minimal = facts.get("minimal")
    notes = [*([minimal] if minimal else []), *(facts.get("full") or [])]
    return [(note["sent"], note["get"]) for note in notes if note.get("get")]


def _nodes(facts: Facts, key: str) -> list[list[tuple[Value, Value]]]:
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
    nodes: list[list[tuple[Value, Value]]], formats: t.Mapping[str, t.Callable[[Value], Value]]
) -> str | None:
    """Return the one format that explains a field at every place."""
    # A place where nothing changed may be one that updates ignore.
    changed = [pairs for pairs in nodes if len({_key(shown) for _sent, shown in pairs}) > 1]

    def fits(form: t.Callable[[Value], Value], pairs: list[tuple[Value, Value]]) -> bool:
        return all(_key(form(sent)) == _key(shown) for sent, shown in pairs)

    places = changed or nodes
    if not places or any(len({_key(sent) for sent, _shown in pairs}) < 2 for pairs in places):
        return None
    return only(
        {name: lambda form=form: all(fits(form, pairs) for pairs in places) for name, form in formats.items()}  # type: ignore[misc]
    )


def _key(value: Value) -> tuple[str, Value]:
    kind = "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__
    return kind, json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else value


def _plain(value: Value) -> str:
    return f"{float(value):g}" if float(value) != int(value) else str(int(value))


_CPU: dict[str, t.Callable[[Value], Value]] = {
    AS_SENT: lambda sent: sent,
    "plain": lambda sent: _plain(parse_cpu(sent)),
    "decimal": lambda sent: str(float(parse_cpu(sent))),
    "millicores": lambda sent: f"{_plain(parse_cpu(sent) * 1000)}m",
    "number": lambda sent: float(parse_cpu(sent)),
}
_MEMORY: dict[str, t.Callable[[Value], Value]] = {
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
    both = {("plain", "Gi"): "normalized", ("plain", "bare"): "bare"}.get((cpu, memory))
    if both:
        return {"sizes": both, "cpu_format": AS_SENT, "memory_format": AS_SENT}
    return {"sizes": AS_SENT, "cpu_format": cpu, "memory_format": memory}


def _all_values(facts: Facts, key: str) -> list[Value]:
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


def _time_format(value: Value) -> str | None:
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
    found = set[tuple[Value, Value]]()
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
    """Infer how reads return a password."""
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
    """Infer how reads show empty values, fields that were never sent, and of an idle timeout of zero."""
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
    if len(filled) == 1:
        rules["defaults"] = "filled" if filled.pop() else "none"
    elif minimal["get"].get("extraParam") is not None and infer_workers(facts).get("worker_type") == "omitted":
        rules |= {"defaults": "filled"} if idle in (60, "60") else {}
    zero = any("idleTimeoutSeconds" in (got.get("headSpec") or {}) for _body, got in full if got.get("headSpec"))
    if full and any(body["headSpec"].get("idleTimeoutSeconds") == 0 for body, _got in full):
        if not zero:
            rules["idle_timeout"] = "zero_omitted"
        elif rules.get("defaults") == "none":
            rules["idle_timeout"] = "unset_zero" if idle in (0, "0") else AS_SENT
    return rules


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
    network = facts.get("row_network") or {}
    # A row can only lack what reads show.
    if row and network.get("row") and network["get"].get("networkServiceName"):
        # Rows never have these.
        lost = set(_lost(row["get"], row["row"])) - {"extraParam", "headSpec.env", "workerSpec.env"}
        if "networkServiceName" not in network["row"]:
            lost.add("networkServiceName")
        rules["row_omits"] = ",".join(sorted(lost))
    return rules


def _lost(sent: Json, shown: Json) -> list[str]:
    """Return the paths of fields that should be shown and are not."""
    lost = [key for key in (*_TOP, *_ALWAYS) if key in sent and key not in shown]
    for part in ("headSpec", "workerSpec"):
        if part not in lost:
            lost += [
                f"{part}.{key}" for key in _NODE if key in first_node(sent, part) and key not in first_node(shown, part)
            ]
    return lost
