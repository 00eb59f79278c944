#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_job_log: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_job_log
short_description: List and fetch the logs of a Ray job on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Lists the log files of a Ray job, and shows the end of one of them, or copies it, whole or its last lines, to the
    machine that runs the task. The job may still run.
  - The service has no logs of jobs that were submitted to a cluster itself, with
    O(rayops.alicloud.emr_ray_job#module:via=cluster).
  - An interrupted copy is gone on with, in the same run and in the next one. The file is there when it is complete.
  - The service hands out addresses that give a log to whoever has them. They are never shown.
options:
  submission_id:
    description: Id of the job.
    type: str
    required: true
  path:
    description:
      - Which log file, by its path or its name as RV(files) has them.
      - Without it the driver's log, which has what the job prints.
    type: str
  dest:
    description:
      - Where to copy the log file to. An existing directory, or a path that ends with C(/), gets a file of the log's
        name.
      - Without it nothing is copied.
      - The directory must exist, and a relative path begins where Ansible was started. The copy has the usual
        permissions of a new file, and the time at which the log was last written.
    type: path
  lines:
    description:
      - Only so many lines of the end of the file. They are written to O(dest), or without it returned as RV(tail).
    type: int
  wait_timeout:
    description: Seconds that fetching the file may take. Fractions are allowed.
    type: float
    default: 3600.0
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is written.
  diff_mode:
    support: none
  idempotent:
    support: full
    details: A file with the size and the time of the log is not fetched again. The log of a job that runs grows.
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

- name: Keep the whole log of the driver
  rayops.alicloud.emr_ray_job_log:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    submission_id: rj-k7nm8ahl5te4tg91
    dest: ./driver.log

- name: Look at its last 20 lines
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
    - The log files of the job, sorted by path. There are none before the job runs.
  type: list
  elements: dict
  returned: success
  contains:
    name:
      description: Name of the file.
      type: str
    path:
      description: Where it is in the storage of the service.
      type: str
    size:
      description: Its size in bytes.
      type: int
    time_modified:
      description: When it was last written, in milliseconds since 1970.
      type: int
  sample:
    - name: rj-k7nm8ahl5te4tg91_driver.log
      path: /w-d2d82aa09155/ray/logs/rj-k7nm8ahl5te4tg91_default/head/rj-k7nm8ahl5te4tg91_driver.log
      size: 1024
      time_modified: 1795334400000
submission_id:
  description: Id of the job.
  type: str
  returned: success
path:
  description: The log file that was taken, by its whole path.
  type: str
  returned: with O(dest) or O(lines)
  sample: /w-d2d82aa09155/ray/logs/rj-k7nm8ahl5te4tg91_default/head/rj-k7nm8ahl5te4tg91_driver.log
dest:
  description: The copy on the machine that runs the task, by its whole path.
  type: str
  returned: with O(dest)
  sample: /home/me/driver.log
size:
  description: Size of RV(dest) in bytes, in check mode as it would be.
  type: int
  returned: with O(dest)
  sample: 1024
tail:
  description: The last lines, with secrets that are known here hidden, without colours, and tabs as spaces.
  type: list
  elements: str
  returned: with O(lines) and without O(dest)
error:
  description: What went wrong, with C(operation), C(code), C(message), C(request_id), C(http_status) and C(hint).
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
