# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hunt for planted secrets: services that echo all they know, bugs of ours, and what surrounds an exception.

That no result and no warning of any task shows one is checked for every task of every trust test, in ``World.cluster``.
"""

from __future__ import annotations

import base64
import json
import pickle
import threading
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._argspec.cluster import CLUSTER_OPTIONS
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import reconcile as _work
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster import run as _cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster, parse_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.run import run_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import MAX_TEXT_LENGTH, SecretRedactor
from ansible_collections.rayops.alicloud.plugins.module_utils._task import module as _module
from ansible_collections.rayops.alicloud.plugins.module_utils._task.context import TaskContext, TaskFailed
from tests.unit.scenarios.harness import validated_options
from tests.unit.trust.fault_matrix import SCENARIOS, Json
from tests.unit.trust.harness import CLUSTER_NAME, InvariantHarness, make_canary
from tests.unit.trust.interruptions import SimulatedKill, kill_at_request

SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "json": lambda text: json.dumps({"echo": text}),
    "json in json": lambda text: json.dumps(json.dumps({"echo": text})),
    "url": lambda text: quote(text, safe=""),
    "header": lambda text: f"x-acs-security-token:{text}\nhost:127.0.0.1",
    "repr": repr,
    "cut": lambda text: "x" * (MAX_TEXT_LENGTH - 20) + text,
    "late": lambda text: "x" * (MAX_TEXT_LENGTH * 3) + text,
}


SECRETS = ["pass word/with+all?&=%", 'quo"te\\back', "ünïcode-测试", "tab\tand\nline", "\udcff-bytes"]


def everything(harness: InvariantHarness) -> list[str]:
    return [harness.canaries.secret, harness.canaries.token, harness.canaries.password, *harness.cluster_tokens()]


def contains(shown: str, secret: str) -> bool:
    """Tell whether a secret, or a good part of it, shows."""
    return any(secret[start : start + 16] in shown for start in range(12, len(secret) - 16, 4))


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_service_that_echoes_all_it_knows_gives_nothing_away(
    harness: InvariantHarness, name: str, spelling: str
) -> None:
    """In code, message, denial and request id, at every operation of the way."""
    scenario = SCENARIOS[name]
    for operation in scenario.operations:
        if operation == "ListRayCluster":
            continue
        harness.emulator.reset()
        scenario.set_up(harness)
        # What the cluster was read with is known; before the first read nobody knows its tokens.
        known = everything(harness) if operation != "GetRayCluster" else everything(harness)[:2]
        text = " ".join(SPELLINGS[spelling](secret) for secret in known)
        harness.emulator.fault("error", operation, times=None, status=400, code=f"Bad.{text}", message=text, after=0)
        outcome = harness.cluster(**scenario.options(harness))
        assert outcome.failed
        shown = json.dumps(outcome.result) + repr(outcome.warnings)
        assert not [secret for secret in known if contains(shown, secret)]


@pytest.mark.parametrize(
    "echo",
    ['{{"submitToken":"{0}"}}', '{{"headSpec": {{"redisPassword" : "{0}"}}}}', '{{\\"redis_password\\":\\"{0}\\"}}',
     "d?token={0}&a=1", "x-acs-security-token:{0}\nhost:h", "SecretKey={0}", "ray-token: {0}", "abc submit_token={0}"],
)  # fmt: skip
def test_a_secret_that_nobody_knows_here_is_told_by_its_name(harness: InvariantHarness, echo: str) -> None:
    """The error of the very first read may quote what the task never saw."""
    unknown = make_canary("unknown")
    harness.seed_cluster("Running")
    harness.emulator.fault("error", "ListRayCluster", times=None, message=f"begin {echo.format(unknown)} end")
    failed = harness.expect_failure(name=CLUSTER_NAME)
    assert not contains(json.dumps(failed.result), unknown)
    assert "begin" in failed["msg"]


def test_words_that_only_sound_like_a_secret_stay(harness: InvariantHarness) -> None:
    said = "check access_key_secret: it does not match access_key_id; the token expired; password is needed"
    assert SecretRedactor().redact_text(said) == said


@pytest.mark.parametrize("where", ["message", "description", "networkServiceName", "creatorName"])
def test_a_cluster_whose_fields_echo_secrets(harness: InvariantHarness, where: str) -> None:
    cluster_id = harness.seed_cluster("Running")
    text = " and ".join(everything(harness))
    harness.emulator.patch(cluster_id, **{where: text})
    for given in ({"state": "started"}, {"state": "stopped", "description": "new"}, {"state": "restarted"}):
        outcome = harness.cluster(cluster_id=cluster_id, **given)
        assert not [secret for secret in everything(harness) if contains(json.dumps(outcome.result), secret)]


@pytest.mark.parametrize("check", [True, False])
def test_a_password_that_changes_is_told_without_either_value(harness: InvariantHarness, check: bool) -> None:
    harness.seed_cluster("Stopped")
    other = make_canary("new")
    spec = harness.full_options()
    spec["head_spec"]["gft_config"]["redis_password"] = other
    changed = harness.expect_success(check=check, **spec)
    assert changed["changed"] is True
    assert [change["field"] for change in changed["changes"]] == ["head_spec.gft_config.redis_password"]
    assert not contains(json.dumps(changed.result), other)
    assert "before" in changed["diff"]


def test_an_observed_password_is_kept_and_not_shown(harness: InvariantHarness) -> None:
    spec = harness.full_stored_spec()
    spec["headSpec"]["gftConfig"]["redisPassword"] = harness.canaries.observed
    spec.pop("name")
    harness.emulator.seed(CLUSTER_NAME, spec=spec)
    updated = harness.expect_success(name=CLUSTER_NAME, description="other")
    assert (
        harness.stored_spec(updated["cluster_id"])["headSpec"]["gftConfig"]["redisPassword"]
        == harness.canaries.observed
    )


def bad_options(harness: InvariantHarness) -> list[Json]:
    spec = harness.full_options()
    return [
        harness.full_options(cluster_id="../" + harness.canaries.password),
        {**spec, "head_spec": {**spec["head_spec"], "cpu": harness.canaries.password}},
        {**spec, "head_spec": {**spec["head_spec"], "env": {harness.canaries.password: True}}},
        {**spec, "extra_param": "{" + harness.canaries.password},
        {**spec, "worker_spec": [{"group_name": "a", "replica": 0}]},
        {**spec, "endpoint": f"https://user:{harness.canaries.secret}@host"},
        {**spec, "access_key_secret": harness.canaries.secret + "\n"},
        {**spec, "security_token": harness.canaries.token + "\r\nX-Evil: 1"},
        {**spec, "ca_path": "/nowhere/" + harness.canaries.token, "endpoint": "https://localhost"},
    ]


def test_bad_input_is_refused_without_being_quoted(harness: InvariantHarness) -> None:
    for given in bad_options(harness):
        refused = harness.expect_failure(**given)
        assert refused.requests == []


def test_models_hide_what_they_refuse(harness: InvariantHarness) -> None:
    """Whatever pydantic says of a value, it is not the value."""
    secret = harness.canaries.password
    for spec in ({"head_spec": {"gft_config": {"redis_password": [secret]}}}, {"name": {"a": secret}}, {secret: 1}):
        with pytest.raises(Exception) as caught:  # noqa: PT011 - which one is another test's business
            parse_spec(spec)
        if secret not in spec:
            assert secret not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(Exception) as caught:  # noqa: PT011
        parse_cluster({"clusterId": "a", "submitToken": [secret], "headSpec": {"gftConfig": secret}}, "GetRayCluster")
    assert secret not in "".join(traceback.format_exception(caught.value))


class Module:
    """What run_module needs of AnsibleModule; keeps what it was told to show."""

    no_log = False
    _diff = True
    check_mode = False

    def __init__(self, params: Json) -> None:
        self.params = params
        self.shown: Json = {}
        self.warnings: list[str] = []
        self.exception: Any = None

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def exit_json(self, **result: Any) -> None:
        self.shown = result

    def fail_json(self, **result: Any) -> None:
        import sys

        self.shown, self.exception = result, sys.exc_info()[1]


@pytest.mark.parametrize(
    ("place", "broken"),
    [(_work, "build_plan"), (_work, "cluster_to_result"), (_work, "label"), (_cluster, "_find_by_name")],
)
def test_a_bug_of_ours_is_one_clean_line(
    harness: InvariantHarness, monkeypatch: pytest.MonkeyPatch, place: Any, broken: str
) -> None:
    harness.seed_cluster("Running")
    secrets = everything(harness)

    def bug(*args: Any, **given: Any) -> Any:
        raise KeyError(f"{secrets} {harness.full_options()} \x1b[31m\n{args!r}")

    monkeypatch.setattr(place, broken, bug)
    module = Module(validated_options(CLUSTER_OPTIONS, harness.connection() | harness.full_options(description="new")))
    _module.run_module(module, run_cluster)  # type: ignore[arg-type]
    message = module.shown["msg"]
    known = secrets[:3] if broken == "_find_by_name" else secrets
    assert not [secret for secret in known if contains(json.dumps(module.shown), secret)]
    assert "bug" in message
    assert "KeyError" in message
    assert "module_utils/_cluster/" in message
    assert message.isprintable()
    assert "Traceback" not in message
    # Older releases of ansible-core show the traceback of whatever exception is at hand.
    assert module.exception is None


def test_a_failure_reaches_ansible_without_its_exception(harness: InvariantHarness) -> None:
    harness.emulator.fault("signature_echo", times=None)
    module = Module(validated_options(CLUSTER_OPTIONS, harness.connection() | {"name": CLUSTER_NAME}))
    _module.run_module(module, run_cluster)  # type: ignore[arg-type]
    assert module.shown["error"]["code"] == "SignatureDoesNotMatch"
    assert module.exception is None


def test_the_exception_itself_is_clean(harness: InvariantHarness) -> None:
    harness.seed_cluster("Running")
    harness.emulator.fault("error", "GetRayCluster", times=None, message=" ".join(everything(harness)[:3]))
    task = TaskContext(
        validated_options(CLUSTER_OPTIONS, harness.connection() | harness.full_options()), {}, lambda text: None
    )
    with pytest.raises(TaskFailed) as caught:
        run_cluster(task)
    shown = repr(caught.value) + str(caught.value) + "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in everything(harness)[:3] if contains(shown, secret)]


@pytest.mark.parametrize("step", range(4))
def test_a_sudden_end_shows_no_secret(harness: InvariantHarness, step: int) -> None:
    """What Python prints of an interrupted run: frames and lines of code, never values."""
    harness.seed_cluster("Running")
    with kill_at_request(step, after=True), pytest.raises(SimulatedKill) as caught:
        harness.cluster(**harness.full_options(description="new", state="restarted"))
    shown = "".join(traceback.format_exception(caught.value))
    assert not [secret for secret in everything(harness) if secret in shown]


@pytest.mark.parametrize("kind", ["refused", "nonsense", "echo"])
def test_the_address_that_hands_out_credentials_is_a_secret(harness: InvariantHarness, kind: str) -> None:
    """Its path is what protects it, and libraries quote it in their errors."""
    path = make_canary("uri")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if kind == "echo" else 200)
            self.end_headers()
            self.wfile.write(f"no such path: {self.path} {harness.canaries.secret}".encode())

        def log_message(self, *args: Any) -> None:
            """Be quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    port = 9 if kind == "refused" else server.server_port
    keys = dict.fromkeys(("access_key_id", "access_key_secret", "security_token"))
    uri = f"http://127.0.0.1:{port}/{path}?token={path}"
    try:
        for given in ({"credentials_uri": uri}, {}):
            harness.environ = {} if given else {"ALIBABA_CLOUD_CREDENTIALS_URI": uri}
            failed = harness.expect_failure(name=CLUSTER_NAME, **keys, **given)
            assert "credentials" in failed["msg"]
            assert not contains(json.dumps(failed.result), path)
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "secret", ["pass word/with+all?&=%", 'quo"te\\back', "ünïcode-测试", "tab\tand\nline", "\udcff-bytes"]
)
def test_secrets_are_found_in_other_spellings(secret: str) -> None:
    secrets = SecretRedactor([secret])
    for spelling in (
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        quote(secret, errors="replace"),
    ):
        assert secret not in secrets.redact(f"before {spelling} after")
        assert spelling.strip('"') not in secrets.redact(f"before {spelling} after")
    assert secrets.redact_text(f"before {secret} after") == "before ******** after"
    assert secrets.redact_text("x" * (MAX_TEXT_LENGTH - 3) + secret).count(secret[:4]) == 0


def test_nothing_that_is_kept_can_be_written_to_disk_by_accident(harness: InvariantHarness) -> None:
    """A result is plain data, which can be cached: what is cached is clean."""
    harness.seed_cluster("Running")
    done = harness.expect_success(**harness.full_options(description="new"))
    for stored in (pickle.dumps(done.result), base64.b64encode(json.dumps(done.result).encode())):
        for secret in everything(harness):
            assert secret.encode() not in stored
            assert base64.b64encode(secret.encode()) not in stored
