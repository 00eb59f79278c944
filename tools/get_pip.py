# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand in for the get-pip.py that ansible-test downloads to bootstrap its virtual environments.

`ansible-test` reads that script from its cache if it exists. With this one there, no other host than the Python package
index is needed: ensurepip unpacks the pip that comes with Python, and that pip fetches the pinned one.
"""

from __future__ import annotations

import os
import subprocess
import sys


def main() -> int:
    """Install pip into the running environment; the arguments are those of the real get-pip.py."""
    # Read before ensurepip runs, because that points pip at an empty configuration.
    environment = dict(os.environ)
    environment.pop("GET_PIP", None)
    subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL)
    arguments = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
    return subprocess.call([sys.executable, "-m", "pip", "install", "-q", *arguments], env=environment)


if __name__ == "__main__":
    sys.exit(main())
