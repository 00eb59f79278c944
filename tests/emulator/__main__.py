# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.emulator`: run the emulator until it is told to stop."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from .core import WORKSPACE, Core, default_accounts
from .faults import Fault
from .limits import Limits
from .rules import Rules, Timing, pairs
from .server import bind, make_server
from .service_description import ServiceDescription
from .signature import Account


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    result = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    result.add_argument("--host", default="127.0.0.1", help="loopback address to bind (default %(default)s)")
    result.add_argument("--port", type=int, default=8080, help="port, 0 for a free one (default %(default)s)")
    result.add_argument("--rule", action="append", default=[], metavar="NAME=VALUE", help="a rule, repeatable")
    result.add_argument("--rules-from", type=Path, metavar="FILE", help="rules, timing, limits, faults as a JSON file")
    result.add_argument("--rules", default="{}", metavar="JSON", help="rules as one JSON object")
    result.add_argument("--timing", action="append", default=[], metavar="NAME=SECONDS", help="a duration, repeatable")
    result.add_argument("--limit", action="append", default=[], metavar="NAME=VALUE", help="a limit, repeatable")
    result.add_argument("--region", default="cn-hangzhou", help="region (default %(default)s)")
    result.add_argument("--workspace", action="append", default=[], metavar="ID", help=f"default {WORKSPACE}")
    result.add_argument("--access-key", metavar="ID:SECRET[:TOKEN]", action="append", default=[], help="a further key")
    result.add_argument("--real-ray", action="store_true", help="a real Ray head behind each running cluster")
    result.add_argument("--ready-file", type=Path, help="file that gets the URL when the server is ready")
    return result


def make_core(options: argparse.Namespace) -> Core:
    """Return the emulator that the options describe; raises ValueError."""
    rules, timing, limits = Rules(), Timing(), Limits()
    described = ServiceDescription.read(options.rules_from) if options.rules_from else ServiceDescription()
    for part, values in ((rules, described.rules), (timing, described.timing), (limits, described.limits)):
        part.set(values)
    rules.set(json.loads(options.rules))
    rules.set(pairs(options.rule))
    timing.set(pairs(options.timing))
    limits.set(pairs(options.limit))
    accounts = default_accounts()
    for text in options.access_key:
        parts = text.split(":", 2)
        if len(parts) < 2 or not all(parts[:2]):
            raise ValueError("--access-key takes ID:SECRET or ID:SECRET:TOKEN")
        accounts.append(Account(*parts))
    core = Core(
        rules=rules,
        timing=timing,
        limits=limits,
        accounts=accounts,
        workspaces=options.workspace or [WORKSPACE],
        region=options.region,
        real_ray=options.real_ray,
    )
    for fault in described.faults:
        core.add_fault(Fault.of(**fault))
    return core


def announce(url: str, ready_file: Path | None) -> None:
    """Say that the server is ready: one line on standard output, and the URL in the file, whole or not at all."""
    print(f"emulator ready at {url}", flush=True)
    if ready_file is not None:
        draft = ready_file.with_name(f"{ready_file.name}.{os.getpid()}")
        draft.write_text(url + "\n", encoding="utf-8")
        draft.replace(ready_file)


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    command_line = parser()
    options = command_line.parse_args(arguments)
    try:
        core = make_core(options)
        sock = bind(options.host, options.port)
    except (ValueError, TypeError, AttributeError, OSError, RuntimeError) as error:
        command_line.error(str(error))
    host, port = sock.getsockname()[:2]
    server = make_server(core)

    def leave(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    # Ours hold before uvicorn installs its own and after it has put them back, so that the exit code is 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)
    core.site.base_url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    # The socket listens already: whoever connects from now on is served.
    announce(core.site.base_url, options.ready_file)
    try:
        server.run(sockets=[sock])
    finally:
        if core.real_ray:
            core.real_ray.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
