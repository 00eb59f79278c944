# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many of our functions lie between the entry of a task and httpx, when a cluster is read by its id."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from ansible_collections.rayops.alicloud.plugins.action import emr_ray_cluster as action
from ansible_collections.rayops.alicloud.plugins.modules import emr_ray_cluster as module
from tests.emulator import Emulator
from tests.unit.plugins.plugin_utils.play import Play
from tests.unit.scenarios.module_main import run_main

MOST_FRAMES = 9


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    with Emulator() as emulator:
        (cluster_id,) = emulator.seed("training")
        yield {
            "cluster_id": cluster_id,
            "endpoint": emulator.url,
            "workspace_id": emulator.workspace_id,
            "access_key_id": emulator.access_key_id,
            "access_key_secret": emulator.access_key_secret,
        }


def run_module(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return run_main(monkeypatch, module.main, options)[1]


def run_action(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    play = Play(action, options)
    play.answer = None
    return play.run()


@pytest.mark.parametrize(("run", "entry"), [(run_module, "main"), (run_action, "run")], ids=["module", "in process"])
def test_few_functions_lie_between_the_entry_and_httpx(
    run: Callable[..., dict[str, Any]], entry: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    walks: list[list[str]] = []
    send = httpx.Client.send

    def recorded_send(*arguments: Any, **named: Any) -> Any:
        walks.append([frame.name for frame in traceback.extract_stack() if "/alicloud/plugins/" in frame.filename])
        return send(*arguments, **named)

    monkeypatch.setattr(httpx.Client, "send", recorded_send)
    result = run(options, monkeypatch)
    assert result["changed"] is False, result
    (walk,) = walks
    assert walk[0] == entry
    assert len(walk) <= MOST_FRAMES, walk
