# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP responses: how they are made of data, errors, and faults."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .errors import ApiError, error_body, gateway_error, xml_body
from .faults import Fault
from .model import Json
from .response_cache import dump
from .signature import Signed, canonical_request, expired_token, mismatch

JSON_TYPE = "application/json;charset=utf-8"
_HTML = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_GATEWAY = {
    "throttle": (400, "Throttling.User", "Request was denied due to user flow control."),
    "http_500": (500, "InternalError", "The request processing has failed due to some unknown error."),
    "unavailable_503": (503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server."),
}


@dataclass
class Response:
    """`chunks` is the body; `cut` closes the connection instead of it ("all") or after half of it ("half")."""

    status: int = 200
    chunks: Iterable[bytes] = ()
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON_TYPE
    length: int | None = None
    cut: str = ""
    code: str | None = None


@dataclass
class Context:
    """What an answer needs to know of its request."""

    request: Signed
    request_id: str
    pascal: bool

    @property
    def host(self) -> str:
        """The host that the client addressed."""
        return self.request.headers.get("host", "")

    @property
    def wants_json(self) -> bool:
        """True unless the client did not ask for JSON: the gateway then answers XML."""
        return "json" in self.request.headers.get("accept", "")


def plain(status: int, body: bytes, content_type: str = JSON_TYPE) -> Response:
    """Return an answer with a finished body."""
    return Response(status, [body], content_type=content_type, length=len(body))


def of_data(data: Json, status: int = 200) -> Response:
    """Return a JSON answer."""
    return plain(status, dump(data))


def of_list(data: Any) -> Response:
    """Return a JSON answer in the way of Ray, which may be a list."""
    return plain(200, json.dumps(data).encode(), "application/json; charset=utf-8")


def of_result(result: Json | bytes, request_id: str, names: Iterable[str] = ("requestId",)) -> Response:
    """Return the JSON answer for what an operation gave, with the id of the request in front, under these names."""
    text = result if isinstance(result, bytes) else dump(result)
    ids = dump(dict.fromkeys(names, request_id))
    return plain(200, ids if text == b"{}" else ids[:-1] + b"," + text[1:])


def of_error(error: ApiError, context: Context) -> Response:
    """Return an error in the shape of the gateway or of the service."""
    body = error_body(error, context.request_id, context.host, context.pascal)
    if error.gateway and not context.wants_json:
        answer = plain(error.status, xml_body(body).encode(), "text/xml;charset=utf-8")
    else:
        answer = of_data(body, error.status)
    answer.code = error.code
    return answer


def of_fault(fault: Fault, context: Context, real: Response | None) -> Response:
    """Return what the client gets to see of a fault; `real` is the true answer where the operation was carried out."""
    error = _error_of(fault, context)
    if error is not None:
        answer = of_error(error, context)
        answer.headers |= _hint(fault)
        return answer
    if real is None:
        real = of_data({"requestId": context.request_id})
    if fault.kind in ("cut_before", "cut_after"):
        return Response(0, cut="all")
    if fault.kind == "inner_code":
        inner = {key: fault.params[key] for key in ("code", "message") if fault.params[key] is not None}
        empty = {"success": False, "rayClusters": []} if fault.params["empty_list"] else {}
        return of_data({"requestId": context.request_id, **inner, **empty})
    if fault.kind == "cut_during":
        real.cut = "half"
        return real
    if fault.kind in ("unknown_fields", "unknown_state", "wrong_types"):
        return of_data(_mutate(fault, json.loads(b"".join(real.chunks))), real.status)
    return _raw(fault, real)


def _error_of(fault: Fault, context: Context) -> ApiError | None:
    """Return the error that a fault stands for, or None where it is no proper error."""
    params = fault.params
    error: ApiError | None = None
    if fault.kind in _GATEWAY:
        status, code, message = _GATEWAY[fault.kind]
        error = gateway_error(int(params.get("status", status)), params.get("code", code), message)
    elif fault.kind in ("error", "after_effect_error", "missing_code"):
        error = ApiError(int(params["status"]), params.get("code"), params["message"])
    elif fault.kind == "expired_token":
        error = expired_token()
    elif fault.kind == "signature_echo":
        text = context.request.headers.get("authorization", "").partition("SignedHeaders=")[2]
        error = mismatch(canonical_request(context.request, text.partition(",")[0].split(";")))
    return error


def _hint(fault: Fault) -> dict[str, str]:
    """Return the header that says when to try again: milliseconds for the first two, seconds for Retry-After."""
    hint, value = fault.params.get("hint", "none"), fault.params.get("value")
    if hint == "x-ratelimit-user-api":
        return {hint: f"Limit:10,Remain:0,TimeLeft:{value}"}
    return {} if hint == "none" else {hint: str(value)}


def _raw(fault: Fault, real: Response) -> Response:
    """Return the answers that are no good JSON of the usual size."""
    params = fault.params
    if fault.kind == "html_502":
        return plain(502, _HTML.encode(), "text/html")
    if fault.kind == "redirect":
        answer = plain(int(params["status"]), b"")
        answer.headers["location"] = str(params["url"])
        return answer
    if fault.kind == "empty_body":
        return plain(int(params["status"]), b"")
    body = b"".join(real.chunks)
    if fault.kind == "broken_json":
        return plain(int(params["status"]), body[: max(1, len(body) // 2)])
    opening = body[:-1] + (b"," if len(body) > 2 else b"")
    if fault.kind == "deep_json":
        depth = int(params["depth"])
        return plain(real.status, opening + b'"nested":' + b"[" * depth + b"]" * depth + b"}")
    return Response(real.status, _padded(opening, int(params["bytes"])))


def _padded(opening: bytes, size: int) -> Iterator[bytes]:
    """Yield a valid JSON object that has about `size` bytes of padding."""
    yield opening + b'"padding":"'
    block = b"x" * 65_536
    for start in range(0, size, len(block)):
        yield block[: min(len(block), size - start)]
    yield b'"}'


_LISTS = ("rayClusters", "rayJobs", "workspaces", "queues", "networkServices", "releaseVersions", "members")
_STATES = ("state", "status", "workspaceStatus", "queueStatus")
_PARTS = ("headSpec", "data", "workspace")
_PART_LISTS = ("workerSpec", "workerSpecs", "objectList")


def _mutate(fault: Fault, data: Json) -> Json:
    """Return the answer's data with wrong types, unknown fields or an unknown state."""
    if fault.kind == "wrong_types":
        return {key: value if key == "requestId" else _wrong(value) for key, value in data.items()}
    result = dict(data)
    for key in _LISTS:
        if isinstance(result.get(key), list):
            result[key] = [_mutate(fault, row) for row in result[key]]
    if fault.kind == "unknown_state":
        return result | {key: fault.params["state"] for key in _STATES if key in result}
    extra = {"futureField": {"nested": [1, None, "text"]}, "futureFlag": True}
    for key in _PARTS:
        if isinstance(result.get(key), dict):
            result[key] = result[key] | extra
    for key in _PART_LISTS:
        if isinstance(result.get(key), list):
            result[key] = [part | extra for part in result[key]]
    return result | extra


def _wrong(value: object) -> object:
    """Return something of another JSON type."""
    if isinstance(value, (bool, int, float)):
        return {"value": value}
    if isinstance(value, str):
        return [value]
    return "text instead"
