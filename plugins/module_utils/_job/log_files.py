# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""The log files of a job: which there are, their last lines, and a copy on this machine."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import os
import typing as t
from dataclasses import dataclass

from .._api.resumable_download import ResumableDownload
from .._errors import JobError, ParameterError
from .client import JobClient
from .fields import Job
from .responses import LogFile

# The last lines are read from the last bytes: this many first, and more if they hold too few lines.
TAIL_BYTES, MAX_TAIL_BYTES = 64 * 1024, 16 * 1024 * 1024
# The maximum depth of nested folders that are searched for a job's logs.
MAX_FOLDER_DEPTH = 6
NO_LOG_CODE = "NoLog"


class BytesSink:
    """A sink in memory."""

    def __init__(self, most: int = 2 * MAX_TAIL_BYTES) -> None:
        self.data = bytearray()
        self._most = most

    def write(self, data: bytes) -> None:
        """Keep the next bytes; if there are too many, only the last ones."""
        self.data += data
        if len(self.data) > self._most:
            del self.data[: len(self.data) - self._most]

    def restart(self) -> None:
        """Discard all bytes."""
        self.data.clear()

    def mark(self, version: str) -> None:
        """Ignore the version: it is not stored."""


class HashSink:
    """A sink that only compares."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Take the next bytes."""
        self._hash.update(data)

    def restart(self) -> None:
        """Discard all bytes."""
        self._hash = hashlib.sha256()

    def mark(self, version: str) -> None:
        """Ignore the version: it is not stored."""

    def hexdigest(self) -> str:
        """Return the digest of all bytes."""
        return self._hash.hexdigest()


class FileSink:
    """A sink on the disk, which a later run can resume."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._note = f"{path}.version"
        self._file = open(path, "ab")  # noqa: SIM115 - closed by close()

    @property
    def size(self) -> int:
        """Return the number of stored bytes."""
        return self._file.tell()

    @property
    def version(self) -> str | None:
        """Return the version of the object that the bytes belong to, or None if it is not known."""
        try:
            with open(self._note, encoding="utf-8") as note:
                return note.read().strip() or None
        except OSError:
            return None

    def write(self, data: bytes) -> None:
        """Append the next bytes."""
        self._file.write(data)

    def restart(self) -> None:
        """Discard all bytes."""
        self._file.truncate(0)
        self._file.seek(0)

    def mark(self, version: str) -> None:
        """Note the version of the object that the bytes belong to, for a run that resumes the download."""
        with open(self._note, "w", encoding="utf-8") as note:
            note.write(version)

    def close(self) -> None:
        """Close the file; the written bytes remain."""
        self._file.close()


@dataclass
class JobLogFiles:
    """The logs of one job. ``fetcher`` makes what fetches the file behind an address."""

    client: JobClient
    job: Job
    make_download: t.Callable[[t.Callable[[], str]], ResumableDownload]

    def list_files(self) -> list[LogFile]:
        """Return all log files of the job by path, including those in folders."""
        bucket, prefix = self.job.get("log_bucket_name"), self.job.get("log_path")
        if not bucket or not prefix:
            return []
        files_by_path: dict[str, LogFile] = {}
        seen: set[str] = set()
        level, depth = [str(prefix)], 0
        while level and depth < MAX_FOLDER_DEPTH:
            depth += 1
            seen.update(level)
            rows = [
                row for folder in level for row in self.client.list_log_files(self.job["submission_id"], bucket, folder)
            ]
            files_by_path.update({row.path: row for row in rows if not row.is_dir})
            level = sorted({row.path for row in rows if row.is_dir and row.path not in seen})
        return [files_by_path[path] for path in sorted(files_by_path)]

    def select_file(self, files: t.Sequence[LogFile], path: str | None) -> LogFile:
        """Return the file with ``path`` as its whole path or its name; without ``path``, the driver's log."""
        if path is None:
            driver_file = find_driver_log(files, self.job["submission_id"])
            if driver_file is None:
                raise JobError("the job has no driver log", NO_LOG_CODE, hint=_missing_log_hint(self.job))
            return driver_file
        matches = [file for file in files if path in (file.path, file.name, file.basename)]
        exact_matches = [file for file in matches if file.path == path]
        if len(exact_matches or matches) > 1:
            raise ParameterError([f"path: means {len(matches)} files: {', '.join(file.path for file in matches[:20])}"])
        if not matches:
            names = ", ".join(file.path for file in files[:20]) or "none"
            raise JobError(
                f"no log file has the name {path!r}; there are: {names}", NO_LOG_CODE, hint=_missing_log_hint(self.job)
            )
        return (exact_matches or matches)[0]

    def read_tail(self, file: LogFile, lines: int) -> list[str]:
        """Return the last lines of a file, at most ``lines``, from as few bytes as needed."""
        if lines <= 0 or file.size == 0:
            return []
        window = TAIL_BYTES
        while True:
            start = max(0, (file.size or 0) - window)
            memory = BytesSink()
            self._open_download(file).fetch(memory, start)
            found = memory.data.decode("utf-8", "replace").splitlines()
            if start == 0 or len(found) > lines or window >= MAX_TAIL_BYTES:
                # The first line is whole only if it is the first of the file.
                return (found if start == 0 or len(found) == 1 else found[1:])[-lines:]
            window = min(window * 8, MAX_TAIL_BYTES)

    def _open_download(self, file: LogFile) -> ResumableDownload:
        bucket, submission_id = str(self.job["log_bucket_name"]), self.job["submission_id"]
        return self.make_download(lambda: self.client.get_log_url(submission_id, bucket, file.path))

    def is_current(self, file: LogFile, dest: str) -> bool:
        """Return whether a copy matches the listed file: same size, same time."""
        try:
            status = os.stat(dest)
        except OSError:
            return False
        same_time = file.time_modified is not None and int(status.st_mtime) == file.time_modified // 1000
        return status.st_size == file.size and same_time

    def has_same_content(self, file: LogFile, dest: str) -> bool:
        """Return whether a copy of the same size has the same bytes, which requires reading both."""
        if not os.path.isfile(dest) or os.path.getsize(dest) != file.size:
            return False
        digest, own = HashSink(), HashSink()
        self._open_download(file).fetch(digest)
        with open(dest, "rb") as copy:
            for piece in iter(lambda: copy.read(1 << 20), b""):
                own.write(piece)
        return digest.hexdigest() == own.hexdigest()

    def download_to(self, file: LogFile, dest: str) -> int:
        """Copy a file to ``dest`` and return its size; interrupted downloads resume.

        The bytes are stored next to ``dest`` until the file is complete, under a name that identifies the version of
        the file.
        """
        part = FileSink(build_part_path(file, dest))
        try:
            download = self._open_download(file)
            download.version = part.version
            if not part.version:
                part.restart()
            size = download.fetch(part, part.size)
            if part.size != size:
                raise JobError(f"{part.size} bytes of {size} are there", "WrongSize")
        finally:
            part.close()
        publish(part.path, dest, file)
        return size


