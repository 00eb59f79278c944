# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""One task: its options, what surrounds it, and the client built from both. Knows nothing of Ansible.

Private to this collection.
"""

from __future__ import annotations

import contextlib
import math
import typing as t

from ansible_collections.rayops.alicloud.plugins.module_utils._client import Client
from ansible_collections.rayops.alicloud.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.rayops.alicloud.plugins.module_utils._credentials import CredentialStore, choose_source
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import Failure, ParameterError
from ansible_collections.rayops.alicloud.plugins.module_utils._secrets import Secrets
from ansible_collections.rayops.alicloud.plugins.module_utils._settings import is_id, resolve_settings
from ansible_collections.rayops.alicloud.plugins.module_utils._transport import Transport

Result = dict[str, t.Any]

_SECRET_OPTIONS = ("access_key_secret", "security_token", "credentials_uri")
_SECRET_VARIABLES = (
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ALIBABA_CLOUD_SECURITY_TOKEN",
    "ALICLOUD_ACCESS_KEY_SECRET",
    "ALICLOUD_SECRET_KEY",
    "ALICLOUD_SECURITY_TOKEN",
    "ALIBABA_CLOUD_CREDENTIALS_URI",
    "ALICLOUD_CREDENTIALS_URI",
)


class Task:
    """What a mouth (a module, a plugin) hands to the core."""

    def __init__(
        self,
        params: t.Mapping[str, t.Any],
        environ: t.Mapping[str, str],
        warn: t.Callable[[str], None],
        check_mode: bool = False,
        user_agent: str = "",
        clock: Clock | None = None,
    ) -> None:
        self.params = params
        self.environ = environ
        self._warn = warn
        self.check_mode = check_mode
        self.user_agent = user_agent
        self.clock = clock or SystemClock()
        self.secrets = Secrets()
        head = params.get("head_spec") or {}
        gft = (head.get("gft_config") if isinstance(head, dict) else None) or {}
        self.secrets.add(gft.get("redis_password"))
        for value in (*map(params.get, _SECRET_OPTIONS), *map(environ.get, _SECRET_VARIABLES)):
            # Of an address that hands out credentials the path is the secret, which errors quote without the host.
            self.secrets.add(value, str(value).partition("://")[2].partition("/")[2] if value else None)

    def warn(self, text: str) -> None:
        """Warn the user, secrets removed."""
        self._warn(self.secrets.tell(text))


class TaskFailed(Exception):
    """A task that failed: ``result`` is what the user gets, ``msg`` and ``error`` included, secrets removed."""

    def __init__(self, result: Result, cause: Failure) -> None:
        super().__init__(result["msg"])
        self.result = result
        self.cause = cause


def failed(task: Task, doing: str, failure: Failure, known: Result) -> TaskFailed:
    """Return the failure of a task as the user sees it: what was being done to what, and why it failed."""
    told = task.secrets.tell
    error = {key: told(value) if isinstance(value, str) else value for key, value in failure.details().items()}
    hint = f". Hint: {error['hint']}" if error["hint"] else ""
    return TaskFailed(
        {"msg": f"{told(doing)}: {error['message']}{hint}", "error": error, **task.secrets.scrub(known)}, failure
    )


@contextlib.contextmanager
def open_client(task: Task) -> t.Iterator[Client]:
    """Give a client for the task's workspace. Raises ParameterError and CredentialError before any request."""
    settings = resolve_settings(task.params, task.environ)
    credentials = CredentialStore(choose_source(task.params, task.environ))
    transport = Transport(settings, task.clock)
    try:
        yield Client(settings, credentials, transport, task.clock, task.secrets, task.warn, task.user_agent)
    finally:
        transport.close()


def check_options(*checks: t.Callable[[], t.Any]) -> None:
    """Run every check, and raise one ParameterError with all that they found."""
    problems: list[str] = []
    for check in checks:
        try:
            check()
        except ParameterError as error:  # noqa: PERF203 - all of them are to be heard
            problems.extend(error.problems)
    if problems:
        raise ParameterError(problems)


def check_id(params: t.Mapping[str, t.Any], option: str) -> None:
    """Raise ParameterError when an option that holds an id holds something else."""
    if params.get(option) == "":
        raise ParameterError([f"{option}: is empty; leave the option out, for example with default(omit)"])
    if params.get(option) is not None and not is_id(params[option]):
        raise ParameterError([f"{option}: is not an id"])


def check_seconds(params: t.Mapping[str, t.Any], option: str, least: float) -> None:
    """Raise ParameterError when an option is no number of seconds, or fewer than ``least``."""
    value = params.get(option)
    if value is not None and (not math.isfinite(value) or value < least):
        raise ParameterError([f"{option}: must be at least {least:g} seconds"])
