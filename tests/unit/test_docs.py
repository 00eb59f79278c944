# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check that the README and the pages name only links, files, options, commands, and permissions that exist."""

from __future__ import annotations

import difflib
import html
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._api.operations import OPERATIONS, PRODUCT
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.cluster import (
    CLUSTER_INFO_OPTIONS,
    CLUSTER_OPTIONS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.common import COMMON_OPTIONS, Options
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.doctor import DOCTOR
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.job import JOB, JOB_INFO, JOB_LOG
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.platform import (
    MEMBER_OPTIONS,
    NETWORK_OPTIONS,
    QUEUE_OPTIONS,
    WORKSPACE_OPTIONS,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.probe import PROBE
from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.workspace import WORKSPACE_INFO_OPTIONS
from tests.docs.pages import (
    FOLDER,
    LABELS,
    ROOT,
    block_texts,
    code_spans,
    guide_path,
    heading_anchors,
    labels,
    links,
    references,
)
from tests.emulator import Clock, Emulator
from tests.unit.scenarios.harness import TaskHarness

README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *FOLDER.glob("*.rst")])
HOME = "https://github.com/rayops/rayops.alicloud"
SITE = "https://rayops.github.io/rayops.alicloud/"
MODULE_UTILS = ROOT / "plugins/module_utils"
SPECS = {
    "rayops.alicloud.emr_ray_cluster": CLUSTER_OPTIONS,
    "rayops.alicloud.emr_ray_cluster_info": CLUSTER_INFO_OPTIONS,
    "rayops.alicloud.emr_ray_job": JOB,
    "rayops.alicloud.emr_ray_job_info": JOB_INFO,
    "rayops.alicloud.emr_ray_job_log": JOB_LOG,
    "rayops.alicloud.emr_ray_doctor": DOCTOR,
    "rayops.alicloud.emr_ray_probe": PROBE,
    "rayops.alicloud.emr_workspace_info": WORKSPACE_INFO_OPTIONS,
    "rayops.alicloud.emr_workspace": WORKSPACE_OPTIONS,
    "rayops.alicloud.emr_workspace_queue": QUEUE_OPTIONS,
    "rayops.alicloud.emr_network_service": NETWORK_OPTIONS,
    "rayops.alicloud.emr_workspace_member": MEMBER_OPTIONS,
}
# What make demo shows.
IN_THE_DEMO = {"rayops.alicloud.emr_ray_cluster", "rayops.alicloud.emr_ray_cluster_info"}
# antsibull-changelog writes the first with a release, and empties the other.
MADE = {"CHANGELOG.rst", "changelogs/fragments/"}

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def target_of(page: Path, link: str) -> tuple[Path, str] | None:
    """Return the file and anchor of the repository that a link means, None for a link to somewhere else."""
    path, _sign, anchor = link.partition("#")
    ours = re.fullmatch(
        rf"(?:{re.escape(HOME)}/(?:blob|tree)|{re.escape(HOME.replace('github', 'raw.githubusercontent'))})/main/(.+)",
        path,
    )
    if ours:
        return ROOT / ours[1], anchor
    if path.startswith(SITE):
        return source_of(path.removeprefix(SITE)), anchor
    if "://" in link:
        return None
    return (page.parent / path if path else page), anchor


def source_of(path: str) -> Path:
    """Return the file of the repository from which a page of the published site is made."""
    guide = re.fullmatch(r"docsite/(\w+)\.html", path)
    if guide:
        return FOLDER / f"{guide[1]}.rst"
    entry = re.fullmatch(r"(\w+)_(module|inventory|filter|role)\.html", path)
    if entry and entry[2] == "role":
        return ROOT / "roles" / entry[1]
    if entry:
        return ROOT / "plugins" / {"module": "modules"}.get(entry[2], entry[2]) / f"{entry[1]}.py"
    return ROOT / "docs/sphinx/index.rst" if path == "" else ROOT / "no such page" / path


@pages
def test_a_link_into_the_repository_leads_somewhere(page: Path) -> None:
    for link in links(page):
        found = target_of(page, link)
        if found and found[0].name not in MADE:
            assert found[0].exists(), link
            assert not found[1] or found[1] in heading_anchors(found[0]), link


