#!/usr/bin/python
# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module emr_ray_fleet: its contract, and a few lines that hand it to the core."""

from __future__ import annotations

DOCUMENTATION = r"""
module: emr_ray_fleet
short_description: Manage many Ray clusters on Alibaba Cloud EMR Serverless Spark in one task
version_added: 1.0.0
author: The rayops.alicloud authors (@rayops)
description:
  - Creates, updates, starts, stops, restarts, and deletes the Ray clusters of one EMR Serverless Spark workspace. Each
    cluster is managed as by M(rayops.alicloud.emr_ray_cluster), several at a time.
  - One list of the workspace serves all clusters. The task reads a single cluster only if the list cannot show that it
    is as declared. While the task waits for many clusters, it reads the list instead of each cluster.
  - If a cluster fails, the others continue, unless O(batch_size) or O(max_failures) says otherwise. At the end, the
    task fails, and its result reports every cluster.
  - If a task is interrupted, run it again to resume it.
options:
  clusters:
    description:
      - The clusters, each with the options of M(rayops.alicloud.emr_ray_cluster).
      - Fails if two entries declare the same name or the same ID.
    type: list
    elements: dict
    required: true
    suboptions:
      cluster_id:
        description:
          - ID of the cluster. With it, the task never creates a cluster. Fails if the cluster does not exist, except
            with C(state=absent).
          - C(name) is then part of the spec, and a different name renames the cluster.
        type: str
      name:
        description:
          - Name of the cluster, 1 to 64 characters.
          - Without C(cluster_id), the task searches the workspace for this name. If no cluster has it, the task
            creates one. If several have it, the task fails and lists their IDs.
          - Fails if the service stores the name of a new cluster in another spelling. Fails, too, if no cluster has
            the name but one has nearly the same, which differs in case, blanks, or Unicode form only.
        type: str
      state: &shared_state
        description:
          - V(present) ensures that the cluster exists and has the declared spec. It neither starts nor stops the
            cluster.
          - V(started) and V(stopped) ensure the same, and that the cluster runs or is stopped.
          - V(restarted) ensures the same, then stops and starts the cluster. A cluster that does not run is started.
          - V(absent) deletes the cluster. A running cluster is stopped first. A cluster in the state V(Error) is
            deleted directly.
          - V(stopped) and V(absent) do not wait until a cluster leaves a state such as V(Starting). The request is
            sent at once. If the service refuses it, the task sends it again when the cluster has settled, or shortly
            before C(wait_timeout) expires.
          - If the service refuses to update a running cluster and the task stops it anyway, the task stops it first
            and updates it then.
        type: str
        choices: [present, started, stopped, restarted, absent]
      display_release_version: &shared_display_release_version
        description:
          - Version of the Ray engine as the service spells it, such as V(ray-1.0.0 (Ray 2.47.1, Python 3.12\)).
          - Required to create a cluster.
        type: str
      description: &shared_description
        description: Description of the cluster. An empty text removes it.
        type: str
      network_service_name: &shared_network_service_name
        description: Name, not ID, of a network connection of the workspace.
        type: str
      head_spec: &shared_head_spec
        description:
          - Head node, and the autoscaling of the workers.
          - Required to create a cluster, with C(head_spec.queue_name), C(head_spec.cpu), and C(head_spec.memory).
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
              - Results and diffs hide the values of variables whose names look secret, unless C(return_secrets) is
                true. Such names contain C(password), C(secret), C(token), C(key), or C(credential). Other texts, such
                as C(extra_param) and C(ray_start_params), are not hidden. Do not put secrets there.
            type: dict
          ray_start_params: &ray_start_params
            description: Options of C(ray start), such as V(--num-cpus=0 --num-gpus=0). They are split into words as in
              a shell and compared word by word.
            type: str
          replica:
            description: Number of heads, always V(1). This option has no effect. It exists so that you can use the
              C(head_spec) of a result as an option.
            type: int
          enable_auto_scaling:
            description:
              - If V(true), the number of workers follows the load.
              - The autoscaler then controls the number of workers. Between C(worker_spec[].min_replica) and
                C(worker_spec[].max_replica), the task neither compares nor changes C(worker_spec[].replica).
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
                type: str
      worker_spec: &shared_worker_spec
        description:
          - Worker groups, at most 50. C(worker_spec[].group_name) identifies a group. The order does not matter.
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
      volume_ids: &shared_volume_ids
        description: IDs of the managed file directories to mount. The order does not matter. An empty list removes all
          of them.
        type: list
        elements: str
      extra_param: &shared_extra_param
        description: More parameters of the cluster, as a mapping or JSON text. Compared as JSON.
        type: json
      purge_worker_groups: &shared_purge_worker_groups
        description:
          - V(true) removes worker groups that are not in C(worker_spec). V(false) keeps them.
          - If it is not set, the groups are removed only if every declared group is complete. A group is complete if
            it has C(worker_spec[].queue_name), C(worker_spec[].cpu), and C(worker_spec[].memory), or does not exist
            yet.
          - Fails before any write, with C(error.code) V(PurgeUndecided), if it is not set, a group that exists is
            declared only in part, and other groups would be removed.
          - For each removed group, the task warns with the number of its workers. Has no effect without
            C(worker_spec).
        type: bool
      restart: &shared_restart
        description:
          - V(if_needed) stops and starts a running cluster that does not use its new configuration yet. The service
            reports this in C(cluster.modified).
          - V(never) keeps it running with its old configuration. Every task that finds such a cluster warns about it.
        type: str
        choices: [never, if_needed]
      preflight: &shared_preflight
        description:
          - Compare the spec with the workspace before the task creates, updates, or starts the cluster. Fails for
            unknown queues, network services, and engine versions. Fails, too, for a GPU that a queue does not have, and
            for more capacity than a queue has left. The message lists the valid values.
          - Check mode and a run check the same. The check costs one to three more requests, and none if nothing has
            changed.
          - If a cluster does not start yet, the task only warns that a later start would exceed a queue.
          - If the service does not allow one of these requests, the task warns and continues.
        type: bool
      max_cu: &shared_max_cu
        description:
          - The most CU that the cluster may have at its maximum, which under autoscaling is
            C(worker_spec[].max_replica). Fractions are allowed. CU are the larger of all cores and a quarter of all
            GiB.
          - Fails before anything is sent, also in check mode, if the plan makes the cluster larger
            than that, or starts it while it is larger. The error has C(error.code) V(GuardrailBroken). The task may
            still stop the cluster or make it smaller.
        type: float
      max_gpus: &shared_max_gpus
        description: The most nodes with a GPU that the cluster may have at its maximum. It fails like C(max_cu).
        type: int
      protected: &shared_protected
        description:
          - If V(true), the cluster is protected from stops, restarts, and deletion. A plan with any of these fails
            before anything is sent, also in check mode. If the task finds only later that a stop or a deletion is
            needed, it fails then.
        type: bool
      wait: &shared_wait
        description:
          - If V(true), the task waits until the cluster has its declared state.
          - The task always waits between its own operations, such as for the stop before a restart.
        type: bool
      wait_timeout: &shared_wait_timeout
        description: Longest total time to wait, in seconds. Fractions are allowed.
        type: float
      wait_interval: &shared_wait_interval
        description: Seconds between the first reads of a wait. The interval grows to six times this value. Fractions
          are allowed.
        type: float
      return_secrets: &shared_return_secrets
        description:
          - If V(true), the result contains the submit token, the whole dashboard URL with its token, and the values
            of variables whose names look secret.
          - Set C(no_log) on such a task.
        type: bool
  defaults:
    description:
      - Options for all O(clusters). An option of a cluster takes precedence. Mappings, such as C(head_spec) and its
        C(env), are merged key by key. Lists, such as C(worker_spec), are replaced as a whole.
      - An option that is set in neither place has its default from M(rayops.alicloud.emr_ray_cluster).
    type: dict
    suboptions:
      state: *shared_state
      display_release_version: *shared_display_release_version
      description: *shared_description
      network_service_name: *shared_network_service_name
      head_spec: *shared_head_spec
      worker_spec: *shared_worker_spec
      volume_ids: *shared_volume_ids
      extra_param: *shared_extra_param
      purge_worker_groups: *shared_purge_worker_groups
      restart: *shared_restart
      preflight: *shared_preflight
      max_cu: *shared_max_cu
      max_gpus: *shared_max_gpus
      protected: *shared_protected
      wait: *shared_wait
      wait_timeout: *shared_wait_timeout
      wait_interval: *shared_wait_interval
      return_secrets: *shared_return_secrets
  max_parallel:
    description: Number of requests that may be in progress at the same time, 1 to 100. Clusters that the task only
      waits for do not count.
    type: int
    default: 10
  requests_per_second:
    description:
      - The most requests per second, for all clusters, retries, and waits together. Fractions are allowed.
      - If it is not set, the task sends as fast as the service responds, and waits when the service asks for it.
    type: float
  batch_size:
    description:
      - Number of clusters to finish before starting the next batch. Clusters that need no change do not count.
      - The first batch is the canary. If one of its clusters fails, no other batch starts.
    type: int
  max_failures:
    description:
      - Stop starting new clusters after more than this many failures. Clusters that have started are finished.
      - If it is not set, the task tries all clusters.
    type: int
  prune:
    description:
      - Handle the clusters that match O(prune_pattern) and are not declared in O(clusters), neither by name nor by ID.
      - V(stop) stops those that run. V(delete) stops and deletes them. V(off) leaves them unchanged.
      - The task prunes last, and only if no declared cluster failed. In check mode, it lists the clusters in
        RV(pruned).
      - A cluster is never pruned if its name differs from a declared one in case, blanks, or Unicode form only.
    type: str
    choices: ["off", stop, delete]
    default: "off"
  prune_pattern:
    description:
      - Names that O(prune) applies to, as a shell pattern for the whole name, such as V(ci-*). With a leading V(~), it
        is a regular expression for the whole name, such as V(~ci-[0-9]+).
      - Required if O(prune) is not V(off).
    type: str
  max_prune:
    description: The most clusters that O(prune) may stop or delete. Fails before any change if more clusters match.
    type: int
    default: 10
  max_cu:
    description:
      - The most CU that the declared clusters may have together, each at its maximum, whether they run or not.
        Fractions are allowed.
      - Fails before anything is sent to any cluster, also in check mode, if the plan makes the clusters larger than
        that together. Fails, too, if the plan starts or creates a cluster while they are larger. The error has
        RV(error.code) V(GuardrailBroken).
      - The option of the same name in O(clusters) and O(defaults) applies to each cluster.
    type: float
  max_gpus:
    description: The most nodes with a GPU that the declared clusters may have together. It fails like O(max_cu).
    type: int
  max_stopped_fraction:
    description:
      - The largest fraction of the clusters that the task may stop, from 0 to 1. Clusters that are stopped to be
        restarted, deleted, or pruned count, too. The value 1 stands for all declared clusters and those to be pruned.
      - It fails like O(max_cu).
    type: float
  max_deleted:
    description: The most clusters that the task may delete, including pruned ones. It fails like O(max_cu).
    type: int
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details:
      - Returns every cluster as a run would leave it, and the clusters that a run would prune.
      - Warns of each restart, stop, and deletion of a running cluster.
      - The prediction assumes that a new cluster is Stopped at first, and that an update of a running cluster waits for
        a restart. Both are likely but not documented.
  diff_mode:
    support: full
    details: One diff for each cluster that changes. Secrets are not shown.
  idempotent:
    support: partial
    details: A cluster with C(state=restarted) restarts every time.
seealso:
  - module: rayops.alicloud.emr_network_service
  - module: rayops.alicloud.emr_ray_cluster
  - module: rayops.alicloud.emr_ray_cluster_info
  - module: rayops.alicloud.emr_ray_doctor
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
- name: Create and start three similar clusters, one of them with a larger head
  rayops.alicloud.emr_ray_fleet:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    defaults:
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
    clusters:
      - name: team-a
      - name: team-b
      - name: team-c
        head_spec:
          memory: 16Gi

- name: Roll out a new description with a canary batch of ten, and stop at the third failure
  rayops.alicloud.emr_ray_fleet:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    batch_size: 10
    max_failures: 2
    requests_per_second: 20
    defaults:
      description: owned by the platform team
      restart: if_needed
    clusters:
      - name: team-a
      - name: team-b
      - name: team-c

- name: Stop the team clusters that are no longer declared
  rayops.alicloud.emr_ray_fleet:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    prune: stop
    prune_pattern: team-*
    max_prune: 5
    clusters:
      - name: team-a
      - name: team-b

- name: Stop all clusters overnight
  rayops.alicloud.emr_ray_fleet:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    defaults:
      state: stopped
    clusters:
      - name: team-a
      - name: team-b
"""

