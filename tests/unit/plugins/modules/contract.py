# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the contract tests compare: documentation with its fragments, argument specs, shapes."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import cluster as _argspec_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import doctor as _doctor_argspec
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import fleet as _fleet_argspec
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import job as _job_argspec
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import platform as _argspec_platform
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import probe as _probe_argspec
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec import workspace as _argspec_workspace
from ansible_collections.rayops.alicloud.plugins.module_utils._payload import fields_of

ROOT = Path(__file__).parents[4]
MODULES = sorted(path.stem for path in (ROOT / "plugins" / "modules").glob("*.py"))
ARGUMENT_SPECS: dict[str, dict[str, Any]] = {
    "emr_ray_cluster": _argspec_cluster.CLUSTER_OPTIONS,
    "emr_ray_cluster_info": _argspec_cluster.CLUSTER_INFO_OPTIONS,
    "emr_ray_job": _job_argspec.JOB,
    "emr_ray_job_info": _job_argspec.JOB_INFO,
    "emr_ray_job_log": _job_argspec.JOB_LOG,
    "emr_ray_fleet": _fleet_argspec.FLEET,
    "emr_ray_doctor": _doctor_argspec.DOCTOR,
    "emr_ray_probe": _probe_argspec.PROBE,
    "emr_workspace_info": _argspec_workspace.WORKSPACE_INFO_OPTIONS,
    "emr_workspace": _argspec_platform.WORKSPACE_OPTIONS,
    "emr_workspace_queue": _argspec_platform.QUEUE_OPTIONS,
    "emr_network_service": _argspec_platform.NETWORK_OPTIONS,
    "emr_workspace_member": _argspec_platform.MEMBER_OPTIONS,
}


def module_constant(module: str, block: str) -> dict[str, Any]:
    """Return DOCUMENTATION or RETURN of a module, as it stands in the file."""
    python = importlib.import_module(f"ansible_collections.rayops.alicloud.plugins.modules.{module}")
    return dict(yaml.safe_load(getattr(python, block)))


def documentation(module: str) -> dict[str, Any]:
    """Return a module's documentation with the options and attributes of its fragments merged in."""
    text = module_constant(module, "DOCUMENTATION")
    options, attributes = dict(text["options"]), {}
    for fragment in text["extends_documentation_fragment"]:
        name = fragment.removeprefix("rayops.alicloud.")
        python = importlib.import_module(f"ansible_collections.rayops.alicloud.plugins.doc_fragments.{name}")
        part = yaml.safe_load(python.ModuleDocFragment.DOCUMENTATION)
        assert not set(part.get("options", {})) & set(options), "an option is documented twice"
        options |= part.get("options", {})
        attributes |= part.get("attributes", {})
    own = text.get("attributes", {})
    merged = {name: attributes.get(name, {}) | own.get(name, {}) for name in {*attributes, *own}}
    return {**text, "options": options, "attributes": merged}


def flatten_options(options: dict[str, Any], nested: str, path: str = "") -> dict[str, dict[str, Any]]:
    """Return every option with its path; ``nested`` is the key of the options below: options or suboptions."""
    found = {}
    for name, option in options.items():
        found[path + name] = {
            "type": option.get("type", "str"),
            "elements": option.get("elements"),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "required": bool(option.get("required")),
        }
        found |= flatten_options(option.get(nested) or {}, nested, f"{path}{name}.")
    return found


def argument_paths(options: dict[str, Any], path: str = "") -> set[str]:
    """Return the paths of all options of an argument spec."""
    return set(flatten_options(options, "options", path))


def payload_paths(payload: type, path: str = "") -> set[str]:
    """Return the paths of all fields of a payload and of those in it."""
    found = set()
    for name, field in fields_of(payload).items():
        found.add(path + name)
        if field.is_payload:
            found |= payload_paths(field.type, f"{path}{name}.")
    return found


def to_camel_case(name: str) -> str:
    """Return the API's spelling of a path of options."""
    return re.sub(r"_([a-z])", lambda match: match.group(1).upper(), name)
