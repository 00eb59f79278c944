#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_cluster: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_cluster
short_description: Manage a Ray cluster on Alibaba Cloud EMR Serverless Spark
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Creates, updates, starts, stops, restarts, and deletes one Ray cluster of an EMR Serverless Spark workspace.
  - If an option is not set, the task leaves that setting unchanged. If it is set, it is enforced. Values are compared
    by meaning, so V(8Gi), V(8), and V(8 GiB) are the same memory.
  - The task reads the state of the cluster and never assumes it. If nothing differs, it sends no write request.
options:
  cluster_id:
    description:
      - ID of the cluster. With it, the task never creates a cluster. Fails if the cluster does not exist, except with
        O(state=absent).
      - O(name) is then part of the spec, and a different name renames the cluster.
    type: str
  name:
    description:
      - Name of the cluster, 1 to 64 characters.
      - Without O(cluster_id), the task searches the workspace for this name. If no cluster has it, the task creates
        one. If several have it, the task fails and lists their IDs.
      - Fails if the service stores the name of a new cluster in another spelling. Fails, too, if no cluster has the
        name but one has nearly the same, which differs in case, blanks, or Unicode form only.
    type: str
  state:
    description:
      - V(present) ensures that the cluster exists and has the declared spec. It neither starts nor stops the cluster.
      - V(started) and V(stopped) ensure the same, and that the cluster runs or is stopped.
      - V(restarted) ensures the same, then stops and starts the cluster. A cluster that does not run is started.
      - V(absent) deletes the cluster. A running cluster is stopped first. A cluster in the state V(Error) is deleted
        directly.
      - V(stopped) and V(absent) do not wait until a cluster leaves a state such as V(Starting). The request is sent
        at once. If the service refuses it, the task sends it again when the cluster has settled, or shortly before
        O(wait_timeout) expires.
      - If the service refuses to update a running cluster and the task stops it anyway, the task stops it first and
        updates it then.
    type: str
    choices: [present, started, stopped, restarted, absent]
    default: present
  display_release_version:
    description:
      - Version of the Ray engine as the service spells it, such as V(ray-1.0.0 (Ray 2.47.1, Python 3.12\)).
      - Required to create a cluster.
    type: str
  description:
    description: Description of the cluster. An empty text removes it.
    type: str
  network_service_name:
    description: Name, not ID, of a network connection of the workspace.
    type: str
  head_spec:
    description:
      - Head node, and the autoscaling of the workers.
      - Required to create a cluster, with O(head_spec.queue_name), O(head_spec.cpu), and O(head_spec.memory).
    type: dict
    suboptions:
      queue_name: &queue_name
        description: Queue of the workspace that the node runs in.
        type: str
      cpu: &cpu
        description: Number of cores.
        type: str
      memory: &memory
        description:
          - Memory in GiB, such as V(8Gi). A number without a unit is also in GiB.
          - A number above 4096 needs a unit, such as V(8192Mi), because that number of GiB is probably a mistake.
        type: str
      gpu_spec: &gpu_spec
        description: ECS instance type with the GPU to use, such as V(ecs.gn6i-c4g1.xlarge).
        type: str
      display_release_version:
        description: Engine version of the head, if it differs from that of the cluster.
        type: str
      env: &env
        description:
          - Environment variables. Variables that are not declared are removed. An empty mapping removes all.
          - Values are text without line breaks. Quote numbers and words such as V(yes), since YAML changes
            V(1.10), V(010), V(12:30:00), and V(no). Only the numbers from -7 to 7 are accepted unquoted.
          - Results and diffs hide the values of variables whose names look secret, unless O(return_secrets=true). Such
            names contain C(password), C(secret), C(token), C(key), or C(credential). Other texts, such as
            C(extra_param) and C(ray_start_params), are not hidden. Do not put secrets there.
        type: dict
      ray_start_params: &ray_start_params
        description: Options of C(ray start), such as V(--num-cpus=0 --num-gpus=0). They are split into words as in a
          shell and compared word by word.
        type: str
      replica:
        description: Number of heads, always V(1). This option has no effect. It exists so that you can use the
          C(head_spec) of a result as an option.
        type: int
      enable_auto_scaling:
        description:
          - If V(true), the number of workers follows the load.
          - The autoscaler then controls the number of workers. Between O(worker_spec[].min_replica) and
            O(worker_spec[].max_replica), the task neither compares nor changes it.
        type: bool
      idle_timeout_seconds:
        description: Seconds after which the autoscaler removes an idle worker.
        type: int
      gft_enabled:
        description: If V(true), the control store of Ray (GCS) is fault tolerant and keeps its state in Redis.
        type: bool
      gft_config:
        description: Redis server that stores the state.
        type: dict
        suboptions:
          redis_url:
            description: Address as C(host:port), such as V(10.0.0.1:6379), without a scheme.
            type: str
          redis_username:
            description: User name for Redis.
            type: str
          redis_password:
            description:
              - Password for Redis. It never appears in a result.
              - Sent with every create and update. If the service does not return it, it cannot be compared, and
                a new password alone causes no update.
              - If it is not set and the service does not return it, an update warns that the password could be lost.
                It is lost if the service replaces the whole configuration. A mask such as V(******) is never sent.
            type: str
  worker_spec:
    description:
      - Worker groups, at most 50. O(worker_spec[].group_name) identifies a group. The order does not matter.
      - Required to create a cluster, with at least one group.
    type: list
    elements: dict
    suboptions:
      group_name:
        description: Name of the group, unique in the cluster.
        type: str
        required: true
      worker_type:
        description: Type of the workers, V(CPU) or V(GPU).
        type: str
      replica:
        description: Number of workers, at least 1.
        type: int
      min_replica:
        description: Smallest number of workers under autoscaling, at least 1.
        type: int
      max_replica:
        description: Largest number of workers under autoscaling, at least 1.
        type: int
      queue_name: *queue_name
      cpu: *cpu
      memory: *memory
      gpu_spec: *gpu_spec
      display_release_version:
        description: Engine version of the workers, if it differs from that of the head.
        type: str
      env: *env
      ray_start_params: *ray_start_params
      extra_param:
        description:
          - More parameters of the group, as a mapping or JSON text.
          - Sent with every create and update. If the service does not return it, it causes no update by itself.
        type: json
  volume_ids:
    description: IDs of the managed file directories to mount. The order does not matter. An empty list removes all of
      them.
    type: list
    elements: str
  extra_param:
    description: More parameters of the cluster, as a mapping or JSON text. Compared as JSON.
    type: json
  purge_worker_groups:
    description:
      - V(true) removes worker groups that are not in O(worker_spec). V(false) keeps them.
      - If it is not set, the groups are removed only if every declared group is complete. A group is complete if it has
        O(worker_spec[].queue_name), O(worker_spec[].cpu), and O(worker_spec[].memory), or does not exist yet.
      - Fails before any write, with RV(error.code) V(PurgeUndecided), if it is not set, a group that exists is declared
        only in part, and other groups would be removed.
      - For each removed group, the task warns with the number of its workers. Has no effect without O(worker_spec).
    type: bool
  restart:
    description:
      - V(if_needed) stops and starts a running cluster that does not use its new configuration yet. The service reports
        this in RV(cluster.modified).
      - V(never) keeps it running with its old configuration. Every task that finds such a cluster warns about it.
    type: str
    choices: [never, if_needed]
    default: never
  preflight:
    description:
      - Compare the spec with the workspace before the task creates, updates, or starts the cluster. Fails for unknown
        queues, network services, and engine versions. Fails, too, for a GPU that a queue does not have, and for more
        capacity than a queue has left. The message lists the valid values.
      - Check mode and a run check the same. The check costs one to three more requests, and none if nothing has
        changed.
      - If a cluster does not start yet, the task only warns that a later start would exceed a queue.
      - If the service does not allow one of these requests, the task warns and continues.
    type: bool
    default: true
  max_cu:
    description:
      - The most CU that the cluster may have at its maximum, which under autoscaling is O(worker_spec[].max_replica).
        Fractions are allowed. CU are the larger of all cores and a quarter of all GiB.
      - Fails before anything is sent, also in check mode, if the plan makes the cluster larger than
        that, or starts it while it is larger. The error has RV(error.code) V(GuardrailBroken). The task may still stop
        the cluster or make it smaller.
    type: float
  max_gpus:
    description: The most nodes with a GPU that the cluster may have at its maximum. It fails like O(max_cu).
    type: int
  protected:
    description:
      - If V(true), the cluster is protected from stops, restarts, and deletion. A plan with any of these fails before
        anything is sent, also in check mode. If the task finds only later that a stop or a deletion is needed, it fails
        then.
    type: bool
    default: false
  wait:
    description:
      - If V(true), the task waits until the cluster has its declared state.
      - The task always waits between its own operations, such as for the stop before a restart.
    type: bool
    default: true
  wait_timeout:
    description: Longest total time to wait, in seconds. Fractions are allowed.
    type: float
    default: 900.0
  wait_interval:
    description: Seconds between the first reads of a wait. The interval grows to six times this value. Fractions are
      allowed.
    type: float
    default: 5.0
  return_secrets:
    description:
      - If V(true), the result contains the submit token, the whole dashboard URL with its token, and the values of
        variables whose names look secret.
      - Set C(no_log) on such a task.
    type: bool
    default: false
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details:
      - Returns the whole cluster as a run would leave it. Fields that only the service can know are null.
      - The ID of a cluster that would be created is V((known after create\)). A later task in check mode that gets this
        as O(cluster_id) does nothing, says so in RV(msg), and reports a change.
      - Warns of each restart, stop, and deletion of a running cluster.
      - The prediction assumes that a new cluster is Stopped at first, and that an update of a running cluster waits for
        a restart. Both are likely but not documented.
  diff_mode:
    support: full
    details:
      - The first line shows the run state and its change. The other lines show the fields that are set.
      - Secrets are hidden. A new Redis password shows as a change.
  idempotent:
    support: partial
    details: O(state=restarted) restarts every time.
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster_info
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
- name: Create and start a cluster, or update the existing one to this spec
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    state: started
    display_release_version: ray-1.0.0 (Ray 2.47.1, Python 3.12)
    head_spec:
      queue_name: root_queue
      cpu: 2
      memory: 8Gi
    worker_spec:
      - group_name: cpu
        worker_type: CPU
        queue_name: root_queue
        cpu: 4
        memory: 16Gi
        replica: 2
  register: created

