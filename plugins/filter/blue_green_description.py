# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter blue_green_description: write the description that marks a generation of a cluster."""

from __future__ import annotations

DOCUMENTATION = r"""
name: blue_green_description
short_description: Write the description that marks a generation of a Ray cluster
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns a description that names the run that replaces a cluster and its end time. For a retired cluster, the
    description says that the cluster has been replaced.
positional: description, holder, revision, retired
options:
  _input:
    description: Result of the filter P(rayops.alicloud.blue_green#filter).
    type: dict
    required: true
  description:
    description: Other text of the description.
    type: str
  holder:
    description: Identity of the run that replaces the cluster, in one word.
    type: str
  revision:
    description: Revision of the generation, in one word.
    type: str
  retired:
    description: V(true) if the cluster has been replaced.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show the description of the next generation
  ansible.builtin.debug:
    msg: >-
      {{ {'generation': 2, 'until': '2026-11-22T09:00:00Z'}
         | rayops.alicloud.blue_green_description('nightly', 'me') }}
"""

RETURN = r"""
_value:
  description: The description.
  type: str
  sample: nightly [blue-green gen=2 holder=me until=2026-11-22T09:00:00Z]
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ..plugin_utils._native import Row
from ..plugin_utils._operations.blue_green import DeploymentError, check_marker_word, mark_description
from ..plugin_utils._template_trust import mark_as_text


def blue_green_description(
    deployment: Row, description: object = "", holder: str = "", revision: str = "", retired: bool = False
) -> str:
    """Return the description of the next successor, or of the active cluster when it retires."""
    text = str(description or "")
    try:
        if retired:
            return mark_as_text(mark_description(text, {"retired": True}))
        words = {
            "gen": deployment["generation"],
            "holder": check_marker_word("the holder", str(holder)),
            "until": deployment["until"],
            "rev": check_marker_word("the revision", str(revision)) if revision else "",
        }
        return mark_description(text, words)
    except DeploymentError as error:
        raise AnsibleFilterError(f"blue_green_description: {error}") from None


class FilterModule:
    """Registers the filters of this file."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"blue_green_description": blue_green_description}
