# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whole modules: what AnsibleModule makes of arguments, results, warnings and failures."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._task import module as _module
from ansible_collections.rayops.alicloud.plugins.module_utils._task import requirements as _libraries
from ansible_collections.rayops.alicloud.plugins.modules import emr_ray_cluster, emr_ray_cluster_info
from tests.emulator import Emulator
from tests.unit.scenarios.module_main import run_main, run_module_without
from tests.unit.scenarios.specs import REDIS_PASSWORD, Json, full_options, minimal_options

SECRET = "emulator-access-secret"
OPTIONS = {"wait_interval": 0.01, "wait_timeout": 20}


class Modules:
    """Runs both modules against one emulator."""

    def __init__(self, emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
        self.emulator = emulator
        self._monkeypatch = monkeypatch

    def connection(self) -> Json:
        """Return the options that lead to the emulator."""
        return {
            "endpoint": self.emulator.endpoint,
            "workspace_id": self.emulator.workspace_id,
            "access_key_id": self.emulator.access_key_id,
            "access_key_secret": SECRET,
        }

    def cluster(self, code: int = 0, how: Json | None = None, **given: Any) -> Json:
        """Run emr_ray_cluster, which must end with an exit code."""
        return self._run(emr_ray_cluster.main, code, how, OPTIONS | given)

    def info(self, code: int = 0, how: Json | None = None, **given: Any) -> Json:
        """Run emr_ray_cluster_info."""
        return self._run(emr_ray_cluster_info.main, code, how, given)

    def _run(self, main: Any, code: int, how: Json | None, given: Json) -> Json:
        given = {key: value for key, value in (self.connection() | given).items() if value is not None}
        left, result, err = run_main(self._monkeypatch, main, given, **(how or {}))
        assert left == code, result
        assert err == ""
        assert SECRET not in str({key: value for key, value in result.items() if key != "invocation"})
        assert SECRET not in str(result.get("invocation"))
        assert "Traceback" not in str(result)
        return result


@pytest.fixture
def modules(fast_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Modules:
    for name in ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return Modules(fast_emulator, monkeypatch)


def test_a_life(modules: Modules) -> None:
    created = modules.cluster(**full_options(), state="started")
    assert created["changed"] is True
    assert created["actions"] == ["create", "start"]
    assert created["cluster"]["state"] == "Running"
    assert "diff" not in created
    assert REDIS_PASSWORD not in str(created)
    writes = len(modules.emulator.writes())
    same = modules.cluster(**full_options(), state="started")
    assert (same["changed"], same["actions"], same["changes"]) == (False, [], [])
    assert len(modules.emulator.writes()) == writes
    assert modules.info(name="training")["clusters"][0]["cluster_id"] == created["cluster_id"]
    updated = modules.cluster(**full_options(description="changed"), restart="if_needed")
    assert updated["actions"] == ["update", "stop", "start"]
    assert modules.cluster(name="training", state="absent")["actions"] == ["stop", "delete"]
    assert modules.cluster(name="training", state="absent")["cluster"] is None


def test_check_mode_and_diff_mode(modules: Modules) -> None:
    checked = modules.cluster(how={"check": True, "diff": True}, **full_options())
    assert checked["changed"] is True
    assert checked["diff"]["before"] == "run: none\n"
    assert "name: training\n" in checked["diff"]["after"]
    assert modules.emulator.writes() == []
    assert REDIS_PASSWORD not in str(checked)
    assert modules.info(how={"check": True})["clusters"] == []


def test_arguments_as_text(modules: Modules) -> None:
    """What `ansible -a` and templates give: text for everything."""
    spec = minimal_options(
        purge_worker_groups="yes", wait="true", wait_timeout="20.5", volume_ids="vol-1,vol-2", retries="2"
    )
    spec["worker_spec"][0] |= {"replica": "2", "cpu": 4.0, "memory": "16"}
    spec["head_spec"]["enable_auto_scaling"] = "no"
    assert modules.cluster(**spec)["changed"] is True
    (stored,) = modules.emulator.clusters()
    assert stored["volumeIds"] == ["vol-1", "vol-2"]
    assert stored["workerSpec"][0]["replica"] == 2
    assert stored["workerSpec"][0]["cpu"] == "4"
    assert modules.cluster(**spec)["changed"] is False


@pytest.mark.parametrize(
    "given",
    [
        {"state": "paused"},
        {"restart": "always"},
        {"wait_timeout": "soon"},
        {"worker_spec": [{"cpu": 1}]},
        {"worker_spec": [{"group_name": "g", "replica": "two"}]},
        {"head_spec": {"unknown": 1}},
        {"unknown": 1},
        {"network": "private"},
    ],
    ids=str,
)
def test_arguments_that_ansible_refuses(modules: Modules, given: Json) -> None:
    failed = modules.cluster(code=1, name="training", **given)
    assert failed["failed"] is True
    assert failed["msg"]
    assert modules.emulator.journal == []


def test_a_failure(modules: Modules) -> None:
    modules.emulator.deny("CreateRayCluster")
    failed = modules.cluster(code=1, **minimal_options())
    assert failed["failed"] is True
    assert failed["changed"] is False
    assert failed["msg"].startswith("Could not create the Ray cluster 'training': ")
    assert failed["error"]["operation"] == "CreateRayCluster"
    assert failed["error"]["hint"].startswith("grant the RAM action emr-serverless-spark:CreateRayCluster")
    assert modules.info(code=1, cluster_id="a/b")["error"]["code"] == "InvalidOption"


def test_warnings_reach_the_user(modules: Modules) -> None:
    modules.emulator.fault("skew", seconds=3600)
    assert any("clock" in str(warning) for warning in modules.info()["warnings"])


@pytest.mark.parametrize("no_log", [False, True])
def test_return_secrets_warns_without_no_log(modules: Modules, no_log: bool) -> None:
    modules.emulator.seed("training", state="Running")
    for run in (modules.cluster, modules.info):
        result = run(name="training", return_secrets=True, how={"no_log": no_log})
        assert any("no_log" in str(warning) for warning in result.get("warnings", [])) is not no_log
    cluster = modules.cluster(name="training", return_secrets=True, how={"no_log": True})["cluster"]
    run_of = modules.emulator.service.find(cluster["cluster_id"]).run
    assert run_of
    assert cluster["submit_token"] == run_of.submit_token
    assert run_of.dashboard_token in cluster["dashboard_url"]
    assert modules.cluster(name="training")["cluster"]["submit_token"] is None


def test_a_bug_of_ours_shows_no_secret(modules: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(task: Any) -> Json:
        raise RuntimeError(f"cannot do it with {task.params['access_key_secret']}")

    monkeypatch.setattr(emr_ray_cluster, "run_cluster", broken)
    given = modules.connection() | {"name": "training"}
    code, result, err = run_main(monkeypatch, emr_ray_cluster.main, given)
    assert code == 1
    assert "bug" in result["msg"]
    assert "RuntimeError" in result["msg"]
    assert SECRET not in str(result) + err


# Libraries


@pytest.mark.parametrize("module", ["emr_ray_cluster", "emr_ray_cluster_info"])
@pytest.mark.parametrize("library", ["httpx", "pydantic"])
def test_a_missing_library_is_one_line(module: str, library: str) -> None:
    result, done = run_module_without([library], module, {"name": "training"})
    assert done.returncode == 1
    assert done.stderr == ""
    assert result["failed"] is True
    assert f"Failed to import the required Python library ({library} >= " in result["msg"]
    assert "\n" not in result["msg"]
    assert "ansible_python_interpreter" in result["msg"] or "interpreter" in result["msg"]
    assert result["error"]["code"] == "MissingLibrary"


def test_both_libraries_are_named_with_the_command_that_installs_them() -> None:
    result, done = run_module_without(["httpx", "pydantic"], "emr_ray_cluster", {"name": "training"})
    assert done.returncode == 1
    assert "(httpx >= 0.27.0, pydantic >= 2.7.0)" in result["msg"]
    assert result["msg"].endswith(f"{sys.executable} -m pip install 'httpx>=0.27.0' 'pydantic>=2.7.0'")


def test_the_credentials_library_is_missed_only_where_it_is_needed(modules: Modules) -> None:
    given = modules.connection()
    result, done = run_module_without(["alibabacloud_credentials"], "emr_ray_cluster_info", given)
    assert done.returncode == 0
    assert result["clusters"] == []
    for name in ("access_key_id", "access_key_secret"):
        del given[name]
    result, done = run_module_without(
        ["alibabacloud_credentials"], "emr_ray_cluster_info", given | {"credentials_uri": "http://127.0.0.1:9/"}
    )
    assert done.returncode == 1
    assert done.stderr == ""
    assert "alibabacloud-credentials >= " in result["msg"]


@pytest.mark.parametrize(("library", "floor"), [("HTTPX", "httpx"), ("PYDANTIC", "pydantic")])
def test_a_library_that_is_too_old(modules: Modules, monkeypatch: pytest.MonkeyPatch, library: str, floor: str) -> None:
    monkeypatch.setattr(_libraries, f"{library}_VERSION", "0.1.2")
    failed = modules.cluster(code=1, name="training")
    assert f"{floor} 0.1.2" in failed["msg"]
    assert "too old" in failed["msg"]
    assert modules.emulator.journal == []


def test_an_interpreter_that_is_too_old(modules: Modules, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_module, "PYTHON_FLOOR", (99, 0))
    failed = modules.cluster(code=1, name="training")
    assert "ansible_python_interpreter" in failed["msg"]
    assert modules.emulator.journal == []
