# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide what AWX accepts for a launch, and for the launches that a schedule or a node of a workflow has saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from .fields import Json, Refused
from .survey_rules import answer_errors

if TYPE_CHECKING:
    from .store import Store

# The fields of a launch besides answers and credentials, by the prompt that allows them.
FIELDS = {
    **{name: name for name in ("inventory", "limit", "job_type", "diff_mode", "verbosity", "scm_branch")},
    **{name: name for name in ("execution_environment", "forks", "job_slice_count", "timeout", "skip_tags")},
    "job_tags": "tags",
}


def check_launch(store: Store, template: Json, sent: Json) -> tuple[Json, Json]:
    """Return the fields that a launch by API sets and those that AWX ignores, or refuse it.

    A job template ignores a field that it does not ask for, a workflow refuses it.
    """
    answers = sent.get("extra_vars", {})
    answers = yaml.safe_load(answers) or {} if isinstance(answers, str) else answers
    accepted, rejected, errors = _sort(store, template, {**sent, "extra_vars": answers})
    if "playbook" in template:
        errors = {key: text for key, text in errors.items() if key not in rejected}
        errors |= _check_slices(store, template, accepted)
        errors |= _check_credentials(store, template, sent)
    if errors:
        raise Refused(400, errors)
    return accepted, rejected


def check_saved(store: Store, template: Json, saved: Json, *, required: bool = True) -> None:
    """Refuse a schedule or a node of a workflow, which set nothing that the template does not ask for."""
    wanted = {name: value for name, value in saved.items() if name in FIELDS and value not in (None, "")}
    found = _sort(store, template, {**wanted, "extra_vars": saved["extra_data"]}, required=required)
    errors = {{"extra_vars": "extra_data"}.get(key, key): text for key, text in found[2].items()}
    if errors:
        raise Refused(400, errors)


def _sort(store: Store, template: Json, sent: Json, *, required: bool = True) -> tuple[Json, Json, Json]:
    """Return the fields that a template accepts, those that it rejects, and the errors by field."""
    spec = store.surveys.get(template["id"]) if template.get("survey_enabled") else None
    asked = {question["variable"] for question in spec["spec"]} if spec else set()
    answers = sent["extra_vars"]
    more = {} if template.get("ask_variables_on_launch") else {k: v for k, v in answers.items() if k not in asked}
    accepted: Json = {"extra_vars": {name: value for name, value in answers.items() if name not in more}}
    rejected: Json = {}
    errors: Json = {}
    if more:
        rejected["extra_vars"] = more
        names = ", ".join(more)
        errors["extra_vars"] = [
            f"Variables {names} are not allowed on launch. Check the Prompt on Launch setting on the Job Template"
        ]
    for name, prompt in FIELDS.items():
        if sent.get(name) is None or sent[name] == template.get(name):
            continue
        if template.get(f"ask_{prompt}_on_launch"):
            accepted[name] = sent[name]
        else:
            rejected[name] = sent[name]
            errors[name] = ["Field is not configured to prompt on launch."]
    wrong = answer_errors(spec, answers, required=required) if spec else []
    return accepted, rejected, errors | ({"variables_needed_to_start": wrong} if wrong else {})


def _check_slices(store: Store, template: Json, accepted: Json) -> Json:
    """Return an error for slices of an inventory that has fewer than two hosts."""
    inventory = accepted.get("inventory", template["inventory"])
    hosts = [host for host in store.objects["hosts"].values() if host["inventory"] == inventory]
    if accepted.get("job_slice_count", 1) > 1 and len(hosts) <= 1:
        return {"job_slice_count": "Job inventory does not have enough hosts for slicing"}
    if "job_slice_count" in accepted:
        accepted["job_slice_count"] = min(accepted["job_slice_count"], max(len(hosts), 1))
    return {}


def _check_credentials(store: Store, template: Json, sent: Json) -> Json:
    """Return the errors of credentials: each of the template stays, or another of its type takes its place."""
    if "credentials" not in sent:
        return {}
    kinds: dict[int, Any] = {}
    for number in sent["credentials"]:
        kind = store.objects["credentials"][number]["credential_type"]
        if kind in kinds:
            return {"credentials": ["Cannot assign multiple credentials of the same type."]}
        kinds[kind] = number
    for number in store.links.get((template["id"], "credentials"), []):
        if store.objects["credentials"][number]["credential_type"] not in kinds:
            return {"credentials": ["Removing credential at launch time without replacement is not supported."]}
    return {}
