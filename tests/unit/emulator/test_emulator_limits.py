# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Flow control, latency and the rates in the journal."""

from __future__ import annotations

from typing import Any

import pytest

from tests.emulator import Clock, Emulator
from tests.emulator.journal import peak_rate
from tests.emulator.limits import FlowControl, Limits


def test_the_bucket_fills_with_time() -> None:
    now = [100.0]
    limits = Limits(requests_per_second=2, burst=3, throttle_hint="x-acs-retry-after")
    flow = FlowControl(limits, lambda: now[0])
    assert [flow.check() is None for _request in range(4)] == [True, True, True, False]
    refused = flow.check()
    assert refused is not None
    assert refused.params["value"] == 500
    now[0] += 0.5
    assert [flow.check() is None for _request in range(2)] == [True, False]
    now[0] += 60
    assert [flow.check() is None for _request in range(4)] == [True, True, True, False]
    limits.set({"throttle_hint": "retry-after"})
    refused = flow.check()
    assert refused is not None
    assert (refused.params["hint"], refused.params["value"]) == ("retry-after", 1)
    limits.set({"requests_per_second": 0})
    assert flow.check() is None


def test_a_throttled_request_uses_up_no_fault(client: Any, emulator: Emulator) -> None:
    emulator.limits.set({"requests_per_second": 0.001, "burst": 1, "throttle_hint": "x-acs-retry-after"})
    assert client.call("ListRayCluster", key=("nobody", "x")).status_code == 404
    assert client.call("ListRayCluster").status_code == 200
    fault = emulator.fault("http_500")
    response = client.call("CreateRayCluster", body={})
    assert (response.status_code, response.json()["Code"]) == (400, "Throttling.User")
    assert 0 < int(response.headers["x-acs-retry-after"]) <= 1_000_000
    assert (fault.fired, emulator.journal[-1].faults, emulator.clusters()) == (0, ["throttle"], [])
    emulator.reset(rules=True)
    assert client.call("ListRayCluster").status_code == 200


def test_latency_is_waited_for_once_per_signed_request(client: Any, emulator: Emulator, naps: list[float]) -> None:
    emulator.limits.set({"latency": 0.25})
    client.call("ListRayCluster")
    client.call("ListRayCluster", key=("nobody", "x"))
    assert naps == [0.25]
    emulator.fault("slow", seconds=1)
    client.call("ListRayCluster")
    assert naps == [0.25, 1.25]


def test_the_journal_knows_the_peak_rate(client: Any, emulator: Emulator) -> None:
    client.call("ListRayCluster")
    client.call("ListRayCluster")
    first, second = emulator.journal
    assert 0 < second.arrived - first.arrived < 5
    for entry, arrived in zip(emulator.journal, (0.0, 1.0), strict=True):
        entry.arrived = arrived
    assert peak_rate(emulator.journal) == 1
    assert peak_rate(emulator.journal, window=1.5) == 2
    assert peak_rate([]) == 0


@pytest.mark.parametrize(
    "values",
    [{"nope": 1}, {"burst": -1}, {"latency": "long"}, {"throttle_hint": "please"}],
)
def test_bad_limits_are_refused(values: dict[str, Any]) -> None:
    limits = Limits()
    with pytest.raises(ValueError, match=r"limit|throttle_hint"):
        limits.set({"burst": 7, **values})
    assert limits == Limits()


def test_limits_of_one_s_own() -> None:
    with Emulator(limits={"requests_per_second": "5", "throttle_status": 429}, clock=Clock(frozen=True)) as emulator:
        assert (emulator.limits.requests_per_second, emulator.limits.throttle_status) == (5.0, 429)
