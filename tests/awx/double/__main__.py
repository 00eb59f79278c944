# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the double in the foreground, with this checkout as what projects clone: python -m tests.awx.double."""

from __future__ import annotations

import argparse
from pathlib import Path

from .server import AwxDouble

ROOT = Path(__file__).parents[3]
URL = "https://github.com/rayops/rayops.alicloud"


def main() -> None:
    """Serve until it is interrupted."""
    parser = argparse.ArgumentParser(description="a strict double of AWX's API, for tests")
    parser.add_argument("--port", type=int, default=8052)
    given = parser.parse_args()
    double = AwxDouble({URL: ROOT}, {"rayops": ROOT}, port=given.port)
    double.store.create("organizations", {"name": "Default"})
    print(f"{double.url} user {AwxDouble.username} password {AwxDouble.password} token {AwxDouble.token}", flush=True)
    try:
        double.serve()
    except KeyboardInterrupt:
        print("over")


if __name__ == "__main__":
    main()
