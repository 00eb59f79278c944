# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""One task: its options, its environment, and the client built from both. Independent of Ansible."""

from __future__ import annotations

import contextlib
import math
import time
import typing as t

from .._api.pool import ConnectionPool
from .._api.session import ApiSession
from .._api.settings import is_valid_id, resolve_settings
from .._clock import Clock, SystemClock
from .._credentials.store import resolve_credential_source
from .._errors import Failure
from .._payload import Params
from .._redaction import SecretRedactor

if t.TYPE_CHECKING:
    from .._api.rate_limit import RateLimiter

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


# The id of a resource that a check would create, and the message of a task that receives this id.
KNOWN_AFTER_CREATE = "(known after create)"
BUILDS_ON_CREATE = "depends on a resource that an earlier task would create, so check mode cannot predict more"


class TaskContext:
    """The input that an entry point (a module, a plugin) passes to the core."""

    def __init__(
        self,
        params: Params,
        environ: t.Mapping[str, str],
        warn: t.Callable[[str], None],
        check_mode: bool = False,
        user_agent: str = "",
        clock: Clock | None = None,
        no_log: bool = False,
        pool: ConnectionPool | None = None,
        tell: t.Callable[[str], None] | None = None,
        secrets: SecretRedactor | None = None,
    ) -> None:
        self.params = params
        self.environ = environ
        self._warn = warn
        self.check_mode = check_mode
        self.user_agent = user_agent
        self.clock = clock or SystemClock()
        self.no_log = no_log
        self.pool = pool
        self._tell = tell
        self.last_progress = (0.0, "")
        self.secrets = secrets or SecretRedactor()
        head = params.get("head_spec") or {}
        gft = (head.get("gft_config") if isinstance(head, dict) else None) or {}
        self.secrets.add(gft.get("redis_password"))
        if secrets is None:
            self._register_credentials()

    def _register_credentials(self) -> None:
        for value in (*map(self.params.get, _SECRET_OPTIONS), *map(self.environ.get, _SECRET_VARIABLES)):
            # Of an address that hands out credentials the path is the secret, which errors quote without the host.
            self.secrets.add(value, str(value).partition("://")[2].partition("/")[2] if value else None)

    def for_cluster(self, params: Params, warn: t.Callable[[str], None]) -> TaskContext:
        """Return a task for one of several clusters, with its own options and secrets, and without messages."""
        return TaskContext(
            params,
            self.environ,
            warn,
            self.check_mode,
            self.user_agent,
            self.clock,
            self.no_log,
            secrets=self.secrets.scoped(),
        )

    def warn(self, text: str) -> None:
        """Warn the user, secrets removed."""
        self._warn(self.secrets.redact_text(text))

    @property
    def shows_progress(self) -> bool:
        """Return whether lines of progress reach the user."""
        return self._tell is not None and not self.no_log

    def progress(self, text: str) -> None:
        """Show a line of progress if the task can show one, secrets removed."""
        if self._tell and self.shows_progress:
            self.last_progress = time.monotonic(), text
            self._tell(self.secrets.redact_text(text))


class TaskFailed(Exception):
    """A task that failed: ``result`` is what the user gets, ``msg`` and ``error`` included, secrets removed."""

    def __init__(self, result: Result, cause: Failure) -> None:
        super().__init__(result["msg"])
        self.result = result
        self.cause = cause


@contextlib.contextmanager
def open_session(
    task: TaskContext, needs_workspace: bool = True, limit: RateLimiter | None = None
) -> t.Iterator[ApiSession]:
    """Return a session for the task's workspace. Raises ParameterError and CredentialError before any request."""
    settings = resolve_settings(task.params, task.environ, needs_workspace)
    source = resolve_credential_source(task.params, task.environ)
    if task.params.get("return_secrets") and not task.no_log:
        task.warn("return_secrets adds secrets to the result: set no_log on this task.")
    pool = task.pool or ConnectionPool()
    link = pool.get_connection(settings, source, task.clock)
    try:
        yield ApiSession(
            settings, link.credentials, link.transport, task.clock, task.secrets, task.warn, task.user_agent, limit
        )
    finally:
        if task.pool is None:
            link.transport.close()


def builds_on_create(task: TaskContext, *options: str) -> bool:
    """Return whether a check refers to a resource that an earlier task of the same check would create."""
    return task.check_mode and any(task.params.get(option) == KNOWN_AFTER_CREATE for option in options)


def id_problems(params: Params, *options: str) -> list[str]:
    """Return the problems of options that hold an id."""
    problems = []
    for option in options:
        if params.get(option) == "":
            problems.append(f"{option}: is empty; leave the option out, for example with default(omit)")
        elif params.get(option) is not None and not is_valid_id(params[option]):
            problems.append(f"{option}: is not an ID")
    return problems


def seconds_problems(params: Params, **least: float) -> list[str]:
    """Return the problems of options that hold seconds, with the smallest value of each."""
    return [
        f"{option}: must be at least {smallest:g} seconds"
        for option, smallest in least.items()
        if (value := params.get(option)) is not None and not (math.isfinite(value) and value >= smallest)
    ]
