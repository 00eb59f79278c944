# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the definitions of the role awx_setup as files, for users of AWX's pages and of awxkit.

The files are not in git: the build of a release makes them, and `make awx-files` makes them in a checkout.

usage: awx_files.py [FOLDER]    writes the files below FOLDER, extensions/awx by default
"""

from __future__ import annotations

import functools
import itertools
import json
import sys
from pathlib import Path
from typing import Any

import yaml

Json = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
ROLE = ROOT / "roles/awx_setup"
FOLDER = ROOT / "extensions/awx"
ORGANIZATION = {"name": "Default", "type": "organization"}
IMAGE = "registry.example.com/rayops-alicloud-ee:latest"
PROMPTS = (
    "credential",
    "diff_mode",
    "inventory",
    "job_slice_count",
    "job_type",
    "limit",
    "timeout",
    "variables",
    "verbosity",
)
HEADER = """\
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""


class _Loader(yaml.SafeLoader):
    """Reads `!unsafe` as the text that it is."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


class _Dumper(yaml.SafeDumper):
    """Writes no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        """Return that nothing is an alias."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Indent lists, too."""
        super().increase_indent(flow, indentless=False)


def _as_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _as_text)


@functools.cache
def read(path: str) -> Json:
    """Return the variables of a file of the role."""
    found: Json = yaml.load((ROLE / path).read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    return found


def definitions() -> dict[str, list[Json]]:
    """Return the credential types and the job templates of the role."""
    return {
        "credential_types": read("vars/main/credential_type.yml")["awx_setup_credential_types"],
        "job_templates": read("vars/main/job_templates.yml")["awx_setup_job_templates"],
    }


def _name(variable: str) -> str:
    template: str = read("vars/main/objects.yml")[f"awx_setup_{variable}_name"]
    return template.replace("{{ awx_setup_prefix }}", "")


def _key(kind: str, name: str, **more: Any) -> Json:
    """Return what awxkit knows an object by."""
    return {"organization": ORGANIZATION, "name": name, "type": kind, **more}


def _job_template(template: Json, schedules: list[Json]) -> Json:
    inventories = {"local": _name("local"), "clusters": _name("clusters")}
    plain = {"job_type": "run", "verbosity": 0, "forks": 0, "timeout": 0, "job_slice_count": 1}
    flags = {"diff_mode": False, "allow_simultaneous": False, **{f"ask_{name}_on_launch": False for name in PROMPTS}}
    wanted = {key: template.get(key, value) for key, value in {**plain, **flags}.items()}
    return {
        "name": template["name"],
        "description": template["description"],
        **wanted,
        # The file has no credential: each launch asks for one until you set it in the template.
        "ask_credential_on_launch": True,
        "extra_vars": json.dumps(template.get("extra_vars", {})),
        "project": _key("project", _name("project")),
        "playbook": template["playbook"],
        "inventory": _key("inventory", inventories[template["inventory"]]),
        "execution_environment": {"name": _name("image"), "type": "execution_environment"},
        "survey_enabled": "survey_spec" in template,
        # In this order: a schedule may only answer a survey that is there.
        "related": {
            **({"survey_spec": template["survey_spec"]} if "survey_spec" in template else {}),
            "schedules": schedules,
        },
        "natural_key": _key("job_template", template["name"]),
    }


def _inventories() -> list[Json]:
    described = {
        "local": "localhost, where tasks that call the service run",
        "clusters": "The clusters of the workspace, as its inventory source finds them",
    }
    found = [
        {
            "name": _name(key),
            "description": text,
            "organization": ORGANIZATION,
            "kind": "",
            "natural_key": _key("inventory", _name(key)),
        }
        for key, text in described.items()
    ]
    variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    host = {
        "name": "localhost",
        "description": "Runs tasks in the container of the job, with the Python that runs ansible-core",
        "enabled": True,
        "variables": json.dumps(variables),
        "natural_key": {"name": "localhost", "inventory": found[0]["natural_key"], "type": "host"},
    }
    found[0]["related"] = {"hosts": [host]}
    return found


def _inventory_source(defaults: Json) -> Json:
    inventory = _key("inventory", _name("clusters"))
    return {
        "name": _name("source"),
        "description": "Creates a host for every cluster",
        "inventory": inventory,
        "source": "scm",
        "source_project": _key("project", _name("project")),
        "source_path": defaults["awx_setup_project_inventory"],
        "execution_environment": {"name": _name("image"), "type": "execution_environment"},
        "overwrite": True,
        "overwrite_vars": True,
        "update_on_launch": True,
        "update_cache_timeout": defaults["awx_setup_inventory_cache"],
        # AWX names no organization of an inventory source, so that awxkit would not find one that has it in its key.
        "natural_key": {"name": _name("source"), "inventory": inventory, "type": "inventory_source"},
    }


def _workflow(templates: dict[str, Json]) -> Json:
    steps = ("doctor", "blue_green", "report")
    key = _key("workflow_job_template", _name("workflow"))
    keys = {
        step: {"workflow_job_template": key, "identifier": step, "type": "workflow_job_template_node"} for step in steps
    }
    following = dict(itertools.pairwise(steps))
    nodes = [
        {
            "identifier": step,
            "unified_job_template": _key("job_template", templates[step]["name"]),
            "extra_data": {},
            "related": {"success_nodes": [keys[following[step]]]} if step in following else {},
            "natural_key": keys[step],
        }
        for step in steps
    ]
    return {
        "name": _name("workflow"),
        "description": "Runs the doctor, replaces the cluster if its configuration differs, and reports",
        "organization": ORGANIZATION,
        "survey_enabled": True,
        "related": {"survey_spec": templates["blue_green"]["survey_spec"], "workflow_nodes": nodes},
        "natural_key": key,
    }


def _schedules(defaults: Json, started: Json) -> list[Json]:
    zone = defaults["awx_setup_timezone"]
    found = []
    for schedule in (item for item in defaults["awx_setup_schedules"] if item["template"] == started["key"]):
        template = _key("job_template", started["name"])
        answers = {
            key: zone if "awx_setup_timezone" in value else value
            for key, value in schedule.get("extra_data", {}).items()
        }
        found.append(
            {
                "name": schedule["name"],
                "unified_job_template": template,
                "rrule": f"DTSTART;TZID={zone}:20260101T000000 RRULE:{schedule['rrule']}",
                "extra_data": answers,
                "enabled": defaults["awx_setup_schedules_enabled"],
                "natural_key": {"unified_job_template": template, "name": schedule["name"], "type": "schedule"},
            }
        )
    return found


def workflow_assets() -> dict[str, list[Json]]:
    """Return the workflow as `awx import` reads it.

    It has a file of its own: of one file, awxkit makes the nodes before the surveys whose questions the nodes answer.
    """
    templates = {template["key"]: template for template in definitions()["job_templates"]}
    return {"workflow_job_templates": [_workflow(templates)]}


def assets() -> dict[str, list[Json]]:
    """Return everything else that the role makes by default, as `awx import` reads it."""
    found, defaults = definitions(), read("defaults/main.yml")
    types = [{key: value for key, value in kind.items() if key != "key"} for kind in found["credential_types"]]
    project = {
        "name": _name("project"),
        "description": "Playbooks for Ray clusters on Alibaba Cloud EMR Serverless Spark",
        "organization": ORGANIZATION,
        **{key: defaults[f"awx_setup_project_{key}"] for key in ("scm_type", "scm_url", "scm_branch")},
        "natural_key": _key("project", _name("project")),
    }
    image = {
        "name": _name("image"),
        "description": "ansible-core with the Python packages of rayops.alicloud",
        "organization": ORGANIZATION,
        "image": IMAGE,
        "pull": defaults["awx_setup_execution_environment_pull"],
        "natural_key": {"name": _name("image"), "type": "execution_environment"},
    }
    return {
        "credential_types": [
            {**kind, "natural_key": {"name": kind["name"], "kind": kind["kind"], "type": "credential_type"}}
            for kind in types
        ],
        "execution_environments": [image],
        "projects": [project],
        "inventory": _inventories(),
        "inventory_sources": [_inventory_source(defaults)],
        "job_templates": [_job_template(item, _schedules(defaults, item)) for item in found["job_templates"]],
    }


def _as_yaml(data: Any) -> str:
    return HEADER + "---\n" + yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=90)


