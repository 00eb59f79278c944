# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Experiments: each asks the service something and notes the observations, as plain JSON data."""

from __future__ import annotations

import copy
import typing as t

from .bench import Bench, restore
from .facts import Json, Value
from .lab import MISSING_CLUSTER, MISSING_JOB, MISSING_WORKSPACE, Lab, Scratch, UnclearError, canonical_state
from .life_experiments import ask_run, ask_second_run
from .marks import find_scratch_name
from .updates import WIRE

# A made-up password: no Redis server is ever asked.
MADE_UP = "probe-Made-Up-1"
GROUPS = ("g2", "g3", "g1")
MAX_STALE_READS = 10
# Rows of a list in which every order and every kind of short page shows.
ENOUGH_ROWS = 9
MAX_LAG_LISTS, MAX_LAG_SECONDS = 6, 60
# Every step of the emulator's text rules changes one of these texts, and no two of them in the same way.
SAMPLE = "pR\u00e9 e\u0301 \uff34\u200bx  Y" + "".join(f"{number:02d}z" for number in range(20)) + "End"
SAMPLES = (SAMPLE, f"  {SAMPLE} \n")


def ask_missing(bench: Bench) -> None:
    """Read what does not exist. Writes nothing."""
    lab = bench.lab
    facts: Json = {"cluster": list(lab.learn_missing())}
    answer = lab.last_answer()
    facts["keys"] = sorted(answer) if isinstance(answer, dict) else []
    facts["job"] = bench.note_reply(lab.read("GetRayJob", job=MISSING_JOB))
    facts["workspace"] = bench.note_reply(
        lab.read("GetRayCluster", workspace=MISSING_WORKSPACE, cluster=MISSING_CLUSTER)
    )
    bench.facts["missing"] = facts


def ask_page_size(bench: Bench) -> None:
    """Find the largest page size that is not refused. Writes nothing."""

    def is_refused(size: int) -> bool:
        found = [bench.lab.read("ListRayCluster", {"pageNum": 1, "pageSize": size}) for _number in range(3)]
        return all(not reply.ok and 400 <= reply.status < 500 for reply in found)

    low, high = 1, 101
    if not is_refused(high):
        bench.facts["page_size"] = {"at_least": high}
        return
    while high - low > 1:
        middle = 100 if high == 101 else (low + high) // 2
        low, high = (low, middle) if is_refused(middle) else (middle, high)
    bench.lab.page_size = low
    bench.facts["page_size"] = {"largest": low}


def ask_next_token(bench: Bench) -> None:
    """Follow the tokens of ListWorkspaces to the end. Writes nothing."""
    token, pages = "", list[Json]()
    for _number in range(50):
        reply = bench.lab.read("ListWorkspaces", {"maxResults": 50, **({"nextToken": token} if token else {})})
        if not reply.ok:
            raise UnclearError(f"ListWorkspaces failed: {reply.status} {reply.code}")
        following = reply.payload.get("nextToken", "absent")
        page = {"rows": len(reply.payload.get("workspaces") or []), "next": "text"}
        if following in ("absent", "", None):
            page["next"] = {"absent": "absent", "": "empty", None: "null"}[following]
        elif str(following) == (token or "0"):
            page["next"] = "repeats"
        pages.append(page)
        if page["next"] != "text" or not page["rows"]:
            break
        token = str(following)
    bench.facts["next_token"] = pages


def create_main(bench: Bench) -> None:
    """Create the main scratch cluster and watch its state changes."""
    lab = bench.lab
    spec = lab.new_spec()
    reply, cluster = lab.create(spec)
    bench.facts["create"] = {"reply": bench.note_reply(reply)}
    if cluster is None:
        raise UnclearError(f"CreateRayCluster failed: {reply.status} {reply.code}")
    bench.main = cluster
    first = lab.get(cluster)
    created = lab.settle(cluster)
    bench.facts["create"] |= {"first": str(first.get("state")), "states": [state for state, _time in created]}
    if [canonical_state(state) for state, _time in created] == ["Stopped"]:
        lab.creates_stopped = True
    bench.facts["minimal"] = {"sent": spec, "get": lab.get(cluster)}


