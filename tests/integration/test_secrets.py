# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hunt for planted secrets in real runs: loops, registered results, check mode, echoing services, a bug of ours."""

from __future__ import annotations

import json
import shutil
import uuid
from pathlib import Path

import pytest

from tests.emulator import Account
from tests.integration.runner import INFO, ROOT, AnsibleRunner, Json, RunResult, task
from tests.integration.test_playbooks import QUICK, spec

# With this, ansible-core 2.19 and newer print every traceback that they have.
TALKATIVE = {"ANSIBLE_DISPLAY_TRACEBACK": "always"}


KEYS: Json = {"access_key_id": "hunter", "access_key_secret": "{{ secret }}", "security_token": "{{ token }}"}


class Hunt:
    """Planted secrets, the variables that hold them, and the search for them in what a run gave."""

    def __init__(self, runner: AnsibleRunner, folder: Path, in_process: bool) -> None:
        self.runner = runner
        self.planted = {name: f"canary-{name}-{uuid.uuid4().hex}" for name in ("secret", "token", "password", "other")}
        runner.emulator.core.verifier.accounts["hunter"] = Account(
            "hunter", self.planted["secret"], self.planted["token"]
        )
        self._vault = folder / "vault.json"
        self._vault.write_text(json.dumps({**self.planted, "rayops_alicloud_in_process": in_process}))
        self.in_process = in_process
        self._seen: set[str] = set()

    def declared(self, password: str = "password", **changes: object) -> Json:
        """Return a declaration with one of the planted passwords."""
        given = spec()
        gft = {"redis_url": "10.0.0.1:6379", "redis_password": f"{{{{ {password} }}}}"}
        return given | {"head_spec": given["head_spec"] | {"gft_config": gft}} | KEYS | changes

    def tokens(self) -> list[str]:
        """Return the tokens of all runs that there ever were."""
        service = self.runner.emulator.service
        runs = [service.find(cluster["clusterId"]).run for cluster in self.runner.emulator.clusters()]
        self._seen.update(text for run in runs if run for text in (run.dashboard_token, run.submit_token))
        return sorted(self._seen)

    def echo(self, operation: str, **options: object) -> None:
        """Let the service answer an operation with all that it knows of a task."""
        secrets = [text for name, text in self.planted.items() if name != "other"]
        known = {f"field{number}": text for number, text in enumerate([*secrets, *self.tokens()])}
        text = f"cannot use {json.dumps(known)} nor {' '.join(known.values())}"
        self.runner.emulator.fault("error", operation, status=400, code="Echo", message=text, **options)

    def play(self, tasks: list[Json], *arguments: str, code: int = 0, **env: str | None) -> RunResult:
        """Run a play, as talkative as can be, and find nothing."""
        self.tokens()
        played = self.runner.play(
            tasks, "-vvvv", "--diff", "-e", f"@{self._vault}", *arguments, code=code, env=TALKATIVE | env,
            module_defaults=QUICK,
        )  # fmt: skip
        self.find_nothing(played)
        return played

    def find_nothing(self, played: RunResult) -> None:
        """Fail when a secret shows in the output or in what callbacks get."""
        shown = played.output + json.dumps(played.task_results)
        assert [text for text in (*self.planted.values(), *self.tokens()) if text in shown] == []
        assert len(shown) > 100


BOTH = pytest.mark.parametrize(
    "hunt", ["in process", pytest.param("as a module", marks=pytest.mark.slow)], indirect=True
)


@pytest.fixture
def hunt(runner: AnsibleRunner, tmp_path: Path, request: pytest.FixtureRequest) -> Hunt:
    """Return a hunt for tasks that run inside the Ansible worker, or with a parameter for tasks that are modules."""
    runner.emulator.rules.set({"redis_password": "clear"})
    return Hunt(runner, tmp_path, in_process=getattr(request, "param", "in process") == "in process")


@BOTH
def test_a_whole_life_in_a_loop_with_registered_results(hunt: Hunt) -> None:
    life = task("life", **hunt.declared(), state="{{ item }}", _loop=["started", "restarted", "stopped", "started"])
    shown = task("show", "ansible.builtin.debug", var="results")
    facts = task("keep", "ansible.builtin.set_fact", kept="{{ results }}", cacheable=True)
    played = hunt.play([life | {"register": "results"}, shown, facts])
    assert len(played["life"]["results"]) == 4
    assert len(hunt.tokens()) == 2
    gone = hunt.play([task("gone", **KEYS, name=spec()["name"], state="absent", _register="results"), shown])
    assert gone["gone"]["actions"] == ["stop", "delete"]


@BOTH
def test_a_variable_of_a_job_that_is_called_a_secret(hunt: Hunt) -> None:
    started = task("cluster", **hunt.declared(), state="started")
    variables = {"env_vars": {"API_TOKEN": "{{ other }}"}}
    job = {"name": "j", "entrypoint": "python main.py", "cluster_name": spec()["name"], "runtime_env_json": variables}
    played = hunt.play([started, task("job", "rayops.alicloud.emr_ray_job", **KEYS, **job)])
    (submitted,) = hunt.runner.emulator.jobs()
    assert hunt.planted["other"] in submitted["runtimeEnvJson"]
    assert played["job"]["submission_id"] == submitted["submissionId"]


