# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role says when it cannot work, and what it never says."""

from __future__ import annotations

from .conftest import FEW, ROOT, RoleHarness


def test_a_missing_collection_is_named_first(harness: RoleHarness) -> None:
    # Only what is installed in a folder of the user's counts here, and there awx.awx is missing.
    harness.more_env = {"ANSIBLE_COLLECTIONS_SCAN_SYS_PATH": "false"}
    ours = harness.folder / "collections/ansible_collections/rayops/alicloud"
    ours.parent.mkdir(parents=True)
    ours.symlink_to(ROOT)
    run = harness.role()
    assert run.code != 0
    assert "needs the collection awx.awx, which is not installed" in run.message
    assert harness.double.written() == []


def test_a_wrong_token_is_told_as_such(harness: RoleHarness) -> None:
    harness.login["CONTROLLER_OAUTH_TOKEN"] = "planted-password"
    run = harness.role(FEW, "-vvv")
    assert run.code != 0
    assert "rejects this login" in run.message
    assert "planted-password" not in run.output


def test_a_wrong_password_is_told_as_such(harness: RoleHarness) -> None:
    harness.login = {"CONTROLLER_HOST": harness.double.url}
    run = harness.role(
        {**FEW, "awx_setup_controller_username": "admin", "awx_setup_controller_password": "planted-password"}, "-vvv"
    )
    assert run.code != 0
    assert "rejects this login" in run.message
    assert "planted-password" not in run.output


def test_an_organization_that_is_not_there_is_named(harness: RoleHarness) -> None:
    harness.login = {
        "CONTROLLER_HOST": harness.double.url,
        "CONTROLLER_USERNAME": "admin",
        "CONTROLLER_PASSWORD": harness.double.password,
    }
    run = harness.role({**FEW, "awx_setup_organization": "Nobody"})
    assert run.code != 0
    assert list(harness.double.store.tokens) == [0], "the token of the run was given back"
    assert "no organization Nobody" in run.message


def test_an_image_has_to_be_named(harness: RoleHarness) -> None:
    run = harness.role({})
    assert run.code != 0
    assert "Jobs need an execution environment" in run.message
    assert harness.double.requests == []


def test_a_project_that_cannot_be_fetched_or_installed_is_reported(harness: RoleHarness) -> None:
    harness.double.store.links.clear()
    run = harness.role({**FEW, "awx_setup_project_scm_url": "https://git.example.com/nothing"})
    assert run.code != 0
    assert "AWX installs no collections of a project" in run.message, "the organization has no Galaxy credential"
    assert "AWX could not get the branch main of https://git.example.com/nothing" in run.message


def test_a_user_who_may_not_make_credential_types_is_told_so_once(harness: RoleHarness) -> None:
    harness.double.store.is_superuser = False
    run = harness.role()
    assert run.code != 0
    assert run.message.count("Only a system administrator of AWX can create credential types") == 1
    assert "access_key_secret" not in run.output, "no definition is printed"
    assert harness.double.written() == []


def test_another_missing_right_is_named_without_definitions(harness: RoleHarness) -> None:
    name = "Alibaba Cloud EMR Serverless Spark (access key)"
    store = harness.double.store
    kind = store.create("credential_types", {"name": name, "kind": "cloud"})
    store.is_superuser = False
    run = harness.role()
    assert run.code != 0
    assert 'lacks a permission in AWX for the task "Create the credential types"' in run.message
    assert "access_key_secret" not in run.output
    organization = harness.double.named("organizations")["Default"]["id"]
    store.create("credentials", {"name": "c", "organization": organization, "credential_type": kind["id"]})
    store.is_superuser = True
    run = harness.role()
    assert "does not change the fields of a credential type while a credential uses it." in run.message
    assert "lacks a permission" not in run.message


def test_a_schedule_without_an_interval_is_refused(harness: RoleHarness) -> None:
    schedule = {"name": "x", "template": "sweep", "rrule": "FREQ=DAILY;INTERVAL=0"}
    run = harness.role({**FEW, "awx_setup_schedules": [schedule]})
    assert "INTERVAL of a schedule must be at least 1" in run.message
    assert harness.double.requests == []
