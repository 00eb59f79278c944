# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster with every field set: as a user declares it, and by hand as the service must have stored it."""

from __future__ import annotations

import copy
import json
from typing import Any

Json = dict[str, Any]

VERSION = "ray-1.0.0 (Ray 2.47.1, Python 3.12)"
OTHER_VERSION = "ray-1.2.0 (Ray 2.55.1, Python 3.12)"
REDIS_PASSWORD = "redis-Canary/1+2"

_MINIMAL_OPTIONS: Json = {
    "name": "training",
    "display_release_version": VERSION,
    "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": "8Gi"},
    "worker_spec": [{"group_name": "cpu", "queue_name": "root_queue", "cpu": 4, "memory": 16, "replica": 2}],
}

_MINIMAL_STORED_SPEC: Json = {
    "name": "training",
    "displayReleaseVersion": VERSION,
    "headSpec": {"queueName": "root_queue", "cpu": "2", "memory": "8Gi"},
    "workerSpec": [{"groupName": "cpu", "queueName": "root_queue", "cpu": "4", "memory": "16Gi", "replica": 2}],
}

_FULL_OPTIONS: Json = {
    "name": "training",
    "display_release_version": VERSION,
    "description": "nightly training",
    "network_service_name": "vpc",
    "extra_param": {"userRequirementsFile": "oss://bucket/requirements.txt"},
    "volume_ids": ["vol-1", "vol-2"],
    "head_spec": {
        "queue_name": "root_queue",
        "cpu": 2,
        "memory": "8 GiB",
        "gpu_spec": "ecs.gn6i-c4g1.xlarge",
        "display_release_version": OTHER_VERSION,
        "env": {"STAGE": "test", "EMPTY": "", "EQUALS": "a=b c"},
        "ray_start_params": "--num-cpus=0 --num-gpus=0",
        "enable_auto_scaling": True,
        "idle_timeout_seconds": 300,
        "gft_enabled": True,
        "gft_config": {
            "redis_url": "10.12.3.4:6379",
            "redis_username": "default",
            "redis_password": REDIS_PASSWORD,
        },
    },
    "worker_spec": [
        {
            "group_name": "cpu",
            "worker_type": "CPU",
            "replica": 2,
            "min_replica": 1,
            "max_replica": 8,
            "queue_name": "root_queue",
            "cpu": "4.0",
            "memory": 16,
            "gpu_spec": "ecs.gn6i-c4g1.xlarge",
            "display_release_version": OTHER_VERSION,
            "env": {"ROLE": "worker", "NUMBER": 1},
            "ray_start_params": "--num-cpus=4",
            "extra_param": {"labels": {"tier": "a"}},
        },
        {
            "group_name": "big",
            "worker_type": "CPU",
            "queue_name": "dev_queue",
            "cpu": 8,
            "memory": "32Gi",
            "replica": 1,
        },
    ],
}

_FULL_STORED_SPEC: Json = {
    "name": "training",
    "displayReleaseVersion": VERSION,
    "description": "nightly training",
    "networkServiceName": "vpc",
    "extraParam": '{"userRequirementsFile": "oss://bucket/requirements.txt"}',
    "volumeIds": ["vol-1", "vol-2"],
    "headSpec": {
        "queueName": "root_queue",
        "cpu": "2",
        "memory": "8Gi",
        "gpuSpec": "ecs.gn6i-c4g1.xlarge",
        "displayReleaseVersion": OTHER_VERSION,
        "env": "STAGE=test\nEMPTY=\nEQUALS=a=b c",
        "rayStartParams": "--num-cpus=0 --num-gpus=0",
        "enableAutoScaling": True,
        "idleTimeoutSeconds": 300,
        "gftEnabled": True,
        "gftConfig": {"redisUrl": "10.12.3.4:6379", "redisUsername": "default", "redisPassword": REDIS_PASSWORD},
    },
    "workerSpec": [
        {
            "groupName": "cpu",
            "workerType": "CPU",
            "replica": 2,
            "minReplica": 1,
            "maxReplica": 8,
            "queueName": "root_queue",
            "cpu": "4",
            "memory": "16Gi",
            "gpuSpec": "ecs.gn6i-c4g1.xlarge",
            "displayReleaseVersion": OTHER_VERSION,
            "env": "ROLE=worker\nNUMBER=1",
            "rayStartParams": "--num-cpus=4",
            "extraParam": '{"labels": {"tier": "a"}}',
        },
        {
            "groupName": "big",
            "workerType": "CPU",
            "queueName": "dev_queue",
            "cpu": "8",
            "memory": "32Gi",
            "replica": 1,
        },
    ],
}


def minimal_options(**changes: Any) -> Json:
    """Return the least that creates a cluster, as options."""
    return copy.deepcopy(_MINIMAL_OPTIONS) | changes


def minimal_stored_spec() -> Json:
    """Return what the service stores of :func:`minimal`."""
    return copy.deepcopy(_MINIMAL_STORED_SPEC)


def full_options(**changes: Any) -> Json:
    """Return options that set every field there is."""
    return copy.deepcopy(_FULL_OPTIONS) | changes


def full_stored_spec() -> Json:
    """Return what the service stores of :func:`full`."""
    return copy.deepcopy(_FULL_STORED_SPEC)


def drifted(value: Any) -> Any:
    """Return another value of the same type, for a field that somebody changes behind our back."""
    if isinstance(value, bool):
        return not value
    return value + 7 if isinstance(value, int) else f"{value}-other"


def _canonical_node(node: Json) -> Json:
    plain = {key: value for key, value in node.items() if value not in ("", None, False, {}, [])}
    if "env" in plain:
        plain["env"] = sorted(line for line in plain["env"].split("\n") if line)
    if "memory" in plain:
        plain["memory"] = float(plain["memory"].lower().rstrip("gib "))
    if "cpu" in plain:
        plain["cpu"] = float(plain["cpu"])
    if plain.get("extraParam"):
        plain["extraParam"] = json.loads(plain["extraParam"])
    return plain


def canonical_spec(wire: Json) -> Json:
    """Return a stored spec without spelling: two specs that mean the same are equal. Written apart from the plugins."""
    result = _canonical_node({key: value for key, value in wire.items() if key not in ("headSpec", "workerSpec")})
    if "volumeIds" in result:
        result["volumeIds"] = sorted(result["volumeIds"])
    if result.get("extraParam") == {}:
        del result["extraParam"]
    result["headSpec"] = _canonical_node(wire["headSpec"])
    result["workerSpec"] = {group["groupName"]: _canonical_node(group) for group in wire["workerSpec"]}
    return result