def test_check_mode_and_a_password_that_changes(hunt: Hunt) -> None:
    hunt.play([task("create", **hunt.declared(), state="started")])
    checked = hunt.play([task("check", **hunt.declared("other"))], "--check")
    assert checked["check"]["changed"] is True
    assert "redis_password" in checked.output
    changed = hunt.play([task("change", **hunt.declared("other"))])
    assert changed["change"]["actions"] == ["update"]


@BOTH
def test_a_service_that_echoes_all_it_knows(hunt: Hunt) -> None:
    name = {"name": spec()["name"]} | KEYS
    hunt.play([task("create", **hunt.declared(), state="started")])
    for operation in ("UpdateRayCluster", "StopRayCluster"):
        hunt.echo(operation)
    hunt.runner.emulator.fault("signature_echo", "DeleteRayCluster")
    played = hunt.play(
        [
            task("update", **hunt.declared(description="new"), _ignore_errors=True, _register="failed"),
            task("show", "ansible.builtin.debug", msg="{{ failed.msg }}"),
            task("stop", **hunt.declared(state="stopped"), _ignore_errors=True),
            task("delete", **name, state="absent", _ignore_errors=True),
        ]
    )
    assert played["update"]["error"]["code"] == "Echo"
    assert played["delete"]["error"]["code"] == "SignatureDoesNotMatch"
    assert "Traceback" not in played["update"]["msg"]


def test_keys_of_the_environment_and_a_wrong_one(hunt: Hunt) -> None:
    env = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "hunter",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": hunt.planted["secret"],
        "ALIBABA_CLOUD_SECURITY_TOKEN": hunt.planted["token"],
    }
    hunt.play([task("read", INFO), task("absent", name="none", state="absent")], **env)
    wrong = env | {"ALIBABA_CLOUD_SECURITY_TOKEN": hunt.planted["other"]}
    failed = hunt.play([task("read", INFO, _ignore_errors=True)], **wrong)
    assert "InvalidSecurityToken" in failed["read"]["error"]["code"]


def test_an_address_that_hands_out_credentials(hunt: Hunt) -> None:
    uri = f"http://127.0.0.1:9/{hunt.planted['other']}"
    given = dict.fromkeys(("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"))
    option = task("option", INFO, credentials_uri="http://127.0.0.1:9/{{ other }}", _ignore_errors=True)
    failed = hunt.play([option], **given)
    assert failed["option"]["error"]["code"] == "NoCredentials"
    failed = hunt.play([task("variable", INFO, _ignore_errors=True)], **given, ALIBABA_CLOUD_CREDENTIALS_URI=uri)
    assert failed["variable"]["error"]["code"] == "NoCredentials"


def test_an_ad_hoc_command(hunt: Hunt) -> None:
    hunt.play([task("create", **hunt.declared(), state="started")])
    env = {
        "ALIBABA_CLOUD_ACCESS_KEY_ID": "hunter",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": hunt.planted["secret"],
        "ALIBABA_CLOUD_SECURITY_TOKEN": hunt.planted["token"],
    }
    arguments = (
        "localhost",
        "-m",
        INFO,
        "-a",
        "details=true",
        "-vvvv",
        "-e",
        f"rayops_alicloud_in_process={hunt.in_process}",
    )
    hunt.find_nothing(hunt.runner.run("ansible", *arguments, env=env | TALKATIVE))


@BOTH
def test_a_bug_of_ours(hunt: Hunt, tmp_path: Path) -> None:
    """A crash in the middle of everything, with all that is known in its text: one clean line, no traceback."""
    hunt.play([task("create", **hunt.declared(), state="started")])
    broken = tmp_path / "broken" / "ansible_collections" / "rayops" / "alicloud"
    for folder in ("plugins", "meta"):
        shutil.copytree(ROOT / folder, broken / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "galaxy.yml", broken)
    core = broken / "plugins" / "module_utils" / "_cluster" / "run.py"
    text = core.read_text()
    crash = "    raise RuntimeError(f\"{work.task.params} {work.progress} {work.task.environ.get('PATH')}\")\n"
    assert "    planned = work.plan_from(found)\n" in text
    core.write_text(
        text.replace(
            "    planned = work.plan_from(found)\n",
            crash + "    planned = work.plan_from(found)\n",
        )
    )
    env = {"ANSIBLE_COLLECTIONS_PATH": str(tmp_path / "broken")}
    played = hunt.play([task("crash", **hunt.declared(), _ignore_errors=True)], **env)
    message = played["crash"]["msg"]
    assert message.startswith(
        "This is a bug in rayops.alicloud. Please report it: RuntimeError at module_utils/_cluster/run.py:"
    )
    assert "Traceback" not in message
    assert "********" in message
