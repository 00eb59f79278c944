# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house keeps itself in order: targets, workflows, hooks, requirements, the execution environment, versions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.rayops.alicloud.plugins.module_utils._version import VERSION

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def loaded(path: str | Path) -> Any:
    """Return a YAML file of the repository."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def targets() -> set[str]:
    """Return what make can be asked for."""
    return set(re.findall(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE))


def matrix() -> dict[str, list[int]]:
    """Return with which Pythons (3.x) each ansible-core is tested, oldest first."""
    lines = (ROOT / "tests/matrix.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if line and not line.startswith("#")]
    return {core: [int(minor) for minor in minors] for core, *minors in rows}


def steps(workflow: Path) -> Iterator[dict[str, Any]]:
    """Yield the steps of all jobs of a workflow."""
    for job in loaded(workflow)["jobs"].values():
        yield from job["steps"]


def test_make_help_names_every_target() -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert set(re.findall(r"^  make ([\w.-]+) +\S", said, re.MULTILINE)) == targets()
    assert {"test", "lint", "release", "ee"} < targets()


def test_workflows_run_the_commands_of_contributors_and_nothing_else() -> None:
    assert {file.name for file in WORKFLOWS} == {"ci.yml", "nightly.yml", "pages.yml", "release.yml"}
    for workflow in WORKFLOWS:
        commands = [step["run"] for step in steps(workflow) if "run" in step]
        assert commands
        for command in commands:
            words = command.split()
            known = command == ".ci/run" or (words[0] == "make" and words[1] in targets())
            assert known or words[:4] == ["gh", "release", "create", '"$GITHUB_REF_NAME"'], command
    assert [step["run"] for step in steps(ROOT / ".github/workflows/ci.yml") if "run" in step] == [".ci/run"]
    assert "make nightly" in [step.get("run") for step in steps(ROOT / ".github/workflows/nightly.yml")]


# The jobs that write, with the permissions that they need.
WRITERS = {
    ("pages.yml", "publish"): {"pages": "write", "id-token": "write"},
    ("release.yml", "draft"): {"attestations": "write", "contents": "write", "id-token": "write"},
}


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_only_the_jobs_that_publish_may_write(workflow: Path) -> None:
    content = loaded(workflow)
    assert content["permissions"] == {"contents": "read"}
    for name, job in content["jobs"].items():
        assert job["timeout-minutes"]
        assert job.get("permissions") == WRITERS.get((workflow.name, name))
    for step in steps(workflow):
        assert re.fullmatch(r"actions/[\w-]+@v\d+", step.get("uses", "actions/any@v1"))
        if step.get("uses", "").startswith("actions/checkout"):
            assert step["with"]["persist-credentials"] is False
    secrets = re.findall(r"secrets\.(\w+)", workflow.read_text(encoding="utf-8"))
    assert secrets == (["GALAXY_API_KEY"] if workflow.name == "release.yml" else [])


def test_publishing_waits_for_the_owner() -> None:
    jobs = loaded(".github/workflows/release.yml")["jobs"]
    assert jobs["publish"]["environment"] == "galaxy"
    environ = {name: value for name, value in os.environ.items() if name != "GALAXY_API_KEY"}
    refused = subprocess.run(
        [ROOT / "tools/publish.sh"], capture_output=True, text=True, check=False, env=environ, cwd=ROOT
    )
    assert refused.returncode == 1
    assert "OWNER.md" in refused.stderr


def test_ci_runs_existing_targets() -> None:
    lines = re.findall(r"^(?:step|beside) make (.+)$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)
    asked = {word for line in lines for word in line.split() if "=" not in word}
    assert asked <= targets()
    assert {"test", "demo", "lint", "docs", "sanity-newest", "build", "importer", "test-awx"} <= asked


def said(*words: str) -> str:
    """Return what a command of the repository prints."""
    return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_one_list_says_on_what_the_collection_is_tested() -> None:
    pairs = matrix()
    assert list(pairs) == sorted(pairs, key=lambda core: int(core.partition(".")[2]))
    assert all(minors == sorted(set(minors)) for minors in pairs.values())
    oldest = next(iter(pairs))
    assert loaded("meta/runtime.yml")["requires_ansible"] == f">={oldest}.0"
    assert said("tools/matrix.sh", "oldest") == f"{oldest} {pairs[oldest][0]} {pairs[oldest][-1]}"
    assert said("tools/matrix.sh", "newest").split()[0] in pairs
    floor = min(minor for minors in pairs.values() for minor in minors)
    assert loaded("tests/config.yml")["modules"]["python_requires"] == f">=3.{floor}"


def test_the_workflow_has_the_matrix_from_the_list() -> None:
    jobs = loaded(".github/workflows/nightly.yml")["jobs"]
    assert jobs["matrix"]["strategy"]["matrix"] == "${{ fromJSON(needs.pairs.outputs.matrix) }}"
    assert jobs["pairs"]["outputs"] == {"matrix": "${{ steps.list.outputs.matrix }}"}
    name, _sign, given = said("make", "matrix-json").partition("=")
    assert name == "matrix"
    assert json.loads(given) == {
        "include": [{"core": core, "minor": minor} for core, minors in matrix().items() for minor in minors]
    }


def test_the_matrix_skips_a_python_that_is_not_here_aloud(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "tests").mkdir()
    for name in ("matrix.sh", "find-python.sh"):
        (tmp_path / "tools" / name).write_bytes((ROOT / "tools" / name).read_bytes())
        (tmp_path / "tools" / name).chmod(0o755)
    here = sys.version_info[1]
    (tmp_path / "tests/matrix.txt").write_text(f"2.98 {here} 97\n2.99 {here}\n")
    for name, code in (
        ("ansible-test.sh", 'echo "sanity $1 $2"'),
        ("test-core.sh", 'echo "tests $*"; [ "$1" != 2.99 ]'),
    ):
        (tmp_path / "tools" / name).write_text(f"#!/usr/bin/env bash\n{code}\n")
        (tmp_path / "tools" / name).chmod(0o755)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"

    def run(**env: str) -> subprocess.CompletedProcess[str]:
        command = [tmp_path / "tools/matrix.sh", "run", "-k", "some"]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PATH": path, **env}
        )

    everything = run(PAIRS="")
    assert everything.returncode == 1
    assert f"passed:  2.98-{here}\nskipped: 2.98-97\nFAILED:  2.99-{here}\n" in everything.stdout
    assert "WARNING: NOT TESTED: ansible-core 2.98 on Python 3.97" in everything.stderr
    assert f"sanity 2.98 {here}\ntests 2.98 {here} -k some\n" in everything.stdout
    assert run(PAIRS=f"2.98-{here}").returncode == 0
    assert run(PAIRS="1.0-1").returncode == 1


def test_the_hooks_are_targets() -> None:
    (repo,) = loaded(".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    assert {hook["entry"] for hook in repo["hooks"]} == {"make format", "make lint"}
    assert all(hook["language"] == "system" and not hook["pass_filenames"] for hook in repo["hooks"])


def test_updates_look_where_there_is_something_to_update() -> None:
    for update in loaded(".github/dependabot.yml")["updates"]:
        folder = ROOT / update["directory"].lstrip("/")
        found = [*folder.glob("requirements*.txt")] if update["package-ecosystem"] == "pip" else WORKFLOWS
        assert found, update


def test_templates_have_what_github_wants() -> None:
    forms = [path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml"]
    assert len(forms) >= 2
    for form in forms:
        content = loaded(form)
        assert content["name"]
        assert content["description"]
        ids = [part["id"] for part in content["body"] if part["type"] != "markdown"]
        assert len(ids) == len(set(ids)) > 0
    for link in loaded(".github/ISSUE_TEMPLATE/config.yml")["contact_links"]:
        assert set(link) == {"name", "url", "about"}


def requirements(path: str) -> list[str]:
    """Return the requirements of a file."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-r "))]


