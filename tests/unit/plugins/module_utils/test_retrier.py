# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The retry engine on a clock of its own: what is repeated, how long it pauses, when it gives up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.retrier import Retrier
from ansible_collections.rayops.alicloud.plugins.module_utils._api.retry_policy import (
    may_have_been_executed,
    retry_reason,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import (
    ApiError,
    ClusterError,
    CredentialError,
    Failure,
    ParameterError,
    TransportError,
)
from tests.unit.plugins.fakes import FakeClock

OPERATIONS = (
    "GetRayCluster", "ListRayCluster", "UpdateRayCluster", "DeleteRayCluster", "StartRayCluster", "StopRayCluster"
)  # fmt: skip


def api(code: str | None = None, status: int = 400, **fields: Any) -> ApiError:
    error = ApiError("Operation", "text", code=code, http_status=status)
    for name, value in fields.items():
        setattr(error, name, value)
    return error


def cut(sent: bool, permanent: bool = False) -> TransportError:
    return TransportError("Operation", "text", sent=sent, hint="run the doctor", permanent=permanent)


# failure, may a read or an idempotent write be repeated, may a create, may it have been executed
POLICY = [
    (cut(sent=False), True, True, False),
    (cut(sent=False, permanent=True), False, False, False),
    (cut(sent=True), True, False, True),
    (api("Throttling"), True, True, False),
    (api("Throttling.User", 503), True, False, True),
    (api("Any", told_to_wait=True), True, True, False),
    (api("Rejected.Throttling"), True, True, False),
    (api(None, 429), True, True, False),
    (api("InvalidTimeStamp.Expired"), True, True, False),
    (api("InvalidSecurityToken.Expired"), True, True, False),
    (api("InternalError", 500), True, False, True),
    (api(None, 502), True, False, True),
    (api(None, 504), True, False, True),
    (api("SignatureNonceUsed"), True, False, True),
    (api(None, 200, unreadable=True), True, False, True),
    (api("InvalidParameter"), False, False, False),
    (api("OperationDenied", 409), False, False, False),
    (api("Forbidden.RAM", 403), False, False, False),
    (api("InvalidAccessKeyId.NotFound", 404), False, False, False),
    (api("SignatureDoesNotMatch"), False, False, False),
    (api("RayCluster.NotFound", 404), False, False, False),
    (api(None, 404), False, False, False),
    (api(None, 408), True, False, True),
    (api("RequestTimeout", 408, told_to_wait=True), True, False, True),
    (api(None, 302), False, False, True),
    (api("Moved", 307), False, False, True),
    (api(None, 409), False, False, True),
    (api("Conflict", 409), False, False, True),
    (api("RayCluster.AlreadyExists", 409), False, False, False),
    (api("RayCluster.InvalidState", 409), False, False, False),
    (api("QuotaExceeded", 409), False, False, False),
    (ParameterError(["x"]), False, False, False),
    (CredentialError("x"), False, False, False),
    (ClusterError("x", "X"), False, False, False),
]


@pytest.mark.parametrize(("failure", "harmless", "create", "ambiguous"), POLICY)
def test_the_policy(failure: Failure, harmless: bool, create: bool, ambiguous: bool) -> None:
    for operation in OPERATIONS:
        assert bool(retry_reason(operation, failure)) is harmless
    assert bool(retry_reason("CreateRayCluster", failure)) is create
    assert bool(retry_reason("SubmitRayJob", failure)) in (create, False)
    assert may_have_been_executed(failure) is ambiguous
    assert not (create and ambiguous), "what may have been executed is never repeated blindly"


@pytest.mark.parametrize("failure", [entry[0] for entry in POLICY])
def test_a_create_that_may_have_happened_is_tried_once(failure: Failure) -> None:
    attempts = Attempts(failure, then="made")
    if may_have_been_executed(failure):
        with pytest.raises(type(failure)):
            attempts.run("CreateRayCluster")
        assert attempts.made == 1


class Attempts:
    """Fails so many times, then returns; on a fake clock, with known jitter."""

    def __init__(self, *failures: Failure, then: Any = None, seconds: float = 0.0, **options: Any) -> None:
        self.clock = FakeClock()
        self.failures = list(failures)
        self.then = then
        self.seconds = seconds
        self.left: list[float] = []
        self.bounds: list[tuple[float, float]] = []
        self.cures: list[str] = []
        self.cured = options.pop("cured", True)
        settings = {"retries": 5, "budget": 1000.0, **options}
        self.retrier = Retrier(clock=self.clock, uniform=self._uniform, **settings)

    @property
    def made(self) -> int:
        return len(self.left)

    def _uniform(self, low: float, high: float) -> float:
        self.bounds.append((low, high))
        return high

    def _cure(self, reason: str, failure: Failure) -> bool:
        self.cures.append(reason)
        return bool(self.cured)

    def _attempt(self, left: float) -> Any:
        self.left.append(left)
        self.clock.now += self.seconds
        if self.failures:
            raise self.failures.pop(0)
        return self.then

    def run(self, operation: str = "GetRayCluster", **options: Any) -> Any:
        return self.retrier.run(operation, self._attempt, self._cure, **options)


def fails(make: Callable[[], Failure], times: int) -> list[Failure]:
    return [make() for _time in range(times)]


def test_a_success_is_no_reason_to_pause() -> None:
    attempts = Attempts(then="found")
    assert attempts.run() == "found"
    assert attempts.clock.naps == []


def test_the_jitter_doubles_up_to_a_limit() -> None:
    attempts = Attempts(*fails(lambda: api(None, 502), 8), then="found", retries=8)
    assert attempts.run() == "found"
    assert attempts.bounds == [(0, high) for high in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 20.0, 20.0)]
    assert attempts.clock.naps == [high for _low, high in attempts.bounds]


