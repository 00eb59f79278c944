# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Check a plan, or one step of it, against the guardrails of a cluster. Pure."""

from __future__ import annotations

import typing as t
from decimal import Decimal

from .._errors import ClusterError
from .._payload import Params
from .._quantities import int_or_float
from .capacity import Resources, max_resources
from .fields import Cluster

GUARDRAIL_ERROR_CODE = "GuardrailBroken"
# Operations that a protected cluster refuses. A restart starts with a stop.
DESTRUCTIVE_ACTIONS = frozenset(("stop", "delete"))
# After these operations, a cluster may use its maximum size.
_CONSUMING_ACTIONS = ("create", "start")


def guardrail_error(text: str) -> ClusterError:
    """Return the error for actions that a guardrail rejects."""
    return ClusterError(text, GUARDRAIL_ERROR_CODE, hint="change the declaration, or raise the guardrail")


def find_cluster_violations(
    params: Params, actions: t.Sequence[str], before: Cluster | None, after: Cluster | None
) -> str | None:
    """Return the guardrails of one cluster that reject these actions, or None if all accept them.

    ``before`` is the present cluster, ``after`` the planned one, None if it does not exist.
    """
    texts = []
    destructive = [action for action in actions if action in DESTRUCTIVE_ACTIONS]
    if params.get("protected") and destructive:
        texts.append(
            f"protected: the cluster must not be stopped or deleted, and this plan would {' and '.join(destructive)} it"
        )
    if after is not None:
        sizes = max_resources(before), max_resources(after)
        texts += find_size_violations(params, actions, *sizes, "the cluster")
    return "; ".join(texts) or None


def find_size_violations(
    params: Params, actions: t.Iterable[str], before: Resources, after: Resources, what: str
) -> list[str]:
    """Return the size limits that reject these actions.

    A plan that makes no cluster larger and starts none passes, so that a cluster above the limit can be stopped.
    """
    begins = any(action in _CONSUMING_ACTIONS for action in actions)
    had_gpus, has_gpus = (Decimal(sum(size.gpus.values())) for size in (before, after))
    sizes = (("max_cu", "CU", before.cu, after.cu), ("max_gpus", "nodes with a GPU", had_gpus, has_gpus))
    return [
        f"{option}: {what} would have {_format_amount(has)} {unit}, and at most {params[option]:g} are allowed"
        for option, unit, had, has in sizes
        if params.get(option) is not None and _exceeds_limit(had, has, Decimal(str(params[option])), begins)
    ]


def _exceeds_limit(had: Decimal | None, has: Decimal | None, most: Decimal, begins: bool) -> bool:
    """Return whether a plan exceeds a limit: a size that exceeded it before may remain, and may shrink."""
    if has is None:
        return begins or had is not None
    if begins:
        return has > most
    return has > most and (had is None or has > had)


def _format_amount(most: Decimal | None) -> str:
    return "an unknown number of" if most is None else f"up to {int_or_float(most)}"
