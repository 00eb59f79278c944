# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Sizes, names, lists and tokens of workspaces: read, checked and compared by meaning. Pure."""

from __future__ import annotations

import json
import re
import typing as t
import uuid

from .._cluster.similar_names import fold_name
from .._cluster.values import normalize_text
from .._errors import ClusterError
from .._payload import Params
from .._workspace.result import parse_capacity

Row = dict[str, t.Any]

_CU = re.compile(r"(0|[1-9][0-9]{0,8})(\.0+)?\s*(cu)?", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9_\u4e00-\u9fff-]{1,64}")
_TOKEN_NAMESPACE = uuid.UUID("6f1ef0ee-9a1b-5c83-8f1c-3a1f8a1b6d10")


class Change(t.NamedTuple):
    """A field that differs, with its value before and after, and why it changes."""

    field: str
    before: t.Any
    after: t.Any
    why: str = "the declared value differs"

    def to_result(self) -> Row:
        """Return the change as an entry of a result's ``changes``."""
        return self._asdict()

    def to_text(self) -> str:
        """Return the change in one line."""
        return f"{self.field} {_short(self.before)} → {_short(self.after)}"


def _short(value: t.Any) -> str:
    if value in (None, "", []):
        return "(none)"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def parse_cu(value: object) -> int:
    """Return a number of CU from ``100``, ``"100"`` or ``"100cu"``. Raises ValueError."""
    match = None if isinstance(value, bool) else _CU.fullmatch(str(value).strip())
    if match is None:
        raise ValueError("is not a whole number of CU, such as 64")
    return int(match.group(1))


def parse_cu_or_none(value: object) -> int | None:
    """Return a number of CU from the service, or None if it cannot be read."""
    try:
        return parse_cu(value)
    except ValueError:
        return None


def capacity_cores(value: object) -> int | None:
    """Return the cores, which are as many CU, of a queue's resources; None for what cannot be read."""
    cores = (parse_capacity(value) or {}).get("cpu")
    return None if cores is None else int(cores)


def name_problems(option: str, value: object) -> list[str]:
    """Return a problem unless a value is 1 to 64 letters, digits, Chinese characters, ``-`` and ``_``."""
    is_name = isinstance(value, str) and _NAME.fullmatch(value)
    return [] if is_name else [f"{option}: must be 1 to 64 letters, digits, Chinese characters, - or _"]


def text_problems(params: Params, *options: str, path: str = "") -> list[str]:
    """Return the problems of texts, or lists of texts, that are empty, have blanks, or cannot be printed."""
    return [
        f"{path}{option}: {text!r} is empty, has blanks, or cannot be printed"
        for option in options
        if (value := params.get(option)) is not None
        for text in map(str, value if isinstance(value, list) else [value])
        if text.split() != [text] or not text.isprintable()
    ]


def line_problems(option: str, text: str | None) -> list[str]:
    """Return a problem for a text with characters, other than blanks and line ends, that cannot be printed."""
    is_shown = "".join((text or "").split()).isprintable()
    return [] if is_shown else [f"{option}: has characters that cannot be printed"]


def texts_of(value: t.Any) -> list[str]:
    """Return the texts of a list from the service, or an empty list for any other value."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def texts_to_send(declared: list[str] | None, observed: t.Any) -> list[str] | None:
    """Return the list for a body: the declared one, else the observed one; None if there is nothing to keep or clear.

    A service may refuse an empty list; one that is left out is empty afterwards, or stays so.
    """
    stored = texts_of(observed)
    texts = stored if declared is None else declared
    return texts if texts or stored else None


def is_same_set(declared: t.Iterable[str], observed: t.Any) -> bool:
    """Return whether a list from the service contains the declared texts, in any order."""
    return set(declared) == set(texts_of(observed))


def is_same_text(declared: str, observed: t.Any) -> bool:
    """Return whether a text means the declared one: services trim texts and line ends, and compose characters."""
    return normalize_text(declared) == normalize_text(observed if isinstance(observed, str) else "")


def is_same_word(declared: str, observed: t.Any) -> bool:
    """Return whether a word of the API means the declared one, which has another case or other synonyms in reads."""
    return _fold_word(declared) == _fold_word(str(observed))


# The documentation has two spellings of each.
_SYNONYMS = {"pre": "subscription", "prod": "production"}


def _fold_word(word: str) -> str:
    low = word.strip().casefold()
    return _SYNONYMS.get(low, low)


def is_same_words(declared: t.Iterable[str], observed: t.Any) -> bool:
    """Return whether a list from the service means the declared words, in any order."""
    return set(map(_fold_word, declared)) == set(map(_fold_word, texts_of(observed)))


def check_no_similar(noun: str, name: str, others: t.Iterable[object]) -> None:
    """Raise ClusterError if another one has nearly the declared name: the service may have respelled it."""
    similar = sorted(str(other) for other in others if other != name and fold_name(str(other)) == fold_name(name))
    if similar:
        raise ClusterError(
            f"no {noun} is called {name!r}, but {', '.join(map(repr, similar))} has nearly the same name",
            "NameSimilar",
            hint="declare the name as the service spells it; to create another one, choose a name that differs more",
        )


def client_token(*parts: object) -> str:
    """Return the token of a create: the same for the same request, also in the next run."""
    return str(uuid.uuid5(_TOKEN_NAMESPACE, json.dumps(parts, sort_keys=True, default=str)))
