# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-runner's worker with a callback for cancelling, which its command line does not have.

usage: python worker.py PRIVATE_DATA_DIR FLAG     the job is cancelled when the file FLAG appears
"""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_runner.streaming import Worker


def main() -> None:
    """Run the worker on standard input and output."""
    folder, flag = sys.argv[1:]
    Worker(private_data_dir=folder, cancel_callback=Path(flag).exists).run()


if __name__ == "__main__":
    main()
