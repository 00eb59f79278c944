# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Isolate test runs from the developer's account, settings, and collections, and select the tests of a command.

``make test`` runs the same sample of the tests marked ``nightly`` every time, and no test marked ``slow``.
``RAYOPS_TESTS=slow`` runs only the latter, and ``RAYOPS_TESTS=all`` runs every test.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parent.parent


def _isolate() -> None:
    """Make a bare `pytest` see what the Makefile sets, and drop credentials: a test must never reach a real account."""
    for name in list(os.environ):
        # tools/coverage.sh sets the exception.
        if name.startswith(("ALIBABA_CLOUD_", "ALICLOUD_", "ANSIBLE_")) and not name.startswith("ANSIBLE_WORKER_"):
            del os.environ[name]
    os.environ["ALIBABA_CLOUD_ECS_METADATA_DISABLED"] = "true"
    os.environ["ANSIBLE_CONFIG"] = str(ROOT / "ansible.cfg")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


_isolate()
ALL_TESTS = os.environ.get("RAYOPS_TESTS") == "all"
SLOW_TESTS = os.environ.get("RAYOPS_TESTS") == "slow"
# A slow machine is no failed test, so no deadline; and the same examples for everyone in continuous integration.
settings.register_profile("fast", deadline=None, max_examples=25)
settings.register_profile("fast-ci", deadline=None, max_examples=25, derandomize=True, print_blob=True)
settings.register_profile("all", deadline=None)
settings.load_profile("all" if ALL_TESTS else "fast-ci" if os.environ.get("CI") else "fast")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers of tests that `make test` leaves out."""
    for marker in (
        "nightly(one_in=None): `make nightly` runs all of these; `make test` one in so many, or none",
        "slow: `make test-slow` runs it, which is a step of `.ci/run`",
    ):
        config.addinivalue_line("markers", marker)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another command runs."""
    if ALL_TESTS:
        return
    left_out = {item for item in items if _is_nightly(item) or bool(item.get_closest_marker("slow")) != SLOW_TESTS}
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _is_nightly(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("nightly")
    if marker is None:
        return False
    one_in = marker.kwargs.get("one_in")
    return not one_in or zlib.crc32(item.nodeid.encode()) % one_in != 0
