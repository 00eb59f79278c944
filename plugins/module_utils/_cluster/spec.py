# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Merge the declared spec of a cluster with the observed one, and find where the two differ. Pure.

A spec is a dict with the option names of emr_ray_cluster and, as values, the service's own spellings.
"""

from __future__ import annotations

import typing as t

from .._errors import ParameterError
from .._payload import field_names
from .._redaction import REDACTED, hide_env, hide_variables, is_mask
from .fields import MAX_GROUPS, SPEC_FIELDS, GftConfig, HeadSpec, WorkerGroup
from .fields import Spec as DeclaredSpec
from .values import has_masked_secret, is_equivalent, matches_declared, normalize_text, parse_env

Spec = dict[str, t.Any]

# Without these the service refuses a create or a new group, with a text that does not say why.
_REQUIRED_FIELDS = ("name", "display_release_version")
_REQUIRED_HEAD_FIELDS = ("queue_name", "cpu", "memory")
REQUIRED_GROUP_FIELDS = ("queue_name", "cpu", "memory")


class Change(t.NamedTuple):
    """One field that differs: its path, the value before and after, and why it is to change."""

    field: str
    before: t.Any
    after: t.Any
    why: str

    def to_result(self, return_secrets: bool = False) -> dict[str, t.Any]:
        """Return the change as an entry of a result's ``changes``, secrets hidden."""
        before, after = self.before, self.after
        if self.field.endswith("redis_password"):
            before, after = REDACTED if before else None, REDACTED if after else None
        elif not return_secrets and self.field.endswith(".env"):
            before, after = (hide_variables(side) if isinstance(side, dict) else side for side in (before, after))
        elif not return_secrets:
            before, after = hide_env(before), hide_env(after)
        return {"field": self.field, "before": before, "after": after, "why": self.why}


def observed_spec(cluster: dict[str, t.Any] | None) -> Spec:
    """Return the spec of an observed cluster as the service shows it, fields without a value left out.

    ``head_spec.replica`` is only ever answered.
    """
    if cluster is None:
        return {}
    spec = t.cast(Spec, _drop_none({field: cluster.get(field) for field in SPEC_FIELDS}))
    spec.get("head_spec", {}).pop("replica", None)
    return spec


def writable_spec(cluster: dict[str, t.Any] | None) -> Spec:
    """Return the part of an observed cluster that an update may send: fields with a masked secret are left out."""
    return t.cast(Spec, _drop_masked(observed_spec(cluster)))


def _drop_masked(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _drop_masked(item) for key, item in value.items() if not has_masked_secret(key, item)}
    return [_drop_masked(item) for item in value] if isinstance(value, list) else value


def _drop_none(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _drop_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_drop_none(item) for item in value]
    return value


def merge(observed: Spec, declared: Spec, purge: bool) -> Spec:
    """Return the complete spec to send: ``observed`` overlaid with ``declared``.

    It is right whether the service patches or replaces. Groups that are not declared stay unless ``purge`` is true
    and ``worker_spec`` is declared. A replica count that the autoscaler owns stays what it is.
    """
    merged = _overlay(observed, {key: value for key, value in declared.items() if key != "worker_spec"})
    if "worker_spec" in declared:
        merged["worker_spec"] = _merge_groups(observed.get("worker_spec", []), declared["worker_spec"], purge)
    if is_autoscaled(merged) and "worker_spec" in merged:
        found = groups_by_name(observed)
        merged["worker_spec"] = [
            _drop_none({**group, "replica": _autoscaled_replica(found.get(group_key(group), {}), group)})
            for group in merged["worker_spec"]
        ]
    return merged


def _overlay(below: Spec, above: Spec) -> Spec:
    merged = dict(below)
    for key, value in above.items():
        merged[key] = _overlay(merged.get(key) or {}, value) if isinstance(value, dict) else value
    return merged


def _merge_groups(observed: list[Spec], declared: list[Spec], purge: bool) -> list[Spec]:
    wanted = {group_key(group): group for group in declared}
    kept = [group for group in observed if not purge or group_key(group) in wanted]
    merged = [_overlay(group, wanted.get(group_key(group), {})) for group in kept]
    names = {group_key(group) for group in observed}
    return merged + [group for group in declared if group_key(group) not in names]


def _autoscaled_replica(observed: Spec, merged: Spec) -> int | None:
    """Return the count to send for a group whose size belongs to the autoscaler.

    Inside the bounds what runs now stays; outside them, what is declared, brought inside them.
    """
    low, high = merged.get("min_replica") or 1, merged.get("max_replica")
    count = observed.get("replica")
    if count is not None and _is_within(count, low, high):
        return int(count)
    wanted = merged.get("replica")
    return None if wanted is None else max(low, min(wanted, high)) if high else max(low, wanted)


