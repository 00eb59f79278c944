#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_job_log: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_job_log
short_description: List and download the logs of a Ray job on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Lists a job's log files and downloads one of them, or its last lines, to the machine that runs the task. It can also
    return the last lines. The job may still be running.
  - The service has no logs of jobs that were submitted directly to a cluster, with
    O(rayops.alicloud.emr_ray_job#module:via=cluster).
  - Interrupted downloads resume, in the same run and in the next one. The file appears when it is complete.
  - The service returns addresses that give access to a log without credentials. The module never shows them.
options:
  submission_id:
    description: ID of the job.
    type: str
    required: true
  path:
    description:
      - Log file to read, by its path or its name as in RV(files).
      - The default is the driver's log, which contains the output of the job.
    type: str
  dest:
    description:
      - Path to download the log file to. If it is an existing directory or ends with C(/), the file gets the name of
        the log.
      - If it is not set, no file is written.
      - The directory must exist. A relative path starts in the directory where Ansible was started. The copy has the
        usual permissions of a new file, and the modification time of the log.
    type: path
  lines:
    description:
      - Read only this many last lines of the file. They are written to O(dest). Without O(dest), they are returned as
        RV(tail).
    type: int
  wait_timeout:
    description: Longest time for downloading the file, in seconds. Fractions are allowed.
    type: float
    default: 3600.0
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: Writes no file.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: A file with the size and the time of the log is not downloaded again. The log of a running job grows.
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_cluster_info
  - module: rayops.alicloud.emr_ray_doctor
  - module: rayops.alicloud.emr_ray_fleet
  - module: rayops.alicloud.emr_ray_job
  - module: rayops.alicloud.emr_ray_job_info
  - module: rayops.alicloud.emr_ray_probe
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: List the log files of a job
  rayops.alicloud.emr_ray_job_log:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    submission_id: rj-k7nm8ahl5te4tg91
  register: logs

- name: Download the whole log of the driver
  rayops.alicloud.emr_ray_job_log:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    submission_id: rj-k7nm8ahl5te4tg91
    dest: ./driver.log

- name: Read its last 20 lines
  rayops.alicloud.emr_ray_job_log:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    submission_id: rj-k7nm8ahl5te4tg91
    lines: 20
  register: end
"""

RETURN = r"""
files:
  description:
    - The log files of the job, sorted by path. The list is empty before the job runs.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Name of the file.
      type: str
    path:
      description: Path of the file in the storage of the service.
      type: str
    size:
      description: Size of the file in bytes.
      type: int
    time_modified:
      description: Time when the file was last written, in milliseconds since the epoch.
      type: int
  sample:
    - name: rj-k7nm8ahl5te4tg91_driver.log
      path: /w-d2d82aa09155/ray/logs/rj-k7nm8ahl5te4tg91_default/head/rj-k7nm8ahl5te4tg91_driver.log
      size: 1024
      time_modified: 1795334400000
submission_id:
  description: ID of the job.
  type: str
  returned: success
path:
  description: Full path of the log file that was read.
  type: str
  returned: with O(dest) or O(lines)
  sample: /w-d2d82aa09155/ray/logs/rj-k7nm8ahl5te4tg91_default/head/rj-k7nm8ahl5te4tg91_driver.log
dest:
  description: Full path of the copy on the machine that runs the task.
  type: str
  returned: with O(dest)
  sample: /home/me/driver.log
size:
  description: Size of RV(dest) in bytes. In check mode, the predicted size.
  type: int
  returned: with O(dest)
  sample: 1024
tail:
  description: The last lines, without colors, and with tabs as spaces. Secrets that the task knows are hidden.
  type: list
  elements: str
  returned: with O(lines) and without O(dest)
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.job import JOB_LOG
from ..module_utils._job.log import run_job_log
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=JOB_LOG, supports_check_mode=True), run_job_log)


if __name__ == "__main__":
    main()