- name: Give the workers more memory, and restart the cluster if it runs
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    cluster_id: "{{ created.cluster_id }}"
    restart: if_needed
    purge_worker_groups: false
    worker_spec:
      - group_name: cpu
        memory: 32Gi

- name: Add an autoscaled group and keep the others
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    purge_worker_groups: false
    head_spec:
      enable_auto_scaling: true
      idle_timeout_seconds: 300
      env:
        STAGE: test
    worker_spec:
      - group_name: gpu
        worker_type: GPU
        queue_name: gpu_queue
        gpu_spec: ecs.gn6i-c4g1.xlarge
        cpu: 4
        memory: 15Gi
        replica: 1
        min_replica: 1
        max_replica: 8

- name: Scale a group to four workers, and restart the cluster if it runs
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    restart: if_needed
    purge_worker_groups: false
    worker_spec:
      - group_name: cpu
        replica: 4

- name: Restart a cluster even if its configuration has not changed
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    state: restarted

- name: Set environment variables on the head and on the workers of one group
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    purge_worker_groups: false
    head_spec:
      env:
        STAGE: production
        DEBUG: "no"
    worker_spec:
      - group_name: cpu
        env:
          OMP_NUM_THREADS: "4"

- name: Keep the state of the control store in Redis
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    head_spec:
      gft_enabled: true
      gft_config:
        redis_url: 10.0.0.1:6379
        redis_username: ray
        redis_password: "{{ vault_redis_password }}"

