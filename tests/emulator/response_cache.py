# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON text of responses about clusters, kept until the cluster changes: lists of a thousand stay cheap."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any

from . import cluster_views
from .model import Cluster
from .rules import Rules
from .service_address import ServiceAddress

View = Callable[[Cluster, Rules, ServiceAddress], dict[str, Any]]
# All that a view depends on. The dictionaries among it are replaced, never changed in place.
_OF_CLUSTER = attrgetter("state", "message", "modified", "created", "changed", "started", "spec", "run", "raw")
_OF_RULES = attrgetter(*(rule.name for rule in fields(Rules)))
_OF_SITE = attrgetter("region", "base_url")


def dump(data: dict[str, Any]) -> bytes:
    """Return JSON as the service writes it."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()


def _kept(view: View, cluster: Cluster, rules: Rules, site: ServiceAddress, around: tuple[Any, ...]) -> bytes:
    key = (_OF_CLUSTER(cluster), around)
    known = cluster.encoded.get(view.__name__)
    if known is None or known[0] != key:
        known = cluster.encoded[view.__name__] = (key, dump(view(cluster, rules, site)))
    return known[1]


def _around(rules: Rules, site: ServiceAddress) -> tuple[Any, ...]:
    """Return all that views depend on beside the cluster."""
    return _OF_RULES(rules), _OF_SITE(site)


def get(cluster: Cluster, rules: Rules, site: ServiceAddress) -> bytes:
    """Return the answer of GetRayCluster without its requestId."""
    return _kept(cluster_views.get_view, cluster, rules, site, _around(rules, site))


def page(clusters: list[Cluster], rules: Rules, site: ServiceAddress, totals: dict[str, Any]) -> bytes:
    """Return a page of ListRayCluster without its requestId."""
    around = _around(rules, site)
    rows = b",".join(_kept(cluster_views.list_row, item, rules, site, around) for item in clusters)
    return b'{"rayClusters":[' + rows + b"]" + (b"," + dump(totals)[1:] if totals else b"}")
