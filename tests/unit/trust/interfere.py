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
from tests.unit.trust.world import World


class Killed(BaseException):
    """The end of a run, as a signal or a lost controller brings it: nothing of the core may catch it."""


@contextmanager
def interfering(world: World, step: int, act: Callable[[World, str], None]) -> Iterator[list[str]]:
    """Let somebody act on our clusters just before request number ``step``; gives the list of clusters acted on."""
    done: list[str] = []
    count = 0
    send = Transport.send

    def meddling(transport: Transport, *args: Any) -> Any:
        nonlocal count
        if count == step:
            with world.emulator.core.lock:
                for cluster_id in world.ours():
                    act(world, cluster_id)
                    done.append(cluster_id)
        count += 1
        return send(transport, *args)

    with patch.object(Transport, "send", meddling):
        yield done


@contextmanager
def killing(step: int, after: bool) -> Iterator[list[int]]:
    """End the run before request number ``step`` is sent, or after its answer came; counts the requests."""
    count = [0]
    send = Transport.send

    def dying(transport: Transport, *args: Any) -> Any:
        count[0] += 1
        if count[0] == step + 1 and not after:
            raise Killed
        answer = send(transport, *args)
        if count[0] == step + 1 and after:
            raise Killed
        return answer

    with patch.object(Transport, "send", dying):
        yield count
