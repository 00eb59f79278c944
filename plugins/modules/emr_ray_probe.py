#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_probe: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_probe
short_description: Determine the behavior of the service by experiments
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Creates small scratch clusters, tries operations on them, infers undocumented behavior of the service, and removes
    the clusters. The playbook C(rayops.alicloud.probe) shows the plan and asks before it runs this module.
  - A run has a cost, because a start uses the capacity of a head and one worker. Check mode shows the plan and the
    highest cost, and only reads.
  - The names of scratch clusters start with C(rayops-probe-) and end with a checksum. The module never writes to any
    other cluster, and submits no job.
  - The module removes its clusters at the end, also after an error or Ctrl-C. If a run is killed, the next run or
    O(state=absent) removes the remaining clusters.
  - If an experiment fails or proves nothing, its questions stay open and the others continue.
  - The recording contains every request and response, with keys, tokens, passwords, and the IDs of accounts, users,
    workspaces, and clusters replaced. Rows of other clusters are replaced entirely.
options:
  state:
    description:
      - V(present) runs the experiments. V(absent) only removes scratch clusters of earlier runs.
    type: str
    choices: [present, absent]
    default: present
  display_release_version:
    description:
      - Ray version of the scratch clusters, such as V(ray-1.0.0 (Ray 2.47.1, Python 3.12\)). Required with
        O(state=present).
    type: str
  queue_name:
    description:
      - Queue of the scratch clusters.
    type: str
    default: root_queue
  cpu:
    description:
      - Cores of the head and of the worker.
    type: int
    default: 1
  memory:
    description:
      - Memory of the head and of the worker, in GiB.
    type: int
    default: 4
  max_cu:
    description:
      - The most compute units (CU) that scratch clusters may use at one time. An experiment that would exceed this
        limit does not run.
    type: float
    default: 20
  max_minutes:
    description:
      - The most minutes that the run may take. Experiments end after four fifths of this time, and the removal takes
        the rest.
    type: float
    default: 60
  max_clusters:
    description:
      - The most clusters that the run creates.
    type: int
    default: 10
  path:
    description:
      - Folder for C(probe.json) and C(recording.jsonl). The module creates the folder. By default, it writes no file.
    type: path
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: Shows the plan and the highest cost. Sends reads only.
  diff_mode:
    support: N/A
  idempotent:
    support: none
    details: With O(state=present), every run creates and removes clusters.
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_cluster_info
  - module: rayops.alicloud.emr_ray_doctor
  - module: rayops.alicloud.emr_ray_fleet
  - module: rayops.alicloud.emr_ray_job
  - module: rayops.alicloud.emr_ray_job_info
  - module: rayops.alicloud.emr_ray_job_log
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: Show the plan and the highest cost of a probe
  rayops.alicloud.emr_ray_probe:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    display_release_version: ray-1.0.0 (Ray 2.47.1, Python 3.12)
  check_mode: true

- name: Probe the service
  rayops.alicloud.emr_ray_probe:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    display_release_version: ray-1.0.0 (Ray 2.47.1, Python 3.12)
    max_minutes: 45
    path: probe

- name: Remove scratch clusters of earlier runs
  rayops.alicloud.emr_ray_probe:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    state: absent
"""

RETURN = r"""
probe:
  description:
    - Content of C(probe.json). C(rules) and C(timing) make the emulator behave like the service. C(probe) has the
      answers.
  type: dict
  returned: success, unless in check mode or with O(state=absent)
  sample:
    rules: {created: stopped, update: patch}
    timing: {starting_seconds: 92.0}
    probe: {version: 1.0.0, date: "2026-11-28"}
report:
  description: The answers as lines for a terminal.
  type: list
  elements: str
  returned: success, unless in check mode or with O(state=absent)
  sample:
    - "State after a create                      created=stopped"
requests:
  description: Number of requests sent.
  type: int
  returned: success, unless in check mode or with O(state=absent)
  sample: 254
files:
  description: Paths of the written files.
  type: list
  elements: str
  returned: if O(path) is set
  sample: [probe/probe.json, probe/recording.jsonl]
plan:
  description: The steps of a run, as lines for a terminal.
  type: list
  elements: str
  returned: in check mode
  sample:
    - Cost at most 20.0 CU hours
at_most:
  description: The limits of the run, and the CU hours that they allow.
  type: dict
  returned: in check mode with O(state=present)
  sample: {clusters: 10, cu: 20.0, minutes: 60.0, cu_hours: 20.0}
leftovers:
  description: IDs of scratch clusters that exist after the run. In check mode, those that a run would remove.
  type: list
  elements: str
  returned: always
  sample: []
removed:
  description: IDs of the scratch clusters that were removed.
  type: list
  elements: str
  returned: with O(state=absent), unless in check mode
  sample: [ray-5bf1b0c8d3e24a17]
error:
  description:
    - Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint). With the code
      V(ScratchLeft), scratch clusters still exist. With V(CannotWrite), O(path) cannot be written.
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.probe import PROBE
from ..module_utils._probe.run import run_probe
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=PROBE, supports_check_mode=True), run_probe)


if __name__ == "__main__":
    main()
