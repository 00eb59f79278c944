# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The questions of the probe: one table for the experiments' answers, the report, and the documentation."""

from __future__ import annotations

import typing as t

from . import formats, inference, updates
from .facts import Facts, Json, Rules, Value
from .updates import WIRE


class Question(t.NamedTuple):
    """A question, the emulator's rules that are its answer, and the function that infers them from observations."""

    key: str
    text: str
    rules: tuple[str, ...]
    infer: t.Callable[[Facts], Rules]


class Answer(t.NamedTuple):
    """An answer: the rules that are proven, the rules that stay open, and further observations for people."""

    question: str
    text: str
    rules: Rules
    open: tuple[str, ...]
    seen: str

    @property
    def status(self) -> str:
        """Return answered, partly, or open."""
        return "answered" if not self.open else "partly" if self.rules else "open"


def _texts(facts: Facts) -> Rules:
    return updates.infer_texts(facts, WIRE)[0]


def _none(_facts: Facts) -> Rules:
    """Return no rule: the emulator has no switch for the answer."""
    return {}


_TEXT_RULES = tuple(f"{when}_{name}" for name in WIRE for when in ("stored", "shown"))

QUESTIONS = (
    Question("created", "State after a create", ("created",), inference.infer_states),
    Question("states", "Names of states", ("state_case",), inference.infer_states),
    Question("update", "Fields that an update leaves out", ("update",), updates.infer_update),
    Question("update_ignores", "Fields that an update does not change", ("update_ignores",), updates.infer_update),
    Question("update_while_running", "Update of a running cluster", ("update_while_running",), inference.infer_run),
    Question("update_while_moving", "Update while a cluster starts or stops", ("update_while_moving",),
             inference.infer_run),
    Question("delete_while_running", "Delete of a running cluster", ("delete_while_running",), inference.infer_delete),
    Question("delete_takes", "Duration of a delete", ("delete_takes",), inference.infer_delete),
    Question("modified", "Meaning of modified", ("modified_flag", "modified_until"), inference.infer_modified),
    Question("unique_names", "Two clusters with one name", ("unique_names", "name_taken_status", "name_taken_code"),
             inference.infer_names),
    Question("texts", "Spelling of texts", _TEXT_RULES, _texts),
    Question("sizes", "Format of cpu and memory", ("sizes", "cpu_format", "memory_format"), formats.infer_sizes),
    Question("types", "Types of numbers, booleans, and times", ("integers", "booleans", "times"),
             formats.infer_scalars),
    Question("env", "Format of env", ("env_format", "env_newline"), formats.infer_env),
    Question("extra_param", "Place and format of extraParam", ("extra_param_format", "worker_extra_param"),
             formats.infer_extra_param),
    Question("worker_groups", "Order and type of worker groups", ("worker_order", "worker_type"),
             formats.infer_workers),
    Question("empty", "Empty values, defaults, and nulls", ("empty_values", "nulls", "defaults", "idle_timeout"),
             formats.infer_empty),
    Question("hidden", "Fields that reads or lists leave out", ("omitted_fields", "row_omits"), formats.infer_hidden),
    Question("password", "Redis password in reads", ("redis_password", "password_mask"), formats.infer_password),
    Question("reads_behind", "Stale reads after a write", ("reads_behind",), inference.infer_stale_reads),
    Question("page_size", "Largest page", ("max_page_size",), inference.infer_page_size),
    Question("list", "Order and pages of lists", ("list_order", "list_shuffle", "list_short_pages", "list_page_cap",
             "list_total"), inference.infer_lists),
    Question("list_lag", "Delay of lists after create and delete", ("list_hides_new_seconds", "list_hides_new_lists",
             "list_shows_deleted_seconds", "list_shows_deleted_lists"), inference.infer_lag),
    Question("next_token", "Token on the last page of workspaces", ("next_token",), inference.infer_next_token),
    Question("missing", "Errors for what does not exist", ("deleted_status", "deleted_code", "unknown_job_status",
             "unknown_job_code", "unknown_workspace_status", "error_style"), inference.infer_missing),
    Question("wrong_state", "Error in the wrong state", ("wrong_state_status", "wrong_state_code"),
             inference.infer_wrong_state),
    Question("start", "Start of a running cluster", ("start_when_running",), inference.infer_run),
    Question("stop", "Stop of a stopped or starting cluster", ("stop_when_stopped", "stop_while_starting"),
             inference.infer_run),
    Question("ends", "Ends of a start and a stop", ("starting_ends", "stopping_ends"), inference.infer_run),
    Question("unknown_field", "Unknown field in a request", (), _none),
    Question("missing_names", "Unknown queue and version", (), _none),
    Question("start_token", "Second start with the same token", (), _none),
    Question("rename_while_running", "Rename of a running cluster", (), _none),
    Question("throttling", "Throttling headers", (), _none),
)  # fmt: skip

# The rules that a question can answer with a value that makes another rule meaningless.
_NEEDLESS = (
    ("unique_names", "false", ("name_taken_status", "name_taken_code")),
    ("redis_password", "hidden", ("password_mask",)),
    ("redis_password", "clear", ("password_mask",)),
    ("modified_flag", "never", ("modified_until",)),
)


def answer_all(facts: Facts) -> list[Answer]:
    """Return the answer to each question."""
    answers = []
    for question in QUESTIONS:
        try:
            inferred = question.infer(facts)
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, LookupError):
            # The service showed data of another shape than every hypothesis.
            inferred = {}
        rules = {name: inferred[name] for name in question.rules if name in inferred}
        needless = {name for key, value, names in _NEEDLESS if rules.get(key) == value for name in names}
        missing = tuple(name for name in question.rules if name not in rules and name not in needless)
        if question.key == "list" and missing == ("list_page_cap",):
            missing = ()
        answers.append(Answer(question.key, question.text, rules, missing, _describe(question.key, facts)))
    return answers


def all_rules(answers: t.Iterable[Answer]) -> Rules:
    """Return the rules of all answers."""
    return {name: value for answer in answers for name, value in answer.rules.items()}


def _reply(reply: Value) -> str:
    if reply is None:
        return "not seen"
    return "accepted" if reply == "ok" else f"refused with {reply[0]} {reply[1] or 'without a code'}"


def _describe(key: str, facts: Facts) -> str:
    """Return observations beside the rules, in words."""
    run, second = facts.get("run") or {}, facts.get("second") or {}
    single = {
        "unknown_field": facts.get("unknown_field"),
        "start_token": run.get("same_token"),
        "rename_while_running": second.get("rename"),
    }
    if key in single:
        return _reply(single[key])
    if key == "missing_names":
        return f"queue {_reply(facts.get('missing_queue'))}; version {_reply(facts.get('missing_version'))}"
    if key == "throttling":
        headers = facts.get("throttling")
        return ", ".join(headers) if headers else "no header seen"
    if key == "states":
        return ", ".join(inference.state_names(facts))
    if key == "texts":
        either = updates.infer_texts(facts, WIRE)[1]
        return "; ".join(f"stored_{name} or shown_{name}: {steps}" for name, steps in either.items())
    return ""


def to_json(answers: t.Iterable[Answer]) -> list[Json]:
    """Return answers as JSON data."""
    return [
        {
            "question": a.question,
            "text": a.text,
            "status": a.status,
            "rules": a.rules,
            "open": list(a.open),
            "seen": a.seen,
        }
        for a in answers
    ]
