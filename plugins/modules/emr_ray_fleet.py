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
  - Creates, updates, starts, stops, restarts and deletes the Ray clusters of one EMR Serverless Spark workspace,
    each as
    M(rayops.alicloud.emr_ray_cluster) would, several at a time.
  - One list of the workspace serves all of them. A cluster is read by itself only where the list cannot show that it
    is as declared, and while many clusters are waited for the list is read, not each of them.
  - A cluster that fails does not stop the others, unless O(batch_size) or O(max_failures) says so. The task fails
    in the
    end, and its result tells of every cluster.
  - A task that was interrupted goes on where it stopped when it is run again.
options:
  clusters:
    description:
      - The clusters, each with the options of M(rayops.alicloud.emr_ray_cluster).
      - No name and no id may be declared twice.
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
        description: Name, not id, of a network connection of the workspace.
        type: str
      head_spec: &shared_head_spec
        description:
          - The head node, and the autoscaling of the workers.
          - Required to create a cluster, with C(head_spec.queue_name), C(head_spec.cpu) and C(head_spec.memory).
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
              - Memory in GiB, such as V(8Gi). A number without a unit is GiB too.
              - A number above 4096 needs a unit, such as V(8192Mi), since it can hardly be meant in GiB.
            type: str
          gpu_spec: &gpu_spec
            description: ECS instance type with the GPU to use, such as V(ecs.gn6i-c4g1.xlarge).
            type: str
          display_release_version:
            description: Engine version of the head, where it differs from that of the cluster.
            type: str
          env: &env
            description:
              - Environment variables. The declared ones are all there are; an empty mapping removes them.
              - Values are text without line breaks. Quote numbers and words such as V(yes), since YAML changes
                V(1.10), V(010), V(12:30:00), and V(no). Only the numbers from -7 to 7 are taken unquoted.
              - Results and diffs hide the values of variables whose names look secret, unless C(return_secrets) is
                true. Such names contain C(password), C(secret), C(token), C(key), or C(credential). Other texts, such
                as C(extra_param) and C(ray_start_params), are not hidden. Do not put secrets there.
            type: dict
          ray_start_params: &ray_start_params
            description: Options of C(ray start), such as V(--num-cpus=0 --num-gpus=0). Compared word by word, as a
              shell
              splits.
            type: str
          replica:
            description: Number of heads, always V(1). The option changes nothing. With it, the C(head_spec) of a result
              works as an option.
            type: int
          enable_auto_scaling:
            description:
              - Whether the number of workers follows the load.
              - The number of workers then belongs to the autoscaler. As long as it is within
                C(worker_spec[].min_replica)
                and C(worker_spec[].max_replica), it is not compared with C(worker_spec[].replica) and not changed.
            type: bool
          idle_timeout_seconds:
            description: Seconds after which the autoscaler removes an idle worker.
            type: int
          gft_enabled:
            description: Whether the control store of Ray (GCS) is fault tolerant, with its state kept in Redis.
            type: bool
          gft_config:
            description: The Redis that keeps the state.
            type: dict
            suboptions:
              redis_url:
                description: Address as C(host:port), such as V(10.0.0.1:6379), without a scheme.
                type: str
              redis_username:
                description: User.
                type: str
              redis_password:
                description:
                  - Password. It never appears in a result.
                  - It is sent with every create and update. Where the service does not give it back it cannot be
                    compared, so a new password alone causes no update.
                type: str
      worker_spec: &shared_worker_spec
        description:
          - The worker groups, at most 50. C(worker_spec[].group_name) identifies a group. The order does not matter.
          - Required to create a cluster, with at least one group.
        type: list
        elements: dict
        suboptions:
          group_name:
            description: Name of the group, unique in the cluster.
            type: str
            required: true
          worker_type:
            description: Kind of the workers, V(CPU) or V(GPU).
            type: str
          replica:
            description: Number of workers, at least 1.
            type: int
          min_replica:
            description: Least number of workers under autoscaling, at least 1.
            type: int
          max_replica:
            description: Largest number of workers under autoscaling, at least 1.
            type: int
          queue_name: *queue_name
          cpu: *cpu
          memory: *memory
          gpu_spec: *gpu_spec
          display_release_version:
            description: Engine version of the workers, where it differs from that of the head.
            type: str
          env: *env
          ray_start_params: *ray_start_params
          extra_param:
            description:
              - More parameters of the group, as a mapping or JSON text.
              - It is sent with every create and update. Where the service does not give it back it causes no update
                by
                itself.
            type: json
      volume_ids: &shared_volume_ids
        description: Ids of the managed file directories to mount. Their order means nothing; an empty list removes
          all.
        type: list
        elements: str
      extra_param: &shared_extra_param
        description: More parameters of the cluster, as a mapping or JSON text. Compared as JSON.
        type: json
      purge_worker_groups: &shared_purge_worker_groups
        description:
          - V(true) removes worker groups that are not in C(worker_spec). V(false) keeps them.
          - If it is not set, the groups are removed where every declared group is complete. A group is complete if it
            has C(worker_spec[].queue_name), C(worker_spec[].cpu) and C(worker_spec[].memory), or does not exist yet.
          - Fails before any write, with C(error.code) V(PurgeUndecided), if it is not set, a group that exists is
            declared in part, and other groups would be removed.
          - Each removed group is a warning with the number of its workers. Means nothing without C(worker_spec).
        type: bool
      restart: &shared_restart
        description:
          - V(if_needed) stops and starts a running cluster that does not have its configuration yet, which the
            service tells in C(cluster.modified).
          - V(never) keeps it running with its old configuration. Every task that finds such a cluster warns about it.
        type: str
        choices: [never, if_needed]
      preflight: &shared_preflight
        description:
          - Before the task creates, updates, or starts the cluster, compare the spec with what the workspace has.
            Fails for unknown queues, network services, and engine versions, for a GPU that a queue does not have, and
            for more capacity than a queue has left. The message lists the valid values.
          - The answer is the same in check mode and in a run. It costs one to three more requests, and none if
            nothing has changed.
          - If the service does not allow one of these requests, the task warns and continues.
        type: bool
      max_cu: &shared_max_cu
        description:
          - The most CU that the cluster may have at its maximum, which under autoscaling is
            C(worker_spec[].max_replica). Fractions are allowed. CU are the larger of all cores and a quarter of all
            GiB.
          - A plan that makes the cluster larger than that, or starts it while it is, fails before anything is sent,
            in check mode as well, with C(error.code) V(GuardrailBroken). The task may still stop the cluster or make
            it smaller.
        type: float
      max_gpus: &shared_max_gpus
        description: The most nodes with a GPU that the cluster may have at its maximum; otherwise as C(max_cu).
        type: int
      protected: &shared_protected
        description:
          - If V(true), the cluster is protected from stops, restarts, and deletion. A plan with any of these fails
            before anything is sent, in check mode as well, and so does a stop or a deletion that turns out to be
            needed only later.
        type: bool
      wait: &shared_wait
        description:
          - If V(true), the task waits until the cluster has its declared state.
          - The task always waits between its own operations, such as for the stop before a restart.
        type: bool
      wait_timeout: &shared_wait_timeout
        description: Seconds that the task may spend waiting in all. Fractions are allowed.
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
      - Options for all O(clusters), under those that a cluster has itself. Mappings, such as C(head_spec) and its
        C(env), are merged key by key; lists, such as C(worker_spec), are replaced as a whole.
      - What is set in neither place has the default that M(rayops.alicloud.emr_ray_cluster) gives it.
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
    description: How many requests may be under way at the same time, 1 to 100. Clusters that are only waited for do
      not
      count.
    type: int
    default: 10
  requests_per_second:
    description:
      - The most requests that are sent in a second, all clusters, retries and waits taken together. Fractions are
        allowed.
      - Without it the task sends as fast as the service answers, and waits when the service asks for it.
    type: float
  batch_size:
    description:
      - How many clusters are worked on before the next ones are begun. Clusters with nothing to do do not count.
      - The first batch is the canary. If one of its clusters fails, no other batch is begun.
    type: int
  max_failures:
    description:
      - How many clusters may fail. With one more, no other cluster is begun; what has been begun is brought to its
        end.
      - Without it all clusters are tried.
    type: int
  prune:
    description:
      - What to do with the clusters that match O(prune_pattern) and are not declared in O(clusters), neither by
        name nor
        by id.
      - V(stop) stops those that run. V(delete) stops and deletes them. V(off) leaves them alone.
      - It happens at the very end, and only if no declared cluster failed. In check mode they are listed in
        RV(pruned).
      - A cluster whose name differs from a declared one in case, blanks, or Unicode form only is never pruned.
    type: str
    choices: ["off", stop, delete]
    default: "off"
  prune_pattern:
    description:
      - Which names O(prune) is about, as a shell pattern for the whole name such as V(ci-*). With a leading V(~) it
        is a
        regular expression for the whole name, such as V(~ci-[0-9]+).
      - Required when O(prune) is not V(off).
    type: str
  max_prune:
    description: The most clusters that O(prune) may take. If more match, the task fails before it changes anything.
    type: int
    default: 10
  max_cu:
    description:
      - The most CU that the declared clusters may have together, each at its maximum, whether they run or not.
        Fractions
        are allowed.
      - Plans that make them larger than that together, or start or create one while they are, fail before anything is
        sent to any cluster, in check mode as well, with RV(error.code) V(GuardrailBroken).
      - The option of the same name in O(clusters) and O(defaults) is about each cluster.
    type: float
  max_gpus:
    description: The most nodes with a GPU that the declared clusters may have together; otherwise as O(max_cu).
    type: int
  max_stopped_fraction:
    description:
      - The largest part of the clusters that the task may stop, from 0 to 1, those that are stopped to be restarted,
        deleted or pruned included. All declared clusters and those that would be pruned are 1.
      - Otherwise as O(max_cu).
    type: float
  max_deleted:
    description: The most clusters that the task may delete, pruned ones included. Otherwise as O(max_cu).
    type: int