- name: Update a cluster within limits, and never interrupt it
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    description: nightly training
    max_cu: 200
    max_gpus: 8
    protected: true

- name: Stop paying for it over night
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    name: training
    state: stopped

- name: Delete it by its ID, for example because another cluster has the same name
  rayops.alicloud.emr_ray_cluster:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    cluster_id: "{{ created.cluster_id }}"
    state: absent

# Ad hoc, with the region, the workspace, and the credentials from the environment:
#   ansible localhost -m rayops.alicloud.emr_ray_cluster -a 'name=training state=stopped'
#   ansible localhost -m rayops.alicloud.emr_ray_cluster -a 'name=training state=restarted' --check --diff
#   ansible localhost -m rayops.alicloud.emr_ray_cluster -a 'name=training state=absent'
"""

RETURN = r"""
changed:
  description: V(true) if the task changed something or, in check mode, would change it.
  type: bool
  returned: always
msg:
  description: The plan in one line, with the operations that the task did or, in check mode, would do.
  type: str
  returned: always
  sample: "training (ray-k7nm8ahl5te4tg91): update, stop, start: RESTARTS a running cluster; cpu.memory 16Gi → 32Gi"
cluster_id:
  description: ID of the cluster, or null if it does not exist. V((known after create\)) if a run would create it.
  type: str
  returned: always
  sample: ray-k7nm8ahl5te4tg91
