# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hypothesis draws: values in several spellings, clusters as the service answers them, and declarations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._models import check_spec, read_cluster
from ansible_collections.rayops.alicloud.plugins.module_utils._plan import Goal

Json = dict[str, Any]
Draw = st.DrawFn

STATES = ("Starting", "Running", "Stopping", "Stopped", "Error")
UNKNOWN_STATES = ("Upgrading", "running", "", None)
GOAL_STATES = ("present", "started", "stopped", "restarted", "absent")
GROUP_NAMES = ("a", "b", "ä +~*", "gpu/1")
VERSIONS = ("ray-1.0.0 (Ray 2.47.1, Python 3.12)", "err-1.2.0 (Ray 2.55.1, Python 3.12)")
PASSWORD = "redis-Canary/1"
MASKS = ("******", "••••")

# Neither a line feed nor a carriage return: lines cannot carry them.
_in_line = st.characters(exclude_categories=("Cs",), exclude_characters="\n\r")


def env_maps(min_size: int = 0) -> st.SearchStrategy[dict[str, str]]:
    """Variables that ``KEY=VALUE`` lines can carry."""
    keys = st.text(_in_line, min_size=1, max_size=6).filter(lambda key: key.strip() and "=" not in key)
    return st.dictionaries(keys, st.text(_in_line, max_size=8), min_size=min_size, max_size=4)


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
    values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=2) | _objects(inner, 0), max_leaves=6)
    return _objects(values, 1)


def _objects(values: st.SearchStrategy[Any], min_size: int) -> st.SearchStrategy[Json]:
    return st.dictionaries(st.text("abä", min_size=1, max_size=2), values, min_size=min_size, max_size=3)


def json_spellings(value: Json, random: Any) -> tuple[str, str]:
    """Return the same JSON as two texts: keys in another order, other spaces, other escapes."""
    keys = list(value)
    random.shuffle(keys)
    other = {key: value[key] for key in keys}
    return json.dumps(value), json.dumps(other, ensure_ascii=False, separators=(" , ", " :"), indent=1)


@st.composite
def _nodes(draw: Draw, needed: bool) -> Json:
    """The fields that head and workers share, as a user spells them."""
    sizes = {"queue_name": st.sampled_from(["root_queue", "other"]), "cpu": cpu_spellings().map(lambda p: p[1])}
    sizes["memory"] = memory_spellings().map(lambda pair: pair[1])
    rest: dict[str, st.SearchStrategy[Any]] = {
        "gpu_spec": st.sampled_from(["", "ecs.gn6i-c4g1.xlarge"]),
        "display_release_version": st.sampled_from(VERSIONS),
        "env": env_maps(),
        "ray_start_params": st.sampled_from(["", "--num-cpus=0", "--num-cpus=0  --labels='a b'"]),
    }
    if needed:
        return draw(st.fixed_dictionaries(sizes, optional=rest))
    return draw(st.fixed_dictionaries({}, optional={**sizes, **rest}))


@st.composite
def groups(draw: Draw, name: str, needed: bool) -> Json:
    """One worker group as a user declares it; bounds come as a pair, so that they fit whatever is there."""
    group = {"group_name": name, **draw(_nodes(needed))}
    if needed or draw(st.booleans()):
        group["replica"] = draw(st.integers(1, 12))
    if draw(st.booleans()):
        group["min_replica"], group["max_replica"] = sorted(draw(st.tuples(st.integers(1, 6), st.integers(1, 10))))
    optional = {"worker_type": st.sampled_from(["CPU", "GPU"]), "extra_param": json_values().map(json.dumps)}
    return {**group, **draw(st.fixed_dictionaries({}, optional=optional))}


