# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can only be said of the declaration and the cluster together."""

from __future__ import annotations

import pytest

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.fields import MAX_GROUPS
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.spec import merge
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.update_checks import check_merged
from ansible_collections.rayops.alicloud.plugins.module_utils._errors import ParameterError

SIZE = {"queue_name": "q", "cpu": "1", "memory": "1Gi", "replica": 1}


def test_groups_that_stay_count_too() -> None:
    there = {"worker_spec": [{"group_name": f"g{n}", **SIZE} for n in range(MAX_GROUPS)]}
    declared = {"worker_spec": [{"group_name": "one more", **SIZE}]}
    check_merged(there, merge(there, declared, purge=True))
    with pytest.raises(ParameterError, match="more than 50 worker groups"):
        check_merged(there, merge(there, declared, purge=False))
