# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands in the way of a task: somebody who acts, or an end that comes, before or after its k-th request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Transport
from tests.unit.trust.harness import InvariantHarness


class SimulatedKill(BaseException):
    """The end of a run, as a signal or a lost controller brings it: nothing of the core may catch it."""


@contextmanager
def change_before_request(
    harness: InvariantHarness, step: int, act: Callable[[InvariantHarness, str], None]
) -> Iterator[list[str]]:
    """Let somebody act on our clusters just before request number ``step``; gives the list of clusters acted on."""
    done: list[str] = []
    count = 0
    send = Transport.send

    def send_after_change(transport: Transport, *args: Any) -> Any:
        nonlocal count
        if count == step:
            with harness.emulator.core.lock:
                for cluster_id in harness.own_cluster_ids():
                    act(harness, cluster_id)
                    done.append(cluster_id)
        count += 1
        return send(transport, *args)

    with patch.object(Transport, "send", send_after_change):
        yield done


@contextmanager
def kill_at_request(step: int, after: bool) -> Iterator[list[int]]:
    """End the run before request number ``step`` is sent, or after its answer came; counts the requests."""
    count = [0]
    send = Transport.send

    def send_or_kill(transport: Transport, *args: Any) -> Any:
        count[0] += 1
        if count[0] == step + 1 and not after:
            raise SimulatedKill
        answer = send(transport, *args)
        if count[0] == step + 1 and after:
            raise SimulatedKill
        return answer

    with patch.object(Transport, "send", send_or_kill):
        yield count
