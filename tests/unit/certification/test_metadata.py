# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Galaxy, Automation Hub and the Ansible package ask of galaxy.yml, meta/ and of which files there are."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
# One of these has to be among the tags.
KNOWN_TAGS = {
    *("ai", "application", "cloud", "database", "eda", "infrastructure", "linux", "monitoring", "networking"),
    *("security", "storage", "tools", "windows"),
}
# The folders that ansible-core knows, and those that may be there beside them.
PLUGIN_FOLDERS = {
    *(
        "action",
        "become",
        "cache",
        "callback",
        "cliconf",
        "connection",
        "doc_fragments",
        "filter",
        "httpapi",
        "inventory",
    ),
    *("lookup", "module_utils", "modules", "netconf", "shell", "strategy", "terminal", "test", "vars"),
    *("plugin_utils", "sub_plugins"),
}
# The oldest release that somebody still supports, on Automation Hub.
OLDEST_SUPPORTED = (2, 16)


def loaded(path: str) -> Any:
    """Return a YAML file of the repository."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def tracked() -> list[str]:
    """Return the files of the repository."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if (ROOT / name).exists()]


def test_galaxy_yml_says_what_is_asked_for() -> None:
    galaxy = loaded("galaxy.yml")
    for field in ("namespace", "name", "version", "readme", "authors", "description"):
        assert galaxy[field], field
    for field in ("repository", "documentation", "homepage", "issues"):
        assert galaxy[field].startswith("https://"), field
    assert re.fullmatch(r"[a-z][a-z0-9_]*", galaxy["namespace"])
    assert re.fullmatch(r"[a-z][a-z0-9_]*", galaxy["name"])
    assert (ROOT / galaxy["readme"]).exists()


def test_the_version_is_semantic_and_at_least_1() -> None:
    major, _minor, _patch = loaded("galaxy.yml")["version"].split(".")
    assert int(major) >= 1


def test_there_is_a_tag_of_the_fixed_list() -> None:
    tags = loaded("galaxy.yml")["tags"]
    assert KNOWN_TAGS & set(tags)
    assert len(tags) == len(set(tags)) <= 20
    assert all(re.fullmatch(r"[a-z0-9]+", tag) for tag in tags)


def test_the_licence_is_told_one_way_and_its_text_is_there() -> None:
    galaxy = loaded("galaxy.yml")
    assert "license_file" not in galaxy
    assert galaxy["license"]
    for licence in galaxy["license"]:
        assert (ROOT / f"LICENSES/{licence}.txt").stat().st_size > 500


def test_the_collection_depends_on_no_other() -> None:
    assert loaded("galaxy.yml")["dependencies"] == {}


def test_requires_ansible_is_a_supported_release_without_an_upper_bound() -> None:
    required = loaded("meta/runtime.yml")["requires_ansible"]
    found = re.fullmatch(r">=(\d+)\.(\d+)\.(\d+)", required)
    assert found
    assert (int(found[1]), int(found[2])) >= OLDEST_SUPPORTED


def test_an_execution_environment_gets_files_that_exist() -> None:
    """Without the file ansible-builder installs nothing, without telling."""
    declared = loaded("meta/execution-environment.yml")["dependencies"]
    assert set(declared) <= {"python", "system"}
    for name in declared.values():
        assert (ROOT / name).exists(), name
    lines = (ROOT / declared["python"]).read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if line and not line.startswith("#")]
    assert found
    for line in found:
        assert re.fullmatch(r"[A-Za-z0-9-]+>=[0-9.]+", line), line
        assert not line.startswith("ansible"), line


def test_development_files_stay_out_of_the_tarball() -> None:
    ignored = loaded("galaxy.yml")["build_ignore"]
    assert {".github", ".ansible-lint", ".ci", "tests/integration", "tests/unit", "tools", "Makefile"} <= set(ignored)
    for folder in (path for path in (ROOT / "tests").iterdir() if path.is_dir()):
        # The emulator is for users.
        assert folder.name in {"emulator", "__pycache__"} or f"tests/{folder.name}" in ignored, folder.name


def test_plugins_are_in_folders_that_ansible_knows() -> None:
    assert {path.name for path in (ROOT / "plugins").iterdir() if path.is_dir()} <= PLUGIN_FOLDERS


def test_there_are_no_binaries_and_no_leftovers() -> None:
    for name in tracked():
        path = ROOT / name
        assert not re.search(r"\.(pyc|pyo|so|bak|orig|rej|swp|tmp)$|~$|\.DS_Store", name), name
        assert path.stat().st_size < 1_000_000, name
        assert b"\0" not in path.read_bytes(), name
    assert sum((ROOT / name).stat().st_size for name in tracked()) < 20_000_000


def test_sanity_ignores_nothing() -> None:
    assert not (ROOT / "tests/sanity").exists()
    assert not [name for name in tracked() if name.startswith("tests/sanity")]


@pytest.mark.parametrize("path", ["CODE_OF_CONDUCT.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.rst"])
def test_the_pages_of_a_project_are_there(path: str) -> None:
    assert (ROOT / path).stat().st_size > 200


def test_the_changelog_is_that_of_the_version() -> None:
    version = loaded("galaxy.yml")["version"]
    assert loaded("changelogs/config.yaml")["changelog_filename_template"] == "../CHANGELOG.rst"
    releases = loaded("changelogs/changelog.yaml")["releases"]
    assert releases[version]["changes"]["release_summary"]
    assert f"\nv{version}\n" in (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8")


def test_the_changelog_names_every_module_and_role_of_its_versions() -> None:
    """`make changelog` lists them."""
    text = (ROOT / "CHANGELOG.rst").read_text(encoding="utf-8")
    versions = set(loaded("changelogs/changelog.yaml")["releases"])
    found = [*(ROOT / "plugins/modules").glob("*.py"), *(ROOT / "roles").glob("*/meta/argument_specs.yml")]
    assert len(found) > 10
    for path in found:
        added = re.search(r"^ *version_added: (\S+)", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert added, path
        name = path.stem if path.suffix == ".py" else path.parents[1].name
        assert added[1] not in versions or f"- rayops.alicloud.{name} - " in text, name
