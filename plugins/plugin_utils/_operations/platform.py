# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find prerequisites of a workspace that no operation creates, and export a workspace as variables of ray_platform.

Pure.
"""

from __future__ import annotations

import typing as t

from ...module_utils._cluster.yaml_writer import dump_yaml
from ...module_utils._platform.workspace_plan import BUCKET_PAGE, ROLE_PAGE, SERVICE_ROLE
from .._native import Record, Row

FOUND, MISSING, UNKNOWN = "found", "missing", "unknown"
_SPARK_PAGE = "https://emr-next.console.aliyun.com (Serverless Spark)"
# Fields that the service returns, by the options of the module.
_WORKSPACE = {
    "name": "workspace_name",
    "gpu_spec": "gpu_spec",
    "oss_bucket": "storage",
    "ram_role_name": "ram_role_name",
    "payment_type": "payment_type",
    "dlf_catalog_id": "dlf_catalog_id",
    "dlf_type": "dlf_type",
    "release_type": "release_type",
    "resource_group_id": "resource_group_id",
    "ip_white_list": "ip_white_list",
    "tags": "tags",
}
_QUEUE = ("queue_category", "gpu_spec", "payment_type", "description", "environments", "preheat")
_PAYMENTS = ("PayAsYouGo", "Pre")


def prerequisites(
    workspace: Row,
    clusters: t.Iterable[Row],
    defaults: Row,
    found: Row,
) -> list[Record]:
    """Return the prerequisites that cannot be created here: ``what``, ``name``, ``status``, ``page``, and ``text``.

    ``found`` is the workspace as emr_workspace_info shows it, empty for one that does not exist yet. A workspace that
    runs proves that its bucket and roles are there.
    """
    proof = FOUND if found else UNKNOWN
    bucket = workspace.get("oss_bucket") or found.get("storage")
    role = workspace.get("ram_role_name") or found.get("ram_role_name")
    rows = [
        ("OSS bucket", bucket, proof, BUCKET_PAGE),
        ("service-linked role", SERVICE_ROLE, proof, ROLE_PAGE),
        ("job role", role, proof, ROLE_PAGE),
    ]
    specs = [{**defaults, **cluster} for cluster in clusters if cluster.get("state") != "absent"]
    versions = found.get("release_versions")
    offered = None if versions is None else {str(row.get("display_release_version")) for row in versions}
    for version in sorted({str(text) for spec in specs for text in _versions(spec)}):
        status = UNKNOWN if offered is None else FOUND if version in offered else MISSING
        rows.append(("engine version or custom image", version, status, _SPARK_PAGE))
    volumes = {str(volume) for spec in specs for volume in spec.get("volume_ids") or []}
    rows += [("managed file directory", volume, UNKNOWN, _SPARK_PAGE) for volume in sorted(volumes)]
    return [_prerequisite(*row) for row in rows if row[1]]


def _versions(spec: Row) -> t.Iterator[str]:
    parts = [spec, spec.get("head_spec") or {}, *(spec.get("worker_spec") or [])]
    yield from (part["display_release_version"] for part in parts if part.get("display_release_version"))


def _prerequisite(what: str, name: object, status: str, page: str) -> Record:
    said = {FOUND: "found", MISSING: f"missing, create it at {page}", UNKNOWN: f"not checked, create it at {page}"}
    row = {"what": what, "name": str(name), "status": status, "page": page}
    return {**row, "text": f"{what} {name}: {said[status]}"}


def platform_variables(workspace: Row) -> Record:
    """Return the variables of ray_platform that declare a workspace as emr_workspace_info shows it.

    It must have been read with its queues, network services, and members. Clusters are not among them.
    """
    return {
        "ray_platform_workspace": _declare_workspace(workspace),
        "ray_platform_queues": [_declare_queue(row) for row in workspace.get("queues") or []],
        "ray_platform_network_services": [
            {key: row[key] for key in ("name", "vpc_id", "vswitch_ids", "type") if row.get(key)}
            for row in workspace.get("network_services") or []
        ],
        "ray_platform_members": [
            {"member_arns": [row["member_arn"]], "roles": [role["role_name"] for role in row.get("roles") or []]}
            for row in workspace.get("members") or []
        ],
    }


def platform_yaml(workspace: Row) -> str:
    """Return :func:`platform_variables` as YAML that Ansible reads back as it was."""
    return dump_yaml(platform_variables(workspace))


def _declare_workspace(workspace: Row) -> Record:
    declared = {option: workspace[field] for option, field in _WORKSPACE.items() if workspace.get(field) is not None}
    if declared.get("payment_type") not in _PAYMENTS:
        declared.pop("payment_type", None)
    if workspace.get("resource_spec"):
        declared["resource_spec"] = {"cu": workspace["resource_spec"]}
    return declared


def _declare_queue(row: Row) -> Record:
    declared: Record = {"name": row["queue_name"]}
    declared |= {key: row[key] for key in _QUEUE if row.get(key) is not None}
    if declared.get("payment_type") not in _PAYMENTS:
        declared.pop("payment_type", None)
    if declared.get("payment_type") == "Pre":
        declared["instance_id"] = row.get("instance_id")
    least, most = ((row.get(field) or {}).get("cpu") for field in ("min_resource", "max_resource"))
    if most is not None:
        declared["resource_spec"] = {"cu": least, "max_cu": most} if least else {"cu": most}
        if declared.get("payment_type") == "Pre" and row.get("gpu_machine_num"):
            declared["resource_spec"]["gpu_machine_num"] = row["gpu_machine_num"]
    return declared
