# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hypothesis draws: values in several spellings, clusters as the service answers them, and declarations."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.models import parse_cluster, parse_spec
from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.plan import Goal
from tests.unit.scenarios.specs import drifted, full_options

Json = dict[str, Any]
Draw = st.DrawFn

STATES = ("Starting", "Running", "Stopping", "Stopped", "Error")
UNKNOWN_STATES = ("Upgrading", "", None)
GOAL_STATES = ("present", "started", "stopped", "restarted", "absent")
GROUP_NAMES = ("a", "b", "ä +~*", "gpu/1")
VERSIONS = ("ray-1.0.0 (Ray 2.47.1, Python 3.12)", "err-1.2.0 (Ray 2.55.1, Python 3.12)")
PASSWORD = "redis-Canary/1"
MASKS = ("******", "••••")

# Neither a line feed nor a carriage return: lines cannot carry them.
_line_characters = st.characters(exclude_categories=("Cs",), exclude_characters="\n\r")


def _is_variable_name(text: str) -> bool:
    return "=" not in text and text == unicodedata.normalize("NFC", text).strip() != ""


def env_maps(min_size: int = 0) -> st.SearchStrategy[dict[str, str]]:
    """Variables that ``KEY=VALUE`` lines can carry."""
    keys = st.text(_line_characters, min_size=1, max_size=6).filter(_is_variable_name)
    return st.dictionaries(keys, st.text(_line_characters, max_size=8), min_size=min_size, max_size=4)


@st.composite
def cpu_spellings(draw: Draw) -> tuple[Decimal, object]:
    """Cores, and one spelling of them."""
    cores = draw(st.sampled_from([Decimal("0.5"), Decimal(1), Decimal(2), Decimal("2.5"), Decimal(10), Decimal(100)]))
    texts: list[object] = [str(cores), f" {cores} ", f"{cores:.2f}"]
    return cores, draw(st.sampled_from([*texts, float(cores)]))


@st.composite
def memory_spellings(draw: Draw) -> tuple[Decimal, object]:
    """GiB, and one spelling of them."""
    size = draw(st.sampled_from([Decimal("0.5"), Decimal(1), Decimal("1.5"), Decimal(8), Decimal(10), Decimal(1024)]))
    unit = draw(st.sampled_from(["", "Gi", "G", "gib", " GB"]))
    texts: list[object] = [f"{size}{unit}", f"{size:.3f}{unit}", f"{int(size * 1024)}Mi", f" {size} Gi"]
    return size, draw(st.sampled_from([*texts, float(size)]))


def json_values() -> st.SearchStrategy[Json]:
    """JSON objects that are not empty."""
    leaves = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4)
    values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=2) | _json_objects(inner, 0), max_leaves=6)
    return _json_objects(values, 1)


def _json_objects(values: st.SearchStrategy[Any], min_size: int) -> st.SearchStrategy[Json]:
    return st.dictionaries(st.text("abä", min_size=1, max_size=2), values, min_size=min_size, max_size=3)


def json_spellings(value: Json, random: Any) -> tuple[str, str]:
    """Return the same JSON as two texts: keys in another order, other spaces, other escapes."""
    keys = list(value)
    random.shuffle(keys)
    other = {key: value[key] for key in keys}
    return json.dumps(value), json.dumps(other, ensure_ascii=False, separators=(" , ", " :"), indent=1)


# Building a strategy costs more than drawing from it, so these are built once and draw from lists.
_CPUS = st.sampled_from([2, "2", "2.0", 4, "0.5"])
_MEMORIES = st.sampled_from(["8Gi", 8, "8 GiB", "8192Mi", "16", "0.5Gi"])
_JSONS = st.sampled_from(['{"a": 1, "b": [2]}', '{"b":[2],"a":1}', '{"a": 2}'])
_BOUNDS = st.sampled_from([{}] + [{"min_replica": low, "max_replica": high} for low, high in ((1, 1), (1, 5), (3, 9))])
_GFT_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "redis_url": st.just("10.0.0.1:6379"),
    "redis_username": st.just("default"),
    "redis_password": st.sampled_from([PASSWORD, "old1"]),
}
_SIZE_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "queue_name": st.sampled_from(["root_queue", "other"]),
    "cpu": _CPUS,
    "memory": _MEMORIES,
}
_NODE_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "gpu_spec": st.sampled_from(["", "ecs.gn6i-c4g1.xlarge"]),
    "display_release_version": st.sampled_from(VERSIONS),
    "env": st.sampled_from([{}, {"A": "1"}, {"A": "2", "ä b": " x=y "}]),
    "ray_start_params": st.sampled_from(["--num-cpus=1", "--num-cpus=0", "--num-cpus=0  --labels='a b'"]),
}
_HEAD_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "enable_auto_scaling": st.booleans(),
    "idle_timeout_seconds": st.sampled_from([0, 60]),
    "gft_enabled": st.booleans(),
    "gft_config": st.fixed_dictionaries({}, optional=_GFT_FIELDS),
}
_WORKER_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "worker_type": st.sampled_from(["CPU", "GPU"]),
    "extra_param": _JSONS,
}
_TOP_LEVEL_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "description": st.sampled_from(["", "text"]),
    "network_service_name": st.sampled_from(["", "vpc"]),
    "extra_param": st.sampled_from(["{}", '{"a": 1, "b": 2}', '{"b":2,"a":1}']),
    "volume_ids": st.sampled_from([[], ["vol-1"], ["vol-1", "vol-2"], ["vol-2", "vol-1"]]),
}


