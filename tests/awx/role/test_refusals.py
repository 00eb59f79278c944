# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role says when it cannot work, and what it never says."""

from __future__ import annotations

import shutil

from .conftest import FEW, ROOT, Stage


def test_a_missing_collection_is_named_first(stage: Stage) -> None:
    # Only what is installed in a folder of the user's counts here, and there awx.awx is missing.
    stage.more_env = {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    ours = stage.folder / "collections/ansible_collections/rayops/alicloud"
    ours.parent.mkdir(parents=True)
    ours.symlink_to(ROOT)
    run = stage.role()
    assert run.code != 0
    assert "needs the collection awx.awx, which is not installed" in run.message
    assert stage.double.written() == []


def test_a_wrong_token_is_told_as_such(stage: Stage) -> None:
    stage.login["CONTROLLER_OAUTH_TOKEN"] = "planted-password"
    run = stage.role(FEW, "-vvv")
    assert run.code != 0
    assert "does not take this login" in run.message
    assert "planted-password" not in run.output


def test_a_wrong_password_is_told_as_such(stage: Stage) -> None:
    stage.login = {"CONTROLLER_HOST": stage.double.url}
    run = stage.role(
        {**FEW, "awx_setup_controller_username": "admin", "awx_setup_controller_password": "planted-password"}, "-vvv"
    )
    assert run.code != 0
    assert "does not take this login" in run.message
    assert "planted-password" not in run.output


def test_an_organization_that_is_not_there_is_named(stage: Stage) -> None:
    stage.login = {
        "CONTROLLER_HOST": stage.double.url,
        "CONTROLLER_USERNAME": "admin",
        "CONTROLLER_PASSWORD": stage.double.password,
    }
    run = stage.role({**FEW, "awx_setup_organization": "Nobody"})
    assert run.code != 0
    assert list(stage.double.store.tokens) == [0], "the token of the run was given back"
    assert "no organization Nobody" in run.message


def test_an_image_has_to_be_named(stage: Stage) -> None:
    run = stage.role({})
    assert run.code != 0
    assert "Jobs need an execution environment" in run.message
    assert stage.double.requests == []


def test_a_project_that_cannot_be_fetched_is_told_as_such(stage: Stage) -> None:
    run = stage.role({**FEW, "awx_setup_project_scm_url": "https://git.example.com/nothing"})
    assert run.code != 0
    assert "AWX could not get the branch main of https://git.example.com/nothing" in run.message


def test_a_project_without_galaxy_credentials_is_warned_of(stage: Stage) -> None:
    stage.double.store.links.clear()
    shutil.rmtree(stage.folder / "collections", ignore_errors=True)
    run = stage.role(FEW, "--check")
    assert run.code == 0
    assert "AWX installs no collections of a project" in run.message


def test_a_user_who_may_not_make_credential_types_is_told_so_once(stage: Stage) -> None:
    stage.double.store.is_superuser = False
    run = stage.role()
    assert run.code != 0
    assert run.message.count("Only a system administrator of AWX can create credential types") == 1
    assert "access_key_secret" not in run.output, "no definition is printed"
    assert stage.double.written() == []


def test_another_missing_right_is_named_without_definitions(stage: Stage) -> None:
    name = "Alibaba Cloud EMR Serverless Spark (access key)"
    stage.double.store.create("credential_types", {"name": name, "kind": "cloud"})
    stage.double.store.is_superuser = False
    run = stage.role()
    assert run.code != 0
    assert 'lacks a right in AWX for the task "Make the credential types"' in run.message
    assert "access_key_secret" not in run.output


def test_a_schedule_without_an_interval_is_refused(stage: Stage) -> None:
    schedule = {"name": "x", "template": "sweep", "rrule": "FREQ=DAILY;INTERVAL=0"}
    run = stage.role({**FEW, "awx_setup_schedules": [schedule]})
    assert "INTERVAL of a schedule must be at least 1" in run.message
    assert stage.double.requests == []
