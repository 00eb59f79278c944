# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What SubmitRayJob gets from us and from the official SDK for the same job, side by side on the same service."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808 import models  # type: ignore[import-untyped]

from tests.emulator import Emulator
from tests.emulator.journal import Entry
from tests.unit.emulator.sdk import make_sdk
from tests.unit.jobs.harness import JobHarness, Json

SUBMIT = "SubmitRayJob"
JSON_TEXTS = ("runtimeEnvJson", "metadataJson", "entrypointResources", "extraParam")
VERSION = "err-1.2.0 (Ray 2.55.1, Python 3.12)"
HEAD: Json = {"queue_name": "root_queue", "cpu": "2", "memory": "8Gi"}
WORKER: Json = {"group_name": "w", "queue_name": "root_queue", "cpu": "4", "memory": "16Gi", "replica": 2}
LEAST: Json = {
    "name": "my-job",
    "entrypoint": "python main.py",
    "display_release_version": VERSION,
    "head_spec": HEAD,
    "worker_spec": [WORKER],
}
# The examples of the SDK, and where it has none, values that are easily lost.
ALL: Json = {
    **LEAST,
    "working_dir": "oss://mybucket/rayjob.zip",
    "runtime_env_json": '{"pip":["emoji"],"env_vars":{"MY_ENV":"größer 😀"}}',
    "metadata_json": '{"job_type":"test"}',
    "entrypoint_num_cpus": "1",
    "entrypoint_num_gpus": "0",
    "entrypoint_memory": "4Gi",
    "entrypoint_resources": '{"fpu": 1}',
    "submission_mode": "HTTPMode",
    "active_deadline_seconds": 3600,
    "shutdown_after_job_finishes": False,
    "ttl_seconds_after_finished": 0,
    "network_service_name": "vpc",
    "extra_param": '{"userRequirementsFile":"oss://mybucket/requirements.txt"}',
    "volume_ids": ["vol-1234567890"],
    "tags": {"team": "research", "empty": ""},
    "head_spec": {
        **HEAD,
        "gpu_spec": "ecs.gn6i-c4g1.xlarge",
        "enable_auto_scaling": True,
        "idle_timeout_seconds": 60,
        "display_release_version": VERSION,
    },
    "worker_spec": [
        {
            **WORKER,
            "worker_type": "CPU",
            "min_replica": 1,
            "max_replica": 10,
            "gpu_spec": "ecs.gn6i-c4g1.xlarge",
            "display_release_version": VERSION,
        },
        {**WORKER, "group_name": "other", "replica": 1},
    ],
}


def by_sdk(emulator: Emulator, values: Json) -> Entry:
    """Submit with the SDK, and return the request that the service saw."""
    given = dict(values)
    if "head_spec" in given:
        given["head_spec"] = models.SubmitRayJobRequestHeadSpec(**given["head_spec"])
    if "worker_spec" in given:
        given["worker_spec"] = [models.SubmitRayJobRequestWorkerSpec(**group) for group in given["worker_spec"]]
    if "tags" in given:
        given["tags"] = [models.SubmitRayJobRequestTags(key=key, value=value) for key, value in given["tags"].items()]
    make_sdk(emulator).submit_ray_job(emulator.workspace_id, models.SubmitRayJobRequest(**given))
    return emulator.journal[-1]


def by_us(harness: JobHarness, values: Json) -> Entry:
    """Submit with the core of the module, and return the request that the service saw."""
    done = harness.job(**values)
    assert not done.failed, done.result
    (entry,) = [entry for entry in done.requests if entry.operation == SUBMIT]
    return entry


def meaning(body: Json) -> Json:
    """Return a body with the texts that hold JSON read, and without what we add to the metadata."""
    read = {key: json.loads(value) if key in JSON_TEXTS else value for key, value in body.items()}
    metadata = {key: value for key, value in read.pop("metadataJson", {}).items() if not key.startswith("rayops_")}
    return read | ({"metadataJson": metadata} if metadata else {})


@pytest.mark.parametrize("where", ["temporary", "existing"])
@pytest.mark.parametrize("values", [LEAST, ALL], ids=["least", "all"])
def test_the_service_gets_what_the_sdk_sends(harness: JobHarness, emulator: Emulator, values: Json, where: str) -> None:
    if where == "existing":
        (cluster_id,) = emulator.seed("training", state="Running")
        values = {**values, "cluster_id": cluster_id}
    theirs, ours = by_sdk(emulator, values), by_us(harness, values)
    assert (ours.operation, ours.method, ours.path, ours.query) == (SUBMIT, "POST", theirs.path, theirs.query)
    assert meaning(ours.body) == meaning(theirs.body)
    assert len(emulator.jobs()) == 2


def test_a_job_on_a_cluster_sends_no_more_than_it_is_told(harness: JobHarness, emulator: Emulator) -> None:
    (cluster_id,) = emulator.seed("training", state="Running")
    values = {"name": "my-job", "entrypoint": "python main.py", "cluster_id": cluster_id}
    assert meaning(by_us(harness, values).body) == by_sdk(emulator, values).body
    assert meaning(by_us(harness, {**values, "name": None, "job_key": "my-job"}).body) == by_sdk(emulator, values).body


def test_the_job_with_everything_has_every_field_of_the_sdk() -> None:
    """With the types that the SDK declares: a number where it says int, text where it says str."""
    models_of = {
        models.SubmitRayJobRequest: [{**ALL, "cluster_id": "ray-1"}],
        models.SubmitRayJobRequestHeadSpec: [ALL["head_spec"]],
        models.SubmitRayJobRequestWorkerSpec: ALL["worker_spec"][:1],
    }
    for model, instances in models_of.items():
        declared = {name: item.annotation for name, item in inspect.signature(model.__init__).parameters.items()}
        del declared["self"]
        for instance in instances:
            assert set(instance) == set(declared)
            for name, value in instance.items():
                if name not in ("tags", "head_spec", "worker_spec"):
                    assert type(value).__name__ in str(declared[name]).lower(), name


def test_numbers_of_a_playbook_become_the_texts_of_the_api(harness: JobHarness, emulator: Emulator) -> None:
    """YAML has numbers where the API has text."""
    written: dict[str, Any] = {
        **LEAST,
        "entrypoint_num_cpus": 1,
        "entrypoint_num_gpus": 0,
        "entrypoint_memory": 4,
        "entrypoint_resources": {"fpu": 1},
        "runtime_env_json": {"env_vars": {"A": "b"}},
        "tags": {"number": 5},
        "head_spec": {"queue_name": "root_queue", "cpu": 2, "memory": 8},
        "worker_spec": [{"group_name": "w", "queue_name": "root_queue", "cpu": 4, "memory": "16 GiB", "replica": "2"}],
    }
    meant = {
        **LEAST,
        "entrypoint_num_cpus": "1",
        "entrypoint_num_gpus": "0",
        "entrypoint_memory": "4Gi",
        "entrypoint_resources": '{"fpu":1}',
        "runtime_env_json": '{"env_vars":{"A":"b"}}',
        "tags": {"number": "5"},
    }
    assert meaning(by_us(harness, written).body) == meaning(by_sdk(emulator, meant).body)
