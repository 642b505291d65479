"""Builds the input row of a forecast.onnx with nothing but numpy and Python's standard library.

    import onnxruntime as rt
    session = rt.InferenceSession("/data/models/forecast.onnx")
    metadata = session.get_modelmeta().custom_metadata_map
    features = prepare_features(history, current_time, holidays, metadata)
    predictions = session.run(None, {"input": features})[0]   # [1, 48], kW an hour

It needs 30 days of history (720 hours), not 24 hours, and the model answers 48 hours: the first 24 are the day
ahead. The other outputs are lower and upper (the 90 % band), peak_probability and quantiles.
"""

import json
import math
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np


def _local(hour, zone):
    return hour.astimezone(zone)


def _annual_phase(day):
    new_year = date(day.year, 1, 1)
    return (day - new_year).days / (date(day.year + 1, 1, 1) - new_year).days


def _day_type(day, holidays):
    """0 working day, 1 Saturday, 2 Sunday or holiday."""
    if day in holidays or day.weekday() == 6:
        return 2
    return 1 if day.weekday() == 5 else 0


def _flag_holds(flag, local):
    """Whether one event flag, in the form of the site's settings, holds in a local hour."""
    if local.hour not in flag["hours"]:
        return False
    weekdays, dates = flag.get("weekdays"), flag.get("dates")
    if weekdays is None and dates is None:
        return True
    return local.weekday() in (weekdays or []) or local.date().isoformat() in (dates or [])


def _active(flags, label, local):
    return float(any(flag["label"] == label and _flag_holds(flag, local) for flag in flags))


def _calendar_row(hour, zone, holidays, columns, labels, flags):
    local = _local(hour, zone)
    day = local.date()
    phase = 2 * math.pi * _annual_phase(day)
    holiday = day in holidays
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    known = {
        f"hour_{local.hour}": 1.0,
        weekdays[day.weekday()]: 1.0,
        "holiday": float(holiday),
        "annual_sin": math.sin(phase),
        "annual_cos": math.cos(phase),
        "working_day": float(day.weekday() < 5 and not holiday),
        "holiday_before": float(day - timedelta(days=1) in holidays),
        "holiday_after": float(day + timedelta(days=1) in holidays),
        **{f"event:{label}": _active(flags, label, local) for label in labels},
    }
    return [known.get(column, 0.0) for column in columns]


def _measured(values, size, at_end):
    block = np.full(size, np.nan, dtype=np.float32)
    if values is not None:
        given = np.asarray(values, dtype=np.float32)
        given = given[-size:] if at_end else given[:size]
        if len(given) and at_end:
            block[-len(given):] = given
        else:
            block[: len(given)] = given
    return block


def prepare_features(
    history,
    current_time,
    holidays,
    metadata,
    temperature=None,
    temperature_forecast=None,
    event_flags=None,
    price=None,
    price_forecast=None,
):
    """One input row, float32 [1, F].

    history: gross load in kW of at least 720 hours without gaps, oldest first; the last value is the hour before
        the issue hour.
    current_time: the issue hour as a datetime with a time zone; the hour that has just begun, not yet measured.
    holidays: local dates, as datetime.date or "YYYY-MM-DD".
    metadata: custom_metadata_map of the model.
    temperature: degrees C of the hours before the issue hour, oldest first; NaN where missing.
    temperature_forecast: degrees C of the 48 forecast hours, as forecast at the issue hour or before.
    event_flags: the site's event flags as its settings have them: dictionaries with "label", "hours" (local) and,
        where they do not hold on every day, "weekdays" (Monday is 0) or "dates" ("YYYY-MM-DD"); those that the
        model was trained with when left out.
    price: energy price in R$/MWh of the hours before the issue hour, oldest first; NaN where it is not known.
    price_forecast: R$/MWh of the forecast hours that are published at the issue hour, lead 1 first.
    """
    layout = json.loads(metadata["feature_layout"])
    if layout["version"] != 1:
        raise ValueError(f"this function builds layout 1, the model has {layout['version']}")
    load = np.asarray(history, dtype=np.float32)[-layout["historyHours"]:]
    if len(load) != layout["historyHours"] or not np.all(np.isfinite(load)):
        raise ValueError(f"history needs {layout['historyHours']} finite hours")
    if current_time.tzinfo is None:
        raise ValueError("current_time needs a time zone")
    zone = ZoneInfo(metadata["zone"])
    issue = current_time.astimezone(timezone.utc).replace(minute=0, second=0, microsecond=0)
    days = {date.fromisoformat(day) if isinstance(day, str) else day for day in holidays}
    labels = layout["eventFlags"]
    if event_flags is None:
        event_flags = json.loads(metadata.get("event_flags", "[]"))

    def hours(first, count):
        return [issue + timedelta(hours=first + i) for i in range(count)]

    def calendar():
        rows = []
        for hour in hours(0, layout["horizonHours"]):
            rows.append(_calendar_row(hour, zone, days, layout["calendarColumns"], labels, event_flags))
        return np.asarray(rows, dtype=np.float32).ravel()

    def day_types():
        past = hours(-layout["historyHours"], layout["historyHours"])
        return np.asarray([_day_type(_local(hour, zone).date(), days) for hour in past], dtype=np.float32)

    def event_history(size):
        count = size // len(labels)
        past = [_local(hour, zone) for hour in hours(-count, count)]
        rows = [[_active(event_flags, label, local) for label in labels] for local in past]
        return np.asarray(rows, dtype=np.float32).ravel()

    build = {
        "history": lambda size: load,
        "history_day_type": lambda size: day_types(),
        "calendar": lambda size: calendar(),
        "history_event_flags": event_history,
        "temperature_history": lambda size: _measured(temperature, size, at_end=True),
        "temperature_forecast": lambda size: _measured(temperature_forecast, size, at_end=False),
        "price_history": lambda size: _measured(price, size, at_end=True),
        "price_forecast": lambda size: _measured(price_forecast, size, at_end=False),
    }
    row = np.zeros(layout["width"], dtype=np.float32)
    for block in layout["blocks"]:
        size = int(np.prod(block["shape"]))
        row[block["offset"]: block["offset"] + size] = build[block["name"]](size)
    return row.reshape(1, -1)
