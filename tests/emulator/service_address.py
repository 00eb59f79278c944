# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The region of the emulator, and the URLs under which it is reached."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Json


@dataclass
class ServiceAddress:
    """`base_url` has no slash at its end; it is empty while there is no server (the pure service in a test)."""

    region: str = "cn-hangzhou"
    base_url: str = ""

    def oss(self, bucket: str) -> str:
        """Return the address of a bucket of the object storage, without a slash at its end."""
        return f"{self.base_url}/_oss/{bucket}" if self.base_url else f"https://{bucket}.oss-{self.region}.aliyuncs.com"

    def job_urls(self, cluster_id: str) -> Json:
        """Return a cluster's public and internal address for Ray jobs."""
        if self.base_url:
            url = f"{self.base_url}/ray/{cluster_id}"
            return {"jobUrl": url, "jobUrlInner": url}
        gateway = f"emr-spark-ray-gateway-{self.region}"
        return {
            "jobUrl": f"https://{gateway}.aliyuncs.com",
            "jobUrlInner": f"http://{gateway}-internal.emr.aliyuncs.com",
        }