def test_links_are_found() -> None:
    assert len(links(README)) >= 30
    assert sum(len(links(page)) + len(references(page)) for page in PAGES) >= 100


def test_a_label_stands_once_and_is_that_of_its_page() -> None:
    defined = [(label, page) for page in FOLDER.glob("*.rst") for label in labels(page)]
    assert len({label for label, _page in defined}) == len(defined)
    for label, page in defined:
        assert label == LABELS + page.stem or label.startswith(f"{LABELS}{page.stem}."), label
    assert {page for _label, page in defined} == set(FOLDER.glob("*.rst"))
    for page in FOLDER.glob("*.rst"):
        for label in references(page):
            assert label in dict(defined), f"{page.name}: {label}"


def test_the_readme_links_every_module_and_role() -> None:
    found = {target[0] for target in (target_of(README, link) for link in links(README)) if target}
    assert set((ROOT / "plugins/modules").glob("[a-z]*.py")) <= found
    assert {path for path in (ROOT / "roles").iterdir() if path.is_dir()} <= found


def test_the_page_of_playbooks_names_every_playbook() -> None:
    text = guide_path("playbooks").read_text(encoding="utf-8")
    assert [
        path.stem for path in (ROOT / "playbooks").glob("*.yml") if f"rayops.alicloud.{path.stem}``" not in text
    ] == []


def test_the_readme_is_short() -> None:
    assert len(README.read_bytes()) <= 9_000


def test_the_recording_shows_the_demo() -> None:
    """`make demo-picture` records it again."""
    picture = (FOLDER / "img/demo.svg").read_text(encoding="utf-8")
    steps = [task["name"] for play in plays(ROOT / "playbooks/demo.yml") for task in play["tasks"]]
    steps = [step for step in steps if re.match(r"\d+\. ", step)]
    assert len(steps) >= 10
    assert [step for step in steps if html.escape(f"TASK [{step}"[:80], quote=False) not in picture] == []
    assert len(picture) < 20_000


def test_every_page_is_in_the_table_of_contents() -> None:
    sections = yaml.safe_load((FOLDER.parent / "extra-docs.yml").read_text(encoding="utf-8"))["sections"]
    listed = [name for section in sections for name in section["toctree"]]
    assert sorted(listed) == sorted(page.stem for page in FOLDER.glob("*.rst"))


def test_the_readme_has_absolute_links_only() -> None:
    """Galaxy and Automation Hub show it away from the repository."""
    assert [link for link in links(README) if not link.startswith(("https://", "#"))] == []


@pages
def test_a_file_that_is_named_exists(page: Path) -> None:
    for span in code_spans(page):
        if re.fullmatch(r"(plugins|tests|docs|meta|tools|playbooks|changelogs|LICENSES|\.ci)/[\w./*-]*", span):
            assert span in MADE or any(ROOT.glob(span.rstrip("/"))), span
        elif re.fullmatch(r"_[\w/]+\.py", span):
            assert (MODULE_UTILS / span).exists(), span


@pages
def test_a_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    code = "\n".join([*code_spans(page), *block_texts(page, "shell")])
    named = set(re.findall(r"^make ([a-z.-]+)", code, re.MULTILINE))
    assert named <= targets
    assert page != README or {"demo", "test"} <= named


def check_options(where: str, given: dict[str, Any], spec: Options) -> None:
    """Assert that every option, suboptions included, is in the argument spec, with a value that it allows."""
    for name, value in given.items():
        assert name in spec, f"{where}.{name}"
        assert value in spec[name].get("choices", [value]), f"{where}.{name}"
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict) and "options" in spec[name]:
                check_options(f"{where}.{name}", item, spec[name]["options"])


def plays(page: Path) -> Iterator[dict[str, Any]]:
    """Yield the plays of a page's snippets, or of a playbook."""
    texts = block_texts(page, "yaml") if page.suffix in {".md", ".rst"} else [page.read_text(encoding="utf-8")]
    for parsed in (yaml.safe_load(text) for text in texts):
        yield from (play for play in parsed if "hosts" in play) if isinstance(parsed, list) else ()


def tasks(page: Path) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield the tasks of a page's plays that use this collection: module, options, task."""
    for play in plays(page):
        for task in play.get("tasks", []):
            yield from ((name, task[name] or {}, task) for name in SPECS if name in task)


