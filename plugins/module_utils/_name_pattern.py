# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Match names by shell pattern or regular expression. Pure. Private to this collection."""

from __future__ import annotations

import fnmatch
import re


def compile_name_pattern(pattern: str) -> re.Pattern[str]:
    """Return a matcher for whole names: a shell pattern, or with a leading ``~`` a regular expression.

    Raises re.error.
    """
    return re.compile(rf"(?:{pattern[1:]})\Z" if pattern.startswith("~") else fnmatch.translate(pattern))