def _as_json(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def files() -> dict[str, str]:
    """Return the files by their path below extensions/awx/."""
    found, made = (
        definitions(),
        {
            "awx-import.json": _as_json(assets()),
            "awx-import-workflow.json": _as_json(workflow_assets()),
        },
    )
    for kind in found["credential_types"]:
        for part in ("inputs", "injectors"):
            made[f"credential_types/{kind['key']}.{part}.yml"] = _as_yaml(kind[part])
    for template in found["job_templates"]:
        if "survey_spec" in template:
            made[f"surveys/{template['key']}.json"] = _as_json(template["survey_spec"])
        # AWX searches for playbooks line by line, and does not know import_playbook by its full name.
        made[f"project/{template['key']}.yml"] = (
            f"{HEADER}---\n- name: {template['name'].removeprefix('Ray - ').capitalize()}\n"
            f"  import_playbook: rayops.alicloud.awx.{template['key']} # noqa: fqcn[action-core]\n"
        )
    made["project/clusters.emr_ray.yml"] = (ROOT / "playbooks/inventory/clusters.emr_ray.yml").read_text(
        encoding="utf-8"
    )
    made["project/collections/requirements.yml"] = _as_yaml(
        {"collections": [{"name": "rayops.alicloud", "version": ">=1.0.0"}]}
    )
    return made


def write(folder: Path) -> None:
    """Write the files below a folder."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
