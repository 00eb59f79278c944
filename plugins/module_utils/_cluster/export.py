# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Export observed clusters as the tasks that declare them, so that running these tasks changes nothing. Pure."""

from __future__ import annotations

import re
import typing as t
from collections import Counter

from .._errors import ParameterError
from .._payload import fields_of
from .._redaction import SecretRedactor, is_secret_name, to_printable
from .fields import MAX_GROUPS, Cluster, GftConfig, HeadSpec, Spec, WorkerGroup
from .models import parse_spec
from .values import canonicalize, parse_env
from .yaml_writer import Template, dump_yaml, looks_like_template

MODULE_NAME = "rayops.alicloud.emr_ray_cluster"
CLUSTERS_VARIABLE = "ray_cluster_clusters"
_DECLARED_STATES = {"Running": "started", "Starting": "started", "Stopped": "stopped", "Stopping": "stopped"}
# PyYAML cannot read a key that is longer than about a thousand characters.
_MAX_KEY_LENGTH = 200


class Exporter:
    """Builds declarations of clusters, and collects their variables and the fields that cannot be declared."""

    def __init__(
        self, secrets: SecretRedactor, names: t.Iterable[str | None], as_is: bool, return_secrets: bool = False
    ) -> None:
        """Take the secrets, the names of all clusters, and whether to declare the run state, too.

        Unless ``return_secrets`` is set, variables of an ``env`` with secret-looking names become variables to fill in.
        """
        self._secrets = secrets
        self._names = Counter(names)
        self._as_is = as_is
        self._return_secrets = return_secrets
        # The variables to fill in, each with the id of its cluster and its option.
        self.needed: dict[str, tuple[str, str]] = {}
        self.warnings: list[str] = []

    def declare(self, cluster: Cluster) -> dict[str, object]:
        """Return the options of emr_ray_cluster that declare a cluster in its current state."""
        declaration = _Declaration(cluster, self._secrets)
        spec = declaration.build_spec()
        name = spec.pop("name", None)
        # A name that other clusters share, or that cannot be declared, does not identify the cluster.
        is_unique = name is not None and self._names[name] == 1
        entry: dict[str, object] = {} if is_unique else {"cluster_id": cluster["cluster_id"]}
        entry |= {} if name is None else {"name": name}
        entry["state"] = _DECLARED_STATES.get(str(cluster.get("state")), "present") if self._as_is else "present"
        gft = (spec.get("head_spec") or {}).get("gft_config")
        if gft is not None:
            option = "head_spec.gft_config.redis_password"
            gft["redis_password"] = self._template("ray_redis_password", name, cluster["cluster_id"], option)
        if not self._return_secrets:
            nodes = [("head_spec", spec.get("head_spec") or {})]
            nodes += [(f"worker_spec[{group['group_name']}]", group) for group in spec.get("worker_spec", [])]
            for path, node in nodes:
                self._hide_variables(node.get("env") or {}, name, cluster["cluster_id"], path)
        if declaration.left_out:
            label = to_printable(name or cluster["cluster_id"])
            self.warnings.append(f"{label}: {', '.join(declaration.left_out)} cannot be declared and is left out")
        return entry | spec

    def _hide_variables(self, env: dict[str, t.Any], name: str | None, cluster_id: str, path: str) -> None:
        for key in [key for key, value in env.items() if value and is_secret_name(key)]:
            prefix = "ray_env_" + re.sub(r"\W+", "_", f"{path.removesuffix('_spec')}_{key}", flags=re.ASCII)
            env[key] = self._template(prefix, name, cluster_id, f"{path}.env.{key}")

    def _template(self, prefix: str, name: str | None, cluster_id: str, option: str) -> Template:
        """Return a template with a variable for a secret; the variable's name is unique."""
        number = 1
        bases = [base for base in (name, cluster_id, f"{name}_{cluster_id}") if base]
        while True:
            base = bases[number - 1] if number <= len(bases) else f"{bases[-1]}_{number}"
            variable = f"{prefix}_" + re.sub(r"[^A-Za-z0-9_]", "_", base)
            if variable not in self.needed:
                break
            number += 1
        self.needed[variable] = (cluster_id, option)
        return Template(f"{{{{ {variable} }}}}")


