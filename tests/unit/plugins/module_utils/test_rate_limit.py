# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit on requests: evenly, whoever asks, and nobody while the service wants to be left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.rate_limit import RateLimiter
from tests.unit.plugins.fakes import FakeClock


@given(st.floats(0.1, 500), st.lists(st.floats(0, 2), min_size=1, max_size=50))
def test_never_more_in_any_second_than_the_rate_and_one(rate: float, idle: list[float]) -> None:
    clock, sent = FakeClock(), []
    limit = RateLimiter(rate, clock)
    for seconds in idle:
        clock.sleep(seconds)
        limit.acquire()
        sent.append(clock.monotonic())
    for first in sent:
        assert len([at for at in sent if first <= at < first + 1]) <= rate + 1


def test_without_a_rate_nobody_waits() -> None:
    clock = FakeClock()
    limit = RateLimiter(None, clock)
    for _count in range(100):
        limit.acquire()
    assert clock.naps == []


@pytest.mark.parametrize("rate", [None, 10.0])
def test_a_hold_is_for_all(rate: float | None) -> None:
    clock = FakeClock()
    limit = RateLimiter(rate, clock)
    limit.pause_all(3.0)
    limit.pause_all(1.0)
    limit.acquire()
    assert clock.naps == [pytest.approx(3.0)]
