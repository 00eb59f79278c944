# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resources: their fields, what has to be unique, and what they are linked with."""

from __future__ import annotations

from dataclasses import dataclass, field

from .fields import Field, choice, computed, flag, mapping, number, ref, text, variables
from .prompts import ANSWERS, PROMPTS, VERBOSITIES

NAMED = {"name": text(512, required=True), "description": text()}
ON_EVENTS = {f"notification_templates_{event}": "notification_templates" for event in ("started", "success", "error")}


@dataclass(frozen=True)
class Resource:
    """One resource; `links` are its relations that are set one by one, with the resource at the other end."""

    type: str
    fields: dict[str, Field]
    unique: tuple[str, ...] = ("name",)
    links: dict[str, str] = field(default_factory=dict)
    search: tuple[str, ...] = ("description", "name")


RESOURCES = {
    "organizations": Resource(
        "organization",
        {**NAMED, "max_hosts": number(), "default_environment": ref("execution_environments")},
        links={"galaxy_credentials": "credentials", "instance_groups": "instance_groups", **ON_EVENTS},
    ),
    "users": Resource("user", {"username": text(150, required=True)}, ("username",), search=("username",)),
    "teams": Resource("team", {**NAMED, "organization": ref("organizations", required=True)}, ("organization", "name")),
    "applications": Resource("o_auth2_application", {**NAMED, "organization": ref("organizations", required=True)}),
    "instance_groups": Resource("instance_group", {"name": text(required=True)}),
    "labels": Resource("label", {"name": text(required=True), "organization": ref("organizations", required=True)}),
    "credential_types": Resource(
        "credential_type",
        {
            **NAMED,
            "kind": choice("cloud", "net", required=True),
            "inputs": mapping(),
            "injectors": mapping(),
            "managed": computed(default=False),
            "namespace": computed(),
        },
        ("name", "kind"),
    ),
    "credentials": Resource(
        "credential",
        {
            **NAMED,
            "organization": ref("organizations"),
            "credential_type": ref("credential_types", required=True),
            "inputs": mapping(),
            "kind": computed(),
            "managed": computed(default=False),
            "user": Field("id", default=None, null=True, to="users", write_only=True),
            "team": Field("id", default=None, null=True, to="teams", write_only=True),
        },
        ("organization", "name", "credential_type"),
    ),
    "execution_environments": Resource(
        "execution_environment",
        {
            **NAMED,
            "organization": ref("organizations"),
            "image": text(1024, required=True),
            "credential": ref("credentials"),
            "pull": choice("always", "missing", "never"),
            "managed": computed(default=False),
        },
    ),
    "notification_templates": Resource(
        "notification_template",
        {
            **NAMED,
            "organization": ref("organizations", required=True),
            "notification_type": choice(
                *(
                    "awssns",
                    "email",
                    "grafana",
                    "irc",
                    "mattermost",
                    "pagerduty",
                    "rocketchat",
                    "slack",
                    "twilio",
                    "webhook",
                ),
                required=True,
            ),
            "notification_configuration": mapping(),
            "messages": Field("json", default=None, null=True),
        },
        ("organization", "name"),
    ),
    "projects": Resource(
        "project",
        {
            **NAMED,
            "organization": ref("organizations"),
            "local_path": text(1024),
            "scm_type": choice("git", "svn", "insights", "archive"),
            "scm_url": text(1024),
            "scm_branch": text(256),
            "scm_refspec": text(1024),
            "scm_clean": flag(),
            "scm_track_submodules": flag(),
            "scm_delete_on_update": flag(),
            "credential": ref("credentials"),
            "timeout": number(),
            "scm_update_on_launch": flag(),
            "scm_update_cache_timeout": number(),
            "allow_override": flag(),
            "default_environment": ref("execution_environments"),
            "signature_validation_credential": ref("credentials"),
            "scm_revision": computed(default=""),
            "status": computed(default="never updated"),
        },
        ("organization", "name"),
        dict(ON_EVENTS),
    ),
    "inventories": Resource(
        "inventory",
        {
            **NAMED,
            "organization": ref("organizations", required=True),
            "kind": choice("smart", "constructed"),
            "host_filter": Field("string", default=None, null=True),
            "variables": variables(""),
            "prevent_instance_group_fallback": flag(),
            "pending_deletion": computed(default=False),
        },
        ("organization", "name"),
        {"instance_groups": "instance_groups", "labels": "labels"},
    ),
    "hosts": Resource(
        "host",
        {**NAMED, "inventory": ref("inventories", required=True), "enabled": flag(True), "variables": variables("")},
        ("inventory", "name"),
    ),
    "groups": Resource(
        "group",
        {**NAMED, "inventory": ref("inventories", required=True), "variables": variables("")},
        ("inventory", "name"),
    ),
    "inventory_sources": Resource(
        "inventory_source",
        {
            **NAMED,
            "inventory": ref("inventories", required=True),
            "source": choice(
                "scm", "ec2", "gce", "azure_rm", "vmware", "satellite6", "openstack", "controller", required=True
            ),
            "source_path": text(1024),
            "source_vars": variables(""),
            "scm_branch": text(),
            "credential": ref("credentials"),
            "enabled_var": text(),
            "enabled_value": text(),
            "host_filter": text(),
            "limit": text(),
            "overwrite": flag(),
            "overwrite_vars": flag(),
            "timeout": number(),
            "verbosity": choice(0, 1, 2, default=1),
            "execution_environment": ref("execution_environments"),
            "update_on_launch": flag(),
            "update_cache_timeout": number(),
            "source_project": ref("projects"),
        },
        ("inventory", "name"),
        dict(ON_EVENTS),
    ),
    "job_templates": Resource(
        "job_template",
        {
            **NAMED,
            "organization": computed(),
            "job_type": choice("run", "check", default="run"),
            "inventory": ref("inventories"),
            "project": ref("projects"),
            "playbook": text(1024),
            "scm_branch": text(1024),
            "forks": number(),
            "limit": text(),
            "verbosity": choice(*VERBOSITIES, default=0),
            "extra_vars": variables(),
            "job_tags": text(),
            "force_handlers": flag(),
            "skip_tags": text(1024),
            "start_at_task": text(1024),
            "timeout": number(),
            "use_fact_cache": flag(),
            "execution_environment": ref("execution_environments"),
            "host_config_key": text(1024),
            **PROMPTS,
            "survey_enabled": flag(),
            "become_enabled": flag(),
            "diff_mode": flag(),
            "allow_simultaneous": flag(),
            "job_slice_count": number(1),
            "webhook_service": choice("github", "gitlab"),
            "webhook_credential": ref("credentials"),
            "prevent_instance_group_fallback": flag(),
        },
        ("organization", "name"),
        {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups", **ON_EVENTS},
    ),
    "workflow_job_templates": Resource(
        "workflow_job_template",
        {
            **NAMED,
            "organization": ref("organizations"),
            "extra_vars": variables(),
            "survey_enabled": flag(),
            "allow_simultaneous": flag(),
            **{
                name: PROMPTS[name]
                for name in (
                    *(
                        "ask_inventory_on_launch",
                        "ask_labels_on_launch",
                        "ask_limit_on_launch",
                        "ask_scm_branch_on_launch",
                    ),
                    *("ask_skip_tags_on_launch", "ask_tags_on_launch", "ask_variables_on_launch"),
                )
            },
            "inventory": ref("inventories"),
            "limit": text(),
            "scm_branch": text(),
            "job_tags": text(),
            "skip_tags": text(),
            "webhook_service": choice("github", "gitlab"),
            "webhook_credential": ref("credentials"),
        },
        ("organization", "name"),
        {"labels": "labels", "notification_templates_approvals": "notification_templates", **ON_EVENTS},
    ),
    "workflow_job_template_nodes": Resource(
        "workflow_job_template_node",
        {
            **ANSWERS,
            "workflow_job_template": ref("workflow_job_templates", required=True),
            "unified_job_template": ref("unified_job_templates"),
            "identifier": text(512, required=True),
            "all_parents_must_converge": flag(),
        },
        ("workflow_job_template", "identifier"),
        {
            **{f"{outcome}_nodes": "workflow_job_template_nodes" for outcome in ("success", "failure", "always")},
            "credentials": "credentials",
            "labels": "labels",
            "instance_groups": "instance_groups",
        },
        ("identifier",),
    ),
    "workflow_approval_templates": Resource("workflow_approval_template", {**NAMED, "timeout": number()}, ()),
    "schedules": Resource(
        "schedule",
        {
            **NAMED,
            "rrule": text(required=True),
            **ANSWERS,
            "unified_job_template": ref("unified_job_templates", required=True),
            "enabled": flag(True),
        },
        ("unified_job_template", "name"),
        {"credentials": "credentials", "labels": "labels", "instance_groups": "instance_groups"},
    ),
}
# What may be started, scheduled, and put into a workflow; one list shows them all.
UNIFIED = ("projects", "inventory_sources", "job_templates", "workflow_job_templates", "workflow_approval_templates")
