# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Python imports this at its start: requests for credentials go to the server in TESTS_CLOUD."""

from __future__ import annotations

import os
import re
from typing import Any

from requests.adapters import HTTPAdapter

CREDENTIAL_SERVER_URL = r"https?://(sts[\w.-]*\.aliyuncs\.com|100\.100\.100\.200|credentials\.internal)(?=[/?:]|$)"
_original_send = HTTPAdapter.send


def send_redirected(self: HTTPAdapter, request: Any, **given: Any) -> Any:
    """Send a request to where it was meant to go, or to what stands in for that."""
    meant = re.match(CREDENTIAL_SERVER_URL, request.url)
    if meant:
        request.headers["x-real-host"] = meant[1]
        request.url = os.environ["TESTS_CLOUD"] + request.url[meant.end() :].removeprefix(":443").removeprefix(":80")
    return _original_send(self, request, **given)


HTTPAdapter.send = send_redirected
