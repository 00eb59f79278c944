# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Office hours: ranges, nights, holidays, and the days on which clocks are changed."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from ansible.errors import AnsibleFilterError
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.rayops.alicloud.plugins.filter.office_hours import office_hours
from ansible_collections.rayops.alicloud.plugins.filter.schedule_plan import schedule_plan

WEEK = {"weekdays": ["09:00-18:00"]}
BERLIN, NEW_YORK, SYDNEY, LORD_HOWE, SHANGHAI = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Shanghai",
)


def is_open(now: str, hours: Any = None, zone: str = "UTC", **more: Any) -> bool:
    return bool(office_hours(now, WEEK if hours is None else hours, zone, **more)["open"])


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-23T08:59:59Z", False),
        ("2026-11-23T09:00:00Z", True),
        ("2026-11-23T17:59:59+00:00", True),
        ("2026-11-23T18:00:00Z", False),
        ("2026-11-22T12:00:00Z", False),  # a Sunday
        ("2026-11-23T23:30:00+14:00", True),
    ],
)
def test_a_range_has_its_beginning_and_not_its_end(now: str, expected: bool) -> None:
    assert is_open(now) is expected


def test_the_result_says_why_and_until_when() -> None:
    assert office_hours("2026-11-20T12:00:00Z", WEEK, SHANGHAI) == {
        "open": False,
        "reason": "outside the hours of friday",
        "local_time": "2026-11-20T20:00:00+08:00",
        "until": "2026-11-23T01:00:00+00:00",
    }
    assert office_hours("2026-11-23T01:00:00Z", WEEK, SHANGHAI)["reason"] == "within monday 09:00-18:00"
    assert office_hours("2026-11-23T01:00:00Z", {}, SHANGHAI)["until"] is None
    assert office_hours("2026-11-23T01:00:00Z", {"daily": "00:00-24:00"})["until"] is None


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    night = {"fri": ["22:00-06:00"]}
    assert is_open("2026-11-20T22:00:00Z", night)
    assert is_open("2026-11-21T05:59:00Z", night)
    assert not is_open("2026-11-21T06:00:00Z", night)
    assert not is_open("2026-11-20T05:00:00Z", night)
    # A holiday does not end what began on the day before, and lets nothing begin.
    assert is_open("2026-11-21T05:00:00Z", night, holidays=["2026-11-21"])
    assert not is_open("2026-11-21T05:00:00Z", night, holidays=["2026-11-20"])


def test_a_single_day_wins_over_weekdays_and_those_over_daily() -> None:
    hours = {"daily": "10:00-11:00", "weekdays": "12:00-13:00", "Mon": [], "sunday": ["08:00-08:30", "20:00-21:00"]}
    assert [is_open(f"2026-11-{day}T{clock}:15:00Z", hours) for day, clock in (("21", 10), ("24", 12), ("23", 12))] == [
        True,
        True,
        False,
    ]
    assert is_open("2026-11-22T08:15:00Z", hours)
    assert is_open("2026-11-22T20:15:00Z", hours)
    assert not is_open("2026-11-22T10:15:00Z", hours)


def test_holidays_and_exceptions() -> None:
    more = {
        "holidays": [date(2026, 12, 25), "2026-12-24..2027-01-01"],
        "exceptions": {
            "2026-12-28..2026-12-31": ["12:00-14:00"],
            date(2026, 12, 30): [],
            "2026-12-26": "00:00-24:00",
        },
    }
    at = [("24", 10), ("25", 10), ("28", 10), ("28", 12), ("29", 13), ("30", 12), ("26", 23)]
    assert [is_open(f"2026-12-{day}T{hour}:00:00Z", WEEK, **more) for day, hour in at] == [
        False,
        False,
        False,
        True,
        True,
        False,
        True,
    ]
    assert office_hours("2026-12-25T10:00:00Z", WEEK, **more)["reason"] == "outside the hours of holiday 2026-12-25"


