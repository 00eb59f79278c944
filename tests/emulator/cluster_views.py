# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Responses about clusters: the flat Get, the short rows of a list, and the rules on stored fields."""

from __future__ import annotations

import copy
from typing import Any

from . import cluster_spec as wire
from .model import ERROR, RUNNING, Cluster, Json, Run
from .rules import Rules
from .service_address import ServiceAddress
from .shown_formats import mask, shown, without
from .sizes import cores, decimal, gibibytes
from .text_rules import apply_steps

DEFAULTS: dict[str, Json] = {
    "top": {"description": "", "extraParam": "{}", "volumeIds": []},
    "head": {"enableAutoScaling": False, "idleTimeoutSeconds": 60, "gftEnabled": False, "env": ""},
    "worker": {"workerType": "CPU", "replica": 1, "env": "", "rayStartParams": ""},
}

_RUN_FIELDS = ("instanceId", "dashboardUrl", "grpcEndpoint", "jobUrl", "jobUrlInner", "submitToken", "instances")
_LIST_LACKS = (*wire.TOP_ONLY_IN_GET, "instances", "jobUrl", "jobUrlInner", "submitToken")


def _sizes(node: Json, rules: Rules) -> None:
    """Rewrite cpu and memory as the rule `sizes` says."""
    if rules.sizes == "as_sent":
        return
    for key, unit in (("cpu", ""), ("memory", "Gi" if rules.sizes == "normalized" else "")):
        read = cores if key == "cpu" else gibibytes
        amount = read(node[key]) if isinstance(node.get(key), str) else None
        if amount is not None:
            node[key] = decimal(amount) + unit


def _node(node: Json, rules: Rules, defaults: Json) -> Json:
    result = {**(defaults if rules.defaults == "filled" else {}), **node}
    _sizes(result, rules)
    if rules.env_newline == "trailing" and result.get("env"):
        result["env"] = result["env"].rstrip("\n") + "\n"
    return result


def stored(spec: Json, rules: Rules) -> Json:
    """Return the spec as the service keeps it under the rules on sizes, env and defaults; secrets included."""
    result = copy.deepcopy(spec)
    if rules.defaults == "filled":
        result = {**DEFAULTS["top"], **result}
    if "headSpec" in result:
        result["headSpec"] = _node(result["headSpec"], rules, DEFAULTS["head"])
    if "workerSpec" in result:
        result["workerSpec"] = [_node(group, rules, DEFAULTS["worker"]) for group in result["workerSpec"]]
    return result


def same(one: Json, other: Json, rules: Rules) -> bool:
    """Tell whether two specs mean the same to the service; the order of worker groups does not count."""

    def key(spec: Json) -> Json:
        result = stored(spec, rules)
        result["workerSpec"] = sorted(result.get("workerSpec") or [], key=lambda group: str(group.get("groupName")))
        return result

    return key(one) == key(other)


def _redis(head: Json, rules: Rules) -> None:
    config = head.get("gftConfig")
    if not config or "redisPassword" not in config or rules.redis_password == "clear":
        return
    if rules.redis_password == "masked":
        config["redisPassword"] = mask(config["redisPassword"], rules)
    else:
        del config["redisPassword"]


def _workers(groups: list[Json], rules: Rules) -> list[Json]:
    if rules.worker_extra_param == "hidden":
        groups = [{key: value for key, value in group.items() if key != "extraParam"} for group in groups]
    if rules.worker_order == "reversed":
        return groups[::-1]
    if rules.worker_order == "sorted":
        return sorted(groups, key=lambda group: str(group.get("groupName")))
    return groups


def _pods(run: Run, state: str) -> list[Json]:
    pods: list[Json] = []
    for index, name in enumerate(run.pods):
        pod: Json = {"instanceId": name, "type": "Worker" if index else "Head", "createTime": int(run.started * 1000)}
        if index == 0 and state == ERROR and run.failure:
            failure = run.failure
            pod |= {"phase": failure.phase, "reason": failure.reason, "message": failure.message}
            pod |= {"containerState": "Terminated", "containerStateReason": failure.reason}
            pod |= {"containerStateMessage": "ContainerExit", "containerExitCode": failure.exit_code}
        elif state == RUNNING:
            pod |= {"phase": "Running", "containerState": "Running", "startTime": int(run.started * 1000)}
        else:
            pod |= {"phase": "Pending", "containerState": "Waiting"}
        pods.append(pod)
    return pods


def _run(cluster: Cluster, site: ServiceAddress) -> Json:
    run = cluster.run
    if run is None:
        return {}
    return {
        "instanceId": run.instance_id,
        "dashboardUrl": (
            f"https://emr-ray-gateway-{site.region}.aliyuncs.com/workspace/{cluster.workspace_id}"
            f"/raycluster/{cluster.cluster_id}/dashboard?token={run.dashboard_token}"
        ),
        "grpcEndpoint": f"ray://emr-spark-ray-gateway-{site.region}-internal.emr.aliyuncs.com:80",
        **site.job_urls(cluster.cluster_id),
        "submitToken": run.submit_token,
        "instances": _pods(run, cluster.state),
    }


def _with_nulls(row: Json) -> Json:
    """Add every key that is not set, with null."""
    for key in (*wire.TOP_FIELDS, *_RUN_FIELDS, "startTime"):
        row.setdefault(key, None)
    if row["headSpec"]:
        row["headSpec"] = dict.fromkeys(wire.HEAD_FIELDS) | row["headSpec"]
    known = [key for key in wire.WORKER_FIELDS if key != "extraParam"]
    row["workerSpec"] = [dict.fromkeys(known) | group for group in row["workerSpec"] or []]
    return row


def get_view(cluster: Cluster, rules: Rules, site: ServiceAddress) -> Json:
    """Return the answer of GetRayCluster without its requestId."""
    row: Json = {"clusterId": cluster.cluster_id, **stored(cluster.spec, rules)}
    if "headSpec" in row:
        _redis(row["headSpec"], rules)
        row["headSpec"]["replica"] = 1
    if "workerSpec" in row:
        row["workerSpec"] = _workers(row["workerSpec"], rules)
    row |= {"state": cluster.state, "message": cluster.message, "modified": cluster.modified}
    row |= {"createTime": int(cluster.created * 1000), "modifiedTime": int(cluster.changed * 1000)}
    if cluster.started is not None:
        row["startTime"] = int(cluster.started * 1000)
    row |= {"creator": "200000000000000001", "creatorName": "emulator", "userId": "100000000000000001"}
    row |= {"modifier": "200000000000000001", "modifierName": "emulator"}
    row |= _run(cluster, site)
    if rules.nulls == "null":
        row = _with_nulls(row)
    return shown(row, rules) | copy.deepcopy(cluster.raw)


def _thin(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    return {key: value for key, value in node.items() if key not in wire.NODE_ONLY_IN_GET}


def list_row(cluster: Cluster, rules: Rules, site: ServiceAddress) -> Json:
    """Return the cluster as a row of ListRayCluster, which lacks what only Get gives."""
    row = {key: value for key, value in get_view(cluster, rules, site).items() if key not in _LIST_LACKS}
    if isinstance(row.get("name"), str):
        row["name"] = apply_steps(row["name"], rules.row_name)
    row = without(row, rules.row_omits)
    if "headSpec" in row:
        row["headSpec"] = _thin(row["headSpec"])
    if isinstance(row.get("workerSpec"), list):
        row["workerSpec"] = [_thin(group) for group in row["workerSpec"]]
    return row