actions:
  description: The operations that the task did or, in check mode, would do, in order.
  type: list
  elements: str
  returned: always
  sample: [update, stop, start]
adopted:
  description:
    - How the task identified the cluster after the response to its create was lost. The service has no token that
      makes a create repeatable, so the task searches for the name instead.
  type: str
  returned: when the answer to a create was lost
  sample: "the response to its create was lost (no response within 30 s from
    emr-serverless-spark.cn-hangzhou.aliyuncs.com:443), and then it existed"
capacity:
  description:
    - Size of the cluster at its minimum, as declared, and at its maximum, running or not. Null if it no longer
      exists. Without autoscaling, all three are the same.
    - Each has C(cpu) (cores), C(memory_gib), C(cu), C(queue_cu), and C(gpus), the number of nodes by C(gpu_spec).
    - C(cu) is the size that a bill counts, the larger of all cores and a quarter of all GiB.
    - C(queue_cu) is the size that the queues must hold. It is the sum over all nodes of the larger of the node's
      cores and a quarter of its GiB. A number is null if a value of the service is unreadable.
    - The same as RV(cluster.capacity).
  type: dict
  returned: always
  contains: &capacity
    minimum:
      description: With C(min_replica) workers in each group, if autoscaling is on.
      type: dict
      sample: {cpu: 6, memory_gib: 24, gpus: {}, cu: 6, queue_cu: 6}
    declared:
      description: With C(replica) workers in each group.
      type: dict
      sample: {cpu: 10, memory_gib: 40, gpus: {}, cu: 10, queue_cu: 10}
    maximum:
      description: With C(max_replica) workers in each group, if autoscaling is on.
      type: dict
      sample: {cpu: 34, memory_gib: 136, gpus: {}, cu: 34, queue_cu: 34}
capacity_delta:
  description:
    - Change of the running size. A stopped cluster counts as zero, so a stop subtracts the whole size and a start
      adds it.
    - Computed from the spec. A running cluster that is updated gets its new size with the next restart.
  type: dict
  returned: success, or if the task did something before it failed
  contains: *capacity