def ask_stale_reads(bench: Bench) -> None:
    """Count the reads after an update that still show the cluster as it was."""
    lab, cluster = bench.lab, bench.main
    lab.need(cluster, "Stopped")
    body = copy.deepcopy(cluster.spec)
    body["description"] += " read"
    body["headSpec"]["env"] = "READ=1"
    before = [_marker(lab.get(cluster)) for _number in range(MAX_STALE_READS)][-1]
    if not lab.update(cluster, body).ok:
        raise UnclearError("the update was refused")
    for number in range(MAX_STALE_READS + 1):
        if _marker(lab.get(cluster)) != before:
            lab.stale_reads = number
            bench.facts["stale_reads"] = number
            return


def _marker(shown: Json) -> tuple[Value, Value]:
    return shown.get("description"), (shown.get("headSpec") or {}).get("env")


def full_spec(bench: Bench) -> Json:
    """Return a spec with every field that a reader may show in another format, and three groups in no order."""
    body = copy.deepcopy(bench.lab.base_spec)
    mark = find_scratch_name(bench.main.spec["name"])
    body |= {"name": mark, "description": f"{mark} full", "extraParam": '{"b": 1,"a":2}', "volumeIds": []}
    cpu, memory = body["headSpec"]["cpu"], body["headSpec"]["memory"].removesuffix("Gi")
    node = {"cpu": f"{cpu}.0", "memory": f"{int(memory) * 1024}Mi", "env": "B_X=1\nA_X=2", "rayStartParams": ""}
    body["headSpec"] |= {**node, "enableAutoScaling": False, "idleTimeoutSeconds": 0, "gftEnabled": False}
    body["headSpec"]["gftConfig"] = {"redisUrl": "127.0.0.1:6379", "redisPassword": MADE_UP}
    group = {**body["workerSpec"][0], **node, "workerType": "CPU", "extraParam": "{}"}
    body["workerSpec"] = [{**group, "groupName": name} for name in GROUPS]
    return body


def ask_formats(bench: Bench) -> None:
    """Update the stopped cluster with every format, all at once or, if that is refused, part by part."""
    lab, cluster = bench.lab, bench.main
    lab.need(cluster, "Stopped")
    base, full = copy.deepcopy(cluster.spec), full_spec(bench)
    reply = lab.update(cluster, full)
    notes = [{"sent": full, "reply": bench.note_reply(reply), "get": lab.get(cluster) if reply.ok else None}]
    if not reply.ok:
        for part in _parts(base, full):
            reply = lab.update(cluster, part)
            notes.append(
                {"sent": part, "reply": bench.note_reply(reply), "get": lab.get(cluster) if reply.ok else None}
            )
    row = _row_of(lab, cluster)
    bench.facts["full"] = [note for note in notes if note["get"] is not None]
    bench.facts["formats"] = [{"reply": note["reply"]} for note in notes]
    if row:
        bench.facts["row"] = {"row": row, "get": lab.get(cluster)}
    restore(bench, base)


def _row_of(lab: Lab, cluster: Scratch) -> Json | None:
    """Return the row of a cluster, None if no list shows it."""
    return next((row for row in lab.list_rows() if row.get("clusterId") == cluster.cluster_id), None)


def _parts(base: Json, full: Json) -> t.Iterator[Json]:
    """Yield the base with one part of the full spec each."""
    for key in ("extraParam", "volumeIds", "description"):
        yield {**copy.deepcopy(base), key: full[key]}
    for keys in (("cpu",), ("memory",), ("env", "rayStartParams"), ("enableAutoScaling", "idleTimeoutSeconds"),
                 ("gftEnabled", "gftConfig")):  # fmt: skip
        yield {**copy.deepcopy(base), "headSpec": base["headSpec"] | {key: full["headSpec"][key] for key in keys}}
    yield {**copy.deepcopy(base), "workerSpec": [{**base["workerSpec"][0], "groupName": name} for name in GROUPS]}


