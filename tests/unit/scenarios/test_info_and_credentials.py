# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What emr_ray_cluster_info returns, and where the keys that sign come from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._version import VERSION
from tests.unit.scenarios.harness import TaskHarness
from tests.unit.scenarios.specs import Json, full_options

ONLY_WITH_DETAILS = {"extra_param", "volume_ids", "instances", "job_url", "job_url_inner", "submit_token"}
NODE_DETAILS = {"display_release_version", "env", "ray_start_params"}


def ids(outcome: Any) -> list[str]:
    return sorted(cluster["cluster_id"] for cluster in outcome["clusters"])


def test_an_empty_workspace(harness: TaskHarness) -> None:
    for given in ({}, {"name": "training"}, {"cluster_id": "ray-nowhere"}, {"states": ["Running"]}, {"details": True}):
        outcome = harness.info(**given)
        assert (outcome["changed"], outcome["clusters"]) == (False, [])
        assert set(outcome.result) == {"changed", "clusters", "region", "workspace_id"}
        assert str(outcome["workspace_id"]).startswith("w-")


def test_all_clusters_over_all_pages(harness: TaskHarness) -> None:
    seeded = harness.emulator.seed("straw", count=250)
    outcome = harness.info()
    assert ids(outcome) == sorted(seeded)
    # The service gives no total: an empty page is the end.
    assert outcome.operations == ["ListRayCluster"] * 4


def test_by_name_all_that_match(harness: TaskHarness) -> None:
    twins = harness.emulator.seed("twin") + harness.emulator.seed("twin")
    harness.emulator.seed("other")
    assert ids(harness.info(name="twin")) == sorted(twins)
    assert harness.info(name="twi")["clusters"] == []


def test_by_states(harness: TaskHarness) -> None:
    by_state = {state: harness.emulator.seed(state.lower(), state=state) for state in ("Stopped", "Running", "Error")}
    assert ids(harness.info(states=["Running"])) == by_state["Running"]
    assert ids(harness.info(states=["Running", "Error"])) == sorted(by_state["Running"] + by_state["Error"])
    assert harness.info(states=["Running"], name="error")["clusters"] == []
    assert harness.info(states=[])["clusters"] == []


def test_by_id_with_all_fields_in_one_request(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**full_options(), state="started")["cluster_id"]
    outcome = harness.info(cluster_id=cluster_id)
    assert outcome.operations == ["GetRayCluster"]
    assert outcome["clusters"] == [harness.expect_unchanged(**full_options())["cluster"]]
    assert harness.info(cluster_id=cluster_id, name="other")["clusters"] == []
    assert harness.info(cluster_id=cluster_id, states=["Stopped"])["clusters"] == []


def test_details_add_exactly_what_only_a_read_gives(harness: TaskHarness) -> None:
    cluster_id = harness.expect_success(**full_options(), state="started")["cluster_id"]
    (row,) = harness.info()["clusters"]
    detailed = harness.info(details=True)
    assert detailed.operations == ["ListRayCluster", "ListRayCluster", "GetRayCluster"]
    (whole,) = detailed["clusters"]
    assert whole == harness.info(cluster_id=cluster_id)["clusters"][0]
    assert set(whole) - set(row) == ONLY_WITH_DETAILS
    assert set(whole["head_spec"]) - set(row["head_spec"]) == NODE_DETAILS | {"gft_enabled", "gft_config"}
    for group, group_row in zip(whole["worker_spec"], row["worker_spec"], strict=True):
        assert set(group) - set(group_row) == NODE_DETAILS | {"extra_param"}
    shared = [key for key in row if key not in ("head_spec", "worker_spec")]
    assert {key: row[key] for key in shared} == {key: whole[key] for key in shared}


def test_details_read_only_what_matches(harness: TaskHarness) -> None:
    harness.emulator.seed("straw", count=5)
    (wanted,) = harness.emulator.seed("needle")
    outcome = harness.info(name="needle", details=True)
    assert ids(outcome) == [wanted]
    assert outcome.operations == ["ListRayCluster", "ListRayCluster", "GetRayCluster"]


def test_details_pass_over_a_cluster_that_has_just_gone(harness: TaskHarness) -> None:
    harness.emulator.seed("straw", count=2)
    harness.emulator.fault("error", "GetRayCluster", status=404, code="RayCluster.NotFound", message="gone")
    assert len(harness.info(details=True)["clusters"]) == 1


def test_items_look_as_the_cluster_of_the_other_module(harness: TaskHarness) -> None:
    cluster = harness.expect_success(**full_options())["cluster"]
    (item,) = harness.info(details=True)["clusters"]
    assert item == cluster
    predicted = harness.expect_success(check=True, **full_options(name="new"))["cluster"]
    assert set(predicted) == set(item)
    assert set(predicted["head_spec"]) == set(item["head_spec"])
    assert set(predicted["worker_spec"][0]) == set(item["worker_spec"][0])


