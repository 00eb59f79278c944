# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Convert an observed cluster to what users see: snake_case, the same keys from every module, no secrets. Pure."""

from __future__ import annotations

import typing as t

from .._payload import field_names, unlisted_names, without
from .._redaction import SecretRedactor, extract_tokens, hide_variables, redact_labeled, strip_tokens, to_printable
from .._task.context import Result
from .capacity import bounds_to_result, resource_bounds
from .fields import Cluster, GftConfig, HeadSpec, Instance, Node, WorkerGroup
from .values import parse_env

# Addresses, each of which might contain a token.
_URL_FIELDS = ("dashboard_url", "job_url", "job_url_inner", "grpc_endpoint")

ONLY_IN_GET = unlisted_names(Cluster)
HEAD_ONLY_IN_GET = unlisted_names(HeadSpec)
WORKER_ONLY_IN_GET = unlisted_names(WorkerGroup)


def label(name: str | None, cluster_id: str | None) -> str:
    """Return the label of a cluster in texts: its name, and its id if it has one."""
    if name and cluster_id:
        return f"{name} ({cluster_id})"
    return name or cluster_id or "cluster"


def cluster_to_result(cluster: Cluster, return_secrets: bool = False) -> Result:
    """Return a cluster as read with GetRayCluster; fields that the service did not return are None.

    The submit token, the token inside the dashboard URL, and the values of variables with secret-looking names are
    hidden unless ``return_secrets`` is set. The Redis password is always hidden. Fields that a row of the list lacks
    are None, too.
    """
    return _to_result(cluster, return_secrets, _blank_fields if cluster.get("from_list") else _keep_fields)


def list_row_to_result(row: Cluster, return_secrets: bool = False) -> Result:
    """Return a cluster as read with ListRayCluster, without the fields that only GetRayCluster gives."""
    return _to_result(row, return_secrets, lambda shown, unlisted: without(shown, *unlisted))


def _to_result(
    cluster: Cluster,
    return_secrets: bool,
    change_unlisted: t.Callable[[dict[str, object], tuple[str, ...]], dict[str, object]],
) -> Result:
    groups = cluster.get("worker_spec") or []
    shown: Result = {
        **{field: cluster.get(field) for field in field_names(Cluster)},
        "capacity": bounds_to_result(resource_bounds(cluster)),
        "message": _clean_message(cluster.get("message")),
        "head_spec": change_unlisted(_head_to_result(cluster.get("head_spec") or {}, return_secrets), HEAD_ONLY_IN_GET),
        "worker_spec": [
            change_unlisted(_node_to_result(group, WorkerGroup, return_secrets), WORKER_ONLY_IN_GET) for group in groups
        ],
        "volume_ids": list(cluster.get("volume_ids") or []),
        "instances": [
            {field: _clean_message(instance.get(field)) for field in field_names(Instance)}
            for instance in cluster.get("instances") or []
        ],
    }
    if not return_secrets:
        shown |= {"submit_token": None, **{field: strip_tokens(_text(cluster, field)) or None for field in _URL_FIELDS}}
    return change_unlisted(shown, ONLY_IN_GET)


def register_secrets(cluster: Cluster, secrets: SecretRedactor, return_secrets: bool) -> None:
    """Remember the secrets that the service gave with a cluster, but not those that the user asked for."""
    head: HeadSpec = cluster.get("head_spec") or {}
    gft: GftConfig = head.get("gft_config") or {}
    secrets.add(gft.get("redis_password"))
    if not return_secrets:
        urls = (_text(cluster, field) for field in _URL_FIELDS)
        secrets.add(cluster.get("submit_token"), *(token for url in urls for token in extract_tokens(url)))


def _text(cluster: Cluster, field: str) -> str:
    return str(cluster.get(field) or "")


def _clean_message(value: object) -> object:
    return to_printable(redact_labeled(value)) if isinstance(value, str) else value


def _head_to_result(head: HeadSpec, return_secrets: bool) -> dict[str, object]:
    gft = head.get("gft_config")
    shown = {**{field: gft.get(field) for field in field_names(GftConfig)}, "redis_password": None} if gft else None
    return {**_node_to_result(head, HeadSpec, return_secrets), "gft_config": shown}


def _node_to_result(node: Node, payload: type, return_secrets: bool) -> dict[str, object]:
    variables = parse_env(node.get("env") or "")
    shown = variables if return_secrets else hide_variables(variables)
    return {**{field: node.get(field) for field in field_names(payload)}, "env": shown}


def _keep_fields(shown: dict[str, object], _unlisted: tuple[str, ...]) -> dict[str, object]:
    return shown


def _blank_fields(shown: dict[str, object], unlisted: tuple[str, ...]) -> dict[str, object]:
    """Return None for fields that a row lacks: an empty value would be treated as the real one."""
    return {**shown, **dict.fromkeys(unlisted)}
