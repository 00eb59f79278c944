# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Experiments on the life of a cluster: start, stop, updates in every state, and delete."""

from __future__ import annotations

import copy

from .bench import Bench
from .facts import Json
from .lab import UnclearError, canonical_state
from .marks import find_scratch_name, scratch_name
from .spellings import find_variant
from .updates import WIRE, infer_texts


def _timed(history: list[tuple[str, float]]) -> Json:
    return {"states": [state for state, _time in history], "seconds": history[-1][1]}


def ask_run(bench: Bench) -> None:
    """Start and stop the main cluster, and try every operation in every state."""
    lab, note = bench.lab, bench.note_reply
    # A cluster of its own: updates that patch cannot unset the values that other experiments tried.
    reply, cluster = lab.create(lab.new_spec())
    if cluster is None:
        raise UnclearError(f"CreateRayCluster failed: {reply.status} {reply.code}")
    bench.life, main = cluster, cluster
    lab.need(main, "Stopped")
    facts: Json = bench.facts.setdefault("run", {})
    facts["stop_when_stopped"] = note(lab.attempt("StopRayCluster", main, {}))
    token = f"rayops-probe-{lab.run}"
    facts["start"] = note(lab.start(main, token))
    first = lab.get(main)
    facts["started_as"] = str(first.get("state"))
    if canonical_state(first.get("state")) == "Starting":
        reply = lab.update(main, copy.deepcopy(main.spec))
        after = lab.get(main)
        if canonical_state(after.get("state")) == "Starting":
            facts["update_while_moving"] = note(reply)
            facts["same_while_starting"] = after.get("modified")
    started = lab.settle(main)
    facts["starting"] = _timed(started)
    if canonical_state(started[-1][0]) != "Running":
        raise UnclearError(f"the scratch cluster is {started[-1][0]} after its start")
    facts["same_token"] = note(lab.attempt("StartRayCluster", main, {"clientToken": token}))
    facts["other_token"] = note(lab.attempt("StartRayCluster", main, {"clientToken": f"{token}-2"}))
    facts["after_starts"] = str(lab.get(main).get("state"))
    _update_running(bench, facts)
    facts["wrong_instance"] = note(lab.attempt("StopRayCluster", main, {"instanceId": f"{main.cluster_id}-00000000"}))
    _stop(bench, facts)


def _update_running(bench: Bench, facts: Json) -> None:
    lab, main = bench.lab, bench.life
    body = copy.deepcopy(main.spec)
    facts["modified_before"] = lab.get(main).get("modified")
    facts["update_same"] = bench.note_reply(lab.update(main, body))
    facts["modified_same"] = lab.get(main).get("modified")
    changed = copy.deepcopy(body)
    changed["description"] = f"{find_scratch_name(body['name'])} while running"
    changed["headSpec"]["env"] = "RUNNING=1"
    facts["update_changed"] = bench.note_reply(lab.update(main, changed))
    facts["modified_changed"] = lab.get(main).get("modified")


def _separate_texts(bench: Bench) -> None:
    """Send other spellings that are shown alike: if the service stores them alike, ``modified`` does not change.

    At most two starts: the first field that sets ``modified`` ends the experiment for the others until the next start.
    """
    lab, main = bench.lab, bench.life
    either = infer_texts(bench.facts, WIRE)[1]
    found: Json = bench.facts.setdefault("separate", {})
    base = copy.deepcopy(main.created)
    for name, steps in either.items():
        body = copy.deepcopy(base)
        place = (
            body["workerSpec"][0]
            if name == "group_name"
            else body["headSpec"]
            if WIRE[name] in body["headSpec"]
            else body
        )
        other = find_variant(str(place.get(WIRE[name]) or ""), steps)
        if name in found or other is None or WIRE[name] not in place:
            continue
        # The update brings back the base values first, which sets nothing: the cluster was started with them.
        before = lab.get(main).get("modified")
        place[WIRE[name]] = other
        reply = lab.update(main, body)
        after = lab.get(main).get("modified")
        found[name] = {"reply": bench.note_reply(reply), "before": before, "after": after}
        if before != after:
            break
    lab.update(main, base)


def _is_left_to_separate(bench: Bench) -> bool:
    return bool(set(infer_texts(bench.facts, WIRE)[1]) - set(bench.facts.get("separate") or {}))


def _stop(bench: Bench, facts: Json) -> None:
    lab, main = bench.lab, bench.life
    note = bench.note_reply
    facts["stop"] = note(lab.attempt("StopRayCluster", main, {}))
    facts["stopped_as"] = state = str(lab.get(main).get("state"))
    if canonical_state(state) == "Stopping":
        stopping = {
            "stop": note(lab.attempt("StopRayCluster", main, {})),
            "update": note(lab.update(main, copy.deepcopy(main.spec))),
            "start": note(lab.start(main)),
        }
        if canonical_state(lab.get(main).get("state")) == "Stopping":
            facts["while_stopping"] = stopping
    stopped = lab.settle(main)
    facts["stopping"] = _timed(stopped)
    facts["modified_stopped"] = lab.get(main).get("modified")


def ask_second_run(bench: Bench) -> None:
    """Start again, stop while the cluster starts, then delete it while it runs."""
    lab, main = bench.lab, bench.life
    lab.need(main, "Stopped")
    if not lab.update(main, main.created).ok:
        raise UnclearError("the update was refused")
    note = bench.note_reply
    facts: Json = bench.facts.setdefault("second", {})
    lab.start(main)
    state = lab.get(main)
    facts["modified"] = state.get("modified")
    if canonical_state(state.get("state")) == "Starting":
        reply = lab.attempt("StopRayCluster", main, {})
        after = canonical_state(lab.get(main).get("state"))
        if after in ("Starting", "Stopping", "Stopped") and not (reply.ok and after == "Starting"):
            facts["stop_while_starting"] = note(reply)
    lab.need(main, "Running")
    for _number in range(2):
        _separate_texts(bench)
        if not _is_left_to_separate(bench):
            break
        lab.need(main, "Stopped")
        lab.need(main, "Running")
    facts["rename"] = note(lab.update(main, {**copy.deepcopy(main.spec), "name": scratch_name(lab.run, 255)}))
    ask_delete(bench)


def ask_delete(bench: Bench) -> None:
    """Delete the main cluster, first while it runs if it does, and watch it go."""
    lab, main = bench.lab, bench.life
    facts: Json = bench.facts.setdefault("delete", {})
    state = canonical_state(lab.settle(main)[-1][0])
    reply = lab.attempt("DeleteRayCluster", main)
    if state == "Running":
        facts["while_running"] = bench.note_reply(reply)
    if not reply.ok:
        lab.need(main, "Stopped")
        reply = lab.attempt("DeleteRayCluster", main)
    facts["reply"] = bench.note_reply(reply)
    begin = lab.clock.monotonic()
    reads = 0
    while reply.ok:
        shown = lab.read("GetRayCluster", cluster=main.cluster_id)
        if not shown.ok:
            facts |= {"reads": reads, "seconds": lab.clock.monotonic() - begin, "gone_as": list(shown.fingerprint)}
            main.is_gone = lab.is_deleted(main, accepted=True)
            return
        reads += 1
        if reads > lab.stale_reads:
            lab.sleep(1.0)
