# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every definition of the kit is one that AWX takes and gives back as it was given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.awx.double import AwxDouble
from tests.awx.double.survey_rules import shown
from tools.awx_files import definitions

ROOT = Path(__file__).parents[3]
FOUND = definitions()


@pytest.fixture
def double() -> AwxDouble:
    double = AwxDouble({"url": ROOT})
    organization = double.store.create("organizations", {"name": "Default"})
    sent = {"name": "Ray", "organization": organization["id"], "scm_type": "git", "scm_url": "url"}
    double.store.create("projects", sent)
    double.store.create("inventories", {"name": "local", "organization": organization["id"]})
    return double


@pytest.mark.parametrize("kind", FOUND["credential_types"], ids=lambda kind: kind["key"])
def test_a_credential_type_is_taken_and_given_back(double: AwxDouble, kind: dict[str, Any]) -> None:
    sent = {key: value for key, value in kind.items() if key != "key"}
    stored = double.store.create("credential_types", sent)
    assert {key: stored[key] for key in sent} == sent


@pytest.mark.parametrize("template", FOUND["job_templates"], ids=lambda template: template["key"])
def test_a_job_template_is_taken_and_its_survey_given_back(double: AwxDouble, template: dict[str, Any]) -> None:
    more = {
        "project": double.named("projects")["Ray"]["id"],
        "inventory": double.named("inventories")["local"]["id"],
        "survey_enabled": "survey_spec" in template,
    }
    sent = {key: value for key, value in template.items() if key not in {"key", "survey_spec"}}
    stored = double.store.create("job_templates", {**sent, **more})
    if "survey_spec" in template:
        double.store.set_survey(stored["id"], template["survey_spec"])
        assert shown(double.store.surveys[stored["id"]]) == template["survey_spec"]
