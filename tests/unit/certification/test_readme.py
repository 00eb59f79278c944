# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Automation Hub's template and the Ansible package ask of the README."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
# In this order.
SECTIONS = [
    "Description",
    "Requirements",
    "Installation",
    "Use Cases",
    "Testing",
    "Contributing",
    "Communication",
    "Support",
    "Release Notes and Roadmap",
    "Related Information",
    "License Information",
]


def section(name: str) -> str:
    """Return the text of a section."""
    found = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[1]


def test_it_has_the_sections_of_the_template_in_their_order() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    assert f"\n# {galaxy['namespace']}.{galaxy['name']}\n" in README
    headings = re.findall(r"^## (.+)$", README, re.MULTILINE)
    assert [heading for heading in headings if heading in SECTIONS] == SECTIONS


def test_it_has_three_to_five_use_cases() -> None:
    assert 3 <= len(re.findall(r"^### ", section("Use Cases"), re.MULTILINE)) <= 5


def test_requirements_name_python_and_packages_and_not_ansible_itself() -> None:
    text = section("Requirements").split("###")[0]
    assert "Python 3.10 or newer" in text
    assert "Python 3.9 and older" in text
    assert "not\n  supported" in text or "not supported" in text
    first = [line for line in text.splitlines() if line.startswith(("- ", "| `"))]
    assert not [line for line in first if line.startswith("- ansible") or "| `ansible" in line]


def test_installation_is_by_ansible_galaxy_and_never_installs_ansible() -> None:
    assert "ansible-galaxy collection install rayops.alicloud" in section("Installation")
    assert "requirements.yml" in section("Installation")
    assert "--upgrade" in section("Installation")
    assert not re.search(r"pip3? install [^\n]*\bansible(-core)?\b", README)


def test_links_and_pictures_are_absolute() -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", README) + re.findall(r"(?:src|href)=\"([^\"]+)\"", README)
    assert targets
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []


def test_it_says_where_to_ask_and_what_may_change() -> None:
    assert "forum.ansible.com" in section("Communication")
    assert "/issues" in section("Support")
    assert "CODE_OF_CONDUCT.md" in section("Contributing")
    assert "CHANGELOG.rst" in section("Release Notes and Roadmap")
    assert "semver.org" in section("Release Notes and Roadmap")
    assert "GPL-3.0-or-later" in section("License Information")


def test_the_table_of_what_is_tested_is_the_matrix() -> None:
    rows = re.findall(r"^\| (2\.\d+) \| ([\d., ]+) \|$", section("Testing"), re.MULTILINE)
    lines = (ROOT / "tests/matrix.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split() for line in lines if line and not line.startswith("#")]
    assert rows == [(core, ", ".join(f"3.{minor}" for minor in minors)) for core, *minors in pairs]
