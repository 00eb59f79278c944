# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are planted in jobs, and where they must not be found."""

from __future__ import annotations

import base64
from pathlib import Path

from tests.emulator import Account

from .job import Finished

PLANTED = "Canary"
KEY = {"access_key_id": "LTAI-static", "access_key_secret": f"{PLANTED}-static-0a51c"}
TEMPORARY = Account("STS.temporary", f"{PLANTED}-temporary-7be3d", f"{PLANTED}-token-93f0a")
ASSUMED = Account("STS.assumed", f"{PLANTED}-assumed-44d1e", f"{PLANTED}-session-c8d20")
# May assume a role, and do nothing else.
PERSON = {"access_key_id": "LTAI-person", "access_key_secret": f"{PLANTED}-person-e6f70"}
OIDC_TOKEN = f"{PLANTED}-oidc-eyJhbGciOiJSUzI1NiJ9"
REDIS_PASSWORD = f"{PLANTED}-redis-5c1b8"
JOB_SECRET = f"{PLANTED}-job-d2e9f"

ACCOUNTS = [Account(KEY["access_key_id"], KEY["access_key_secret"]), TEMPORARY, ASSUMED]


def artifacts(done: Finished) -> list[Path]:
    """Return every file that the job has left on AWX's side, and in its container's artifacts."""
    folders = [done.folder / "pdd" / "artifacts", done.folder / "worker" / "artifacts"]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def find_leaks(done: Finished) -> list[str]:
    """Return the names of files that hold a planted secret, as text or in base64.

    `command` is left out: ansible-runner writes the whole environment there, and AWX shows it masked, as `job_env`.
    """
    words = [PLANTED.encode(), base64.b64encode(PLANTED.encode()).rstrip(b"=")]
    return [
        str(path.relative_to(done.folder))
        for path in artifacts(done)
        if path.name != "command" and any(word in path.read_bytes() for word in words)
    ]
