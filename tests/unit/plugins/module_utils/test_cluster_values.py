# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What values of a spec mean: every spelling of the same thing is equal, and nothing else is."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.module_utils._cluster.values import (
    canonicalize,
    is_equivalent,
    parse_env,
    to_wire_env,
)
from ansible_collections.rayops.alicloud.plugins.module_utils._quantities import (
    parse_cpu,
    parse_memory,
    to_wire_cpu,
    to_wire_memory,
)
from tests.unit.plugins.strategies import cpu_spellings, env_maps, json_spellings, json_values, memory_spellings


@pytest.mark.parametrize(
    "spelling", [8, "8", 8.0, "8.0", "8Gi", "8gi", "8G", "8GB", "8 GiB", " 8 Gi ", "8192Mi", "8192M", "0.0078125Ti"]
)
def test_spellings_of_eight_gib(spelling: object) -> None:
    assert parse_memory(spelling) == 8
    assert to_wire_memory(spelling) == "8Gi"
    assert is_equivalent("memory", spelling, "8Gi")


@pytest.mark.parametrize(
    ("spelling", "wire"),
    [("1536Mi", "1.5Gi"), ("0.5", "0.5Gi"), ("1Ti", "1024Gi"), ("10", "10Gi"), ("100Gi", "100Gi"), (1.5, "1.5Gi")],
)
def test_sizes_on_the_wire(spelling: object, wire: str) -> None:
    assert to_wire_memory(spelling) == wire


@pytest.mark.parametrize(
    "bad", ["", " ", "Gi", "8Pi", "8 X", "-8Gi", "0", "0Gi", "8Gi8", "eight", "8,5Gi", "1e3", "nan", "inf",
            True, None, [], {}, "8Gi\nx", "٨Gi", "9" * 5000]
)  # fmt: skip
def test_bad_sizes_are_refused(bad: object) -> None:
    with pytest.raises(ValueError, match=r"size|more than 0"):
        to_wire_memory(bad)


@pytest.mark.parametrize(
    ("spelling", "wire"), [(2, "2"), ("2", "2"), ("2.0", "2"), (2.0, "2"), (" 4 ", "4"), ("0.5", "0.5"), ("10", "10")]
)
def test_cores_on_the_wire(spelling: object, wire: str) -> None:
    assert to_wire_cpu(spelling) == wire
    assert is_equivalent("cpu", spelling, wire)


@pytest.mark.parametrize(
    "bad", ["", "two", "0", 0, -1, "-2", "nan", "inf", "1e9999999", "2 cores", True, None, [], {}, "2\n3", "9" * 5000]
)
def test_bad_cores_are_refused(bad: object) -> None:
    with pytest.raises(ValueError, match="cores"):
        to_wire_cpu(bad)


@given(memory_spellings(), memory_spellings())
def test_sizes_are_equal_only_when_they_are(one: tuple[Decimal, object], other: tuple[Decimal, object]) -> None:
    assert is_equivalent("memory", one[1], other[1]) == (one[0] == other[0])
    assert parse_memory(to_wire_memory(one[1])) == one[0]


@given(cpu_spellings(), cpu_spellings())
def test_cores_are_equal_only_when_they_are(one: tuple[Decimal, object], other: tuple[Decimal, object]) -> None:
    assert is_equivalent("cpu", one[1], other[1]) == (one[0] == other[0])
    assert parse_cpu(to_wire_cpu(one[1])) == one[0]


@given(env_maps())
def test_variables_survive_the_wire(variables: dict[str, str]) -> None:
    assert parse_env(to_wire_env(variables)) == variables


@given(env_maps(), st.randoms(use_true_random=False))
def test_the_order_of_variables_means_nothing(variables: dict[str, str], random: Any) -> None:
    pairs = list(variables.items())
    random.shuffle(pairs)
    assert is_equivalent("env", to_wire_env(variables), to_wire_env(dict(pairs)) + "\n")
    assert is_equivalent("env", to_wire_env(variables), "\n\n" + to_wire_env(variables).replace("\n", "\r\n\r\n"))


