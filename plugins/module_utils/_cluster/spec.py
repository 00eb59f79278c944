# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Merge the declared spec of a cluster with the observed one, and find where the two differ. Pure.

A spec is a dict with the option names of emr_ray_cluster and, as values, the service's own spellings.
"""

from __future__ import annotations

import typing as t

from .._payload import Params, field_names, overlay, pick, without
from .._redaction import REDACTED, hide_env, hide_variables, is_mask
from .fields import Cluster, GftConfig, HeadSpec, Spec, WorkerGroup
from .values import has_masked_secret, is_equivalent, matches_declared, normalize_text, parse_env


class Change(t.NamedTuple):
    """One field that differs: its path, the value before and after, and the reason for the change."""

    field: str
    before: object
    after: object
    why: str

    def to_result(self, return_secrets: bool = False) -> Params:
        """Return the change as an entry of a result's ``changes``, secrets hidden."""
        before, after = self.before, self.after
        if self.field.endswith("redis_password"):
            before, after = REDACTED if before else None, REDACTED if after else None
        elif not return_secrets and self.field.endswith(".env"):
            before, after = (hide_variables(side) if isinstance(side, dict) else side for side in (before, after))
        elif not return_secrets:
            before, after = hide_env(before), hide_env(after)
        return {"field": self.field, "before": before, "after": after, "why": self.why}


def observed_spec(cluster: Cluster | None) -> Spec:
    """Return the spec of an observed cluster as the service shows it, fields without a value left out.

    ``head_spec.replica`` is only ever answered.
    """
    if cluster is None:
        return {}
    spec = pick(Spec, cluster)
    if "head_spec" in spec:
        spec["head_spec"] = without(spec["head_spec"], "replica")
    return spec


def writable_spec(cluster: Cluster | None) -> Spec:
    """Return the part of an observed cluster that an update may send: fields with a masked secret are left out."""
    return pick(Spec, _drop_masked(observed_spec(cluster)))


def _drop_masked(part: t.Mapping[str, object]) -> dict[str, object]:
    kept: dict[str, object] = {}
    for field, value in part.items():
        if isinstance(value, dict):
            kept[field] = _drop_masked(value)
        elif isinstance(value, list):
            kept[field] = [_drop_masked(item) if isinstance(item, dict) else item for item in value]
        elif not has_masked_secret(field, value):
            kept[field] = value
    return kept


def merge(observed: Spec, declared: Spec, purge: bool) -> Spec:
    """Return the complete spec to send: ``observed`` overlaid with ``declared``.

    It is right whether the service patches or replaces. Groups that are not declared stay unless ``purge`` is true
    and ``worker_spec`` is declared. A replica count that the autoscaler owns stays what it is.
    """
    merged = overlay(observed, without(declared, "worker_spec"))
    if "worker_spec" in declared:
        merged["worker_spec"] = _merge_groups(observed.get("worker_spec", []), declared["worker_spec"], purge)
    if is_autoscaled(merged) and "worker_spec" in merged:
        found = groups_by_name(observed)
        merged["worker_spec"] = [
            _with_autoscaled_replica(found.get(group_key(group), {}), group) for group in merged["worker_spec"]
        ]
    return merged


def _merge_groups(observed: list[WorkerGroup], declared: list[WorkerGroup], purge: bool) -> list[WorkerGroup]:
    wanted = {group_key(group): group for group in declared}
    kept = [group for group in observed if not purge or group_key(group) in wanted]
    merged = [overlay(group, wanted.get(group_key(group), {})) for group in kept]
    names = {group_key(group) for group in observed}
    return merged + [group for group in declared if group_key(group) not in names]


def _with_autoscaled_replica(observed: WorkerGroup, merged: WorkerGroup) -> WorkerGroup:
    """Return a group with the count to send if the autoscaler controls its size.

    Inside the bounds, keep the running size; outside them, use the declared one, limited to the bounds.
    """
    low, high = merged.get("min_replica") or 1, merged.get("max_replica")
    count = observed.get("replica")
    if count is None or count < low or (high is not None and count > high):
        wanted = merged.get("replica")
        count = None if wanted is None else max(low, min(wanted, high)) if high else max(low, wanted)
    group = without(merged, "replica")
    return group if count is None else {**group, "replica": count}