def test_an_execution_environment_gets_lower_bounds_only() -> None:
    declared = loaded("meta/execution-environment.yml")
    assert declared["version"] == 1
    found = requirements(declared["dependencies"]["python"])
    assert len(found) == 3
    for line in found:
        assert re.fullmatch(r"[a-z-]+>=[\d.]+", line), line
        assert not line.startswith("ansible")


def test_the_definition_of_an_execution_environment_takes_what_make_ee_makes() -> None:
    definition = loaded("extensions/ee/execution-environment.yml")
    assert definition["version"] == 3
    (collection,) = definition["dependencies"]["galaxy"]["collections"]
    (file,) = definition["additional_build_files"]
    assert collection == {"name": f"{file['dest']}/{Path(file['src']).name}", "type": "file"}
    made = (ROOT / "extensions/ee" / file["src"]).resolve().relative_to(ROOT.resolve())
    script = (ROOT / "tools/ee.sh").read_text(encoding="utf-8")
    assert made.parent == Path(".build/ee")
    assert f'"$work/{made.name}"' in script
    assert "work=$root/.build/ee\n" in script


def test_what_is_no_part_of_the_collection_is_not_shipped() -> None:
    ignored = loaded("galaxy.yml")["build_ignore"]
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    hidden = {path.split("/")[0] for path in listed.splitlines() if path.startswith(".")}
    assert {".github", ".pre-commit-config.yaml"} <= hidden
    assert hidden - set(ignored) == set()