# Credentials


def without_keys(**more: Any) -> Json:
    return {"access_key_id": None, "access_key_secret": None, **more}


def used(outcome: Any) -> list[str]:
    """Return the access keys that signed what the service accepted."""
    assert not outcome.failed, outcome.result
    assert all(entry.signed_ok for entry in outcome.requests)
    texts = [entry.headers["authorization"] for entry in outcome.requests]
    return sorted({text.partition("Credential=")[2].partition(",")[0] for text in texts})


def test_temporary_credentials_in_options(harness: TaskHarness) -> None:
    outcome = harness.info(
        access_key_id="emulator-sts-key", access_key_secret="emulator-sts-secret", security_token="emulator-sts-token"
    )
    assert used(outcome) == ["emulator-sts-key"]
    headers = outcome.requests[0].headers
    assert headers["x-acs-security-token"] == "emulator-sts-token"
    assert headers["x-acs-accesskey-id"] == "emulator-sts-key"


STATIC = ("emulator-access-key", "emulator-access-secret", None)
TEMPORARY = ("emulator-sts-key", "emulator-sts-secret", "emulator-sts-token")


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", ""), STATIC),
        (
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"),
            TEMPORARY,
        ),
        (("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", ""), STATIC),
        (("ALICLOUD_ACCESS_KEY_ID", "ALICLOUD_ACCESS_KEY_SECRET", ""), STATIC),
        (("ALICLOUD_ACCESS_KEY", "ALICLOUD_SECRET_KEY", "ALICLOUD_SECURITY_TOKEN"), TEMPORARY),
    ],
)
def test_keys_of_the_environment(harness: TaskHarness, names: tuple[str, ...], values: tuple[str | None, ...]) -> None:
    harness.environ = {name: value for name, value in zip(names, values, strict=True) if name and value}
    assert used(harness.info(**without_keys())) == [values[0]]


def test_the_newer_names_win_over_the_older_and_options_over_both(harness: TaskHarness) -> None:
    harness.environ = {
        "ALICLOUD_ACCESS_KEY": "older",
        "ALICLOUD_SECRET_KEY": "older",
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "emulator-sts-key",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "emulator-sts-secret",
        "ALIBABA_CLOUD_SECURITY_TOKEN": "emulator-sts-token",
    }
    assert used(harness.info(**without_keys())) == ["emulator-sts-key"]
    # A token of the environment is never mixed with a key of the options.
    outcome = harness.info()
    assert used(outcome) == ["emulator-access-key"]
    assert "x-acs-security-token" not in outcome.requests[0].headers


def test_endpoint_and_workspace_of_the_environment(harness: TaskHarness) -> None:
    harness.environ = {
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_ENDPOINT": harness.emulator.url,
        "ALIBABA_CLOUD_EMR_SERVERLESS_SPARK_WORKSPACE_ID": harness.emulator.workspace_id,
    }
    assert used(harness.info(endpoint=None, workspace_id=None)) == ["emulator-access-key"]


def test_a_profile_of_the_cli(harness: TaskHarness, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    profile = {
        "name": "work",
        "mode": "AK",
        "access_key_id": "emulator-access-key",
        "access_key_secret": "emulator-access-secret",
    }
    config = tmp_path / ".aliyun" / "config.json"
    config.parent.mkdir()
    config.write_text(json.dumps({"current": "other", "profiles": [profile]}))
    assert used(harness.info(**without_keys(profile="work"))) == ["emulator-access-key"]
    failed = harness.info(**without_keys(profile="nowhere"))
    assert failed.failed
    assert "nowhere" in failed["msg"]
    assert failed.requests == []


def test_the_user_agent_carries_the_version(harness: TaskHarness) -> None:
    outcome = harness.expect_success(**full_options())
    agents = {entry.headers["user-agent"] for entry in outcome.requests}
    assert agents == {f"rayops.alicloud/{VERSION} tests"}


def test_requests_are_signed_and_as_the_service_wants_them(harness: TaskHarness) -> None:
    outcome = harness.expect_success(**full_options(), state="restarted")
    assert all(entry.signed_ok for entry in outcome.requests)
    nonces = [entry.headers["x-acs-signature-nonce"] for entry in outcome.requests]
    assert len(set(nonces)) == len(nonces)
    for entry in outcome.requests:
        assert entry.headers["accept"] == "application/json"
        assert (entry.headers.get("content-type") is not None) is (entry.method == "POST")
