# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Share the state between experiments."""

from __future__ import annotations

import copy

from .facts import Facts, Json, Value
from .lab import Lab, Reply, Scratch, UnclearError


class Bench:
    """The state that experiments share: the lab, the main scratch cluster, and the facts so far."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.facts: Facts = {}
        self._main: Scratch | None = None

    @property
    def main(self) -> Scratch:
        """Return the main scratch cluster. Raises UnclearError if it does not exist."""
        if self._main is None or self._main.is_gone:
            raise UnclearError("there is no scratch cluster")
        return self._main

    @main.setter
    def main(self, cluster: Scratch) -> None:
        self._main = cluster

    def note_reply(self, reply: Reply) -> Value:
        """Return the note of a response: "ok", or status and code."""
        return "ok" if reply.ok else list(reply.fingerprint)


def restore(bench: Bench, spec: Json) -> None:
    """Put the main cluster back to the sizes of a spec. Raises UnclearError if the service does not."""
    if not bench.lab.update(bench.main, copy.deepcopy(spec)).ok:
        raise UnclearError("the update was refused")
