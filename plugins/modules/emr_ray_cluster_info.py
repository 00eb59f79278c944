#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_cluster_info: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_cluster_info
short_description: List Ray clusters on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Returns the Ray clusters of an EMR Serverless Spark workspace, all of them or those that match every given option.
  - Clusters look as in the result of M(rayops.alicloud.emr_ray_cluster).
options:
  cluster_id:
    description: Id of the only cluster to return. It is read with all its fields.
    type: str
  name:
    description: Name of the clusters to return. Names need not be unique.
    type: str
  states:
    description: States of the clusters to return, such as V(Running) or V(Error).
    type: list
    elements: str
  details:
    description:
      - Whether to read every cluster with all its fields, which takes one more request for each.
      - The list of a workspace lacks C(extra_param), C(volume_ids), C(instances), C(job_url), C(job_url_inner) and
        C(submit_token), in head and workers C(display_release_version), C(env) and C(ray_start_params), in the head
        C(gft_enabled) and C(gft_config), and in the workers C(extra_param). Without this option these keys are not
        there.
    type: bool
    default: false
  as_tasks:
    description:
      - Whether to return the clusters as tasks of M(rayops.alicloud.emr_ray_cluster) too, in RV(tasks), RV(vars),
        RV(tasks_yaml) and RV(vars_yaml). Running these tasks changes nothing.
      - Reads every cluster with all its fields, as O(details) does.
      - A cluster whose name others have too is meant by its id. A field that holds a secret or that no task could
        declare is left out, and a warning tells so.
      - The Redis password and, unless O(return_secrets=true), the values of variables in C(env) whose names look secret
        become variables to fill in. RV(secrets) lists them. Write the texts with mode C(0600) all the same, since other
        options may hold secrets, too.
    type: bool
    default: false
  tasks_state:
    description:
      - Whether the tasks leave alone which clusters run (V(present)), or declare them V(started) or V(stopped) as they
        are (V(as_is)). Those in another state are V(present) then too.
    type: str
    choices: [present, as_is]
    default: present
  return_secrets:
    description:
      - If V(true), the result contains submit tokens, whole dashboard URLs with their tokens, and the values of
        variables whose names look secret, in RV(tasks_yaml) and RV(vars_yaml) as well.
      - Set C(no_log) on such a task.
    type: bool
    default: false
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is ever changed.
  diff_mode:
    support: N/A
  idempotent:
    support: full
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_doctor
  - module: rayops.alicloud.emr_ray_fleet
  - module: rayops.alicloud.emr_ray_job
  - module: rayops.alicloud.emr_ray_job_info
  - module: rayops.alicloud.emr_ray_job_log
  - module: rayops.alicloud.emr_ray_probe
  - module: rayops.alicloud.emr_workspace
  - module: rayops.alicloud.emr_workspace_info
  - module: rayops.alicloud.emr_workspace_member
  - module: rayops.alicloud.emr_workspace_queue
"""

EXAMPLES = r"""
- name: List all clusters of the workspace
  rayops.alicloud.emr_ray_cluster_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
  register: all

- name: Read one cluster with all its fields
  rayops.alicloud.emr_ray_cluster_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    details: true
  register: training

- name: Read the clusters as tasks
  rayops.alicloud.emr_ray_cluster_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    as_tasks: true
  register: exported

- name: Keep them in a file
  ansible.builtin.copy:
    content: "{{ exported.tasks_yaml }}"
    dest: clusters.yml
    mode: "0600"

- name: Find what runs without its present configuration
  rayops.alicloud.emr_ray_cluster_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    states: [Running]
  register: running

- name: Show their names
  ansible.builtin.debug:
    msg: "{{ running.clusters | selectattr('modified') | map(attribute='name') | list }}"
"""

RETURN = r"""
clusters:
  description:
    - The clusters, each as in the result RV(rayops.alicloud.emr_ray_cluster#module:cluster) of
      M(rayops.alicloud.emr_ray_cluster). Keys that only a read of the single cluster gives are there with O(details) or
      O(cluster_id).
  type: list
  elements: dict
  returned: success
  sample:
    - cluster_id: ray-k7nm8ahl5te4tg91
      name: training
      state: Running
      modified: false
      capacity:
        minimum: {cpu: 10, memory_gib: 40, gpus: {}, cu: 10, queue_cu: 10}
        declared: {cpu: 10, memory_gib: 40, gpus: {}, cu: 10, queue_cu: 10}
        maximum: {cpu: 10, memory_gib: 40, gpus: {}, cu: 10, queue_cu: 10}
tasks:
  description:
    - The tasks that declare the clusters, without connection options, which are for C(module_defaults) or the
      environment.
    - A Redis password is a variable to fill in. Use RV(tasks_yaml) for a file, for only that tells Ansible apart what
      is
      a template and what only looks like one.
  type: list
  elements: dict
  returned: with O(as_tasks)
vars:
  description: The same clusters in the variable C(ray_cluster_clusters), as the role
    P(rayops.alicloud.ray_cluster#role)
    and O(rayops.alicloud.emr_ray_fleet#module:clusters) take them.
  type: dict
  returned: with O(as_tasks)
tasks_yaml:
  description: RV(tasks) as the text of a file of tasks.
  type: str
  returned: with O(as_tasks)
vars_yaml:
  description: RV(vars) as the text of a file of variables.
  type: str
  returned: with O(as_tasks)
region:
  description: Region of the task, from the option or the environment; null if only an endpoint is set.
  type: str
  returned: success
  sample: cn-hangzhou
workspace_id:
  description: ID of the workspace, from the option or the environment.
  type: str
  returned: success
  sample: w-d2d82aa09155
secrets:
  description: The variables to fill in, with C(variable), the C(cluster_id) of the cluster, and the C(option) that it
    is for.
  type: list
  elements: dict
  returned: with O(as_tasks)
  sample:
    - variable: ray_redis_password_training
      cluster_id: ray-k7nm8ahl5te4tg91
      option: head_spec.gft_config.redis_password
error:
  description: What went wrong, with C(operation), C(code), C(message), C(request_id), C(http_status) and C(hint).
  type: dict
  returned: failure
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.cluster import CLUSTER_INFO_OPTIONS
from ..module_utils._cluster.info import run_info
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=CLUSTER_INFO_OPTIONS, supports_check_mode=True), run_info)


if __name__ == "__main__":
    main()
