# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Define the exceptions, which carry the messages for the user. Private to this collection."""

from __future__ import annotations

import contextlib
import typing as t

Parsed = t.TypeVar("Parsed")
UNREADABLE = "UnreadableResponse"


class Failure(Exception):
    """A failure that ends the task. ``str(failure)`` is the reason, in words for an operator."""

    operation: str | None = None
    code: str | None = None
    request_id: str | None = None
    http_status: int | None = None
    hint: str | None = None

    def details(self) -> dict[str, t.Any]:
        """Return the ``error`` of a failed task: operation, code, message, request_id, http_status, hint."""
        return {
            "operation": self.operation,
            "code": self.code,
            "message": str(self),
            "request_id": self.request_id,
            "http_status": self.http_status,
            "hint": self.hint,
        }


class ParameterError(Failure):
    """The options do not fit together; every problem is named at once and no request was sent."""

    def __init__(self, problems: list[str], hint: str | None = None) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems
        self.code = "InvalidOption"
        self.hint = hint


class Problems(list[str]):
    """The problems of all options: ``with problems:`` collects those of a check, ``raise_any`` reports all of them."""

    def __enter__(self) -> None:
        """Start a check."""

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> bool:
        """Keep the problems of a ParameterError."""
        if isinstance(error, ParameterError):
            self.extend(error.problems)
        return isinstance(error, ParameterError)

    @contextlib.contextmanager
    def of(self, option: str) -> t.Iterator[None]:
        """Keep the ValueError of a check of one option, too, and name the option in front of its problems."""
        try:
            yield
        except (ValueError, ParameterError) as error:
            texts = error.problems if isinstance(error, ParameterError) else [str(error)]
            self.extend(f"{option}: {text}" for text in texts)

    def parse(self, option: str, parse: t.Callable[[t.Any], Parsed], value: object) -> Parsed | None:
        """Return the parsed value of an option, None if it is not set or has a problem."""
        if value is not None:
            with self.of(option):
                return parse(value)
        return None

    def raise_any(self) -> None:
        """Raise ParameterError if there are problems."""
        if self:
            raise ParameterError(list(self))


class CredentialError(Failure):
    """No usable credentials; the text names the source that was asked, never a secret."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = "NoCredentials"
        self.hint = hint


class MissingLibraryError(Failure):
    """Python libraries are not there, or too old; ``all`` has each of them."""

    def __init__(
        self, library: str, floor: str, found: str | None = None, others: t.Sequence[MissingLibraryError] = ()
    ) -> None:
        told = f"{library} {found} is too old" if found else f"{library} is missing"
        super().__init__("; ".join([told, *map(str, others)]))
        self.code = "MissingLibrary"
        self.library, self.floor, self.found = library, floor, found
        self.all: list[MissingLibraryError] = [self, *others]


class ApiError(Failure):
    """The service responded, and the response was an error or could not be read."""

    def __init__(
        self,
        operation: str,
        message: str,
        code: str | None = None,
        request_id: str | None = None,
        http_status: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.code = code
        self.request_id = request_id
        self.http_status = http_status
        self.hint = hint
        self.retry_after: float | None = None
        self.told_to_wait = False
        self.server_date: str | None = None
        self.unreadable = False

    def mark_unreadable(self, http_status: int) -> None:
        """Record that a successful response cannot be read; the request may have taken effect."""
        self.unreadable, self.http_status, self.code = True, http_status, self.code or UNREADABLE


class TransportError(Failure):
    """No response. ``sent`` says whether the server may have received the request; ``permanent`` rules out a retry."""

    def __init__(
        self,
        operation: str,
        message: str,
        sent: bool,
        hint: str | None = None,
        code: str | None = None,
        permanent: bool = False,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.code = code
        self.sent = sent
        self.hint = hint
        self.permanent = permanent


class ClusterError(Failure):
    """The cluster itself is the problem: missing, ambiguous, in a state that leads nowhere."""

    def __init__(self, message: str, code: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


class JobError(ClusterError):
    """The job itself is the problem: missing, failed, submitted twice, or with an unknown result of its submission."""