@st.composite
def heads(draw: Draw, needed: bool) -> Json:
    """A head as a user declares it."""
    gft = {"redis_url": st.just("10.0.0.1:6379"), "redis_username": st.just("default")}
    optional: dict[str, st.SearchStrategy[Any]] = {
        "enable_auto_scaling": st.booleans(),
        "idle_timeout_seconds": st.integers(0, 120),
        "gft_enabled": st.booleans(),
        "gft_config": st.fixed_dictionaries(
            {}, optional={**gft, "redis_password": st.sampled_from([PASSWORD, "old1"])}
        ),
    }
    return {**draw(_nodes(needed)), **draw(st.fixed_dictionaries({}, optional=optional))}


@st.composite
def specs(draw: Draw, complete: bool, known_groups: Sequence[str] = ()) -> Json:
    """A spec as a user declares it: ``complete`` enough to create, or any part that an update can take."""
    optional: dict[str, st.SearchStrategy[Any]] = {
        "name": st.sampled_from(["one", "zwei ä+~*"]),
        "display_release_version": st.sampled_from(VERSIONS),
        "description": st.sampled_from(["", "text"]),
        "network_service_name": st.sampled_from(["", "vpc"]),
        "extra_param": json_values().map(json.dumps) | st.sampled_from(["", "{}"]),
        "volume_ids": st.lists(st.sampled_from(["vol-1", "vol-2", "vol-3"]), max_size=3),
        "head_spec": heads(complete),
    }
    needed = {key: optional.pop(key) for key in ("name", "display_release_version", "head_spec") if complete}
    spec = draw(st.fixed_dictionaries(needed, optional=optional))
    if complete or draw(st.booleans()):
        names = draw(st.lists(st.sampled_from(GROUP_NAMES), min_size=1, max_size=3, unique=True))
        spec["worker_spec"] = [draw(groups(name, name not in known_groups)) for name in names]
    return spec


@st.composite
def payloads(draw: Draw) -> Json:
    """A cluster as GetRayCluster answers it: fields missing, masked, unknown; any state."""
    spec = check_spec(draw(specs(complete=True)))
    head, workers = spec.pop("head_spec"), spec.pop("worker_spec")
    payload = {camel(key): value for key, value in spec.items()}
    payload["headSpec"] = {camel(key): value for key, value in head.items()} | {"replica": 1}
    if "gft_config" in head:
        gft = {camel(key): value for key, value in head["gft_config"].items()}
        if "redisPassword" in gft:
            gft["redisPassword"] = draw(st.sampled_from([PASSWORD, "old1", None, *MASKS]))
        payload["headSpec"]["gftConfig"] = gft | draw(_unknown())
    payload["headSpec"] |= draw(_unknown())
    payload["workerSpec"] = [
        {camel(key): value for key, value in group.items()} | draw(_unknown()) for group in workers
    ]
    for field in draw(st.lists(st.sampled_from(["description", "volumeIds", "extraParam"]), unique=True)):
        payload[field] = None
    payload["state"] = draw(st.sampled_from(STATES) | st.sampled_from(UNKNOWN_STATES))
    payload["modified"] = draw(st.sampled_from([True, False, None]))
    return {**payload, "clusterId": "ray-1", "instanceId": "ray-1-run", "futureField": {"x": 1}}


def _unknown() -> st.SearchStrategy[Json]:
    """Fields that are newer than this collection, which an update must not lose."""
    return st.sampled_from([{}, {"futureField": "kept"}, {"labels": {"cost_center": "42", "list": [1, {"a_b": 2}]}}])


def camel(name: str) -> str:
    """Return the API's spelling, written here a second time so that the plugin's own is not its only witness."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


@st.composite
def situations(draw: Draw, exists: bool = False) -> tuple[Goal, Json | None]:
    """A goal, and the cluster that it meets, None for none."""
    observed = None
    if exists or draw(st.booleans()):
        observed = read_cluster(draw(payloads()), "GetRayCluster")
    known = [group["group_name"] for group in (observed or {}).get("worker_spec") or []]
    spec = check_spec(draw(specs(complete=observed is None, known_groups=known)))
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
