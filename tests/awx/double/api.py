# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which request is answered by what."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import yaml

from . import survey_rules, trees, views
from .fields import Json, Refused
from .launch_rules import check_launch
from .resources import RESOURCES, UNIFIED
from .store import Store
from .survey_rules import launch_variables

Answer = tuple[int, Any]
# What the index of AWX calls its resources, where it is not their name.
INDEX = {"inventories": "inventory"}
# Resources of AWX of which the double has nothing; awxkit wants to see that they exist.
EMPTY = ("system_job_templates", "jobs", "ad_hoc_commands", "workflow_jobs", "roles", "project_updates")
NOT_IN_INDEX = {"workflow_approval_templates"}
IN_A_QUERY = {"page", "page_size", "order_by"}


class Api:
    """The API: `answer` is the way in."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def answer(self, method: str, path: str, query: dict[str, str], sent: Any) -> Answer:
        """Return status and body of the answer to a request, or raise Refused."""
        found = re.fullmatch(r"/api/(?:v2/(?:(\w+)/(?:(\d+)/(?:(\w+)/)?)?)?)?", path)
        if not found:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        name, number, sub = found[1], int(found[2]) if found[2] else None, found[3]
        if name is None:
            return self._index(path)
        if method == "OPTIONS" and name not in RESOURCES:
            return 200, {"actions": {"POST": {}}}
        if hasattr(self, f"_{name}_view"):
            return getattr(self, f"_{name}_view")(method, number, query, sent)  # type: ignore[no-any-return]
        if name in EMPTY and number is None:
            return 200, views.page([])
        if name not in RESOURCES:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        if number is None:
            return self._list(method, name, query, sent)
        if number not in self.store.objects[name]:
            raise Refused(404, {"detail": "Not found."})
        return self._sub(method, name, number, sub, query, sent) if sub else self._detail(method, name, number, sent)

    def _index(self, path: str) -> Answer:
        if path == "/api/":
            return 200, {
                "description": "AWX REST API",
                "current_version": views.V2,
                "available_versions": {"v2": views.V2},
            }
        names = [name for name in RESOURCES if name not in NOT_IN_INDEX]
        more = ("ping", "config", "me", "tokens", "unified_job_templates", "unified_jobs", *EMPTY)
        return 200, {INDEX.get(name, name): f"{views.V2}{name}/" for name in (*names, *more)}

    def _ping_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        return 200, {"ha": False, "version": "24.6.1", "active_node": "awx", "instances": []}

    def _config_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        return 200, {"version": "24.6.1", "time_zone": "UTC", "license_info": {"license_type": "open"}}

    def _me_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        user = {
            "id": 1,
            "type": "user",
            "url": f"{views.V2}users/1/",
            "username": "admin",
            "is_superuser": self.store.is_superuser,
            "related": {},
        }
        return 200, views.page([user])

    def _tokens_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        if method == "POST":
            new = self.store.next_id()
            self.store.tokens[new] = f"double-token-{new}"
            url = f"{views.V2}tokens/{new}/"
            return 201, {
                "id": new,
                "type": "o_auth2_access_token",
                "url": url,
                "token": self.store.tokens[new],
                "related": {},
            }
        if method == "DELETE" and number in self.store.tokens:
            del self.store.tokens[number]
            return 204, None
        raise Refused(405 if number is None else 404, {"detail": "Not found."})

    def _project_updates_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        if number is None:
            return 200, views.page([])
        if number not in self.store.updates:
            raise Refused(404, {"detail": "Not found."})
        return 200, views.show_update(self.store, self.store.updates[number])

    def _unified_jobs_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        found = [
            {**job, "url": f"{views.V2}{job['type']}s/{job['id']}/", "related": {}, "summary_fields": {}}
            for job in self.store.active.values()
        ]
        return 200, self._page("unified_jobs", found, query)

    def _unified_job_templates_view(self, method: str, number: int | None, query: dict[str, str], sent: Any) -> Answer:
        found = [self._show(kind, item) for kind in UNIFIED for item in self.store.objects[kind].values()]
        return 200, self._page("unified_job_templates", found, query)

    def _show(self, endpoint: str, item: Json) -> Json:
        return views.show(self.store, endpoint, item)

    def _list(self, method: str, endpoint: str, query: dict[str, str], sent: Any) -> Answer:
        if method == "OPTIONS":
            return 200, views.options(endpoint)
        if method == "POST":
            self._check_rights(endpoint)
            new = self._show(endpoint, self.store.create(endpoint, sent))
            return 201, self._with_update(endpoint, new)
        if method != "GET":
            raise Refused(405, {"detail": f'Method "{method}" not allowed.'})
        if endpoint == "inventories":
            self.store.pass_time()
        found = [self._show(endpoint, item) for item in self.store.objects[endpoint].values()]
        return 200, self._page(endpoint, found, query)

    def _with_update(self, endpoint: str, shown: Json) -> Json:
        """Return an object with the sync that is under way for it, as AWX shows it right after it began."""
        running = [update["id"] for update in self.store.updates.values() if update["project"] == shown["id"]]
        if endpoint == "projects" and running and not self.store.updates[running[-1]].get("told"):
            self.store.updates[running[-1]]["told"] = True
            shown["summary_fields"]["current_update"] = {"id": running[-1], "status": "pending", "failed": False}
        return shown

    def _page(self, endpoint: str, found: list[Json], query: dict[str, str]) -> Json:
        kept = [item for item in found if _fits(item, query)]
        size = int(query.get("page_size", "25"))
        base = "".join(f"{key}={value}&" for key, value in query.items() if key not in {"page", "page_size"})
        return views.page(kept, (int(query.get("page", "1")) - 1) * size, size, f"{views.V2}{endpoint}/?{base}")

    def _check_rights(self, endpoint: str) -> None:
        """Refuse a user who administers an organization what only a system administrator may do."""
        if endpoint == "credential_types" and not self.store.is_superuser:
            raise Refused(403, {"detail": "You do not have permission to perform this action."})

    def _detail(self, method: str, endpoint: str, number: int, sent: Any) -> Answer:
        if method not in {"GET", "OPTIONS"}:
            self._check_rights(endpoint)
        if method == "GET":
            return 200, self._show(endpoint, self.store.objects[endpoint][number])
        if method in {"PATCH", "PUT"}:
            return 200, self._with_update(endpoint, self._show(endpoint, self.store.change(endpoint, number, sent)))
        if method == "DELETE":
            return self.store.delete(endpoint, number), None
        if method == "OPTIONS":
            return 200, views.options(endpoint)
        raise Refused(405, {"detail": f'Method "{method}" not allowed.'})

    def _sub(self, method: str, endpoint: str, number: int, sub: str, query: dict[str, str], sent: Any) -> Answer:
        if sub in RESOURCES[endpoint].links:
            return self._links(method, endpoint, number, sub, query, sent)
        if sub in views.CHILDREN.get(endpoint, {}):
            return self._children(method, endpoint, number, sub, query, sent)
        special: dict[tuple[str, str], Callable[[str, int, Any], Answer]] = {
            ("job_templates", "survey_spec"): self._survey,
            ("workflow_job_templates", "survey_spec"): self._survey,
            ("job_templates", "launch"): self._launch,
            ("workflow_job_templates", "launch"): self._launch,
            ("projects", "update"): self._update,
            ("projects", "playbooks"): self._playbooks,
            ("workflow_job_template_nodes", "create_approval_template"): self._approval,
        }
        if (endpoint, sub) not in special:
            raise Refused(404, {"detail": "The requested resource could not be found."})
        return special[endpoint, sub](method, number, sent)

    def _links(self, method: str, endpoint: str, number: int, sub: str, query: dict[str, str], sent: Any) -> Answer:
        target = RESOURCES[endpoint].links[sub]
        if method == "POST":
            self.store.link(number, sub, sent)
            return 204, None
        if method == "OPTIONS":
            told = views.options(target)
            told["actions"]["POST"]["id"] = {"type": "integer", "required": False}
            return 200, told
        linked = [
            self._show(target, self.store.objects[target][item]) for item in self.store.links.get((number, sub), [])
        ]
        return 200, self._page(target, linked, query)

    def _children(self, method: str, endpoint: str, number: int, sub: str, query: dict[str, str], sent: Any) -> Answer:
        key = views.CHILDREN[endpoint][sub]
        target = views.CHILD_ENDPOINTS.get(sub, sub)
        if method == "POST":
            return 201, self._show(target, self.store.create(target, {**sent, key: number}))
        if method == "OPTIONS":
            return 200, views.options(target)
        found = [self._show(target, item) for item in self.store.objects[target].values() if item[key] == number]
        return 200, self._page(target, found, query)

    def _survey(self, method: str, number: int, sent: Any) -> Answer:
        if method == "GET":
            spec = self.store.surveys.get(number)
            return 200, survey_rules.shown(spec) if spec else {}
        if method == "OPTIONS":
            return 200, {"name": "survey", "actions": {"POST": {}}, "search_fields": []}
        self.store.set_survey(number, None if method == "DELETE" else sent)
        return 200, {}

    def _launch(self, method: str, number: int, sent: Any) -> Answer:
        template = self.store.unified(number) or {}
        spec = self.store.surveys.get(number) if template["survey_enabled"] else None
        if method == "GET":
            needed = [question["variable"] for question in (spec["spec"] if spec else ()) if question["required"]]
            asks = [name for name, value in template.items() if name.startswith("ask_") and value]
            return 200, {
                "variables_needed_to_start": needed,
                # A workflow may ask for more, and still needs no input.
                "can_start_without_user_input": not needed and ("playbook" not in template or not asks),
                "survey_enabled": spec is not None,
            }
        accepted, ignored = check_launch(self.store, template, sent)
        own = yaml.safe_load(template["extra_vars"]) or {}
        job = self.store.start(template, launch_variables(spec, own, accepted.pop("extra_vars", {})), accepted)
        shown = {**job, "url": f"{views.V2}{job['type']}s/{job['id']}/", "ignored_fields": ignored}
        return 201, {**shown, job["type"]: job["id"]}

    def _update(self, method: str, number: int, sent: Any) -> Answer:
        project = self.store.objects["projects"][number]
        if not project["scm_type"]:
            raise Refused(405, {"detail": "Method not allowed."})
        if method == "GET":
            return 200, {"can_update": True}
        return 202, views.show_update(self.store, self.store.update_project(project))

    def _playbooks(self, method: str, number: int, sent: Any) -> Answer:
        tree = self.store.trees.find(self.store.objects["projects"][number])
        return 200, trees.playbooks(tree) if tree else []

    def _approval(self, method: str, number: int, sent: Any) -> Answer:
        if method == "OPTIONS":
            return 200, views.options("workflow_approval_templates")
        new = self.store.create("workflow_approval_templates", sent)
        self.store.objects["workflow_job_template_nodes"][number]["unified_job_template"] = new["id"]
        return 201, self._show("workflow_approval_templates", new)


def _fits(item: Json, query: dict[str, str]) -> bool:
    either = [_equal(item, key.removeprefix("or__"), value) for key, value in query.items() if key.startswith("or__")]
    rest = [(key, value) for key, value in query.items() if key not in IN_A_QUERY and not key.startswith("or__")]
    return (not either or any(either)) and all(_equal(item, key, value) for key, value in rest)


def _equal(item: Json, key: str, value: str) -> bool:
    name, _sign, how = key.partition("__")
    if name not in item and name != "organization":
        raise Refused(400, {"detail": f"{type(item).__name__} has no field named '{name}'"})
    if how == "startswith":
        return str(item.get(name)).startswith(value)
    if how == "in":
        return str(item.get(name)) in value.split(",")
    if how == "name":
        return bool(item["summary_fields"].get(name, {}).get("name") == value)
    if how or (isinstance(item.get(name), int) and not value.isdigit() and not isinstance(item.get(name), bool)):
        raise Refused(400, {"detail": f"Unsupported lookup or value: {key}={value}"})
    return str(item.get(name)) == value