@pytest.mark.parametrize(
    ("zone", "opens", "closes", "hours"),
    [
        # Set forward from 02:00 to 03:00 (by half an hour on Lord Howe Island): what begins in between begins with it.
        (BERLIN, "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z", "02:30-05:00"),
        (BERLIN, "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z", "00:00-02:30"),
        (NEW_YORK, "2026-03-08T07:00:00Z", "2026-03-08T09:00:00Z", "02:30-05:00"),
        (SYDNEY, "2026-10-03T16:00:00Z", "2026-10-03T18:00:00Z", "02:59-05:00"),
        (LORD_HOWE, "2026-10-03T15:30:00Z", "2026-10-03T18:00:00Z", "02:15-05:00"),
        # Set back from 03:00 to 02:00 (02:00 to 01:00 in New York): the first beginning, and the second end.
        (BERLIN, "2026-10-25T00:30:00Z", "2026-10-25T04:00:00Z", "02:30-05:00"),
        (BERLIN, "2026-10-24T22:00:00Z", "2026-10-25T01:30:00Z", "00:00-02:30"),
        (NEW_YORK, "2026-11-01T05:15:00Z", "2026-11-01T06:45:00Z", "01:15-01:45"),
        (LORD_HOWE, "2026-04-04T14:45:00Z", "2026-04-04T17:30:00Z", "01:45-04:00"),
    ],
)
def test_when_clocks_are_changed(zone: str, opens: str, closes: str, hours: str) -> None:
    begin, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (opens, closes))
    second = timedelta(seconds=1)
    day = begin.astimezone(ZoneInfo(zone)).date()
    only = {"exceptions": {day: hours}}
    found = [
        is_open(moment.isoformat(), {}, zone, **only)
        for moment in (begin - second, begin, begin + (end - begin) / 2, end - second, end)
    ]
    assert found == [False, True, True, True, False]
    assert office_hours(begin.isoformat(), {}, zone, **only)["until"] == end.isoformat()


def test_a_range_that_the_clock_leaves_out_is_none() -> None:
    for minute in range(0, 180, 5):
        moment = datetime(2026, 3, 29, 0, tzinfo=timezone.utc) + timedelta(minutes=minute)
        assert not is_open(moment.isoformat(), {"sunday": "02:10-02:50"}, BERLIN)


ZONES = st.sampled_from([BERLIN, NEW_YORK, SYDNEY, LORD_HOWE, SHANGHAI, "UTC", "America/Santiago", "Africa/Casablanca"])
CLOCKS = st.builds("{:02d}:{:02d}".format, st.integers(0, 23), st.integers(0, 59))
RANGES = st.lists(
    st.tuples(CLOCKS, CLOCKS).filter(lambda pair: pair[0] != pair[1]).map("-".join), min_size=0, max_size=3
)
WEEKS = st.dictionaries(st.sampled_from(["mon", "tuesday", "weekdays", "weekends", "daily", "sun"]), RANGES, max_size=4)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)).map(lambda moment: moment.replace(microsecond=0))


@given(MOMENTS, WEEKS, ZONES)
def test_nothing_changes_before_it_is_said_to_and_then_it_does(moment: datetime, hours: Any, zone: str) -> None:
    now = moment.replace(tzinfo=timezone.utc)
    verdict = office_hours(now.isoformat(), hours, zone)
    until = verdict["until"]
    end = datetime.fromisoformat(until) if until else now + timedelta(days=13)
    assert end > now
    for part in range(8):
        between = now + (end - now) * part / 8
        assert is_open(between.isoformat(), hours, zone) is verdict["open"]
    if until:
        assert is_open(until, hours, zone) is not verdict["open"]


