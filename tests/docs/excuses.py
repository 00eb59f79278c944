# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""List the examples that the tests do not run, with the reason. The tests run all other examples."""

from __future__ import annotations

# Pages with tests of their own, since their examples need another environment, or another service.
SKIPPED_PAGES = {
    "guide_authentication": "tests/docs/test_authentication.py",
    "guide_probe": "tests/integration/test_probe.py",
    "guide_awx": "tests/awx/role/test_guide.py",
    "awx_setup": "tests/awx/role/test_guide.py",
}
# Languages of blocks that hold no command.
DATA_LANGUAGES = {
    "text": "what a command prints",
    "json": "data; it is parsed, and written where the page names a file",
    "ini": "data; it is written where the page names a file",
}
# Commands, by their first words.
SKIPPED_COMMANDS = {
    "ansible-galaxy collection install": "asks Galaxy; `make build` installs the tarball offline",
    "python3 -m pip install": "asks PyPI; `make ee` installs the very packages into a clean virtual environment",
    "pip install": "the same",
    "git clone": "asks GitHub",
    "cd ": "goes into the clone",
}
# Blocks of YAML, by their first line.
SKIPPED_YAML = {
    "collections:": "a file for ansible-galaxy, which would ask Galaxy",
}
