# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The objects of the double: made, changed, linked and deleted as AWX does it."""

from __future__ import annotations

import json
from typing import Any

import yaml

from . import object_rules, trees
from .fields import Field, Invalid, Json, Refused, clean
from .resources import RESOURCES, UNIFIED
from .survey_rules import check_survey, launch_variables

# What goes with an object that is deleted, and what only loses it.
CASCADES = {
    "inventories": (("hosts", "inventory"), ("groups", "inventory"), ("inventory_sources", "inventory")),
    "job_templates": (("schedules", "unified_job_template"),),
    "projects": (("schedules", "unified_job_template"),),
    "inventory_sources": (("schedules", "unified_job_template"),),
    "workflow_job_templates": (
        ("schedules", "unified_job_template"),
        ("workflow_job_template_nodes", "workflow_job_template"),
    ),
}
# How often a list still shows an inventory that is on its way out.
LINGERING = 2


class Store:
    """Everything that the double knows."""

    def __init__(self, found: trees.Trees) -> None:
        self.trees = found
        self.last_id = 0
        self.objects: dict[str, dict[int, Json]] = {endpoint: {} for endpoint in RESOURCES}
        self.links: dict[tuple[int, str], list[int]] = {}
        self.surveys: dict[int, Json] = {}
        self.updates: dict[int, Json] = {}
        self.tokens: dict[int, str] = {}
        self.is_superuser = True
        self.dropped: list[tuple[str, str]] = []
        # Jobs that are not over, by id.
        self.active: dict[int, Json] = {}
        # Jobs that are over, and whose events AWX still stores.
        self.storing: dict[int, Json] = {}
        self._leaving: dict[int, int] = {}

    def next_id(self) -> int:
        """Return an id that nothing has yet."""
        self.last_id += 1
        return self.last_id

    def unified(self, number: int | None) -> Json | None:
        """Return what can be started under this id."""
        return next((self.objects[kind][number] for kind in UNIFIED if number in self.objects[kind]), None)

    def endpoint_of(self, number: int) -> str:
        """Return the resource that the object with this id belongs to."""
        return next(endpoint for endpoint, found in self.objects.items() if number in found)

    def create(self, endpoint: str, sent: Json) -> Json:
        """Make an object of what was sent, or refuse it."""
        fields = RESOURCES[endpoint].fields
        missing = [name for name, field in fields.items() if field.required and sent.get(name) in (None, "")]
        if missing:
            raise Refused(400, {name: ["This field is required."] for name in missing})
        new = {name: field.default for name, field in fields.items()} | self._cleaned(endpoint, sent)
        self._check(endpoint, new, None)
        new["id"] = self.next_id()
        self.objects[endpoint][new["id"]] = new
        self._after(endpoint, new, {})
        return new

    def change(self, endpoint: str, number: int, sent: Json) -> Json:
        """Change an object by what was sent, or refuse it."""
        old = self.objects[endpoint][number]
        new = old | self._cleaned(endpoint, sent)
        self._check(endpoint, new, old)
        self.objects[endpoint][number] = new
        self._after(endpoint, new, old)
        return new

    def _cleaned(self, endpoint: str, sent: Json) -> Json:
        fields = RESOURCES[endpoint].fields
        shown = {"id", "type", "url", "related", "summary_fields", "created", "modified"}
        # AWX drops what it does not know. The tests look at what was dropped, since it is a typo of the sender.
        self.dropped += [(endpoint, name) for name in sorted(set(sent) - set(fields) - shown)]
        errors: Json = {}
        found = {}
        for name, field in fields.items():
            if name not in sent or field.read_only:
                continue
            try:
                found[name] = clean(field, sent[name])
                self._check_ref(field, found[name])
            except Invalid as error:
                errors[name] = [str(error)]
        if errors:
            raise Refused(400, errors)
        return found

    def _check_ref(self, field: Field, value: Any) -> None:
        if field.type != "id" or value is None:
            return
        there = self.unified(value) if field.to == "unified_job_templates" else self.objects[field.to].get(value)
        if there is None:
            raise Invalid(f'Invalid pk "{value}" - object does not exist.')

    def _check(self, endpoint: str, new: Json, old: Json | None) -> None:
        object_rules.check(self, endpoint, new, old)
        unique = RESOURCES[endpoint].unique
        for other in self.objects[endpoint].values() if unique else ():
            if (old is None or other["id"] != old["id"]) and all(other[key] == new[key] for key in unique):
                names = " and ".join(key.replace("_", " ").capitalize() for key in unique)
                label = RESOURCES[endpoint].type.replace("_", " ").capitalize()
                raise Refused(400, {"__all__": [f"{label} with this {names} already exists."]})

    def _after(self, endpoint: str, new: Json, old: Json) -> None:
        if endpoint != "projects":
            return
        source = ("scm_type", "scm_url", "scm_branch", "scm_refspec")
        if new["scm_type"] and any(old.get(key) != new[key] for key in source):
            self.update_project(new)
        elif not new["scm_type"]:
            new["status"] = "ok"

    def update_project(self, project: Json) -> Json:
        """Clone a project; it is over at once, and failed where there is nothing to clone."""
        there = self.trees.find(project) is not None
        project["status"] = "successful" if there else "failed"
        project["scm_revision"] = f"{project['scm_branch'] or 'HEAD'}" if there else ""
        update = {"id": self.next_id(), "project": project["id"], "status": project["status"], "failed": not there}
        self.updates[update["id"]] = update
        return update

    def link(self, number: int, relation: str, sent: Json) -> None:
        """Link an object with another, or take the link away."""
        target = RESOURCES[self.endpoint_of(number)].links[relation]
        other = sent.get("id")
        if not isinstance(other, int) or other not in self.objects[target]:
            raise Refused(400, {"msg": '"id" field must be an integer of an object that exists.'})
        linked = self.links.setdefault((number, relation), [])
        if sent.get("disassociate"):
            linked.remove(other)
        elif other not in linked:
            self._check_link(number, relation, other)
            linked.append(other)

    def _check_link(self, number: int, relation: str, other: int) -> None:
        if relation == "credentials":
            kind = self.objects["credentials"][other]["credential_type"]
            for linked in self.links.get((number, relation), []):
                if self.objects["credentials"][linked]["credential_type"] == kind:
                    name = self.objects["credential_types"][kind]["name"]
                    raise Refused(400, {"error": f"Cannot assign multiple {name} credentials."})
        if relation.endswith("_nodes"):
            nodes = self.objects["workflow_job_template_nodes"]
            if nodes[number]["workflow_job_template"] != nodes[other]["workflow_job_template"]:
                raise Refused(400, {"Error": "Cannot relate nodes of different workflows."})
            if self._leads_to(other, number):
                raise Refused(400, {"Error": "Cycle detected."})

    def _leads_to(self, start: int, goal: int) -> bool:
        following = [
            node for kind in ("success", "failure", "always") for node in self.links.get((start, f"{kind}_nodes"), [])
        ]
        return start == goal or any(self._leads_to(node, goal) for node in following)

    def set_survey(self, number: int, spec: Json | None) -> None:
        """Set the survey of a template; None removes it."""
        if spec is None:
            self.surveys.pop(number, None)
            return
        check_survey(spec, self.surveys.get(number))
        self.surveys[number] = spec

    def delete(self, endpoint: str, number: int) -> int:
        """Delete an object, and return the status that AWX answers with."""
        found = self.objects[endpoint][number]
        if found.get("managed"):
            raise Refused(403, {"detail": "Deletion not allowed for managed credential types"})
        used = {item["credential_type"] for item in self.objects["credentials"].values()}
        if endpoint == "credential_types" and number in used:
            raise Refused(403, {"detail": "Credential types that are in use cannot be deleted"})
        self._refuse_while_used(number)
        if endpoint == "inventories":
            if found["pending_deletion"]:
                raise Refused(400, {"error": "Inventory is already pending deletion."})
            found["pending_deletion"] = True
            self._leaving[number] = LINGERING
            return 202
        self._remove(endpoint, number)
        return 204

    def start(self, template: Json, variables: Json, prompts: Json | None = None) -> Json:
        """Start a job of a template; it is active until a test ends it. More than one slice are a workflow."""
        asked = {"inventory": template.get("inventory"), "job_slice_count": 1, **(prompts or {})}
        sliced = asked["job_slice_count"] > 1
        job: Json = {"id": self.next_id(), "unified_job_template": template["id"], "status": "running", **asked}
        job |= {"type": "workflow_job" if sliced or "playbook" not in template else "job", "is_sliced_job": sliced}
        job |= {"name": template.get("name", ""), "project": template.get("project")}
        self.active[job["id"]] = {**job, "extra_vars": json.dumps(variables)}
        return self.active[job["id"]]

    def fire(self, schedule: Json) -> Json:
        """Start what a schedule starts, with its answers, which were checked when it was made."""
        template = self.unified(schedule["unified_job_template"]) or {}
        spec = self.surveys.get(template["id"]) if template.get("survey_enabled") else None
        own = yaml.safe_load(template["extra_vars"]) or {}
        return self.start(template, launch_variables(spec, own, schedule["extra_data"]))

    def end(self, job: Json, *, events_are_processed: bool = True) -> None:
        """End a job. AWX then still stores its events for a moment, in which it deletes nothing that the job used."""
        ended = self.active.pop(job["id"])
        if not events_are_processed:
            self.storing[job["id"]] = ended

    def _refuse_while_used(self, number: int) -> None:
        """Refuse to delete what a job that is not over was started from or uses."""
        used_as = ("unified_job_template", "inventory", "project")
        active = [job for job in self.active.values() if any(job[name] == number for name in used_as)]
        if active:
            jobs = [{"type": job["type"], "id": job["id"]} for job in active]
            raise Refused(409, {"error": "Resource is being used by running jobs.", "active_jobs": jobs})
        for job in self.storing.values():
            if any(job[name] == number for name in used_as):
                raise Refused(403, {"detail": f"Related job {job['name']} is still processing events."})

    def pass_time(self) -> None:
        """Let go of what is on its way out; each list of inventories brings them a step further."""
        for number in list(self._leaving):
            self._leaving[number] -= 1
            if self._leaving[number] < 0:
                del self._leaving[number]
                self._remove("inventories", number)

    def _remove(self, endpoint: str, number: int) -> None:
        for other, key in CASCADES.get(endpoint, ()):
            for item in [item["id"] for item in self.objects[other].values() if item[key] == number]:
                self._remove(other, item)
        gone = self.objects[endpoint].pop(number)
        if gone.get("unified_job_template") in self.objects["workflow_approval_templates"]:
            self._remove("workflow_approval_templates", gone["unified_job_template"])
        self.surveys.pop(number, None)
        for (owner, relation), linked in list(self.links.items()):
            if owner == number:
                del self.links[owner, relation]
            elif number in linked:
                linked.remove(number)
        for kind, resource in RESOURCES.items():
            for name in (name for name, field in resource.fields.items() if field.type == "id"):
                for item in self.objects[kind].values():
                    item[name] = None if item[name] == number else item[name]
