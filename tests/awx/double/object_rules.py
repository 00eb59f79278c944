# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX asks of an object as a whole, beyond what its single fields take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import trees
from .credential_rules import check_credential, check_injectors, check_inputs
from .fields import Json, Refused
from .launch_rules import check_saved
from .schedule_rules import check_rrule

if TYPE_CHECKING:
    from .store import Store

NEEDED = {
    "webhook": {"url": "", "headers": {}},
    "slack": {"token": "", "channels": []},
    "email": {"host": "", "port": 0, "sender": "", "recipients": []},
}
GIVEN = {
    "webhook": {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""},
    "slack": {"hex_color": ""},
    "email": {"username": "", "password": "", "use_tls": False, "use_ssl": False, "timeout": 30},
}
SECRET_SETTINGS = {"password", "token"}


def check(store: Store, endpoint: str, new: Json, old: Json | None) -> None:
    """Refuse an object that AWX refuses; `old` is what it was before."""
    rule = _RULES.get(endpoint)
    if rule:
        rule(store, new, old)


def _credential_type(store: Store, new: Json, old: Json | None) -> None:
    check_inputs(new["inputs"])
    check_injectors(new["injectors"], new["inputs"])
    used = old and any(item["credential_type"] == old["id"] for item in store.objects["credentials"].values())
    if used and old and old["inputs"] != new["inputs"]:
        raise Refused(403, {"detail": "Modifications to inputs are not allowed for credential types that are in use"})


def _credential(store: Store, new: Json, old: Json | None) -> None:
    if old is None and not any(new.get(key) for key in ("organization", "user", "team")):
        raise Refused(400, {"__all__": ["Missing 'user', 'team', or 'organization'."]})
    if old and old["credential_type"] != new["credential_type"]:
        raise Refused(400, {"credential_type": ["You cannot change the credential type of the credential."]})
    kind = store.objects["credential_types"][new["credential_type"]]
    if old:
        new["inputs"] = {
            key: old["inputs"].get(key) if value == "$encrypted$" else value for key, value in new["inputs"].items()
        }
    check_credential(new["inputs"], kind)
    new["kind"] = kind["kind"]


def _project(store: Store, new: Json, old: Json | None) -> None:
    if new["scm_type"] and not new["scm_url"]:
        raise Refused(400, {"scm_url": ["SCM URL is required."]})
    if new["scm_type"]:
        if old is None:
            new["local_path"] = f"_{store.last_id + 1}__{new['name'].lower().replace(' ', '_')}"
    elif new["local_path"] not in store.trees.folders:
        raise Refused(400, {"local_path": ["Invalid path choice."]})
    elif new["scm_update_on_launch"] or new["allow_override"]:
        raise Refused(400, {"__all__": ["Update options must be set to false for manual projects."]})
    _kind_of(store, new["credential"], {"scm"}, "Credential kind must be 'scm'.")


def _kind_of(store: Store, credential: int | None, kinds: set[str], message: str) -> None:
    if credential is not None and store.objects["credentials"][credential]["kind"] not in kinds:
        raise Refused(400, {"credential": [message]})


def _inventory(store: Store, new: Json, old: Json | None) -> None:
    if new["host_filter"] and new["kind"] != "smart":
        raise Refused(400, {"host_filter": ["'host_filter' must only be set for smart inventories."]})


def _inventory_source(store: Store, new: Json, old: Json | None) -> None:
    if new["source"] != "scm":
        wrong = [key for key in ("source_project", "source_path", "scm_branch") if new[key]]
        if wrong:
            raise Refused(400, {"detail": f"Cannot set {', '.join(wrong)} if not SCM type."})
        _kind_of(store, new["credential"], {"cloud"}, "Cloud-based inventory sources require matching credentials.")
        return
    if new["source_project"] is None:
        raise Refused(400, {"source_project": ["Project required for scm type sources."]})
    kinds = {item["kind"] for item in store.objects["credentials"].values()} - {"insights", "vault"}
    message = "Credentials of type insights and vault are disallowed for scm inventory sources."
    _kind_of(store, new["credential"], kinds, message)


def _job_template(store: Store, new: Json, old: Json | None) -> None:
    if new["project"] is None:
        raise Refused(400, {"project": ["This field is required."]})
    project = store.objects["projects"][new["project"]]
    new["organization"] = project["organization"]
    if not new["playbook"]:
        raise Refused(400, {"playbook": ["Must select playbook for project."]})
    tree = store.trees.find(project)
    if project["status"] not in {"successful", "ok"} or tree is None or new["playbook"] not in trees.playbooks(tree):
        raise Refused(400, {"playbook": ["Playbook not found for project."]})
    if new["scm_branch"] and not project["allow_override"]:
        raise Refused(400, {"scm_branch": ["Project does not allow overriding branch."]})
    if new["inventory"] is None and not new["ask_inventory_on_launch"]:
        raise Refused(400, {"inventory": ["Must either set a default value or ask to prompt on launch."]})


def _schedule(store: Store, new: Json, old: Json | None) -> None:
    check_rrule(new["rrule"])
    template = store.unified(new["unified_job_template"])
    if template is None:
        raise Refused(
            400, {"unified_job_template": [f'Invalid pk "{new["unified_job_template"]}" - object does not exist.']}
        )
    check_saved(store, template, new)


def _node(store: Store, new: Json, old: Json | None) -> None:
    template = store.unified(new["unified_job_template"])
    if new["unified_job_template"] is not None and template is None:
        raise Refused(
            400, {"unified_job_template": [f'Invalid pk "{new["unified_job_template"]}" - object does not exist.']}
        )
    if template is not None:
        # The workflow may have the answers that the template requires.
        check_saved(store, template, new, required=False)


def _notification(store: Store, new: Json, old: Json | None) -> None:
    kind, given = new["notification_type"], dict(new["notification_configuration"])
    if kind not in NEEDED:
        return
    missing = sorted(set(NEEDED[kind]) - set(given))
    if missing:
        raise Refused(
            400, {"notification_configuration": [f"Missing required fields for Notification Configuration: {missing}."]}
        )
    wrong = [key for key, example in NEEDED[kind].items() if not isinstance(given[key], type(example))]
    if wrong:
        raise Refused(400, {"notification_configuration": [f"Configuration field '{wrong[0]}' incorrect type."]})
    before = old["notification_configuration"] if old else {}
    kept = {key: before.get(key, "") for key, value in given.items() if value == "$encrypted$"}
    new["notification_configuration"] = {**GIVEN[kind], **given, **kept}


_RULES = {
    "credential_types": _credential_type,
    "credentials": _credential,
    "projects": _project,
    "inventories": _inventory,
    "inventory_sources": _inventory_source,
    "job_templates": _job_template,
    "schedules": _schedule,
    "workflow_job_template_nodes": _node,
    "notification_templates": _notification,
}