def is_autoscaled(spec: Spec) -> bool:
    """Return whether the head has worker autoscaling on."""
    return bool((spec.get("head_spec") or {}).get("enable_auto_scaling"))


def group_key(group: WorkerGroup) -> str:
    """Return the name of a worker group in the one form that all its spellings have."""
    return normalize_text(str(group.get("group_name")))


def groups_by_name(spec: Spec) -> dict[str, WorkerGroup]:
    return {group_key(group): group for group in spec.get("worker_spec") or []}


def format_workers(group: WorkerGroup) -> str:
    """Return how many workers a group has, in words."""
    count = group.get("replica") or group.get("min_replica") or 1
    return f"{count} worker{'' if count == 1 else 's'}"


def find_differences(observed: Spec, declared: Spec, merged: Spec) -> list[Change]:
    """Return the differences in meaning between ``observed`` and ``merged``; compare only declared fields.

    ``merged`` is :func:`merge` of the other two.
    """
    changes = _compare_fields("", Spec, observed, declared, observed)
    head: HeadSpec = observed.get("head_spec", {})
    wanted_head: HeadSpec = declared.get("head_spec", {})
    changes += _compare_fields("head_spec.", HeadSpec, head, wanted_head, observed)
    gft: GftConfig = head.get("gft_config", {})
    wanted_gft: GftConfig = wanted_head.get("gft_config", {})
    changes += _compare_fields("head_spec.gft_config.", GftConfig, gft, wanted_gft, {}, told=bool(observed))
    return changes + (_find_group_differences(observed, declared, merged) if "worker_spec" in declared else [])


def _find_group_differences(observed: Spec, declared: Spec, merged: Spec) -> list[Change]:
    found, result = groups_by_name(observed), groups_by_name(merged)
    changes = []
    for wanted in declared["worker_spec"]:
        name = group_key(wanted)
        if name not in found:
            changes.append(Change(f"worker_spec[{name}]", None, _display_group(wanted), "the group is missing"))
            continue
        due = wanted
        if is_autoscaled(merged) and "replica" in wanted:
            due = {**wanted, "replica": result[name]["replica"]}
        defaults = {**observed, **observed.get("head_spec", {})}
        changes += _compare_fields(f"worker_spec[{name}].", WorkerGroup, found[name], due, defaults)
    for name in found:
        if name not in result:
            why = f"the group with {format_workers(found[name])} is removed because it is not declared"
            changes.append(Change(f"worker_spec[{name}]", _display_group(found[name]), None, why))
    return changes


def _compare_fields(
    path: str,
    payload: type,
    observed: t.Mapping[str, object],
    wanted: t.Mapping[str, object],
    defaults: t.Mapping[str, object],
    told: bool = True,
) -> list[Change]:
    changes = []
    for field in field_names(payload, writable=True, plain=True):
        before = observed.get(field)
        if field not in wanted or (told and _is_write_only(path + field, before)):
            continue
        # A node without an engine version of its own runs the version of the head, the head that of the cluster.
        if field == "display_release_version" and path and not before and wanted[field]:
            before = defaults.get(field) or before
        if not matches_declared(field, before, wanted[field]):
            changes.append(
                Change(
                    path + field,
                    _display_value(field, before),
                    _display_value(field, wanted[field]),
                    "the declared value differs",
                )
            )
    return changes


def _is_write_only(path: str, value: object) -> bool:
    """Return whether ``value`` means "not set", for fields that the service may accept without returning them."""
    field = path.rpartition(".")[2]
    if field == "redis_password":
        return not value or is_mask(value)
    if field in ("ray_start_params", "extra_param") and has_masked_secret(field, value):
        return True
    return (
        path.startswith("worker_spec[") and path.endswith(".extra_param") and is_equivalent("extra_param", value, None)
    )


def _display_value(field: str, value: object) -> object:
    return parse_env(value) if field == "env" and isinstance(value, str) and value else value


def _display_group(group: t.Mapping[str, object]) -> dict[str, object]:
    return {key: _display_value(key, value) for key, value in group.items()}
