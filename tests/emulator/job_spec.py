# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wire fields of a job, and what the service checks before it takes one."""

from __future__ import annotations

import json

from . import cluster_spec as wire
from .errors import invalid, missing
from .model import Json

TOP_FIELDS: dict[str, type] = {
    "name": str, "entrypoint": str, "clusterId": str, "displayReleaseVersion": str, "workingDir": str,
    "runtimeEnvJson": str, "metadataJson": str, "entrypointNumCpus": str, "entrypointNumGpus": str,
    "entrypointMemory": str, "entrypointResources": str, "submissionMode": str, "activeDeadlineSeconds": int,
    "shutdownAfterJobFinishes": bool, "ttlSecondsAfterFinished": int, "networkServiceName": str, "extraParam": str,
    "volumeIds": list, "tags": list, "headSpec": dict, "workerSpec": list,
}  # fmt: skip
_NODE: dict[str, type] = {"queueName": str, "cpu": str, "memory": str, "gpuSpec": str, "displayReleaseVersion": str}
HEAD_FIELDS: dict[str, type] = {**_NODE, "enableAutoScaling": bool, "idleTimeoutSeconds": int}
WORKER_FIELDS: dict[str, type] = {
    "groupName": str, "workerType": str, "replica": int, "minReplica": int, "maxReplica": int, **_NODE,
}  # fmt: skip
_JSON_FIELDS = ("runtimeEnvJson", "metadataJson", "entrypointResources", "extraParam")


def parse(body: object) -> Json:
    """Return the known fields of a submission; unknown keys are ignored, wrong types refused."""
    spec = wire.typed(body, TOP_FIELDS, "")
    if "volumeIds" in spec and not all(isinstance(item, str) for item in spec["volumeIds"]):
        raise invalid("volumeIds[] must be text")
    if "tags" in spec:
        spec["tags"] = [wire.typed(item, {"key": str, "value": str}, "tags[].") for item in spec["tags"]]
    if "headSpec" in spec:
        spec["headSpec"] = wire.typed(spec["headSpec"], HEAD_FIELDS, "headSpec.")
    if "workerSpec" in spec:
        spec["workerSpec"] = [wire.typed(item, WORKER_FIELDS, "workerSpec[].") for item in spec["workerSpec"]]
    return spec


def check(spec: Json) -> None:
    """Raise ApiError for the first thing in a submission that the service does not take."""
    for key in ("name", "entrypoint"):
        if not spec.get(key):
            raise missing(key)
    for key in _JSON_FIELDS:
        _check_json(spec, key)
    for key in ("activeDeadlineSeconds", "ttlSecondsAfterFinished"):
        if spec.get(key, 0) < 0:
            raise invalid(f"{key} must not be negative")
    if spec.get("clusterId"):
        return
    for key in ("displayReleaseVersion", "headSpec", "workerSpec"):
        if not spec.get(key):
            raise missing(key)
    wire.check_node(spec["headSpec"], "headSpec.")
    wire.check_workers(spec["workerSpec"])


def _check_json(spec: Json, key: str) -> None:
    if not spec.get(key):
        return
    try:
        value = json.loads(spec[key])
    except (ValueError, RecursionError):
        raise invalid(f"{key} is not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid(f"{key} must be a JSON object")