def ask_texts(bench: Bench) -> None:
    """Update text fields of the stopped cluster with two samples, all at once or field by field."""
    lab, cluster = bench.lab, bench.main
    lab.need(cluster, "Stopped")
    base = copy.deepcopy(cluster.spec)
    notes = []
    for sample in SAMPLES:
        body = _with_texts(base, sample, TEXT_FIELDS)
        bodies = [body] if lab.update(cluster, body).ok else []
        if bodies:
            notes.append({"sent": body, "get": lab.get(cluster)})
            continue
        for field in TEXT_FIELDS:
            body = _with_texts(base, sample, (field,))
            if lab.update(cluster, body).ok:
                notes.append({"sent": body, "get": lab.get(cluster)})
    bench.facts["texts"] = notes
    restore(bench, base)


# The emulator's name of a text field, and where it is. The name is asked separately: it has 64 characters.
TEXT_FIELDS = ("name", "description", "network_service", "release_version", "queue_name", "group_name", "gpu_spec",
               "ray_start_params")  # fmt: skip


def _with_texts(base: Json, sample: str, names: t.Collection[str]) -> Json:
    body = copy.deepcopy(base)
    mark = base["name"]
    for name in names:
        key = WIRE[name]
        if name == "name":
            lead, rest = sample[: len(sample) - len(sample.lstrip())], f"{mark} {sample.strip()}"
            body[key] = (lead + rest)[:64] if not lead else f"{(lead + rest)[:62]} \n"
        elif name == "description":
            lead = sample[: len(sample) - len(sample.lstrip())]
            body[key] = f"{lead}{mark} {sample[len(lead) :]}"
        elif name == "group_name":
            body["workerSpec"][0][key] = sample
        elif name in ("network_service", "release_version"):
            body[key] = sample
        else:
            body["headSpec"][key] = sample
    return body


def ask_update(bench: Bench) -> None:
    """Leave fields out of an update, and change fields with another one."""
    lab, cluster = bench.lab, bench.main
    lab.need(cluster, "Stopped")
    base = copy.deepcopy(cluster.spec)
    rich = copy.deepcopy(base)
    rich |= {"extraParam": '{"a":1}', "networkServiceName": rich.get("networkServiceName") or "rayops-probe-none"}
    rich["headSpec"] |= {"env": "KEEP=1", "rayStartParams": "--num-cpus=0"}
    rich["workerSpec"][0] |= {"env": "KEEP=2", "rayStartParams": "--num-cpus=1"}
    for body in (rich, {key: value for key, value in rich.items() if key != "networkServiceName"}):
        if lab.update(cluster, body).ok:
            rich = body
            break
    else:
        raise UnclearError("the update was refused")
    before = lab.get(cluster)
    bench.facts["row_network"] = {"get": before, "row": _row_of(lab, cluster)}
    sparse = {
        key: value for key, value in base.items() if key not in ("description", "extraParam", "networkServiceName")
    }
    for node in (sparse["headSpec"], *sparse["workerSpec"]):
        node.pop("env", None)
        node.pop("rayStartParams", None)
    if not lab.update(cluster, sparse).ok:
        raise UnclearError("the update without optional fields was refused")
    bench.facts["update"] = {"sent": rich, "before": before, "after": lab.get(cluster)}
    restore(bench, base)
    _change_all(bench, base)
    odd = {**copy.deepcopy(base), "rayopsProbe": 1}
    bench.facts["unknown_field"] = bench.note_reply(lab.update(cluster, odd))
    for fact, body in (
        ("missing_queue", {**base, "headSpec": base["headSpec"] | {"queueName": "rayops-probe-none"}}),
        ("missing_version", {**base, "displayReleaseVersion": "rayops-probe-none"}),
    ):
        bench.facts[fact] = bench.note_reply(lab.update(cluster, copy.deepcopy(body)))
    restore(bench, base)


def _change_all(bench: Bench, base: Json) -> None:
    """Change many fields at once, or one at a time, and note which ones an update changes."""
    lab, cluster = bench.lab, bench.main
    changed = copy.deepcopy(base)
    changed |= {"name": f"{base['name']} renamed", "description": f"changed {base['name']}", "extraParam": '{"c":3}'}
    for node in (changed["headSpec"], changed["workerSpec"][0]):
        node |= {"cpu": str(int(node["cpu"]) * 2), "memory": f"{int(node['memory'].removesuffix('Gi')) * 2}Gi"}
        node |= {"env": "CHANGED=1", "rayStartParams": "--num-gpus=0"}
    changed["workerSpec"][0]["replica"] = 2
    before = lab.get(cluster)
    if lab.update(cluster, changed).ok:
        bench.facts["change"] = {"base": base, "sent": changed, "before": before, "after": lab.get(cluster)}
    restore(bench, base)