changes:
  description: The differences between the cluster and its declaration.
  type: list
  elements: dict
  returned: success
  contains:
    field:
      description: Path of the option, with worker groups by name. V(state) for the run state.
      type: str
      sample: worker_spec[cpu].memory
    before:
      description: Value before.
      type: raw
      sample: 16Gi
    after:
      description: Value after.
      type: raw
      sample: 32Gi
    why:
      description: Reason for the change.
      type: str
      sample: the declared value differs
cluster:
  description: The final cluster or, in check mode, the predicted one. Null if it no longer exists. Fields that the
    service did not return are null.
  type: dict
  returned: always
  contains:
    cluster_id:
      description: ID of the cluster.
      type: str
      sample: ray-k7nm8ahl5te4tg91
    name:
      description: Name of the cluster.
      type: str
    state:
      description: V(Starting), V(Running), V(Stopping), V(Stopped), V(Error), or a state that is newer than this
        collection.
      type: str
      sample: Running
    message:
      description: Message of the service, mostly in the state V(Error).
      type: str
    capacity:
      description: Size of the cluster, as RV(capacity).
      type: dict
    modified:
      description: V(true) if the configuration was changed after the cluster was started.
      type: bool
    display_release_version:
      description: Version of the Ray engine.
      type: str
    description:
      description: Description of the cluster.
      type: str
    network_service_name:
      description: Name of the network connection.
      type: str
    extra_param:
      description: More parameters, as JSON text.
      type: str
    volume_ids:
      description: IDs of the mounted file directories.
      type: list
      elements: str
    head_spec:
      description:
        - The head node, with the keys of O(head_spec) and C(replica). C(env) is a mapping.
        - C(gft_config.redis_password) is always null.
      type: dict
    worker_spec:
      description: The worker groups, each with the keys of O(worker_spec). C(env) is a mapping.
      type: list
      elements: dict
    instance_id:
      description: ID of the current run.
      type: str
      sample: ray-k7nm8ahl5te4tg91-ey7blpbg
    instances:
      description: >-
        The pods, each with C(instance_id), C(type), C(phase), C(reason), C(message), C(create_time), C(start_time),
        C(container_state), C(container_state_reason), C(container_state_message), and C(container_exit_code).
      type: list
      elements: dict
    dashboard_url:
      description: Address of the dashboard. It contains its token only with O(return_secrets).
      type: str
    grpc_endpoint:
      description: Address for Ray clients, inside the network.
      type: str
    job_url:
      description: Public address for submitting Ray jobs.
      type: str
    job_url_inner:
      description: Internal address for submitting Ray jobs.
      type: str
    submit_token:
      description: Token for submitting Ray jobs. Null unless O(return_secrets).
      type: str
    create_time:
      description: Time when the cluster was created, in milliseconds since the epoch.
      type: int
    modified_time:
      description: Time when the cluster was last modified, in milliseconds since the epoch.
      type: int
    start_time:
      description: Time when the cluster was last started, in milliseconds since the epoch.
      type: int
    creator:
      description: ID of the user who created the cluster.
      type: str
    creator_name:
      description: Name of the user who created the cluster.
      type: str
    modifier:
      description: ID of the user who last modified the cluster.
      type: str
    modifier_name:
      description: Name of the user who last modified the cluster.
      type: str
    user_id:
      description: ID of the account.
      type: str
error:
  description: Details of the error.
  type: dict
  returned: failure
  contains:
    operation:
      description: Operation of the API that failed; null if no request caused the error.
      type: str
      sample: UpdateRayCluster
    code:
      description: Error code of the service or of this collection.
      type: str
      sample: OperationDenied
    message:
      description: Reason for the failure.
      type: str
    request_id:
      description: ID of the request, for Alibaba Cloud's support.
      type: str
    http_status:
      description: HTTP status of the response.
      type: int
      sample: 400
    hint:
      description: Next step, if it is known.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.cluster import CLUSTER_OPTIONS
from ..module_utils._cluster.run import run_cluster
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=CLUSTER_OPTIONS, supports_check_mode=True), run_cluster)


if __name__ == "__main__":
    main()
