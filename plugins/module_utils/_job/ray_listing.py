# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""All jobs that a running cluster's own endpoint knows, drivers that nobody submitted among them.

Private to this collection.
"""

from __future__ import annotations

import json
import typing as t

from .._api.retrier import no_recovery
from .._api.transport import Response
from .._errors import ApiError
from .fields import Job
from .ray_api import RayJobClient, ray_error_from_response, read_ray_job

LIST_OPERATION = "RayJobList"


class RayJobListClient(RayJobClient):
    """The list of Ray's REST API."""

    def list_jobs(self) -> t.List[Job]:  # noqa: UP006 - the method has the name of the type
        """Return all jobs of the cluster's present run."""
        request = self._build_request(LIST_OPERATION)

        def attempt(left: float) -> t.List[Job]:  # noqa: UP006
            return read_job_list(self._transport.send(request, min(self._endpoint.settings.timeout, left)))

        jobs: t.List[Job] = self._retrier.run(LIST_OPERATION, attempt, no_recovery)  # noqa: UP006
        return jobs


def read_job_list(answer: Response) -> list[Job]:
    """Return the jobs of an answer. Raises ApiError for any that is not wholly understood."""
    if answer.status != 200:
        raise ray_error_from_response(LIST_OPERATION, answer)
    try:
        items = json.loads(answer.body)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        error = ApiError(
            LIST_OPERATION, "HTTP 200, but the answer is no list of jobs that can be read", http_status=200
        )
        error.unreadable = True
        raise error
    # A driver, such as a notebook that is connected, has no submission_id.
    return [read_ray_job(item, item.get("submission_id")) for item in items]
