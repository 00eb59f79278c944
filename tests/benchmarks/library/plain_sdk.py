# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same read, written plainly on the official SDK: what a task would cost without this collection."""

from __future__ import annotations

from alibabacloud_emr_serverless_spark20230808.client import Client
from alibabacloud_tea_openapi.models import Config
from ansible.module_utils.basic import AnsibleModule


def main() -> None:
    """Read one cluster."""
    module = AnsibleModule(
        argument_spec={
            "endpoint": {"type": "str", "required": True},
            "access_key_id": {"type": "str", "required": True, "no_log": False},
            "access_key_secret": {"type": "str", "required": True, "no_log": True},
            "workspace_id": {"type": "str", "required": True},
            "cluster_id": {"type": "str", "required": True},
        },
        supports_check_mode=True,
    )
    given = module.params
    client = Client(
        Config(
            access_key_id=given["access_key_id"],
            access_key_secret=given["access_key_secret"],
            endpoint=given["endpoint"],
            protocol="http",
            region_id="cn-hangzhou",
        )
    )
    body = client.get_ray_cluster(given["workspace_id"], given["cluster_id"]).body
    module.exit_json(changed=False, cluster_id=body.cluster_id, state=body.state)


if __name__ == "__main__":
    main()
