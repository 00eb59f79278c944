# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Find clusters whose name may be a declared name in the service's own spelling. Pure."""

from __future__ import annotations

import functools
import html
import re
import typing as t
import unicodedata
from urllib.parse import unquote_plus

from .._errors import ClusterError
from .._payload import without
from .capacity import node_resources
from .fields import Cluster, Node, Spec
from .spec import find_differences, merge, observed_spec

if t.TYPE_CHECKING:
    from .plan import Goal

# Lengths at which services cut names. A cut at another length, or at less than 30 characters, is only suspected in the
# middle of a word: "training-cluster" and "training-cluster-2" are names that people choose.
_CUT_LENGTHS = frozenset({16, 20, 24, 30, 31, 32, 36, 40, 48, 50, 52, 53, 60, 62, 63})

_SEPARATORS = re.compile(r"[\W_]+")
_NOT_ASCII_WORDS = re.compile(r"[^a-z0-9]+")


# A fleet compares each new name with every row: a name is read once.
_cached = functools.lru_cache(maxsize=4096)


@_cached
def fold_name(name: str) -> str:
    """Return a name without case, Unicode form, invisible characters, and the number of blanks."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    visible = "".join(mark for mark in folded if mark.isspace() or unicodedata.category(mark) not in ("Cc", "Cf"))
    return " ".join(visible.split())


def find_respelled(name: str, rows: t.Iterable[Cluster]) -> list[Cluster]:
    """Return the clusters whose name differs, but is equal after both are folded, or ends with an ellipsis there."""
    folded = fold_name(name)

    def is_same(other: str) -> bool:
        shown = fold_name(other)
        return shown == folded or (shown.endswith("...") and folded.startswith(shown[:-3]))

    return [row for row in rows if row.get("name") not in (None, "", name) and is_same(row["name"])]


def find_rewritten(name: str, spec: Spec, rows: t.Iterable[Cluster]) -> list[Cluster]:
    """Return the clusters with the declared spec whose name has the same letters and digits, with other characters.

    A service may replace or drop blanks, punctuation, and non-ASCII characters, and escape them for HTML or a URL.
    """
    return [row for row in rows if is_rewritten(name, row.get("name")) and _has_same_spec(spec, row)]


def is_rewritten(name: str, other: str | None) -> bool:
    """Return whether another name has the same letters and digits as ``name``."""
    return bool(other) and other != name and bool(_skeletons(name) & _skeletons(str(other)))


class NearNames:
    """Tells which names the service may show in place of one of ``names``: another spelling, or cut at any length."""

    def __init__(self, names: t.Iterable[str]) -> None:
        self._names = frozenset(names)
        self._folded = {fold_name(name) for name in self._names}
        self._skeletons = {skeleton for name in self._names for skeleton in _skeletons(name)}
        self._starts = {start for name in self._names for start in _starts(_decompose(name))}

    def include(self, other: str) -> bool:
        """Return whether ``other`` may stand for one of the names without being one of them."""
        if other in self._names:
            return False
        is_cut = _decompose(other).removesuffix("...") in self._starts
        return is_cut or fold_name(other) in self._folded or bool(_skeletons(other) & self._skeletons)


def find_cut(name: str, spec: Spec, rows: t.Sequence[Cluster]) -> list[Cluster]:
    """Return the clusters whose name may be ``name``, cut at its end by the service.

    Many names are the start of another one without a cut: ``team-1`` of ``team-10``. A cut is suspected if no cluster
    has a longer name and the sizes match ``spec``. It must be within a word, with sizes declared or at a usual length.
    Between words, it must be at a usual length of at least 30. Within a word it is also suspected beside longer names
    if every field that rows show is as declared: an update may cut a name, too. Two clusters with one name suggest cuts
    regardless of their sizes.
    """
    longest = max((len(row.get("name") or "") for row in rows), default=0)
    names = [row["name"] for row in rows if row.get("name") and len(row["name"]) == longest]
    is_usual = longest in _CUT_LENGTHS
    is_between_words = is_usual and longest >= 30
    is_evident = len(set(names)) < len(names)

    def is_likely(row: Cluster) -> bool:
        if not _is_start(_decompose(name), _decompose(row["name"]), within_word=not is_between_words):
            return False
        return is_evident or (bool(is_usual or spec.get("head_spec")) and _has_same_sizes(spec, row))

    def is_same(row: Cluster) -> bool:
        is_within = _is_start(_decompose(name), _decompose(row["name"]), within_word=True)
        return is_within and _has_same_spec(spec, row)

    return [row for row in rows if row.get("name") and ((row["name"] in names and is_likely(row)) or is_same(row))]


def find_altered(name: str, spec: Spec, rows: t.Sequence[Cluster]) -> list[Cluster]:
    """Return the clusters that may be the declared one although their name differs."""
    return find_respelled(name, rows) or find_rewritten(name, spec, rows) or find_cut(name, spec, rows)


def reject_uncertain_name(goal: Goal, rows: t.Sequence[Cluster]) -> None:
    """Raise ClusterError if no row has the name of a goal, and one may still be its cluster.

    ``rows`` are all clusters of the workspace.
    """
    name = goal.name or ""
    nameless = [row["cluster_id"] for row in rows if not row.get("name")]
    if nameless:
        raise ClusterError(
            f"the service returns no name for {', '.join(sorted(nameless)[:5])}, so it is unknown whether {name!r} "
            "exists",
            "NameUnknown",
            hint="no create request was sent; set cluster_id",
        )
    similar = find_altered(name, goal.spec, rows)
    if similar:
        raise similar_name_error(name, similar[0])


def find_near_names(name: str, names: t.Iterable[str | None]) -> list[str]:
    """Return at most three names that are similar to a mistyped name, the nearest first."""
    import difflib

    spelled = {fold_name(known): known for known in names if known}
    return [spelled[near] for near in difflib.get_close_matches(fold_name(name), spelled, n=3)]


def add_near_names(error: ClusterError, name: str, names: t.Iterable[str | None]) -> None:
    """Add the names that are similar to a mistyped one to the hint of an error."""
    near = find_near_names(name, names)
    if near:
        error.hint = f"{error.hint + '; ' if error.hint else ''}the workspace has {', '.join(map(repr, near))}"


def not_unique_error(ids: t.Iterable[str]) -> ClusterError:
    """Return the error for several clusters with one name."""
    found = sorted(ids)
    return ClusterError(
        f"{len(found)} clusters have this name: {', '.join(found)}",
        "NameNotUnique",
        hint="set cluster_id to select one",
    )


def similar_name_error(name: str, row: Cluster) -> ClusterError:
    """Return the error for a cluster whose name is nearly the declared one."""
    return ClusterError(
        f"no cluster has the name {name!r}, but {row['cluster_id']} has the name {row['name']!r}: "
        "the service may have changed the spelling when the cluster was created",
        "NameSimilar",
        hint="no create request was sent. Declare the name as the service spells it, or set cluster_id. If it is "
        "another cluster, rename it or choose a name that differs more",
    )


def altered_name_error(name: str, cluster_id: str, found: str | None) -> ClusterError:
    """Return the error for a new cluster whose name is not the declared one."""
    spelling = f"keeps its name as {found!r}" if found else "returns no name"
    return ClusterError(
        f"{cluster_id} was created as {name!r}, but the service {spelling}, so the next run could not find it",
        "NameAltered",
        hint="the task stopped after the create; declare the name as the service spells it, or set cluster_id",
    )


@_cached
def _decompose(name: str) -> str:
    return unicodedata.normalize("NFKD", fold_name(name))


def _is_start(name: str, start: str, within_word: bool) -> bool:
    """Return whether ``start`` is the start of ``name``, and not its first word or number if that matters."""
    if not start or start == name or not name.startswith(start):
        return False
    last, following = start[-1], name[len(start)]
    if not within_word or not last.isalnum():
        # No user ends a name with a hyphen.
        return True
    in_number = last.isdigit() and following.isdigit()
    return not in_number and (following.isalnum() or unicodedata.combining(following) > 0)


def _starts(name: str) -> t.Iterator[str]:
    """Yield the starts of a name that do not end within a number."""
    for end in range(1, len(name)):
        if not (name[end - 1].isdigit() and name[end].isdigit()):
            yield name[:end]


@_cached
def _skeletons(name: str) -> frozenset[str]:
    """Return the words of a name without accents, without non-ASCII characters, and with these as separators."""
    plain = unquote_plus(html.unescape(name))
    plain_ascii = "".join(mark for mark in plain.casefold() if mark.isascii())
    without_accents = "".join(mark for mark in _decompose(plain) if not unicodedata.combining(mark))
    words = (
        _SEPARATORS.split(without_accents),
        *(_NOT_ASCII_WORDS.split(text) for text in (plain.casefold(), plain_ascii)),
    )
    return frozenset("-".join(filter(None, parts)) for parts in words) - {""}


def _has_same_spec(spec: Spec, row: Cluster) -> bool:
    """Return whether a row shows no other value than the declared one for any field but the name."""
    declared: Spec = without(spec, "name")
    if not declared.get("head_spec") or not _has_same_sizes(declared, row):
        return False
    found = observed_spec(row)
    changes = find_differences(found, declared, merge(found, declared, purge=True))
    return all(change.before in (None, "") and change.field[-1] != "]" for change in changes)


def _has_same_sizes(spec: Spec, row: Cluster) -> bool:
    """Return whether no size of a cluster differs from the declared ones; one that cannot be read does not."""
    declared = [spec.get("head_spec") or {}, *(spec.get("worker_spec") or [])]
    found = [row.get("head_spec") or {}, *(row.get("worker_spec") or [])]
    if spec.get("worker_spec") and row.get("worker_spec") and len(declared) != len(found):
        return False
    return all(_is_same_size(one, other) for one, other in zip(declared, found, strict=False))


def _is_same_size(declared: Node, found: Node) -> bool:
    pairs = zip(node_resources(declared)[:2], node_resources(found)[:2], strict=True)
    return all(one == other for one, other in pairs if one is not None and other is not None)
