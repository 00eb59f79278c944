# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print the current pip settings, from files and environment variables, as one pip.conf.

ansible-test hides the environment from the pip that it runs, so an index, a proxy or a certificate that is
named there would be lost. Run it with the Python whose pip settings you need.
"""

from __future__ import annotations

import ast
import configparser
import os
import subprocess
import sys


def main() -> None:
    """Print the file. Values with several lines are indented, as pip reads them."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True)
    parser = configparser.RawConfigParser()
    parser["global"] = {"quiet": "2"}
    proxy = os.environ.get("https_proxy") or os.environ.get("HTTPS_PROXY")
    if proxy:
        parser["global"]["proxy"] = proxy
    for line in listed.stdout.splitlines():
        name, value = line.split("=", 1)
        section, key = name.rsplit(".", 1)
        # pip shows PIP_INDEX_URL as `:env:.index-url`. It overrides the files, so it is listed last.
        section = "global" if section == ":env:" else section
        if section not in parser:
            parser.add_section(section)
        parser[section][key] = ast.literal_eval(value)
    parser.write(sys.stdout)


if __name__ == "__main__":
    main()
