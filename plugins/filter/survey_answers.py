# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter survey_answers: check the answers to an AWX survey and fill in defaults."""

from __future__ import annotations

DOCUMENTATION = r"""
name: survey_answers
short_description: Check the answers to an AWX survey and fill in defaults
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Trims and checks each answer, and replaces an empty answer with the default of its question.
  - The playbooks for AWX, such as C(rayops.alicloud.awx.create), read their variables with this filter. An answer
    therefore means the same in the AWX form, its API, a schedule, and on a command line.
positional: given, formats
options:
  _input:
    description: Questions in the format of the C(spec) of an AWX survey.
    type: list
    elements: dict
    required: true
  given:
    description: Answers by variable. Empty text, an empty list, and null count as no answer.
    type: dict
    required: true
  formats:
    description:
      - How to read the text of a variable. Other text is trimmed.
      - V(lines) returns a list with an entry for each line.
      - V(patterns) and V(pattern) do the same for shell patterns and one shell pattern, with V(*) for V(all).
      - V(environment) returns a dictionary of C(NAME=value) lines.
      - V(number) and V(integer) also accept V(none), which leaves the variable out.
      - V(hours) returns a list of ranges, which is empty for V(closed).
      - V(moment) also accepts V(now), which leaves the variable out.
      - V(yaml) keeps the text unchanged.
    type: dict
"""

EXAMPLES = r"""
- name: Show the limits that apply
  ansible.builtin.debug:
    msg: >-
      {{ [{'variable': 'rayops_max_cu', 'question_name': 'Maximum CU', 'type': 'text', 'required': false}]
         | rayops.alicloud.survey_answers({'rayops_max_cu': 'none'}, {'rayops_max_cu': 'number'}) }}
"""

RETURN = r"""
_value:
  description:
    - C(answers) has the answers by variable, without the prefix C(rayops_). A variable without an answer is left out.
    - C(problems) has a sentence for each answer that cannot be used. It quotes no answer.
  type: dict
  sample:
    answers: {}
    problems: []
"""

import typing as t

from ..plugin_utils._operations.survey_answers import read_answers
from ..plugin_utils._template_trust import mark_as_text


def survey_answers(
    questions: t.Iterable[t.Mapping[str, object]],
    given: t.Mapping[str, object],
    formats: t.Mapping[str, str] | None = None,
) -> dict[str, object]:
    """Return the answers, and a sentence for each answer that cannot be used."""
    answers, problems = read_answers(questions, given, formats or {})
    # Answers are never templates, even if they look like one.
    return mark_as_text({"answers": answers, "problems": problems})


class FilterModule:
    """Register the filter."""

    def filters(self) -> dict[str, t.Callable[..., object]]:
        """Return the filters of this file."""
        return {"survey_answers": survey_answers}
