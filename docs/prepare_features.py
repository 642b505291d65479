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


def _calendar_row(hour, zone, holidays, columns, flags):
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
        **flags,
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
):
    """One input row, float32 [1, F].

    history: gross load in kW of at least 720 hours without gaps, oldest first; the last value is the hour before
        the issue hour.
    current_time: the issue hour as a datetime with a time zone; the hour that has just begun, not yet measured.
    holidays: local dates, as datetime.date or "YYYY-MM-DD".
    metadata: custom_metadata_map of the model.
    temperature: degrees C of the hours before the issue hour, oldest first; NaN where missing.
    temperature_forecast: degrees C of the 48 forecast hours.
    event_flags: 48 truth values for each label that the model knows.
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
    flags = event_flags or {}

    def hours(first, count):
        return [issue + timedelta(hours=first + i) for i in range(count)]

    def calendar():
        rows = []
        for i, hour in enumerate(hours(0, layout["horizonHours"])):
            active = {label: float(bool(values[i])) for label, values in flags.items()}
            rows.append(_calendar_row(hour, zone, days, layout["calendarColumns"], active))
        return np.asarray(rows, dtype=np.float32).ravel()

    def day_types():
        past = hours(-layout["historyHours"], layout["historyHours"])
        return np.asarray([_day_type(_local(hour, zone).date(), days) for hour in past], dtype=np.float32)

    build = {
        "history": lambda size: load,
        "history_day_type": lambda size: day_types(),
        "calendar": lambda size: calendar(),
        "temperature_history": lambda size: _measured(temperature, size, at_end=True),
        "temperature_forecast": lambda size: _measured(temperature_forecast, size, at_end=False),
    }
    row = np.zeros(layout["width"], dtype=np.float32)
    for block in layout["blocks"]:
        size = int(np.prod(block["shape"]))
        row[block["offset"]: block["offset"] + size] = build[block["name"]](size)
    return row.reshape(1, -1)
