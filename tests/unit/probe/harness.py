# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the probe against the emulator in this process, and compare what it says with the emulator's rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.probe import PROBE
from ansible_collections.rayops.alicloud.plugins.module_utils._probe.run import run_probe
from tests.emulator.journal import Entry
from tests.emulator.text_rules import FIELDS, apply_steps
from tests.unit.scenarios.harness import TaskHarness, TaskOutcome
from tests.unit.scenarios.specs import VERSION, Json

TIMING = {"starting_seconds": 15, "stopping_seconds": 10, "deleting_seconds": 8}
# Texts that tell steps apart: two spellings of the same steps are equal.
_TEXTS = ("  A\u00e9 e\u0301 \uff34\u200b  b \n", "word", "x" * 100, "a\nB ", "")
_ROWS_LACK = ("extraParam", "volumeIds", "headSpec.env", "headSpec.displayReleaseVersion", "headSpec.rayStartParams",
              "workerSpec.env", "workerSpec.displayReleaseVersion", "workerSpec.rayStartParams")  # fmt: skip


class ProbeHarness(TaskHarness):
    """Runs the probe; remembers the clusters that others own."""

    def reset(self, rules: Json | None = None, others: int = 2) -> None:
        """Start with an empty service under these rules, and with clusters of others."""
        self.emulator.reset(rules=True)
        self.emulator.timing.set(TIMING)
        self.emulator.rules.set(rules or {})
        self.others = set(self.emulator.seed("neighbor", count=others)) if others else set()

    def probe(self, check: bool = False, tell: Callable[[str], None] | None = None, **given: Any) -> TaskOutcome:
        """Run emr_ray_probe."""
        return self._run(run_probe, PROBE, {"display_release_version": VERSION, **given}, check, tell)

    def left(self) -> list[str]:
        """Return the ids of clusters that are there and not of others."""
        with self.emulator.core.lock:
            found = self.emulator.service.workspaces[self.emulator.workspace_id]
            ids = [key for key in list(found) if self.emulator.service.known(self.emulator.workspace_id, key)]
        return [key for key in ids if key not in self.others]

    def foreign_writes(self) -> list[Entry]:
        """Return the writes to clusters of others, and creates under a name that is not the probe's."""
        writes = [entry for entry in self.emulator.journal if entry.method != "GET"]
        return [
            entry
            for entry in writes
            if any(other in entry.path for other in self.others)
            or (entry.operation == "CreateRayCluster" and not str(entry.body["name"]).startswith("rayops-probe-"))
            or entry.operation not in PROBE_WRITES
        ]


PROBE_WRITES = ("CreateRayCluster", "UpdateRayCluster", "StartRayCluster", "StopRayCluster", "DeleteRayCluster")


def found_rules(outcome: TaskOutcome) -> Json:
    """Return the rules that the probe found."""
    return dict(outcome["probe"]["rules"])


def canonical(rules: Json) -> Json:
    """Return rules such that sets of them that make the same service are equal."""
    result = dict(rules)
    sizes = result.pop("sizes", "as_sent")
    for key, forms in (("cpu_format", ("plain", "plain")), ("memory_format", ("Gi", "bare"))):
        if result.get(key) == "as_sent" and sizes != "as_sent":
            result[key] = forms[sizes == "bare"]
    for name in FIELDS:
        for key in (f"stored_{name}", f"shown_{name}"):
            if key in result:
                result[key] = tuple(apply_steps(text, result[key]) for text in _TEXTS)
    for key in ("omitted_fields", "row_omits", "update_ignores"):
        if key in result:
            names = {name for name in str(result[key]).split(",") if name}
            result[key] = names - set(_ROWS_LACK) if key == "row_omits" else names
    # A field that reads lack is missing in rows as well.
    if "row_omits" in result:
        result["row_omits"] -= result.get("omitted_fields", set())
    return result


def wrong_rules(found: Json, real: Json) -> Json:
    """Return the rules that were found and are not those of the service: {name: (found, real)}."""
    mine, theirs = canonical(found), canonical(real)
    return {name: (value, theirs[name]) for name, value in mine.items() if theirs[name] != value}
