# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Keep connections and credentials across tasks, for entry points that run many tasks in one process."""

from __future__ import annotations

import os
import typing as t

from .._clock import Clock
from .._credentials.static import CredentialSource
from .._credentials.store import CredentialStore
from .settings import Settings
from .transport import Transport


class Connection(t.NamedTuple):
    """A connection to the service that outlives a task."""

    transport: Transport
    credentials: CredentialStore


class ConnectionPool:
    """Keeps the links of one process; a forked child starts without any, because it cannot share a connection."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._links: dict[tuple[Settings, CredentialSource], Connection] = {}

    def get_connection(self, settings: Settings, source: CredentialSource, clock: Clock) -> Connection:
        """Return the link for these settings and credentials; create it if needed. Raises ParameterError."""
        if self._pid != os.getpid():
            self._pid, self._links = os.getpid(), {}
        key = (settings, source)
        if key not in self._links:
            self._links[key] = Connection(Transport(settings, clock), CredentialStore(source))
        return self._links[key]