def _is_within(count: int, low: int, high: int | None) -> bool:
    return count >= low and (high is None or count <= high)


def is_autoscaled(spec: Spec) -> bool:
    """Tell whether the head has worker autoscaling on."""
    return bool((spec.get("head_spec") or {}).get("enable_auto_scaling"))


def group_key(group: Spec) -> str:
    """Return the name of a worker group in the one form that all its spellings have."""
    return normalize_text(str(group.get("group_name")))


def groups_by_name(spec: Spec) -> dict[str, Spec]:
    return {group_key(group): group for group in spec.get("worker_spec") or []}


def format_workers(group: Spec) -> str:
    """Return how many workers a group has, in words."""
    count = group.get("replica") or group.get("min_replica") or 1
    return f"{count} worker{'' if count == 1 else 's'}"


def find_differences(observed: Spec, declared: Spec, merged: Spec) -> list[Change]:
    """Return what differs in meaning between ``observed`` and ``merged``, looking only at declared fields.

    ``merged`` is :func:`merge` of the other two.
    """
    changes = _compare_fields("", DeclaredSpec, observed, declared, observed)
    head = observed.get("head_spec", {})
    wanted_head = declared.get("head_spec", {})
    changes += _compare_fields("head_spec.", HeadSpec, head, wanted_head, observed)
    gft, wanted_gft = head.get("gft_config", {}), wanted_head.get("gft_config", {})
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
        if is_autoscaled(merged) and "replica" in wanted:
            due = {**wanted, "replica": result[name].get("replica")}
        else:
            due = wanted
        defaults = {**observed, **observed.get("head_spec", {})}
        changes += _compare_fields(f"worker_spec[{name}].", WorkerGroup, found[name], due, defaults)
    for name in found:
        if name not in result:
            why = f"the group with {format_workers(found[name])} is not declared, so it is removed"
            changes.append(Change(f"worker_spec[{name}]", _display_group(found[name]), None, why))
    return changes


def _compare_fields(
    path: str, payload: type, observed: Spec, wanted: Spec, defaults: Spec, told: bool = True
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


def _is_write_only(path: str, value: t.Any) -> bool:
    """Tell whether ``value`` says nothing, for fields that the service may take without giving them back."""
    field = path.rpartition(".")[2]
    if field == "redis_password":
        return not value or is_mask(value)
    if field in ("ray_start_params", "extra_param") and has_masked_secret(field, value):
        return True
    return (
        path.startswith("worker_spec[") and path.endswith(".extra_param") and is_equivalent("extra_param", value, None)
    )


def _display_value(field: str, value: t.Any) -> t.Any:
    return parse_env(value) if field == "env" and value else value


def _display_group(group: Spec) -> Spec:
    return {key: _display_value(key, value) for key, value in group.items()}


def missing_for_create(spec: Spec) -> list[str]:
    """Return, by option name, all that a create of ``spec`` lacks."""
    missing = [field for field in _REQUIRED_FIELDS if not spec.get(field)]
    head = spec.get("head_spec") or {}
    missing += [f"head_spec.{field}" for field in _REQUIRED_HEAD_FIELDS if not head.get(field)]
    if not spec.get("worker_spec"):
        missing.append("worker_spec (at least one group)")
    return missing + missing_in_groups(spec, set())


def missing_in_groups(spec: Spec, existing: t.Container[t.Any]) -> list[str]:
    """Return, by option name, what the groups of ``spec`` that are not among the ``existing`` names lack."""
    missing = []
    for group in spec.get("worker_spec") or []:
        if group_key(group) not in existing:
            path = f"worker_spec[{group.get('group_name')}]."
            missing += [path + field for field in REQUIRED_GROUP_FIELDS if not group.get(field)]
            if not group.get("replica") and not (is_autoscaled(spec) and group.get("min_replica")):
                missing.append(path + "replica")
    return missing


def check_merged(observed: Spec, merged: Spec) -> None:
    """Raise ParameterError when the spec to send cannot stand, though what is declared could by itself."""
    problems = [
        f"{path} is needed for a new worker group" for path in missing_in_groups(merged, groups_by_name(observed))
    ]
    for group in merged.get("worker_spec", []):
        low, high = group.get("min_replica"), group.get("max_replica")
        if low and high and low > high:
            name = group.get("group_name")
            problems.append(f"worker_spec[{name}]: min_replica {low} would be above max_replica {high}")
    if len(merged.get("worker_spec", [])) > MAX_GROUPS:
        problems.append(f"worker_spec: the cluster would have more than {MAX_GROUPS} worker groups")
    if problems:
        raise ParameterError(problems)
