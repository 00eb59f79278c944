# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX finds in the files of a project: playbooks and files that may be inventories."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

# The older of the two patterns that AWX has had: it knows no FQCN.
PLAYBOOK = re.compile(r"^\s*?-?\s*?(?:hosts|include|import_playbook):\s*?.*?$")
NO_PLAYBOOKS = {"roles", "tasks", "group_vars", "host_vars"}


class Trees:
    """The repositories that can be cloned, by address, and the folders of manual projects, by name."""

    def __init__(self, repositories: dict[str, Path], folders: dict[str, Path]) -> None:
        self.repositories = dict(repositories)
        self.folders = dict(folders)

    def find(self, project: dict[str, str]) -> Path | None:
        """Return the files of a project, None where there are none."""
        if project["scm_type"]:
            return self.repositories.get(project["scm_url"])
        return self.folders.get(project["local_path"])


def files(tree: Path) -> list[str]:
    """Return the files of a tree: in a git checkout, those that a clone of it has or will have."""
    if (tree / ".git").exists():
        command = ["git", "-C", str(tree), "ls-files", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        return sorted(name for name in listed if (tree / name).is_file())
    return sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if path.is_file())


def playbooks(tree: Path) -> list[str]:
    """Return what AWX lets a job template choose."""
    return [name for name in files(tree) if _may_be_a_playbook(name) and _has_a_play(tree / name)]


def _may_be_a_playbook(name: str) -> bool:
    path = Path(name)
    if path.suffix not in {".yml", ".yaml"} or any(part.startswith(".") for part in path.parts):
        return False
    return not NO_PLAYBOOKS & set(path.parts[:-1])


def _has_a_play(path: Path) -> bool:
    return any(PLAYBOOK.match(line) for line in path.read_text(encoding="utf-8", errors="replace").splitlines())
