# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Share the state between experiments."""

from __future__ import annotations

import copy

from .facts import Facts, Json, Value
from .lab import Lab, Reply, Scratch, UnclearError


class Bench:
    """The state that experiments share: the lab, two scratch clusters, and the facts so far."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.facts: Facts = {}
        self._clusters: dict[str, Scratch] = {}

    def _get(self, name: str) -> Scratch:
        cluster = self._clusters.get(name)
        if cluster is None or cluster.is_gone:
            raise UnclearError("the scratch cluster does not exist")
        return cluster

    @property
    def main(self) -> Scratch:
        """Return the scratch cluster that updates try values on. Raises UnclearError if it does not exist."""
        return self._get("main")

    @main.setter
    def main(self, cluster: Scratch) -> None:
        self._clusters["main"] = cluster

    @property
    def life(self) -> Scratch:
        """Return the scratch cluster that starts and stops. Raises UnclearError if it does not exist."""
        return self._get("life")

    @life.setter
    def life(self, cluster: Scratch) -> None:
        self._clusters["life"] = cluster

    def note_reply(self, reply: Reply) -> Value:
        """Return the note of a response: "ok", or status and code."""
        return "ok" if reply.ok else list(reply.fingerprint)


def restore(bench: Bench, spec: Json) -> None:
    """Put the main cluster back to the sizes of a spec. Raises UnclearError if the service does not."""
    if not bench.lab.update(bench.main, copy.deepcopy(spec)).ok:
        raise UnclearError("the update was refused")