def test_the_version_is_the_same_everywhere() -> None:
    assert loaded("galaxy.yml")["version"] == VERSION


def test_a_release_refuses_what_is_no_release(tmp_path: Path) -> None:
    for version in ("", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0; true"):
        done = subprocess.run([ROOT / "tools/release.sh", version], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("No release: VERSION must be like 1.2.3")


def test_a_release_refuses_a_tree_with_changes_and_a_tag_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "tools").mkdir()
    (tmp_path / "changelogs/fragments").mkdir(parents=True)
    (tmp_path / "changelogs/changelog.yaml").write_text("releases:\n  2.0.0:\n    changes: {}\n")
    (tmp_path / "tools/release.sh").write_bytes((ROOT / "tools/release.sh").read_bytes())
    (tmp_path / "tools/release.sh").chmod(0o755)

    def git(*words: str) -> None:
        who = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "tag.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=tmp_path, check=True, capture_output=True)

    def refusal(version: str) -> str:
        done = subprocess.run([tmp_path / "tools/release.sh", version], capture_output=True, text=True, check=False)
        assert done.returncode == 1
        return done.stderr

    git("init", "-q")
    assert "the tree is not clean" in refusal("2.1.0")
    git("add", "--all")
    git("-c", "commit.gpgsign=false", "commit", "-q", "-m", "begin")
    git("tag", "2.1.0")
    assert "the tag 2.1.0 is there already" in refusal("2.1.0")
    assert "2.0.0 is older than 2.1.0" in refusal("2.0.0")
    assert "there is no fragment" in refusal("2.2.0")
    (tmp_path / "changelogs/fragments/a.yml").write_text("trivial: [x]\n")
    git("add", "--all")
    git("-c", "commit.gpgsign=false", "commit", "-q", "-m", "more")
    assert "1.9.0 is older than 2.1.0" in refusal("1.9.0")


def test_types_are_named() -> None:
    """Payloads have types of their own, so that mypy knows their fields."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "plugins").rglob("*.py")]
    assert len(sources) > 100
    lines = sum(source.count("\n") for source in sources)
    assert sum(len(re.findall(r"\bAny\b", source)) for source in sources) < lines * 8 / 1000
    assert sum(source.count("t.cast(") for source in sources) < 8


def test_the_names_of_the_wire_stay_where_responses_are_read() -> None:
    """Mypy takes any key of a TypedDict's get(): elsewhere, a name of the wire would silently read nothing."""
    wire = re.compile(r"""\.get\(["'][a-z]+[A-Z]\w*["']""")
    core = ROOT / "plugins" / "module_utils"
    found = {
        str(path.relative_to(core)) for path in core.rglob("*.py") if wire.search(path.read_text(encoding="utf-8"))
    }
    readers = {"_api/error_responses.py", "_cluster/models.py", "_job/responses.py", "_doctor/service.py"}
    assert "_workspace/client.py" in found
    assert {name for name in found if not name.startswith("_probe/") and not name.endswith("/client.py")} <= readers


def test_the_engine_of_payloads_stays_small() -> None:
    engine = ROOT / "plugins" / "module_utils" / "_schema.py"
    assert engine.read_text(encoding="utf-8").count("\n") < 120
