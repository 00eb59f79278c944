# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user reads of what Ray says: the words that tell why, and not its tracebacks and logs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._api.transport import Response
from ansible_collections.rayops.alicloud.plugins.module_utils._job.plan import extract_reason
from ansible_collections.rayops.alicloud.plugins.module_utils._job.ray_api import (
    REFUSED_BY_RAY,
    ray_error_from_response,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._job.result import clean_log_line
from ansible_collections.rayops.alicloud.plugins.module_utils._redaction import REDACTED, SecretRedactor
from tests.unit.jobs.fake_ray_api import DUPLICATE_JOB_ERROR
from tests.unit.jobs.harness import JobHarness

# As Ray 2.60 says them.
NO_SETUP = (
    "runtime_env setup failed: Failed to set up runtime environment.\nTraceback (most recent call last):\n"
    '  File "/x/utils.py", line 9, in download\n    raise IOError(text)\nOSError: the address is not there\n'
)
NO_ACTOR = (
    "Failed to start supervisor actor a: 'runtime_env['pip'] must be text'. Full traceback:\n"
    "Traceback (most recent call last):\n  File ...\nTypeError: runtime_env['pip'] must be text\n"
)
EXITED = (
    "Job entrypoint command failed with exit code 3, last available logs (truncated to 20,000 chars):\n"
    "Traceback (most recent call last):\nValueError: of the user\n"
)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, ""),
        ("", ""),
        ("Job was intentionally stopped.", "Job was intentionally stopped"),
        (EXITED, "Job entrypoint command failed with exit code 3"),
        (
            NO_SETUP,
            "runtime_env setup failed: Failed to set up runtime environment: OSError: the address is not there",
        ),
        (
            NO_ACTOR,
            "Failed to start supervisor actor a: 'runtime_env['pip'] must be text': " + NO_ACTOR.splitlines()[-1],
        ),
        ("Two lines\nof words", "Two lines"),
    ],
)
def test_the_reason_of_a_failed_job(message: str | None, said: str) -> None:
    assert extract_reason(message) == said


@given(st.text())
def test_a_reason_is_one_line_and_short_at_its_end(message: str) -> None:
    assert "\n" not in extract_reason(f"a\nTraceback\n{message}")
    assert len(extract_reason(f"a\nTraceback\n{message}")) <= 700


@pytest.mark.parametrize(
    ("status", "text", "code", "reason"),
    [
        (500, DUPLICATE_JOB_ERROR.format("a"), REFUSED_BY_RAY, "ValueError: Job with submission_id a already exists."),
        (400, "ValueError: Job with submission_id a already exists.", REFUSED_BY_RAY, "already exists"),
        (
            400,
            "Traceback (most recent call last):\nTypeError: metadata values must be strings\n",
            REFUSED_BY_RAY,
            "metadata",
        ),
        (500, "No available agent to submit job, please try again later.", None, "No available agent"),
        (404, "Job a does not exist", "RayJobNotFound", "does not exist"),
        (404, "<html>This site does not exist</html>", None, "no reason given"),
        (500, "<html>Traceback</html>", None, "no reason given"),
        (502, "", None, "no reason given"),
        (500, ".\n.\n", None, "no reason given"),
    ],
)
def test_what_ray_says_when_it_does_not_do_it(status: int, text: str, code: str | None, reason: str) -> None:
    error = ray_error_from_response("RayJobSubmit", Response(status, {}, text.encode()))
    assert error.code == code
    assert reason in str(error)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("at \x1b[1m\x1b[32mhttp://127.0.0.1:8265 \x1b[39m\x1b[22m", "at http://127.0.0.1:8265"),
        ("\tfour\r", "        four"),
        ("100%\x1b[K done \x1b]0;title\x07", "100% done  ]0;title"),
        ("a \x1b[31mhush-\x1b[0mhush-hush", f"a {REDACTED}"),
        ("größer 😀 [1m kept", "größer 😀 [1m kept"),
    ],
)
def test_a_line_of_a_log_is_shown_without_what_steers_a_terminal(line: str, shown: str) -> None:
    secrets = SecretRedactor()
    secrets.add("hush-hush-hush")
    assert clean_log_line(line, secrets) == shown


def test_a_hint_names_the_log_only_where_there_is_one(harness: JobHarness) -> None:
    harness.emulator.plan_job(status="Failed", times=2)
    shown = harness.expect_failure(job_key="a", state="finished")
    assert "read driver_log_tail, and once that is fixed" in shown["error"]["hint"]
    hidden = harness.expect_failure(job_key="b", state="finished", log_lines=0)
    assert "driver_log_tail" not in hidden["error"]["hint"]
    assert "resubmit=if_failed" in hidden["error"]["hint"]
    harness.emulator.plan_job(status="Failed")
    assert harness.expect_failure(name="c", state="finished", log_lines=0)["error"]["hint"] is None


def test_a_cancel_that_takes_its_time_is_no_job_that_goes_on(harness: JobHarness) -> None:
    harness.emulator.timing.set({"job_cancelling_seconds": 100})
    harness.expect_success(job_key="a")
    slow = harness.job(job_key="a", state="cancelled", wait_timeout=5)
    assert slow["error"]["code"] == "WaitTimeout"
    assert "is being canceled" in slow["error"]["hint"]
    assert "goes on" not in slow["msg"]
    assert harness.job(job_key="a", state="cancelled")["job"]["status"] == "Cancelled"


def test_a_token_is_hidden_and_the_id_of_the_task_is_not(harness: JobHarness) -> None:
    done = harness.expect_success(job_key="a", state="finished")
    (job,) = harness.emulator.jobs()
    assert done["job"]["task_biz_id"] == job["taskBizId"]
    token = job["dashboardUrl"].partition("?token=")[2]
    assert token
    assert token not in repr(done.result)