RETURN = r"""
changed:
  description: V(true) if the task changed a cluster or, in check mode, would change one.
  type: bool
  returned: always
msg:
  description: Number of clusters that changed, or would change, and the effects on running ones.
  type: str
  returned: always
  sample: "3 of 300 Ray clusters change; RESTARTS a running cluster (2)"
plan:
  description: The plan of each cluster that changed, or would change, in one line.
  type: list
  elements: str
  returned: when the clusters could be listed
  sample: ["team-a (ray-k7nm8ahl5te4tg91): update, stop, start: RESTARTS a running cluster; cpu.memory 16Gi → 32Gi"]
clusters:
  description: Result for each cluster, in the order of O(clusters).
  type: list
  elements: dict
  returned: when the clusters could be listed
  contains:
    name:
      description: Name of the cluster, or its ID if only the ID is declared.
      type: str
      sample: team-a
    cluster_id:
      description: ID of the cluster, or null if it does not exist. V((known after create\)) if a run would create it.
      type: str
      sample: ray-k7nm8ahl5te4tg91
    changed:
      description: V(true) if the task changed this cluster or, in check mode, would change it.
      type: bool
    failed:
      description: V(true) if this cluster failed. C(msg) and C(error) then give the reason. Otherwise, C(msg) is its
        plan.
      type: bool
    skipped:
      description: V(true) if the task did not start this cluster. C(msg) then gives the reason.
      type: bool
    actions:
      description: The operations that the task did or, in check mode, would do, in order.
      type: list
      elements: str
      sample: [update, stop, start]
    capacity:
      description: Size of the cluster, as RV(rayops.alicloud.emr_ray_cluster#module:capacity).
      type: dict
    capacity_delta:
      description: Change of the running size, as
        RV(rayops.alicloud.emr_ray_cluster#module:capacity_delta).
      type: dict
    changes:
      description: The differences between the cluster and its declaration, as
        RV(rayops.alicloud.emr_ray_cluster#module:changes).
      type: list
      elements: dict
    cluster:
      description:
        - The final cluster or, in check mode, the predicted one, as
          RV(rayops.alicloud.emr_ray_cluster#module:cluster).
        - If the list showed that the cluster needs no change, fields that lists do not contain are null.
        - After an update that no other step depends on, it contains the values that were sent. If the list had shown
          the difference, the task does not read the cluster again.
      type: dict
    adopted:
      description: How the task identified the cluster after the response to its create was lost.
      type: str
    msg:
      description: Plan of the cluster, or the reason why it failed or was not started.
      type: str
    error:
      description: Details of the error, as RV(rayops.alicloud.emr_ray_cluster#module:error).
      type: dict
pruned:
  description: The undeclared clusters that the task stopped or deleted, or would in check mode, as RV(clusters).
  type: list
  elements: dict
  returned: if the clusters could be listed
summary:
  description: Number of clusters for each outcome.
  type: dict
  returned: if the clusters could be listed
  contains:
    declared:
      description: Number of declared clusters.
      type: int
    changed:
      description: Number of declared clusters that changed, or would change.
      type: int
    unchanged:
      description: Number of declared clusters that needed no change.
      type: int
    failed:
      description: Number of clusters that failed, including pruned ones.
      type: int
    skipped:
      description: Number of clusters that were not started, including pruned ones.
      type: int
    pruned:
      description: Number of clusters that were pruned, or would be.
      type: int
    actions:
      description: Number of times that each operation was done, or would be.
      type: dict
      sample: {create: 2, start: 2}
    capacity:
      description: Total size of the declared clusters, whether they run or not, with the keys of
        RV(rayops.alicloud.emr_ray_cluster#module:capacity).
      type: dict
    capacity_running:
      description: Total size of the clusters that run at the end, or would.
      type: dict
    capacity_delta:
      description: Change of the running size, including pruned clusters.
      type: dict
error:
  description: Details of the error. The code V(ClustersFailed) is about some clusters, others are about the whole task.
  type: dict
  returned: failure
  contains:
    operation:
      description: Operation of the API that failed; null if no request caused the error.
      type: str
      sample: ListRayCluster
    code:
      description: Error code of the service or of this collection.
      type: str
      sample: ClustersFailed
    message:
      description: Reason for the failure.
      type: str
    request_id:
      description: ID of the request, for Alibaba Cloud's support.
      type: str
    http_status:
      description: HTTP status of the response.
      type: int
    hint:
      description: Next step, if it is known.
      type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._argspec.fleet import FLEET
from ..module_utils._fleet.run import run_fleet
from ..module_utils._task.module import run_module


def main() -> None:
    """Run the module."""
    run_module(AnsibleModule(argument_spec=FLEET, supports_check_mode=True), run_fleet)


if __name__ == "__main__":
    main()
