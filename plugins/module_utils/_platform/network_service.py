# Copyright (c) 2026, The rayops.alicloud authors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause
"""Entry point of emr_network_service, shared by the module and the action plugin."""

from __future__ import annotations

from .._api.exactly_once import ResourceKind, with_text
from .._errors import ApiError, ClusterError, ParameterError, Problems
from .._payload import pick
from .._task.context import Result, TaskContext
from .._workspace.fields import NetworkService
from .._workspace.result import network_to_result
from .client import PlatformApi
from .payloads import CreateNetworkService
from .values import Change, check_no_similar, client_token, is_same_set, name_problems, text_problems
from .work import Work, run_work, wait_for_running

CONSOLE = "https://emr-next.console.aliyun.com, Serverless Spark, the workspace, Network connections"
FAILED_STATES = ("failed", "error", "create_failed", "createfailed")
_REQUIRED = ("vpc_id", "vswitch_ids", "security_group_id")

NETWORK_KIND = ResourceKind(
    "network service",
    undecided=ClusterError(
        "", "CreateUndecided", hint="run the task again: it adopts the network service if it exists by then"
    ),
    duplicate=ClusterError("", "NameNotUnique", hint=f"delete the unwanted ones in the console: {CONSOLE}"),
)


def run_network_service(task: TaskContext) -> Result:
    """Create one network service, or report the changes in check mode. Raises TaskFailed."""
    return _NetworkTask(task).run()


class _NetworkTask:
    def __init__(self, task: TaskContext) -> None:
        self.task = task
        self.params = task.params
        self.name = str(task.params.get("name"))
        self.work = Work(task, "network service", self.name)
        hidden = ["security_group_id"] if task.params.get("security_group_id") else []
        self.work.known = {"network_service": None, "not_compared": hidden}

    def run(self) -> Result:
        """Converge. Raises TaskFailed."""
        return run_work(self.task, self.work, self._check, self._converge)

    def _check(self) -> None:
        problems = Problems(name_problems("name", self.params.get("name")))
        problems += text_problems(self.params, "vswitch_ids", "vpc_id", "security_group_id", "type")
        if self.params.get("vswitch_ids") == []:
            problems.append("vswitch_ids: at least one is required")
        problems.raise_any()

    def _converge(self, api: PlatformApi) -> Result:
        row = self.work.read_running(api, lambda: self._find(api))
        if self.params.get("state") == "absent":
            return self._absent(row)
        if row is not None:
            return self._present(api, row)
        missing = [option for option in _REQUIRED if not self.params.get(option)]
        if missing:
            raise ParameterError([f"{option}: is required to create a network service" for option in missing])
        names = [row.get("name") for row in api.list_network_services(api.session.workspace_id).rows]
        check_no_similar("network service", self.name, names)
        self.work.changes = [Change("state", "absent", "present", "the network service does not exist")]
        self.work.after = {key: self.params[key] for key in ("name", *_REQUIRED)}
        if self.task.check_mode:
            predicted = pick(NetworkService, {key: self.params[key] for key in ("name", "vpc_id", "vswitch_ids")})
            self.work.known["network_service"] = network_to_result(predicted)
            return self.work.build_result(["create"], self.work.plan_text(["create"]))
        return self._create(api)

    def _list_rows(self, api: PlatformApi) -> list[NetworkService]:
        page = api.list_network_services(api.session.workspace_id)
        if not page.is_complete:
            raise ApiError("ListNetworkServices", "the service returned only a part of the network services")
        return [row for row in page.rows if row.get("name") == self.name]

    def _find(self, api: PlatformApi) -> NetworkService | None:
        rows = self._list_rows(api)
        if len(rows) > 1:
            ids = ", ".join(str(row.get("network_service_id")) for row in rows)
            raise with_text(NETWORK_KIND.duplicate, f"{len(rows)} network services have this name: {ids}")
        return rows[0] if rows else None

    def _absent(self, row: NetworkService | None) -> Result:
        if row is None:
            return self.work.build_result([], self.work.plan_text([]))
        self.work.doing = "delete"
        raise ClusterError(
            f"it exists ({row.get('network_service_id')}), and the service publishes no operation that deletes one",
            "NoSuchOperation",
            hint=f"delete it in the console: {CONSOLE}",
        )

    def _present(self, api: PlatformApi, row: NetworkService) -> Result:
        self._check_same(row)
        self._check_state(row)
        if self.params.get("wait", True) and not self.task.check_mode:
            row = self._wait(api, row)
        self.work.known["network_service"] = network_to_result(row)
        return self.work.build_result([], self.work.plan_text([]))

    def _check_same(self, row: NetworkService) -> None:
        vswitches = self.params.get("vswitch_ids")
        same = {
            "vpc_id": self.params.get("vpc_id") in (None, row.get("vpc_id")),
            "vswitch_ids": vswitches is None or is_same_set(vswitches, row.get("vswitch_ids")),
            "type": row.get("type") is None or self.params.get("type") in (None, row["type"]),
        }
        wrong = [f"{name} is {row.get(name)!r}, declared {self.params[name]!r}" for name in same if not same[name]]
        if wrong:
            raise ClusterError(
                f"it differs, and the service cannot change it: {'; '.join(wrong)}",
                "CannotChange",
                hint="declare a network service with another name, and set network_service_name of the clusters to it",
            )

    def _check_state(self, row: NetworkService) -> None:
        if str(row.get("state")).lower() in FAILED_STATES:
            reason = network_to_result(row)["state_change_reason"] or "the service returns no reason"
            raise ClusterError(
                f"its state is {row.get('state')}: {reason}",
                "NetworkServiceFailed",
                hint="check that the zone of each vSwitch is one of those on the page about network connections, then "
                f"declare one of another name; delete this one in the console: {CONSOLE}",
            )

    def _create(self, api: PlatformApi) -> Result:
        work, workspace_id = self.work, api.session.workspace_id
        work.doing = "create"
        wait_for_running(work, api, workspace_id)
        body = CreateNetworkService(
            name=self.name,
            vpcId=self.params["vpc_id"],
            vswitchIds=self.params["vswitch_ids"],
            securityGroupId=self.params["security_group_id"],
            type=self.params.get("type") or "NetworkService",
        )
        body["clientToken"] = client_token("network service", workspace_id, body)
        once = work.exactly_once(
            NETWORK_KIND,
            lambda found: api.create_network_service(body, found),
            lambda: [str(row.get("network_service_id")) for row in self._list_rows(api)],
            self.name,
        )
        try:
            work.adopted = once.create().adoption_reason
        except ApiError as error:
            work.find_after_refusal(error, lambda: self._list_rows(api))
        work.done.append("create")
        row = work.wait_until(
            lambda: self._find(api),
            lambda found: found is not None,
            lambda found: "there" if found else "not in the list yet",
            what="for it to appear",
        )
        row = row or {}
        self._check_same(row)
        if self.params.get("wait", True):
            row = self._wait(api, row)
        work.known["network_service"] = network_to_result(row)
        return work.build_result(["create"], work.plan_text(["create"]))

    def _wait(self, api: PlatformApi, row: NetworkService) -> NetworkService:
        def is_running(found: NetworkService | None) -> bool:
            if found is not None:
                self._check_state(found)
            return str((found or {}).get("state")).lower() == "running"

        if is_running(row):
            return row
        found = self.work.wait_until(
            lambda: self._find(api),
            is_running,
            lambda found: f"state {(found or {}).get('state')}",
            what="for it to run",
        )
        return found or row
