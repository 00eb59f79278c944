# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of a probe: no secret and no identity in them, and an emulator that behaves as the probed service."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._probe.recording import Exchange, Scrubber, to_lines
from tests.emulator import Account, Clock, Emulator
from tests.emulator.service_description import ServiceDescription
from tests.unit.probe.harness import ProbeHarness, canonical
from tests.unit.scenarios.harness import EmulatorClock
from tests.unit.scenarios.specs import Json, minimal_options

SECRET, TOKEN = "planted-Secret/+1", "planted-sts-token"


def test_files_hold_no_secret_and_no_identity(harness: ProbeHarness, tmp_path: Path) -> None:
    harness.reset({"redis_password": "clear"}, others=0)
    harness.emulator.core.verifier.accounts["LTAIplantedkey"] = Account("LTAIplantedkey", SECRET, TOKEN)
    harness.others = set(harness.emulator.seed("planted-neighbor", count=2, state="Running"))
    key = {"access_key_id": "LTAIplantedkey", "access_key_secret": SECRET, "security_token": TOKEN}
    seen: set[str] = set()

    def look(_text: str) -> None:
        with harness.emulator.core.lock:
            clusters = harness.emulator.service.workspaces[harness.emulator.workspace_id].values()
            for one in clusters:
                seen.add(one.cluster_id)
                if one.run:
                    seen.update((one.run.dashboard_token, one.run.submit_token, *one.run.pods))

    outcome = harness.probe(path=str(tmp_path), tell=look, **key)
    assert not outcome.failed, outcome.result
    look("")
    texts = [(tmp_path / name).read_text(encoding="utf-8") for name in ("probe.json", "recording.jsonl")]
    planted = {SECRET, TOKEN, *key.values(), "planted-neighbor", harness.emulator.workspace_id, *seen,
               "100000000000000001", "200000000000000001", "probe-Made-Up-1", harness.emulator.url}  # fmt: skip
    for text in (*texts, json.dumps(outcome.result["probe"]), "\n".join(outcome["report"])):
        assert not [value for value in planted if value in text]
    assert len(texts[1]) < 400_000
    assert all(json.loads(line)["operation"] for line in texts[1].splitlines())


def test_free_text_of_the_service_is_scrubbed() -> None:
    said = "no access for Alice Example (alice@example.com, 1234567890123456) at api.example.com:443, token=PLANTED9"
    refused = Exchange("GetRayCluster", "GET", "/x", {}, None, 403, {}, {"message": said})
    own = {"clusterId": "ray-own", "creatorName": "Alice Example", "message": "ok"}
    later = Exchange("GetRayCluster", "GET", "/x", {}, None, 200, {}, own)
    scrubber = Scrubber(lambda value: value, "w-1", {"ray-own"}, "api.example.com:443")
    lines = to_lines([refused, later], scrubber)
    for planted in ("Alice", "alice", "1234567890123456", "api.example.com", "PLANTED9"):
        assert planted not in "".join(lines)
    assert "no access for creatorname-1" in lines[0]


def _life(harness: ProbeHarness) -> list[Json]:
    """Run some tasks, and return what the service answered, without what is different in every run."""
    clock = EmulatorClock(harness.emulator)
    start = len(harness.emulator.journal)
    for options in (
        {"state": "started", "description": "One Two"}, {"description": "three", "state": "present"},
        {"state": "restarted"}, {"state": "stopped"}, {"state": "absent"},
    ):  # fmt: skip
        harness.cluster(**{**minimal_options(), **options})
        clock.sleep(30)
    return [{"operation": e.operation, "status": e.status, "code": e.code} for e in harness.emulator.journal[start:]]


@pytest.mark.parametrize(
    "rules",
    [
        {"created": "starting", "update": "replace", "delete_takes": "time", "state_case": "upper"},
        {"update_while_running": "refused", "wrong_state_status": 409, "wrong_state_code": "Busy", "sizes": "bare"},
        {"redis_password": "masked", "booleans": "text", "stored_name": "lower"},
    ],
    ids=["starting", "refusing", "strange"],
)
def test_an_emulator_started_from_a_probe_behaves_as_the_service(
    harness: ProbeHarness, rules: Json, tmp_path: Path
) -> None:
    harness.reset(rules)
    outcome = harness.probe(path=str(tmp_path))
    described = ServiceDescription.read(tmp_path / "probe.json")
    first = _life(harness)
    with Emulator(clock=Clock(frozen=True)) as emulator:
        other = ProbeHarness(emulator)
        other.reset({}, others=2)
        emulator.core.behave(described)
        assert canonical(emulator.rules.as_dict()) == canonical(harness.emulator.rules.as_dict())
        assert _life(other) == first
    assert not outcome.failed
