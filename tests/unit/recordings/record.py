# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record a probe of the emulator again; `python -m tests.unit.recordings.record` does so.

To add a recording of the real service, copy its recording.jsonl into the folder samples.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.emulator import Clock, Emulator
from tests.unit.probe.harness import ProbeHarness

SAMPLES = Path(__file__).parent / "samples"


def main() -> None:
    """Write samples/emulator.jsonl."""
    with Emulator(clock=Clock(frozen=True)) as emulator, tempfile.TemporaryDirectory() as folder:
        harness = ProbeHarness(emulator)
        harness.reset({"redis_password": "masked"}, others=1)
        assert not harness.probe(path=folder, max_clusters=2).failed
        SAMPLES.mkdir(exist_ok=True)
        text = (Path(folder) / "recording.jsonl").read_text(encoding="utf-8")
        (SAMPLES / "emulator.jsonl").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
