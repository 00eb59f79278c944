# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The official SDK as witness: the table of operations and the emulator's own have its methods and paths."""

from __future__ import annotations

import inspect
import re
from typing import Any

import pytest
from alibabacloud_emr_serverless_spark20230808 import models as sdk  # type: ignore[import-untyped]

from ansible_collections.rayops.alicloud.plugins.module_utils._api.operations import OPERATIONS, PRODUCT
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ApiError
from tests.emulator import Emulator, routes
from tests.unit.emulator.sdk import make_sdk

SERVICE = {name: operation for name, operation in OPERATIONS.items() if operation.ram_action}


def snake(name: str) -> str:
    return re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()


def sdk_request(emulator: Emulator, name: str, ids: tuple[str, ...]) -> tuple[str, str, str]:
    """Return action, method and path that the SDK would send for an operation; ``ids`` stand in the path."""
    client = make_sdk(emulator)
    sent: list[Any] = []

    def call_api(params: Any, *_rest: Any) -> dict[str, Any]:
        sent.append(params)
        return {"body": {}, "headers": {}, "statusCode": 200}

    client.call_api = call_api
    method = getattr(client, f"{snake(name)}_with_options")
    parameters = list(inspect.signature(method).parameters)
    request = [getattr(sdk, f"{name}Request")()] if {"request", "tmp_req"} & set(parameters) else []
    method(*ids, *request, {}, None)
    (params,) = sent
    return params.action, params.method, params.pathname


def test_the_table_has_the_operations_of_the_service() -> None:
    assert len(SERVICE) >= 18
    assert all(operation.ram_action == f"{PRODUCT}:{name}" for name, operation in SERVICE.items())
    assert all(operation.source for operation in OPERATIONS.values())
    assert {operation.name for operation in OPERATIONS.values()} == set(OPERATIONS)
    assert set(SERVICE) <= set(routes.OPERATIONS)


@pytest.mark.parametrize("name", SERVICE)
def test_the_official_sdk_sends_what_the_table_says(emulator: Emulator, name: str) -> None:
    operation = SERVICE[name]
    kinds = re.findall(r"\{(\w+)\}", operation.path)
    ids = {kind: f"{kind}-1" for kind in kinds}
    sent = sdk_request(emulator, name, tuple(ids.values()))
    assert sent == (name, operation.method, operation.build_path(**ids))
    assert routes.match(sent[1], sent[2]).operation == name


def test_writes_that_make_something_are_not_repeated() -> None:
    once = {name for name, operation in OPERATIONS.items() if not operation.is_repeatable}
    assert once >= {"CreateRayCluster", "SubmitRayJob", "RayJobSubmit"}
    assert all(re.search("Create|Submit", name) for name in once)
    assert all(operation.is_repeatable for operation in OPERATIONS.values() if operation.method == "GET")


@pytest.mark.parametrize("bad", ["..", "a/b", "", "x y", "ä"])
def test_an_id_of_the_service_cannot_leave_its_segment(bad: str) -> None:
    with pytest.raises(ApiError, match="cannot be one") as found:
        OPERATIONS["GetRayCluster"].build_path(workspace="w-1", cluster=bad)
    assert (found.value.operation, found.value.code) == ("GetRayCluster", "InvalidClusterId")
    assert OPERATIONS["RayJobStatus"].build_path(ray_job="a/ b") == "/api/jobs/a%2F%20b"
