# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log files of jobs: a tree of objects in a bucket, its pages, and pre-signed addresses of single objects."""

from __future__ import annotations

from typing import NamedTuple

from . import job_views
from .errors import ApiError, invalid
from .job_model import Job
from .jobs import JobService
from .model import Json
from .oss import Presigner
from .query import whole
from .rules import Rules
from .service_address import ServiceAddress
from .shown_formats import amount, when

GOOD = "1000000"
_MAX_KEYS = 999


class LogFile(NamedTuple):
    """A file as it is now, and when that was written, in milliseconds."""

    text: str
    modified: int


class LogService:
    """ListRayLogs and GetRayLog. Paths are shown with a slash at their start, and taken with or without it."""

    def __init__(self, jobs: JobService, rules: Rules, site: ServiceAddress, presigner: Presigner) -> None:
        self._jobs = jobs
        self._rules = rules
        self._site = site
        self._presigner = presigner

    def list_page(self, workspace_id: str, submission_id: str, query: dict[str, str]) -> Json:
        """ListRayLogs: one page of files, and of folders where a delimiter is given."""
        job = self._find(workspace_id, submission_id)
        if isinstance(job, dict):
            return job
        size = whole(query, "maxKeys", 100)
        if size > _MAX_KEYS:
            raise invalid(f"maxKeys must be 1 to {_MAX_KEYS}")
        bucket = job_views.bucket(job, self._site)
        if query.get("bucketName", bucket) != bucket:
            return self._bad(f"The bucket {query['bucketName']} does not exist.")
        prefix, marker = query.get("prefix") or "/" + job_views.log_folder(job), query.get("marker", "")
        rows = _rows(self.files(job), prefix, query.get("delimiter", ""))
        rest = [row for row in rows if row["path"] > marker]
        page = rest[:size]
        data: Json = {"bucketName": bucket, "prefix": prefix, "delimiter": query.get("delimiter", "")}
        data |= {
            "marker": marker,
            "maxKeys": size,
            "isTruncated": len(rest) > size,
            "objectList": [self._shown(row) for row in page],
        }
        if len(rest) > size:
            data["nextMarker"] = page[-1]["path"]
        return {"code": GOOD, "message": "ok", "data": data}

    def get(self, workspace_id: str, submission_id: str, query: dict[str, str]) -> Json:
        """GetRayLog: the pre-signed address of one file."""
        job = self._find(workspace_id, submission_id)
        if isinstance(job, dict):
            return job
        path, bucket = "/" + query.get("path", "").lstrip("/"), job_views.bucket(job, self._site)
        if path not in self.files(job) or query.get("bucketName", bucket) != bucket:
            return self._bad(f"The log file {path} does not exist.")
        url = self._presigner.url(self._site.oss(bucket), bucket, path[1:], self._rules.log_url_seconds)
        return {"code": GOOD, "message": "ok", "data": {"accessUrl": url}}

    def content(self, bucket: str, key: str) -> bytes | None:
        """Return an object of the bucket as it is now, or None where there is none."""
        parts = key.split("/")
        try:
            job = self._jobs.find(parts[3].removesuffix("_default"))
        except (KeyError, IndexError):
            return None
        file = self.files(job).get("/" + key) if job_views.bucket(job, self._site) == bucket else None
        return None if file is None else file.text.encode()

    def files(self, job: Job) -> dict[str, LogFile]:
        """Return a job's log files by their path; there are no valid values before it runs."""
        grown = job.log_grown(self._jobs.now)
        if job.started is None or grown is None:
            return {}
        root = "/" + job_views.log_folder(job)
        pod = f"{root}{job.pod}/"
        texts = {
            f"{pod}gcs_server.out": "[gcs_server] ready\n",
            f"{pod}raylet.out": "[raylet] ready\n",
            f"{pod}runtime_env/agent.log": "runtime environment ready\n",
        }
        texts |= {root + path: text for path, text in job.performance.files.items()}
        found = {path: LogFile(text, int(job.started * 1000)) for path, text in texts.items()}
        driver = LogFile(job.log(self._jobs.now), int(grown * 1000))
        return {f"{pod}{job.submission_id}_driver.log": driver, **found}

    def _shown(self, row: Json) -> Json:
        return row | {"timeModified": when(row["timeModified"], self._rules), "size": amount(row["size"], self._rules)}

    def _find(self, workspace_id: str, submission_id: str) -> Job | Json:
        """Return the job, or the answer for an unknown one under the rule log_errors."""
        try:
            self._jobs.get(workspace_id, submission_id)
        except ApiError as error:
            if self._rules.log_errors == "status":
                raise
            return self._bad(error.message)
        return self._jobs.find(submission_id)

    def _bad(self, message: str) -> Json:
        """Return an error in the way of these two operations: status 200 and another code."""
        if self._rules.log_errors == "status":
            raise ApiError(404, "RayLog.NotFound", message)
        return {"code": self._rules.log_error_code, "message": message}


def _rows(files: dict[str, LogFile], prefix: str, delimiter: str) -> list[Json]:
    """Return files below a prefix, those behind the next delimiter as one folder, in the order of their paths."""
    start = "/" + prefix.lstrip("/")
    rows: dict[str, Json] = {}
    for path, file in files.items():
        if not path.startswith(start):
            continue
        inner, found, _behind = path[len(start) :].partition(delimiter) if delimiter else (path[len(start) :], "", "")
        shown = start + inner + found
        name = shown.rstrip("/").rpartition("/")[2]
        modified = max(file.modified, rows.get(shown, {}).get("timeModified", 0))
        row = {"name": name, "path": shown, "isDir": bool(found), "timeModified": modified}
        rows[shown] = {**row, "size": 0 if found else len(file.text.encode())}
    return [rows[path] for path in sorted(rows)]
