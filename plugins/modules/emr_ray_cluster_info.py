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
  - Clusters have the same fields as in the result of M(rayops.alicloud.emr_ray_cluster).
options:
  cluster_id:
    description: ID of the only cluster to return, with all its fields.
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
      - If V(true), read every cluster with all its fields. This costs one more request for each cluster.
      - The list of a workspace lacks C(extra_param), C(volume_ids), C(instances), C(job_url), C(job_url_inner), and
        C(submit_token). In the head and the workers, it lacks C(display_release_version), C(env), and
        C(ray_start_params). In the head, it also lacks C(gft_enabled) and C(gft_config), and in the workers
        C(extra_param). Without this option, these keys are missing.
    type: bool
    default: false
  as_tasks:
    description:
      - If V(true), also return the clusters as tasks of M(rayops.alicloud.emr_ray_cluster), in RV(tasks), RV(vars),
        RV(tasks_yaml), and RV(vars_yaml). Running these tasks changes nothing.
      - Reads every cluster with all its fields, as O(details) does.
      - If several clusters have one name, their tasks identify them by ID. A field that holds a secret or that no task
        could declare is left out, with a warning.
      - The Redis password becomes a variable to fill in. Unless O(return_secrets=true), so do the values of variables
        in C(env) whose names look secret. RV(secrets) lists them. Other options may hold secrets, too, so write the
        texts with mode C(0600).
    type: bool
    default: false
  tasks_state:
    description:
      - State that the tasks declare. V(present) neither starts nor stops clusters. V(as_is) declares V(started) for
        running clusters and V(stopped) for stopped ones. For clusters in another state, it also declares V(present).
    type: str
    choices: [present, as_is]
    default: present
  return_secrets:
    description:
      - If V(true), the result contains submit tokens, whole dashboard URLs with their tokens, and the values of
        variables whose names look secret. RV(tasks_yaml) and RV(vars_yaml) contain those values, too.
      - Set C(no_log) on such a task.
    type: bool
    default: false
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details: The module only reads.
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

- name: Save the tasks in a file
  ansible.builtin.copy:
    content: "{{ exported.tasks_yaml }}"
    dest: clusters.yml
    mode: "0600"

- name: Read the running clusters
  rayops.alicloud.emr_ray_cluster_info:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    states: [Running]
  register: running

- name: Show the names of clusters that still run with their old configuration
  ansible.builtin.debug:
    msg: "{{ running.clusters | selectattr('modified') | map(attribute='name') | list }}"
"""

RETURN = r"""
clusters:
  description:
    - The clusters, each as in the result RV(rayops.alicloud.emr_ray_cluster#module:cluster) of
      M(rayops.alicloud.emr_ray_cluster). Keys that only a read of a single cluster returns require O(details) or
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
    - The tasks that declare the clusters. They contain no connection options. Set those in C(module_defaults) or in the
      environment.
    - A Redis password is a variable to fill in. For a file, use RV(tasks_yaml). Only this text lets Ansible tell
      templates from text that looks like a template.
  type: list
  elements: dict
  returned: with O(as_tasks)
vars:
  description: The same clusters in the variable C(ray_cluster_clusters), in the format of the role
    P(rayops.alicloud.ray_cluster#role) and of O(rayops.alicloud.emr_ray_fleet#module:clusters).
  type: dict
  returned: with O(as_tasks)
tasks_yaml:
  description: RV(tasks) as the text of a task file.
  type: str
  returned: with O(as_tasks)
vars_yaml:
  description: RV(vars) as the text of a variables file.
  type: str
  returned: with O(as_tasks)
region:
  description: Region of the task, from the option or the environment. Null if only an endpoint is set.
  type: str
  returned: success
  sample: cn-hangzhou
workspace_id:
  description: ID of the workspace, from the option or the environment.
  type: str
  returned: success
  sample: w-d2d82aa09155
secrets:
  description: The variables to fill in, with C(variable), the C(cluster_id) of the cluster, and the C(option) to set.
  type: list
  elements: dict
  returned: with O(as_tasks)
  sample:
    - variable: ray_redis_password_training
      cluster_id: ray-k7nm8ahl5te4tg91
      option: head_spec.gft_config.redis_password
error:
  description: Error details, with C(operation), C(code), C(message), C(request_id), C(http_status), and C(hint).
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