def set_time(path: str, file: LogFile) -> None:
    """Set the time of a copy to that of its original, if this machine supports such a time."""
    if file.time_modified is not None:
        with contextlib.suppress(OverflowError, ValueError, OSError):
            os.utime(path, (file.time_modified / 1000, file.time_modified / 1000))


def publish(part: str, dest: str, file: LogFile) -> None:
    """Make a complete copy the file at ``dest``, with the time of the original, in one step."""
    set_time(part, file)
    os.replace(part, dest)
    # Partial downloads of other versions are no longer useful.
    for left in glob.glob(f"{glob.escape(_part_path_prefix(dest))}*.part*"):
        with contextlib.suppress(OSError):
            os.unlink(left)


def build_part_path(file: LogFile, dest: str) -> str:
    """Return the path at which the bytes of a file are stored during the download."""
    version = hashlib.sha256(repr((file.path, file.size)).encode()).hexdigest()[:12]
    return f"{_part_path_prefix(dest)}{version}.part"


def _part_path_prefix(dest: str) -> str:
    return os.path.join(os.path.dirname(dest), f".{os.path.basename(dest)}.")


def find_driver_log(files: t.Sequence[LogFile], submission_id: str) -> LogFile | None:
    """Return the log of the job's driver, by the names that the service (``<id>_driver.log``) and Ray give to it."""
    for names in ((f"{submission_id}_driver.log",), (f"job-driver-{submission_id}.log",)):
        for file in files:
            if file.basename in names:
                return file
    drivers = [file for file in files if "driver" in file.basename and file.basename.endswith(".log")]
    return max(drivers, key=lambda file: file.time_modified or 0, default=None)


def _missing_log_hint(job: Job) -> str:
    if job.get("status") in ("Submitted", "Pending"):
        return f"the job is {job['status']}, and has no log before it runs"
    return "logs can appear some time after they are written: try again"
