# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Connections and credentials that outlive one task, for mouths that run many tasks in one process."""

from __future__ import annotations

import os
import typing as t

from .._clock import Clock
from .._credentials.static import CredentialSource
from .._credentials.store import CredentialStore
from .settings import Settings
from .transport import Transport


class Connection(t.NamedTuple):
    """What is kept of a connection to the service."""

    transport: Transport
    credentials: CredentialStore


class ConnectionPool:
    """Keeps the links of one process; a forked child begins with none, as a connection cannot be shared."""

    def __init__(self) -> None:
        self._pid = os.getpid()
        self._links: dict[tuple[Settings, CredentialSource], Connection] = {}

    def get_connection(self, settings: Settings, source: CredentialSource, clock: Clock) -> Connection:
        """Return the link for these settings and credentials, made where there is none. Raises ParameterError."""
        if self._pid != os.getpid():
            self._pid, self._links = os.getpid(), {}
        key = (settings, source)
        if key not in self._links:
            self._links[key] = Connection(Transport(settings, clock), CredentialStore(source))
        return self._links[key]
