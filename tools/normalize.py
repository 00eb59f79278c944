# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rewrite the tarball of a collection, so that the same files produce the same bytes.

`ansible-galaxy collection build` lists files as the folder has them, and keeps times, owners and modes of the machine.

usage: normalize.py TARBALL SECONDS    SECONDS since 1970 is the time that every file gets
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

FIRST = ["MANIFEST.json", "FILES.json"]


def contents(tarball: Path) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """Return the members of a tarball by name."""
    found = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.isfile() else None
            found[member.name] = (member, file.read() if file else b"")
    return found


def ordered(listing: bytes, manifest: bytes) -> tuple[bytes, bytes]:
    """Return FILES.json in the order of names, and the matching MANIFEST.json."""
    files = json.loads(listing)
    files["files"].sort(key=lambda file: (file["name"] != ".", file["name"]))
    listing = json.dumps(files, indent=True).encode()
    about = json.loads(manifest)
    about["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listing).hexdigest()
    return listing, json.dumps(about, indent=True).encode()


def plain(member: tarfile.TarInfo, size: int, seconds: int) -> tarfile.TarInfo:
    """Return a member without the traces of the machine that built it."""
    made = tarfile.TarInfo(member.name)
    made.type, made.linkname = member.type, member.linkname
    made.size, made.mtime = size, seconds
    made.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
    return made


def normalize(tarball: Path, seconds: int) -> None:
    """Rewrite a tarball."""
    found = contents(tarball)
    listing, manifest = ordered(found["FILES.json"][1], found["MANIFEST.json"][1])
    found["FILES.json"] = (found["FILES.json"][0], listing)
    found["MANIFEST.json"] = (found["MANIFEST.json"][0], manifest)
    names = [*FIRST, *sorted(set(found) - set(FIRST))]
    with (
        tarball.open("wb") as raw,
        # The gzip header contains neither the time nor the name of the file.
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for member, data in (found[name] for name in names):
            archive.addfile(plain(member, len(data), seconds), io.BytesIO(data))


if __name__ == "__main__":
    normalize(Path(sys.argv[1]), int(sys.argv[2]))
