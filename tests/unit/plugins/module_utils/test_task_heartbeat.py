# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of progress come at least every HEARTBEAT_SECONDS, even while a request is pending."""

from __future__ import annotations

import threading

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._task import waiting
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext


def test_a_pending_request_does_not_silence_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "HEARTBEAT_SECONDS", 0.02)
    lines: list[str] = []
    repeated = threading.Event()

    def tell(text: str) -> None:
        lines.append(text)
        if len(lines) == 3:
            repeated.set()

    task = TaskContext({}, {}, print, tell=tell)
    with waiting.heartbeat(task):
        task.progress("training: Starting, waiting to be Running, 1 s")
        assert repeated.wait(timeout=30)
    assert lines[1] == lines[2] == "training: Starting, waiting to be Running, 1 s; no change for 0.02 s"


def test_a_task_that_shows_nothing_starts_no_thread() -> None:
    before = threading.active_count()
    for task in (TaskContext({}, {}, print), TaskContext({}, {}, print, tell=print, no_log=True)):
        with waiting.heartbeat(task):
            assert threading.active_count() == before
