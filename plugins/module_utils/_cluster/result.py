# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Convert an observed cluster to what users see: snake_case, the same keys from every module, no secrets. Pure."""

from __future__ import annotations

import typing as t

from .._payload import field_names, unlisted_names
from .._redaction import SecretRedactor, extract_tokens, hide_variables, redact_labeled, strip_tokens, to_printable
from .capacity import bounds_to_result, resource_bounds
from .fields import Cluster, GftConfig, HeadSpec, Instance, WorkerGroup
from .values import parse_env

# Addresses, any of which might hold a token.
_URL_FIELDS = ("dashboard_url", "job_url", "job_url_inner", "grpc_endpoint")

ONLY_IN_GET = unlisted_names(Cluster)
HEAD_ONLY_IN_GET = unlisted_names(HeadSpec)
WORKER_ONLY_IN_GET = unlisted_names(WorkerGroup)


def label(name: str | None, cluster_id: str | None) -> str:
    """Return how texts call a cluster: by its name, and by its id where it has one."""
    if name and cluster_id:
        return f"{name} ({cluster_id})"
    return name or cluster_id or "cluster"


def cluster_to_result(cluster: dict[str, t.Any], return_secrets: bool = False) -> dict[str, t.Any]:
    """Return a cluster as read with GetRayCluster; a field that the service did not give is None.

    The submit token, the token inside the dashboard URL and the values of variables whose names look secret are hidden
    unless ``return_secrets``; the Redis password always is. A field that a row of the list lacks is None, too.
    """
    shown = {field: cluster.get(field) for field in field_names(Cluster)}
    shown["capacity"] = bounds_to_result(resource_bounds(cluster))
    shown["message"] = _clean_message(cluster.get("message"))
    shown["head_spec"] = _head_to_result(cluster.get("head_spec") or {}, return_secrets)
    shown["worker_spec"] = [
        _node_to_result(group, WorkerGroup, return_secrets) for group in cluster.get("worker_spec") or []
    ]
    shown["volume_ids"] = list(cluster.get("volume_ids") or [])
    shown["instances"] = [
        {field: _clean_message(instance.get(field)) for field in field_names(Instance)}
        for instance in cluster.get("instances") or []
    ]
    if not return_secrets:
        shown["submit_token"] = None
        for field in _URL_FIELDS:
            shown[field] = strip_tokens(cluster.get(field) or "") or None
    return _blank_unlisted_fields(shown) if cluster.get("from_list") else shown


def list_row_to_result(row: dict[str, t.Any], return_secrets: bool = False) -> dict[str, t.Any]:
    """Return a cluster as read with ListRayCluster: :func:`view` without the fields that only GetRayCluster gives."""
    shown = _without_fields(cluster_to_result(row, return_secrets), ONLY_IN_GET)
    shown["head_spec"] = _without_fields(shown["head_spec"], HEAD_ONLY_IN_GET)
    shown["worker_spec"] = [_without_fields(group, WORKER_ONLY_IN_GET) for group in shown["worker_spec"]]
    return shown


def register_secrets(cluster: dict[str, t.Any], secrets: SecretRedactor, return_secrets: bool) -> None:
    """Remember the secrets that the service gave with a cluster, but not those that the user asked for."""
    gft = (cluster.get("head_spec") or {}).get("gft_config") or {}
    secrets.add(gft.get("redis_password"))
    if not return_secrets:
        urls = (cluster.get(field) or "" for field in _URL_FIELDS)
        secrets.add(cluster.get("submit_token"), *(token for url in urls for token in extract_tokens(url)))


def _clean_message(value: t.Any) -> t.Any:
    return to_printable(redact_labeled(value)) if isinstance(value, str) else value


def _head_to_result(head: dict[str, t.Any], return_secrets: bool) -> dict[str, t.Any]:
    shown = _node_to_result(head, HeadSpec, return_secrets)
    gft = head.get("gft_config")
    shown["gft_config"] = (
        {**{field: gft.get(field) for field in field_names(GftConfig)}, "redis_password": None} if gft else None
    )
    return shown


def _node_to_result(node: dict[str, t.Any], payload: type, return_secrets: bool) -> dict[str, t.Any]:
    variables = parse_env(node.get("env") or "")
    shown = variables if return_secrets else hide_variables(variables)
    return {**{field: node.get(field) for field in field_names(payload)}, "env": shown}


def _blank_unlisted_fields(shown: dict[str, t.Any]) -> dict[str, t.Any]:
    """Return None for all that a row does not tell, where an empty value would be taken for the truth."""
    return {
        **shown,
        **dict.fromkeys(ONLY_IN_GET),
        "head_spec": {**shown["head_spec"], **dict.fromkeys(HEAD_ONLY_IN_GET)},
        "worker_spec": [{**group, **dict.fromkeys(WORKER_ONLY_IN_GET)} for group in shown["worker_spec"]],
    }


def _without_fields(shown: dict[str, t.Any], fields: t.Iterable[str]) -> dict[str, t.Any]:
    return {key: value for key, value in shown.items() if key not in fields}