def _draw_other_fields(options: Json, *known: Json) -> None:
    """Add strategies for the plain fields of full options that have none to the first of ``known``."""
    have = {name for fields in known for name in fields}
    for name, value in options.items():
        if name not in have and isinstance(value, (str, int)):
            known[0][name] = st.sampled_from([value, drifted(value)])


_FULL = full_options()
_COMMON = dict.fromkeys(("name", "display_release_version", "group_name", "replica", "min_replica", "max_replica"))
_draw_other_fields(_FULL, _TOP_LEVEL_FIELDS, _COMMON)
_draw_other_fields(_FULL["head_spec"], _HEAD_FIELDS, _NODE_FIELDS, _SIZE_FIELDS)
_draw_other_fields(_FULL["worker_spec"][0], _WORKER_FIELDS, _NODE_FIELDS, _SIZE_FIELDS, _COMMON)


@cache
def head_specs(needed: bool) -> st.SearchStrategy[Json]:
    """A head as a user declares it; ``needed``: with all that a create needs."""
    if needed:
        return st.fixed_dictionaries(_SIZE_FIELDS, optional={**_NODE_FIELDS, **_HEAD_FIELDS})
    return st.fixed_dictionaries({}, optional={**_SIZE_FIELDS, **_NODE_FIELDS, **_HEAD_FIELDS})


@cache
def worker_groups(name: str, needed: bool) -> st.SearchStrategy[Json]:
    """One worker group as a user declares it; bounds come as a pair, so that they fit whatever is there."""
    sizes = {**_SIZE_FIELDS, "replica": st.integers(1, 12)}
    fixed = {"group_name": st.just(name), **(sizes if needed else {})}
    optional = {**_NODE_FIELDS, **_WORKER_FIELDS, **({} if needed else sizes)}
    whole = st.fixed_dictionaries(fixed, optional=optional)
    return st.builds(lambda group, bounds: group | bounds, whole, _BOUNDS)


_NAMES = st.sampled_from(["one", "zwei ä+~*"])
_VERSION = st.sampled_from(VERSIONS)
_COMPLETE = st.fixed_dictionaries(
    {"name": _NAMES, "display_release_version": _VERSION, "head_spec": head_specs(True)}, optional=_TOP_LEVEL_FIELDS
)
_PARTIAL = st.fixed_dictionaries(
    {},
    optional={"name": _NAMES, "display_release_version": _VERSION, "head_spec": head_specs(False), **_TOP_LEVEL_FIELDS},
)
_GROUPS = st.sampled_from([["a"], ["b"], ["a", "b"], ["b", "a"], list(GROUP_NAMES[::-1])])


@st.composite
def cluster_specs(draw: Draw, complete: bool, known_groups: Sequence[str] = ()) -> Json:
    """A spec as a user declares it: ``complete`` enough to create, or any part that an update can take."""
    spec = draw(_COMPLETE if complete else _PARTIAL)
    if complete or draw(st.booleans()):
        names = draw(_GROUPS)
        spec["worker_spec"] = [draw(worker_groups(name, name not in known_groups)) for name in names]
    return spec


@st.composite
def cluster_payloads(draw: Draw) -> Json:
    """A cluster as GetRayCluster answers it: fields missing, masked, unknown; any state."""
    spec = parse_spec(draw(cluster_specs(complete=True)))
    head, workers = spec.pop("head_spec"), spec.pop("worker_spec")
    payload = {to_camel_case(key): value for key, value in spec.items()}
    payload["headSpec"] = {to_camel_case(key): value for key, value in head.items()} | {"replica": 1}
    if "gft_config" in head:
        gft = {to_camel_case(key): value for key, value in head["gft_config"].items()}
        if "redisPassword" in gft:
            gft["redisPassword"] = draw(st.sampled_from([PASSWORD, "old1", None, *MASKS]))
        payload["headSpec"]["gftConfig"] = gft | draw(_UNKNOWN)
    payload["headSpec"] |= draw(_UNKNOWN)
    payload["workerSpec"] = [
        {to_camel_case(key): value for key, value in group.items()} | draw(_UNKNOWN) for group in workers
    ]
    for field in draw(_MISSING_FIELDS):
        payload[field] = None
    payload["state"] = draw(_STATE)
    payload["modified"] = draw(st.sampled_from([True, False, None]))
    return {**payload, "clusterId": "ray-1", "instanceId": "ray-1-run", "futureField": {"x": 1}}


# Fields that are newer than this collection, which an update must not lose.
_UNKNOWN = st.sampled_from(
    [{}, {"futureField": "kept"}, {"labels": {"cost_center": "42", "group_name": "x", "list": [1, {"a_b": 2}]}}]
)
_STATE = st.sampled_from([*STATES, *STATES, *UNKNOWN_STATES])
_MISSING_FIELDS = st.sampled_from([[], ["description"], ["volumeIds", "extraParam"]])


def to_camel_case(name: str) -> str:
    """Return the API's spelling, written here a second time so that the plugin's own is not its only witness."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


@st.composite
def plan_inputs(draw: Draw, exists: bool = False) -> tuple[Goal, Json | None]:
    """A goal, and the cluster that it meets, None for none."""
    observed = None
    if exists or draw(st.booleans()):
        observed = parse_cluster(draw(cluster_payloads()), "GetRayCluster")
    known = [group["group_name"] for group in (observed or {}).get("worker_spec") or []]
    spec = parse_spec(draw(cluster_specs(complete=observed is None, known_groups=known)))
    goal = Goal(
        state=draw(st.sampled_from(GOAL_STATES)),
        spec=spec,
        cluster_id="ray-1" if observed else None,
        name=spec.get("name") or (observed or {}).get("name"),
        purge=draw(st.booleans()),
        restart=draw(st.booleans()),
        wait=draw(st.booleans()),
    )
    return goal, observed
