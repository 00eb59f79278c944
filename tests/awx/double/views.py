# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How AWX shows its objects: with links, without secrets."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from .credential_rules import secrets_of
from .fields import Json
from .object_rules import SECRET_SETTINGS
from .resources import RESOURCES

if TYPE_CHECKING:
    from .store import Store

V2 = "/api/v2/"
HIDDEN = "$encrypted$"
MOMENT = "2026-11-22T08:00:00.000000Z"
# Lists of the objects that belong to one, by the field in which they name it.
CHILDREN = {
    "inventories": {"hosts": "inventory", "groups": "inventory", "inventory_sources": "inventory"},
    "job_templates": {"schedules": "unified_job_template"},
    "workflow_job_templates": {
        "schedules": "unified_job_template",
        "workflow_nodes": "workflow_job_template",
    },
    "inventory_sources": {"schedules": "unified_job_template"},
    "projects": {"schedules": "unified_job_template"},
}
CHILD_ENDPOINTS = {"workflow_nodes": "workflow_job_template_nodes"}
WITH_SURVEY = {"job_templates", "workflow_job_templates"}


def show(store: Store, endpoint: str, item: Json) -> Json:
    """Return an object as an answer has it."""
    resource = RESOURCES[endpoint]
    shown: Json = {
        "id": item["id"],
        "type": resource.type,
        "url": f"{V2}{endpoint}/{item['id']}/",
        "related": _related(store, endpoint, item),
        "summary_fields": _summary(store, endpoint, item),
        "created": MOMENT,
        "modified": MOMENT,
    }
    shown |= {name: deepcopy(item[name]) for name, field in resource.fields.items() if not field.write_only}
    if endpoint == "credentials":
        hidden = secrets_of(store.objects["credential_types"][item["credential_type"]])
        shown["inputs"] = {key: HIDDEN if key in hidden and value else value for key, value in shown["inputs"].items()}
    if endpoint == "workflow_job_template_nodes":
        outcomes = ("success_nodes", "failure_nodes", "always_nodes")
        shown |= {name: list(store.links.get((item["id"], name), [])) for name in outcomes}
    if endpoint == "notification_templates":
        settings = shown["notification_configuration"]
        shown["notification_configuration"] = {
            key: HIDDEN if key in SECRET_SETTINGS and value else value for key, value in settings.items()
        }
    return shown


def _related(store: Store, endpoint: str, item: Json) -> Json:
    base = f"{V2}{endpoint}/{item['id']}/"
    found = {name: f"{base}{name}/" for name in (*RESOURCES[endpoint].links, *CHILDREN.get(endpoint, {}))}
    if endpoint in WITH_SURVEY:
        found["survey_spec"] = f"{base}survey_spec/"
    if endpoint in {"projects", "inventory_sources"}:
        found["update"] = f"{base}update/"
    if endpoint == "projects":
        found["playbooks"] = f"{base}playbooks/"
    if endpoint == "workflow_job_template_nodes":
        found["create_approval_template"] = f"{base}create_approval_template/"
    for name, field in RESOURCES[endpoint].fields.items():
        if item.get(name) is not None and (field.type == "id" or name == "organization") and not field.write_only:
            to = store.endpoint_of(item[name])
            found[name] = f"{V2}{to}/{item[name]}/"
    return found


def _summary(store: Store, endpoint: str, item: Json) -> Json:
    found: Json = {}
    for name, field in RESOURCES[endpoint].fields.items():
        if field.type == "id" and item.get(name) is not None:
            other = store.objects[store.endpoint_of(item[name])][item[name]]
            found[name] = {"id": other["id"], "name": other.get("name", other.get("username", ""))}
    return found


def show_update(store: Store, update: Json) -> Json:
    """Return the sync of a project as an answer has it."""
    project: Json = store.objects["projects"].get(update["project"], {})
    return {
        **update,
        "type": "project_update",
        "url": f"{V2}project_updates/{update['id']}/",
        "name": project.get("name", ""),
        "scm_revision": project.get("scm_revision", ""),
        "event_processing_finished": True,
        "started": MOMENT,
        "finished": MOMENT,
        "elapsed": 0.1,
    }


def page(results: list[Json], start: int = 0, size: int = 25, path: str = "") -> Json:
    """Return one page of a list."""
    more = start + size < len(results)
    return {
        "count": len(results),
        "next": f"{path}page={start // size + 2}&page_size={size}" if more else None,
        "previous": None,
        "results": results[start : start + size],
    }


def options(endpoint: str) -> Json:
    """Return what OPTIONS tells of a resource."""
    resource = RESOURCES[endpoint]
    post: dict[str, Any] = {
        name: {"type": field.type if field.type != "variables" else "string", "required": field.required, "label": name}
        for name, field in resource.fields.items()
        if not field.read_only
    }
    return {
        "name": endpoint,
        "description": "",
        "actions": {"POST": post},
        "types": [resource.type],
        "search_fields": list(resource.search),
    }