@given(env_maps(min_size=1), st.text("abc", max_size=3))
def test_a_changed_variable_is_a_change(variables: dict[str, str], value: str) -> None:
    key = next(iter(variables))
    other = {**variables, key: variables[key] + "x" + value}
    assert not is_equivalent("env", to_wire_env(variables), to_wire_env(other))
    assert not is_equivalent(
        "env", to_wire_env(variables), to_wire_env({k: v for k, v in variables.items() if k != key})
    )


@pytest.mark.parametrize(
    "bad",
    [{"": "1"}, {" ": "1"}, {"A=B": "1"}, {"A\nB": "1"}, {"A\r": "1"}, {"A": None}, {"A": True}, {"A": False},
     {"A": {}}, {"A": ["x"]}, {"A": "1\n2"}, {"A": "1\r"}],
)  # fmt: skip
def test_what_lines_cannot_carry_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"name|text|line break"):
        to_wire_env(bad)


def test_small_numbers_are_good_values_and_empty_ones_stay() -> None:
    assert to_wire_env({"A": 1, "B": "1.50", "C": "", "D": "x=y z"}) == "A=1\nB=1.50\nC=\nD=x=y z"
    assert parse_env("A=1\nC\nD=x=y z\n") == {"A": "1", "C": "", "D": "x=y z"}


def test_flags_are_compared_word_by_word() -> None:
    assert is_equivalent("ray_start_params", "--num-cpus=0  --labels='a b'", '--num-cpus=0 --labels="a b" ')
    assert not is_equivalent("ray_start_params", "--a --b", "--b --a")
    assert not is_equivalent("ray_start_params", "--a=1", "--a=2")


@given(json_values(), st.randoms(use_true_random=False))
def test_json_is_compared_by_value(value: Any, random: Any) -> None:
    one, other = json_spellings(value, random)
    assert is_equivalent("extra_param", one, other)
    assert not is_equivalent("extra_param", one, json.dumps({"another": value}))


def test_volumes_are_a_set() -> None:
    assert is_equivalent("volume_ids", ["a", "b"], ["b", "a", "a"])
    assert not is_equivalent("volume_ids", ["a"], ["a", "b"])
    assert not is_equivalent("volume_ids", [], ["a"])


@pytest.mark.parametrize(
    ("field", "empties"),
    [
        ("env", [None, "", "\n", " \n"]),
        ("ray_start_params", [None, "", "  "]),
        ("extra_param", [None, "", "{}", " { } ", "null"]),
        ("volume_ids", [None, []]),
        ("description", [None, ""]),
        ("enable_auto_scaling", [None, False]),
        ("gft_enabled", [None, False]),
    ],
)
def test_every_way_to_say_nothing(field: str, empties: list[Any]) -> None:
    assert [canonicalize(field, empty) for empty in empties] == [None] * len(empties)


def test_zero_is_something() -> None:
    assert not is_equivalent("idle_timeout_seconds", 0, 60)
    assert not is_equivalent("enable_auto_scaling", True, False)
    assert not is_equivalent("description", "a", "A")


@pytest.mark.parametrize(
    ("field", "unreadable"),
    [("cpu", "many"), ("memory", "a lot"), ("ray_start_params", "'open"), ("extra_param", "{not json"),
     ("extra_param", "[" * 100_000), ("volume_ids", [{}])],
)  # fmt: skip
def test_what_cannot_be_read_is_equal_to_itself_only(field: str, unreadable: Any) -> None:
    assert is_equivalent(field, unreadable, unreadable)
    assert not is_equivalent(field, unreadable, None)
    readable = {"cpu": "2", "memory": "8Gi", "ray_start_params": "--a", "extra_param": '{"a": 1}', "volume_ids": ["v"]}
    assert not is_equivalent(field, unreadable, readable.get(field, "A=1"))


@given(st.sampled_from(["cpu", "memory", "env", "ray_start_params", "extra_param", "name"]), st.text(max_size=30))
def test_no_text_of_a_service_breaks_a_comparison(field: str, text: str) -> None:
    assert is_equivalent(field, text, text)