@given(MOMENTS, RANGES, st.sampled_from(["UTC", SHANGHAI]))
def test_without_changes_of_the_clock_it_is_what_the_wall_shows(moment: datetime, ranges: Any, zone: str) -> None:
    now = moment.replace(tzinfo=timezone.utc)
    wall = now.astimezone(ZoneInfo(zone)).strftime("%H:%M")
    expected = False
    for begin, end in (text.split("-") for text in ranges):
        expected |= begin <= wall < end if begin < end else wall >= begin or wall < end
    assert is_open(now.isoformat(), {"daily": ranges}, zone) is expected


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"now": "2026-11-23T09:00:00"}, "has no time zone"),
        ({"now": "soon"}, "is not a time such as"),
        ({"zone": "Europe/Atlantis"}, "the time zone 'Europe/Atlantis' is not installed"),
        ({"hours": {"someday": []}}, "'someday' is not a day"),
        ({"hours": {"mon": "9-17"}}, "'9-17' is not a range"),
        ({"hours": {"mon": 540}}, "540 is not a list of ranges"),
        ({"hours": {"mon": "09:00-09:00"}}, "a whole day is 00:00-24:00"),
        ({"hours": {"mon": "09:60-10:00"}}, "has an invalid time of day"),
        ({"hours": {"mon": "09:00-24:01"}}, "has an invalid time of day"),
        ({"holidays": ["25.12.2026"]}, "'25.12.2026' is not a date"),
        ({"exceptions": {"2026-12-25..2026-12-24": []}}, "ends before it starts"),
    ],
)
def test_what_cannot_be_used_is_said(options: dict[str, Any], why: str) -> None:
    given_options: dict[str, Any] = {"now": "2026-11-23T09:00:00Z", **options}
    with pytest.raises(AnsibleFilterError, match=why):
        is_open(**given_options)


ROWS = [
    {"cluster_id": f"ray-{number}", "name": name} for number, name in enumerate(["team-a", "team-b", "prod", "ci-1"])
]


def test_a_cluster_belongs_to_the_first_group_that_it_fits() -> None:
    groups = [
        {"name": "ci", "patterns": ["~ci-[0-9]+"], "hours": {"daily": "00:00-24:00"}},
        {"patterns": ["*"], "exclude": ["prod"], "timezone": SHANGHAI},
    ]
    planned = schedule_plan(ROWS, groups, "2026-11-23T01:30:00Z", {"hours": WEEK, "timezone": "UTC"})
    assert [(item["name"], item["group"], item["state"]) for item in planned] == [
        ("team-a", "groups[1]", "started"),
        ("team-b", "groups[1]", "started"),
        ("ci-1", "ci", "started"),
    ]
    later = schedule_plan(ROWS, groups, "2026-11-23T11:30:00Z", {"hours": WEEK})
    assert [item["state"] for item in later] == ["stopped", "stopped", "started"]
    assert later[0]["reason"] == "outside the hours of monday"


def test_a_schedule_leaves_retired_generations_alone() -> None:
    rows = [
        {"cluster_id": "ray-1", "name": "a", "description": "nightly [blue-green retired]"},
        {"cluster_id": "ray-2", "name": "b", "description": "nightly [blue-green gen=2 holder=retired]"},
        {"cluster_id": "ray-3", "name": "c", "description": None},
    ]
    group = {"patterns": ["*"], "hours": {"daily": "00:00-24:00"}}
    planned = schedule_plan(rows, [group], "2026-11-23T01:30:00Z")
    assert [item["state"] for item in planned] == ["retired", "started", "started"]
    assert (planned[0]["reason"], planned[0]["until"]) == ("blue/green has retired this generation", None)


@pytest.mark.parametrize(
    ("group", "why"),
    [
        ({"patterns": ["*"]}, r"groups\[0\]: no hours are declared"),
        ({"name": "x", "hours": WEEK}, "x: no patterns are declared"),
        ({"patterns": ["~("], "hours": WEEK}, "not a regular expression"),
        ({"patterns": ["*"], "hours": {"mon": "x"}}, "'x' is not a range"),
    ],
)
def test_a_group_that_cannot_be_used_is_named(group: dict[str, Any], why: str) -> None:
    with pytest.raises(AnsibleFilterError, match=why):
        schedule_plan(ROWS, [group], "2026-11-23T01:30:00Z")