def ask_names(bench: Bench) -> None:
    """Create clusters with the same name and with other names, list them, and watch lists after create and delete."""
    lab, main = bench.lab, bench.main
    taken = lab.new_spec(name=main.spec["name"])
    reply, twin = lab.create(taken)
    facts: Json = {"twin": bench.note_reply(reply)}
    if twin is not None:
        facts["hidden"] = _watch_list(lab, twin, appears=True)
    rich = lab.new_spec(extraParam="{}")
    for node in (rich["headSpec"], *rich["workerSpec"]):
        node["env"] = "RICH=1"
    other, third = lab.create(rich)
    facts["other"] = bench.note_reply(other)
    if third is not None:
        bench.facts["rich"] = {"sent": rich, "get": lab.get(third)}
        facts["hidden_again"] = _watch_list(lab, third, facts.get("hidden"), appears=True)
    bench.facts["names"] = facts
    _fill_list(lab)
    _list_pages(bench)
    for key in ("deleted", "deleted_again"):
        cluster = next((one for one in lab.scratch if one is not main and not one.is_gone), None)
        if cluster is not None and lab.remove(cluster, lab.ends):
            facts[key] = _watch_list(lab, cluster, facts.get("deleted"), appears=False)


def _fill_list(lab: Lab) -> None:
    """Create more clusters, as far as the limits go, until the list has enough rows to tell orders and pages apart."""
    missing = ENOUGH_ROWS - len(lab.list_rows())
    while missing > 0 and lab.creates_stopped and lab.creates < lab.limits.clusters:
        lab.create(lab.new_spec())
        missing -= 1


def _watch_list(lab: Lab, cluster: Scratch, known: Json | None = None, *, appears: bool) -> Json:
    """Count the lists and the seconds until a list shows a cluster, or no longer does.

    If it took seconds the first time (``known``), read no list before they have passed.
    """
    begin, lists = lab.clock.monotonic(), 0
    if known and known.get("seconds"):
        lab.sleep(float(known["seconds"]))
    while lab.clock.monotonic() - begin <= MAX_LAG_SECONDS:
        # A read may take long because it is repeated.
        waited = round(lab.clock.monotonic() - begin)
        shown = any(row.get("clusterId") == cluster.cluster_id for row in lab.list_rows())
        if shown == appears:
            return {"lists": lists, "seconds": waited}
        lists += 1
        if lists >= MAX_LAG_LISTS:
            lab.sleep(1.0)
    return {"lists": lists, "seconds": None}


def _list_pages(bench: Bench) -> None:
    """List with pages of two, three, and four rows, and with large ones, twice each."""
    lab = bench.lab
    pages = {}
    for size in (2, 3, 4):
        pages[str(size)] = [
            [[str(row.get("clusterId")) for row in page] for page in lab.list_pages(size)] for _number in range(2)
        ]
    pages["all"] = [[[str(row.get("clusterId")) for row in lab.list_rows()]] for _number in range(2)]
    reply = lab.read("ListRayCluster", {"pageNum": 1, "pageSize": 1})
    total = reply.payload.get("totalCount", "absent")
    own = [cluster.cluster_id for cluster in lab.scratch]
    bench.facts["lists"] = {"pages": pages, "total": total, "whole": len(lab.list_rows()), "own": own}


EXPERIMENTS: dict[str, t.Callable[[Bench], None]] = {
    "missing": ask_missing,
    "page_size": ask_page_size,
    "next_token": ask_next_token,
    "create": create_main,
    "stale_reads": ask_stale_reads,
    "formats": ask_formats,
    "update": ask_update,
    "texts": ask_texts,
    "run": ask_run,
    "second": ask_second_run,
    "names": ask_names,
}
