# Copyright (c) 2026, The rayops.alicloud authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decide whether a moment is within office hours, and until when that holds. Pure.

A range of a day starts and ends by local time. If the clock is set back, a time that occurs twice starts with the first
and ends with the second, so that clusters are not switched back and forth. A skipped time is the moment at which the
clock is set forward.
"""

from __future__ import annotations

import re
import typing as t
from datetime import date, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The valid keys of the weekly hours; if several match, the first one counts.
_DAY_GROUPS = {"weekdays": DAYS[:5], "weekends": DAYS[5:], "daily": DAYS}
# The next change is searched for within this many days.
_LOOKAHEAD_DAYS = 15
_MINUTES_PER_DAY = 24 * 60

Ranges = list[tuple[int, int]]
DateRange = tuple[date, date]


class HoursError(ValueError):
    """Invalid hours, holidays, or time zone; the text says which and why."""


class OfficeHours(t.NamedTuple):
    """The hours of a group of clusters: ranges in minutes by weekday, days without ranges, and days with their own."""

    zone: tzinfo
    week: dict[str, Ranges]
    holidays: list[DateRange]
    exceptions: list[tuple[DateRange, Ranges]]


def read_hours(
    zone: str, week: t.Mapping[object, object], holidays: t.Iterable[object], exceptions: t.Mapping[object, object]
) -> OfficeHours:
    """Return declared hours, checked. Raises HoursError."""
    days: dict[str, Ranges] = {}
    keys = sorted(week, key=lambda key: len(_read_days(key)), reverse=True)
    for key in keys:
        days.update(dict.fromkeys(_read_days(key), read_ranges(week[key])))
    found = [(read_date_range(key), read_ranges(value)) for key, value in exceptions.items()]
    # The narrowest comes first.
    found.sort(key=lambda item: item[0][1] - item[0][0])
    return OfficeHours(_load_zone(zone), days, [read_date_range(item) for item in holidays], found)


def read_ranges(value: object) -> Ranges:
    """Return the ranges of a day in minutes from its midnight; one that ends the next day ends beyond 24 hours."""
    texts = [] if value is None else [value] if isinstance(value, str) else value
    if not isinstance(texts, (list, tuple)):
        raise HoursError(f"{value!r} is not a list of ranges such as 09:00-18:00")
    return [_read_range(text) for text in texts]


def _read_range(text: object) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\s*", str(text))
    if not match:
        raise HoursError(f"{text!r} is not a range such as 09:00-18:00")
    begin, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if max(int(match[2]), int(match[4])) > 59 or begin >= _MINUTES_PER_DAY or end > _MINUTES_PER_DAY:
        raise HoursError(f"{text!r} has an invalid time of day")
    if begin == end:
        raise HoursError(f"{text!r} starts and ends at the same time; a whole day is 00:00-24:00")
    return begin, end if end > begin else end + _MINUTES_PER_DAY


def read_date_range(value: object) -> DateRange:
    """Return the first and the last day of a date, or of two with ``..`` between them. Raises HoursError."""
    # YAML converts text that looks like a date to a date.
    first, between, last = str(value).strip().partition("..")
    try:
        span = date.fromisoformat(first.strip()), date.fromisoformat((last if between else first).strip())
    except ValueError:
        raise HoursError(f"{str(value)!r} is not a date such as 2026-12-25 nor 2026-12-24..2027-01-01") from None
    if span[0] > span[1]:
        raise HoursError(f"{value!r} ends before it starts")
    return span


def _read_days(key: object) -> tuple[str, ...]:
    word = str(key).strip().lower()
    found = tuple(day for day in DAYS if word in (day, day[:3]))
    if word not in _DAY_GROUPS and not found:
        raise HoursError(f"{str(key)!r} is not a day of the week or one of {', '.join(_DAY_GROUPS)}")
    return found or _DAY_GROUPS[word]


def _load_zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise HoursError(
            f"the time zone {name!r} is not installed; if none is, install the Python package tzdata"
        ) from None


def read_datetime(value: object) -> datetime:
    """Return a moment in ISO 8601, which must name its time zone, in UTC. Raises HoursError."""
    try:
        # Python 3.10 does not take the Z.
        moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", str(value).strip()))
    except ValueError:
        raise HoursError(f"{str(value)!r} is not a time such as 2026-11-22T08:00:00+00:00") from None
    if moment.tzinfo is None:
        raise HoursError(f"{str(value)!r} has no time zone; write it like 2026-11-22T08:00:00Z")
    return moment.astimezone(timezone.utc)


def to_utc(day: date, minutes: int, zone: tzinfo, second: bool) -> datetime:
    """Return when the clock of a zone shows a time, in UTC; ``second`` of two such moments."""
    naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    early, late = (naive.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc) for fold in (0, 1))
    if early <= late:
        return late if second else early
    # The clock never shows it. PEP 495: of such a time the second reading is before the change and the first after it.
    return _find_offset_change(late, early, zone)


def _find_offset_change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """Return the moment between two at which a zone changes its offset."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def ranges_on(hours: OfficeHours, day: date) -> tuple[Ranges, str]:
    """Return the ranges that start on a day, and its kind: an exception, a holiday, or a day of the week."""
    for span, ranges in hours.exceptions:
        if span[0] <= day <= span[1]:
            return ranges, f"exception {day}"
    if any(first <= day <= last for first, last in hours.holidays):
        return [], f"holiday {day}"
    name = DAYS[day.weekday()]
    return hours.week.get(name, []), name


def check_hours(hours: OfficeHours, now: datetime) -> dict[str, object]:
    """Return whether it is open, why, the local time, and the next change, None if it is more than two weeks away."""
    local = now.astimezone(hours.zone)
    today = local.date()
    spans: list[tuple[datetime, datetime, str]] = []
    # A range may continue for a day after its first one.
    for number in range(-2, _LOOKAHEAD_DAYS):
        day = today + timedelta(days=number)
        ranges, what = ranges_on(hours, day)
        for begin, end in ranges:
            first = to_utc(day, begin, hours.zone, second=False)
            last = to_utc(day, end, hours.zone, second=True)
            if first < last:
                spans.append((first, last, f"{what} {_format_minutes(begin)}-{_format_minutes(end)}"))
    reason = next((text for first, last, text in spans if first <= now < last), None)
    until = _find_next_change(spans, now, reason is not None)
    if until and until >= now + timedelta(days=_LOOKAHEAD_DAYS - 1):
        until = None
    return {
        "open": reason is not None,
        "reason": f"within {reason}" if reason else f"outside the hours of {ranges_on(hours, today)[1]}",
        "local_time": local.isoformat(timespec="seconds"),
        "until": until.isoformat(timespec="seconds") if until else None,
    }


def _find_next_change(spans: list[tuple[datetime, datetime, str]], now: datetime, is_open: bool) -> datetime | None:
    if not is_open:
        return min((first for first, last, text in spans if first > now), default=None)
    end = now
    # Ranges that overlap or touch are one.
    for first, last, text in sorted(spans):
        if text and first <= end < last:
            end = last
    return end


def _format_minutes(minutes: int) -> str:
    minutes = minutes if minutes <= _MINUTES_PER_DAY else minutes - _MINUTES_PER_DAY
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