extends_documentation_fragment:
  - rayops.alicloud.common
  - rayops.alicloud.attributes
attributes:
  check_mode:
    support: full
    details:
      - Returns every cluster as it would be, and which ones would be pruned.
      - Warns of each restart, stop and deletion of a running cluster.
      - That a new cluster is at first Stopped, and that an update of a running one waits for a restart, is likely but
        not documented.
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
- name: Three clusters of one kind, one of them larger
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

- name: Roll a new description out, one canary batch of ten first, and stop at the third failure
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

- name: Stop the clusters of continuous integration that nobody declares any more
  rayops.alicloud.emr_ray_fleet:
    region: cn-hangzhou
    workspace_id: w-d2d82aa09155
    prune: stop
    prune_pattern: team-*
    max_prune: 5
    clusters:
      - name: team-a
      - name: team-b

- name: Stop all of them over night
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
  description: Whether anything was done to any cluster, or would be.
  type: bool
  returned: always
msg:
  description: How many clusters changed, or would change, and what that does to running ones.
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
  description: What came of each cluster, in the order of O(clusters).
  type: list
  elements: dict
  returned: when the clusters could be listed
  contains:
    name:
      description: Name of the cluster, or its id where only that is declared.
      type: str
      sample: team-a
    cluster_id:
      description: Id of the cluster; null when there is none. V((known after create\)) where a check would create it.
      type: str
      sample: ray-k7nm8ahl5te4tg91
    changed:
      description: Whether anything was done to this cluster, or would be.
      type: bool
    failed:
      description: Whether this cluster failed. C(msg) and C(error) then say why; otherwise C(msg) is its plan.
      type: bool
    skipped:
      description: Whether this cluster was not begun. C(msg) then says why.
      type: bool
    actions:
      description: The operations that were done, or would be, in their order.
      type: list
      elements: str
      sample: [update, stop, start]
    capacity:
      description: How large the cluster is, as RV(rayops.alicloud.emr_ray_cluster#module:capacity).
      type: dict
    capacity_delta:
      description: By how much more of the cluster runs, as
        RV(rayops.alicloud.emr_ray_cluster#module:capacity_delta).
      type: dict
    changes:
      description: What differs between the cluster and the declaration, as
        RV(rayops.alicloud.emr_ray_cluster#module:changes).
      type: list
      elements: dict
    cluster:
      description:
        - The cluster as it is in the end, or would be, as RV(rayops.alicloud.emr_ray_cluster#module:cluster).
        - Where the list was enough to see that nothing is to be done, what lists do not tell is null.
        - After an update on which no other step depends it is what was sent; it is not read again where the list had
          shown the difference.
      type: dict
    adopted:
      description: How the cluster was recognised when the answer to its create was lost.
      type: str
    msg:
      description: Why the cluster failed or was not begun.
      type: str
    error:
      description: What went wrong, as RV(rayops.alicloud.emr_ray_cluster#module:error).
      type: dict
pruned:
  description: The clusters that were stopped or deleted because nobody declares them, or would be, as RV(clusters).
  type: list
  elements: dict
  returned: when the clusters could be listed
summary:
  description: How many clusters came to what.
  type: dict
  returned: when the clusters could be listed
  contains:
    declared:
      description: How many clusters are declared.
      type: int
    changed:
      description: How many of them were changed, or would be.
      type: int
    unchanged:
      description: How many of them were as declared.
      type: int
    failed:
      description: How many failed, pruned ones included.
      type: int
    skipped:
      description: How many were not begun, pruned ones included.
      type: int
    pruned:
      description: How many were pruned, or would be.
      type: int
    actions:
      description: How often each operation was done, or would be.
      type: dict
      sample: {create: 2, start: 2}
    capacity:
      description: How large the declared clusters are together, whether they run or not, with the keys of
        RV(rayops.alicloud.emr_ray_cluster#module:capacity).
      type: dict
    capacity_running:
      description: The same of those that run in the end, or would.
      type: dict
    capacity_delta:
      description: By how much more runs than before, pruned clusters included.
      type: dict
error:
  description: What went wrong. With the code V(ClustersFailed) it is about some clusters, else about the whole task.
  type: dict
  returned: failure
  contains:
    operation:
      description: Operation of the API that failed; null when no request was the reason.
      type: str
      sample: ListRayCluster
    code:
      description: Code of the error, of the service or of this collection.
      type: str
      sample: ClustersFailed
    message:
      description: Why it failed.
      type: str
    request_id:
      description: Id of the request, for Alibaba Cloud's support.
      type: str
    http_status:
      description: HTTP status of the answer.
      type: int
    hint:
      description: What to do about it, where that is known.
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
