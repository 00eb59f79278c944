# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the service and of its gateway, in the body shapes that are seen on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape


@dataclass
class ApiError(Exception):
    """An answer with an error; `code` None leaves the key out, "" sends an empty code."""

    status: int
    code: str | None
    message: str
    gateway: bool = False
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(self.message)


def gateway_error(status: int, code: str, message: str, **extra: Any) -> ApiError:
    """Return an error as the API gateway in front of the service makes it (always PascalCase)."""
    return ApiError(status, code, message, gateway=True, extra=extra)


def denied(message: str) -> ApiError:
    """Return the error for an object that is not in the right state."""
    return ApiError(400, "OperationDenied", message)


def invalid(message: str) -> ApiError:
    """Return the error for a parameter with a value that the service does not take."""
    return ApiError(400, "InvalidParameter", message)


def missing(name: str) -> ApiError:
    """Return the error for a parameter that is not there."""
    return ApiError(400, "MissingParameter", f"{name} is required")


def error_body(error: ApiError, request_id: str, host: str, pascal: bool) -> dict[str, Any]:
    """Return the JSON body; gateway errors and `pascal` give RequestId, HostId, Code, Message and Recommend."""
    if not (error.gateway or pascal):
        body: dict[str, Any] = {"requestId": request_id, "message": error.message}
        if error.code is not None:
            body["code"] = error.code
        return body | error.extra
    body = {"RequestId": request_id, "HostId": host, "Message": error.message}
    if error.code is not None:
        body["Code"] = error.code
        body["Recommend"] = (
            "https://api.aliyun.com/troubleshoot"
            f"?q={quote(error.code)}&product=emr-serverless-spark&requestId={request_id}"
        )
    return body | error.extra


def xml_body(body: dict[str, Any]) -> str:
    """Return a gateway error as XML, which is what a client gets that does not ask for JSON."""
    inner = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in body.items())
    return f"<?xml version='1.0' encoding='UTF-8'?><Error>{inner}</Error>"