@pages
def test_a_snippet_parses(page: Path) -> None:
    for text in block_texts(page, "yaml"):
        assert yaml.safe_load(text)
    for text in block_texts(page, "json"):
        assert json.loads(text)


@pytest.mark.parametrize("page", [README, ROOT / "playbooks/demo.yml"], ids=["README", "demo"])
def test_an_option_that_a_playbook_sets_exists(page: Path) -> None:
    found = list(tasks(page))
    assert {module for module, _options, task in found} >= (set() if page == README else IN_THE_DEMO)
    for module, options, task in found:
        check_options(task["name"], options, SPECS[module])
    for play in plays(page):
        for module, options in play.get("module_defaults", {}).items():
            check_options(module, options, SPECS.get(module, COMMON_OPTIONS))


def test_an_ad_hoc_command_has_options_that_exist() -> None:
    texts = [text for page in PAGES for text in block_texts(page, "shell")]
    found = [shlex.split(line) for text in texts for line in text.splitlines() if line.startswith("ansible localhost")]
    assert len(found) >= 4
    for words in found:
        module = words[words.index("-m") + 1]
        pairs = words[words.index("-a") + 1].split() if "-a" in words else []
        check_options(" ".join(words), dict(pair.split("=", 1) for pair in pairs), SPECS[module])


def test_the_ram_policy_grants_what_the_client_calls_and_nothing_else() -> None:
    policy = next(
        parsed for parsed in map(json.loads, block_texts(guide_path("authentication"), "json")) if "Statement" in parsed
    )
    client = "\n".join(file.read_text(encoding="utf-8") for file in sorted(MODULE_UTILS.rglob("client.py")))
    called = {operation.ram_action for operation in OPERATIONS.values() if operation.ram_action}
    assert called == {
        f"{PRODUCT}:{name}"
        for name in re.findall(
            r'(?:session\.(?:call|send)|_list_unpaged|_list_pages|_write|_create_named)\(\s*(?:\w+, )?"(\w+)"', client
        )
    }
    assert len(called) >= 18
    assert policy["Version"] == "1"
    assert [(item["Effect"], item["Resource"]) for item in policy["Statement"]] == [("Allow", "*")]
    assert policy["Statement"][0]["Action"] == sorted(called)


def test_the_requirements_are_those_of_the_metadata() -> None:
    text = README.read_text(encoding="utf-8")
    lines = (ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    for floor in (line for line in lines if line and not line.startswith("#")):
        assert f"| `{floor}` |" in text, floor
        assert f"'{floor}'" in text, floor
        for name in ("quickstart", "installation"):
            assert f"'{floor}'" in guide_path(name).read_text(encoding="utf-8"), floor
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert f"ansible-core {runtime['requires_ansible'].removeprefix('>=')} or newer" in text


def test_the_playbook_of_the_readme_does_what_it_says() -> None:
    declared = {task["name"]: options for _module, options, task in tasks(README)}["Run the training cluster"]
    with Emulator(clock=Clock(frozen=True)) as emulator:
        harness = TaskHarness(emulator)
        assert harness.expect_success(**declared)["actions"] == ["create", "start"]
        harness.expect_unchanged(**declared)


def test_the_diff_of_the_page_on_restarts_is_real() -> None:
    page = guide_path("restarts")
    declared = {task["name"]: options for _module, options, task in tasks(page)}["Run the serving cluster"]
    larger = json.loads(json.dumps(declared).replace("16Gi", "32Gi"))
    with Emulator(clock=Clock(frozen=True)) as emulator:
        harness = TaskHarness(emulator)
        harness.expect_success(**declared)
        diff = harness.expect_success(check=True, **larger)["diff"]
    lines = difflib.unified_diff(diff["before"].splitlines(), diff["after"].splitlines(), lineterm="")
    (shown,) = block_texts(page, "text")
    assert shown.splitlines()[2:] == list(lines)[2:]


def test_the_error_of_the_page_on_troubleshooting_is_real() -> None:
    (shown,) = [json.loads(text) for text in block_texts(guide_path("troubleshooting"), "json")]
    with Emulator() as emulator:
        emulator.deny("ListRayCluster")
        result = TaskHarness(emulator).expect_failure(name="training")
    assert result["error"]["hint"] == shown["error"]["hint"]
