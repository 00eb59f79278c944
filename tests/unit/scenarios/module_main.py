# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a module's main() as Ansible does: arguments in, JSON and an exit code out."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings

from tests.unit.scenarios.specs import Json


def _module_arguments(given: Json, check: bool, diff: bool, no_log: bool) -> bytes:
    internal = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_no_log": no_log}
    return json.dumps({"ANSIBLE_MODULE_ARGS": given | internal}).encode()


def run_main(
    monkeypatch: pytest.MonkeyPatch,
    main: Callable[[], None],
    given: Json,
    *,
    check: bool = False,
    diff: bool = False,
    no_log: bool = False,
) -> tuple[int, Json, str]:
    """Run main() in this process; return exit code, result and what went to stderr."""
    monkeypatch.setattr(basic, "_ANSIBLE_ARGS", _module_arguments(given, check, diff, no_log))
    # Newer releases of ansible-core need to know how arguments are spelled; older ones have no such name.
    monkeypatch.setattr(basic, "_ANSIBLE_PROFILE", "legacy", raising=False)
    if importlib.util.find_spec("ansible.module_utils._internal"):
        # Where another test has imported the controller's side, warnings would go to the terminal.
        monkeypatch.setattr("ansible.module_utils._internal.is_controller", False)
    warnings._global_warnings.clear()
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as left:
        main()
    result: Any = json.loads(out.getvalue())
    result.pop("_ansible_new_secrets", None)
    return int(left.value.code or 0), result, err.getvalue()


_MISSING_PACKAGES_SCRIPT = """
import sys
for name in {missing!r}:
    sys.modules[name] = None
from ansible.module_utils import basic
basic._ANSIBLE_ARGS = {arguments!r}
basic._ANSIBLE_PROFILE = "legacy"
from ansible_collections.rayops.alicloud.plugins.modules.{module} import main
main()
"""


def run_module_without(missing: list[str], module: str, given: Json) -> tuple[Json, subprocess.CompletedProcess[str]]:
    """Run a module in a process of its own where some packages cannot be imported."""
    code = _MISSING_PACKAGES_SCRIPT.format(
        missing=missing, arguments=_module_arguments(given, False, False, False), module=module
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    result: Any = json.loads(done.stdout) if done.stdout else {}
    # For the controller only, which masks these values and removes the key: ansible-core 2.22 and newer.
    result.pop("_ansible_new_secrets", None)
    return result, done
