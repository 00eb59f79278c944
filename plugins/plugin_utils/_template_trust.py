# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distinguish templates from plain text, before and since ansible-core 2.19.

Cluster names from the service must never be executed: any user who may name one could run commands on the controller.
"""

from __future__ import annotations

import typing as t

try:
    from ansible.template import trust_as_template

    HAS_TEMPLATE_TRUST = True
except ImportError:
    HAS_TEMPLATE_TRUST = False

Data = t.TypeVar("Data")


def mark_as_template(text: str) -> str:
    """Return a text that Ansible renders where it is used."""
    return trust_as_template(text) if HAS_TEMPLATE_TRUST else text


def mark_as_text(value: Data) -> Data:
    """Return data that Ansible never renders, regardless of its content.

    Before ansible-core 2.19, only text with a brace is marked. ansible-inventory exports marked text as a mapping, and
    AWX stores that mapping, which filters of its API would have to spell.
    """
    # Since 2.19, only text that is marked as a template is one.
    marked: Data = value if HAS_TEMPLATE_TRUST else _mark_as_text(value)
    return marked


def _mark_as_text(value: object) -> t.Any:
    if isinstance(value, dict):
        return {_mark_as_text(key): _mark_as_text(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_mark_as_text(item) for item in value]
    if not isinstance(value, str) or "{" not in value:
        return value
    from ansible.utils.unsafe_proxy import wrap_var

    return wrap_var(value)  # type: ignore[no-untyped-call]