class _Declaration:
    """The spec of one cluster as a user would declare it, without fields that cannot be declared or are secret."""

    def __init__(self, cluster: Cluster, secrets: SecretRedactor) -> None:
        self._cluster = cluster
        self._secrets = secrets
        self.left_out: list[str] = []

    def build_spec(self) -> dict[str, t.Any]:
        """Return the spec."""
        spec = self._declarable_fields(self._cluster, Spec, "", lambda part: part)
        head: HeadSpec = self._cluster.get("head_spec") or {}
        fields = self._declarable_fields(head, HeadSpec, "head_spec.", lambda part: {"head_spec": part})
        if head.get("gft_config"):
            gft = self._declarable_fields(
                head["gft_config"],
                GftConfig,
                "head_spec.gft_config.",
                lambda part: {"head_spec": {"gft_config": part}},
            )
            fields |= {"gft_config": gft}
        spec |= {"head_spec": fields} if fields else {}
        groups = self._build_groups(bool(head.get("enable_auto_scaling")))
        return {**spec, "worker_spec": groups} if groups else spec

    def _build_groups(self, autoscaled: bool) -> list[dict[str, object]]:
        groups = self._cluster.get("worker_spec") or []
        names = [group.get("group_name") for group in groups]
        names_are_safe = all(name and self._has_no_secret(name) for name in names)
        if not names_are_safe or len(set(names)) < len(names) or len(names) > MAX_GROUPS:
            self.left_out.append("worker_spec")
            return []
        return [self._build_group(group, autoscaled) for group in groups]

    def _build_group(self, group: WorkerGroup, autoscaled: bool) -> dict[str, object]:
        name = {"group_name": group["group_name"]}
        path = f"worker_spec[{to_printable(group['group_name'])}]."
        fields = self._declarable_fields(group, WorkerGroup, path, lambda part: {"worker_spec": [name | part]})
        if not _is_valid_spec({"worker_spec": [name | fields]}):
            for bound in ("min_replica", "max_replica"):
                del fields[bound]
                self.left_out.append(path + bound)
        # The autoscaler controls the number of workers, unless a create would need it.
        most = group.get("max_replica") or 0
        if autoscaled and (group.get("min_replica") or fields.get("replica", 0) > most > 0):
            fields.pop("replica", None)
        return name | fields

    def _declarable_fields(
        self,
        found: t.Mapping[str, object],
        payload: type,
        path: str,
        wrap: t.Callable[[dict[str, t.Any]], dict[str, object]],
    ) -> dict[str, t.Any]:
        """Return the fields that have a value and can be declared, in the format of options."""
        given: dict[str, t.Any] = {}
        for field, declared in fields_of(payload).items():
            if declared.is_payload or declared.properties.read_only or declared.properties.secret:
                continue
            value = found.get(field)
            # The type CPU is the default; canonicalize treats it as not set.
            kept = isinstance(value, (bool, int)) or (field == "worker_type" and value)
            if value is None or not (kept or canonicalize(field, value) is not None):
                continue
            value = parse_env(str(value)) if field == "env" else value
            if self._has_no_secret(value) and _is_valid_spec(wrap({field: value})):
                given[field] = value
            else:
                self.left_out.append(path + field)
        return given

    def _has_no_secret(self, value: object) -> bool:
        """Return whether a value contains no secret, keys of a mapping included, and no key is too long."""
        texts = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else [value]
        long = isinstance(value, dict) and any(len(key) > _MAX_KEY_LENGTH for key in value)
        return not long and bool(self._secrets.redact(texts) == texts)


def _is_valid_spec(spec: dict[str, object]) -> bool:
    try:
        parse_spec(spec)
    except ParameterError:
        return False
    return True


def export_clusters(
    clusters: list[Cluster],
    names: t.Iterable[str | None],
    secrets: SecretRedactor,
    as_is: bool,
    return_secrets: bool = False,
) -> tuple[dict[str, object], list[str]]:
    """Return ``tasks``, ``vars``, ``secrets``, ``tasks_yaml``, ``vars_yaml``, and the warnings.

    ``names`` are those of all clusters of the workspace; ``secrets`` holds the secrets found in ``clusters``.
    """
    exporter = Exporter(secrets, names, as_is, return_secrets)
    entries = [exporter.declare(cluster) for cluster in clusters]
    tasks = [
        {"name": _task_name(entry, cluster), MODULE_NAME: entry}
        for entry, cluster in zip(entries, clusters, strict=True)
    ]
    needed = [
        {"variable": variable, "cluster_id": cluster_id, "option": option}
        for variable, (cluster_id, option) in exporter.needed.items()
    ]
    head = "".join(f"# {line}\n" for line in _comment_lines(exporter.needed))
    result = {
        "tasks": _to_json_types(tasks),
        "vars": {CLUSTERS_VARIABLE: _to_json_types(entries)},
        "secrets": needed,
        "tasks_yaml": f"{head}---\n{dump_yaml(tasks)}",
        "vars_yaml": f"{head}---\n{dump_yaml({CLUSTERS_VARIABLE: entries})}",
    }
    return result, exporter.warnings


def _task_name(entry: dict[str, object], cluster: Cluster) -> str:
    name = "" if "cluster_id" in entry or looks_like_template(str(entry["name"])) else to_printable(str(entry["name"]))
    return f"Ray cluster {name or cluster['cluster_id']}"


def _comment_lines(needed: t.Mapping[str, tuple[str, str]]) -> list[str]:
    if not needed:
        return []
    first = "Fill in these variables. For a Redis without a password, remove the option:"
    return [
        first,
        *(f"  {variable} (cluster {cluster_id}, {option})" for variable, (cluster_id, option) in needed.items()),
    ]


def _to_json_types(value: object) -> object:
    """Return data of the kinds that JSON has."""
    if isinstance(value, dict):
        return {key: _to_json_types(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_to_json_types(item) for item in value]
    return str(value) if isinstance(value, Template) else value