def test_the_real_jitter_stays_within_its_bounds() -> None:
    clock = FakeClock()
    failures = fails(lambda: api(None, 502), 200)
    retrier = Retrier(retries=200, budget=1e9, clock=clock)

    def attempt(_left: float) -> str:
        if failures:
            raise failures.pop()
        return "found"

    assert retrier.run("GetRayCluster", attempt, lambda *_arguments: False) == "found"
    assert all(0 <= nap <= 20 for nap in clock.naps)
    assert clock.naps[0] <= 0.5
    assert len(set(clock.naps)) > 100, "full jitter, not a fixed pause"


def test_what_the_server_asks_wins_over_the_jitter() -> None:
    attempts = Attempts(api("Throttling", retry_after=7.5), api(None, 502, retry_after=3.0), then="found")
    assert attempts.run() == "found"
    assert attempts.clock.naps == [7.5, 3.0]
    assert attempts.bounds == []


@pytest.mark.parametrize("retries", [0, 1, 5])
def test_no_more_attempts_than_were_allowed(retries: int) -> None:
    attempts = Attempts(*fails(lambda: api("InternalError", 500), 20), retries=retries)
    with pytest.raises(ApiError) as caught:
        attempts.run()
    assert attempts.made == retries + 1
    assert len(attempts.clock.naps) == retries
    assert ("attempts" in str(caught.value)) == (retries > 0)


@pytest.mark.parametrize("retries", [0, 5])
@pytest.mark.parametrize("operation", ["ListRayCluster", "CreateRayCluster"])
def test_throttling_is_bounded_by_the_deadline_alone(retries: int, operation: str) -> None:
    """Also with a hint so short that a count would be used up within a second; other failures are still counted."""
    attempts = Attempts(*fails(lambda: api("Throttling", retry_after=0.2), 2000), retries=retries, budget=60.0)
    with pytest.raises(ApiError):
        attempts.run(operation)
    assert 290 <= attempts.made <= 301
    assert attempts.clock.monotonic() - FakeClock().monotonic() <= 60.0

    attempts = Attempts(
        *fails(lambda: api("Throttling", retry_after=0.2), 100), api(None, 502), then="found", retries=1
    )
    assert attempts.run() == "found"
    endless = Attempts(*fails(lambda: api("Throttling"), 1100), then="found", retries=0, budget=1e6)
    assert endless.run() == "found"
    assert max(endless.clock.naps) == 20.0


def test_what_may_not_be_repeated_fails_at_once_and_as_it_was() -> None:
    failure = api("InvalidParameter")
    attempts = Attempts(failure)
    with pytest.raises(ApiError) as caught:
        attempts.run()
    assert caught.value is failure
    assert str(caught.value) == "text"
    assert attempts.made == 1


@given(
    st.lists(st.sampled_from([None, 0.5, 5.0, 60.0]), max_size=8),
    st.floats(0.1, 100),
    st.floats(0, 40),
    st.none() | st.floats(0.1, 200),
)
def test_the_budget_is_never_exceeded(
    asked: list[float | None], budget: float, seconds: float, own: float | None
) -> None:
    """Each attempt ends within what it was told; then all of the call ends within the budget."""
    attempts = Attempts(*[api("Throttling", retry_after=pause) for pause in asked], budget=budget, retries=9)
    attempts.then = "found"
    inner = attempts._attempt

    def attempt(left: float) -> Any:
        attempts.seconds = min(seconds, left)
        return inner(left)

    began = attempts.clock.monotonic()
    try:
        attempts.retrier.run("GetRayCluster", attempt, attempts._cure, own)
    except ApiError:
        assert asked
    limit = min(budget, own) if own is not None else budget
    assert attempts.clock.monotonic() - began <= limit + 0.01
    assert all(0 < left <= limit + 0.01 for left in attempts.left)


def test_a_pause_that_does_not_fit_is_not_begun() -> None:
    attempts = Attempts(api("Throttling", retry_after=11.0), then="found", budget=10.0)
    with pytest.raises(ApiError):
        attempts.run()
    assert attempts.clock.naps == []


@pytest.mark.parametrize(
    ("code", "reason"), [("InvalidTimeStamp.Expired", "clock"), ("InvalidSecurityToken.Expired", "token")]
)
def test_a_cure_is_tried_once(code: str, reason: str) -> None:
    attempts = Attempts(api(code), then="found")
    assert attempts.run("CreateRayCluster") == "found"
    assert attempts.cures == [reason]
    assert attempts.clock.naps == []

    attempts = Attempts(*fails(lambda: api(code), 9), then="found")
    with pytest.raises(ApiError):
        attempts.run()
    assert attempts.cures == [reason]
    assert attempts.made == 2

    attempts = Attempts(*fails(lambda: api(code), 9), cured=False)
    with pytest.raises(ApiError):
        attempts.run()
    assert attempts.made == 1


def test_both_cures_and_repeats_in_one_call() -> None:
    attempts = Attempts(
        api("InvalidTimeStamp.Expired"), api("Throttling"), api("InvalidSecurityToken.Expired"), then="found"
    )
    assert attempts.run() == "found"
    assert attempts.cures == ["clock", "token"]
    assert len(attempts.clock.naps) == 1


def test_failures_that_are_not_ours_are_not_swallowed() -> None:
    def attempt(_left: float) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Retrier(5, 10.0, FakeClock()).run("GetRayCluster", attempt, lambda *_arguments: False)
