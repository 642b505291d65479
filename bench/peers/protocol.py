"""Series, folds and scores, as `bench/quality` has them: what a model may see, and how it is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import holidays
import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HORIZON = 48
TEST_DAYS = 14
FOLD_DAYS = 90
CAPTURED = 0.97


@dataclass(frozen=True)
class Site:
    """A series on a grid of hours, with the local calendar of its hours and of the three days after."""

    name: str
    country: str
    local: pd.DatetimeIndex
    """Local wall clock of every hour, without its zone."""
    load: Floats
    """As measured; NaN where missing."""
    filled: Floats
    """Gaps take the value a week or a day before, so nothing later is seen."""
    hour: Ints
    weekday: Ints
    holiday: Ints
    midnights: Ints
    """Positions of the first hour of every local day."""

    def days_of(self, origin: int) -> tuple[int, int]:
        """Hours of the local day that begins at `origin`, and of the next one."""
        i = int(np.searchsorted(self.midnights, origin))
        first, second, third = self.midnights[i : i + 3]
        return int(second - first), int(third - second)


@dataclass(frozen=True)
class Fold:
    """Positions in a site's series: a window to learn from and the origins that are scored."""

    start: int
    """First hour of the window."""
    test: int
    """First hour of the test days: nothing from here on may be learnt from."""
    origins: list[int]


def _places(folder: Path) -> dict[str, tuple[str, str]]:
    file = folder / "zones.csv"
    if not file.exists():
        return {}
    rows = pd.read_csv(file, dtype=str, keep_default_na=False)
    return {row.series: (row.zone, row.country) for row in rows.itertuples()}


def _filled(load: Floats) -> Floats:
    filled = load.copy()
    for i in np.flatnonzero(np.isnan(filled)):
        earlier = [filled[i - step] for step in (168, 24, 1) if i >= step]
        filled[i] = next((value for value in earlier if np.isfinite(value)), np.nan)
    return pd.Series(filled).bfill().to_numpy()


def _holidays(country: str, local: pd.DatetimeIndex) -> Ints:
    try:
        days = holidays.country_holidays(country, years=range(local[0].year, local[-1].year + 2))
    except NotImplementedError:
        return np.zeros(len(local), dtype=np.int64)
    return np.fromiter((day in days for day in local.date), dtype=np.int64, count=len(local))


def read_site(folder: Path, name: str) -> Site:
    """Reads `timestamp_utc,load_kw[,…]`; rows finer than an hour are averaged."""
    rows = pd.read_csv(folder / f"{name}.csv", usecols=["timestamp_utc", "load_kw"])
    stamps = pd.to_datetime(rows["timestamp_utc"], utc=True).dt.floor("h")
    hourly = rows["load_kw"].groupby(stamps).mean().asfreq("h")
    zone, country = _places(folder).get(name, ("UTC", ""))
    hours = pd.date_range(hourly.index[0], periods=len(hourly) + 72, freq="h")
    local = hours.tz_convert(zone).tz_localize(None)
    load = hourly.to_numpy(dtype=np.float64)
    days = local.normalize()
    return Site(
        name=name,
        country=country,
        local=local,
        load=load,
        filled=_filled(load),
        hour=local.hour.to_numpy(dtype=np.int64),
        weekday=local.weekday.to_numpy(dtype=np.int64),
        holiday=_holidays(country, local),
        midnights=np.flatnonzero(days[1:] != days[:-1]) + 1,
    )


def fold_of(site: Site, number: int, window_days: int) -> Fold | None:
    """A fold, 0 the newest; None when the series is too short for it."""
    end = len(site.load) - number * FOLD_DAYS * 24
    midnights = site.midnights[site.midnights <= end]
    if len(midnights) <= TEST_DAYS:
        return None
    until, test = int(midnights[-1]), int(midnights[-1 - TEST_DAYS])
    start = test - window_days * 24
    if start + 24 < 0:
        return None
    return Fold(max(0, start), test, origins_between(site, test, until))


def origins_between(site: Site, first: int, until: int) -> list[int]:
    """Local midnights from `first` whose 48 hours end by `until`."""
    return [int(m) for m in site.midnights if first <= m and m + HORIZON <= until]


def _errors(actual: Floats, forecast: Floats, floor: float, naive: float) -> dict[str, float]:
    known = np.isfinite(actual)
    miss, size = np.abs(forecast - actual)[known], np.abs(actual)[known]
    large = size >= max(floor, 1e-12)
    return {
        "mape": 100 * float(np.mean(miss[large] / size[large])),
        "wape": 100 * float(miss.sum() / size.sum()),
        "rmse": float(np.sqrt(np.mean(miss**2))),
        "mase": float(miss.mean() / naive),
    }


def _peaks(site: Site, origins: list[int], forecasts: Floats) -> dict[str, int]:
    counts = {"peak_days": 0, "peak_top1": 0, "peak_top2": 0, "peak_captured": 0}
    for origin, forecast in zip(origins, forecasts, strict=True):
        hours, _ = site.days_of(origin)
        day = site.load[origin : origin + hours]
        if np.isnan(day).any():
            continue
        peak, named = int(day.argmax()), np.argsort(-forecast[:hours], kind="stable")[:2]
        counts["peak_days"] += 1
        counts["peak_top1"] += int(named[0] == peak)
        counts["peak_top2"] += int(peak in named)
        counts["peak_captured"] += int(day[named[0]] >= day[peak] - (1 - CAPTURED) * abs(day[peak]))
    return counts


def scores(site: Site, fold: Fold, forecasts: Floats) -> dict[str, float | int]:
    """Errors of forecasts [origins × 48] in percent, MASE as a ratio, and counts of peak hours."""
    window = site.load[fold.start : fold.test]
    floor = 0.01 * float(np.nanmean(np.abs(window)))
    naive = float(np.nanmean(np.abs(window[24:] - window[:-24])))
    actual = np.stack([site.load[o : o + HORIZON] for o in fold.origins])
    whole = _errors(actual, forecasts, floor, naive)
    near = _errors(actual[:, :24], forecasts[:, :24], floor, naive)
    far = _errors(actual[:, 24:], forecasts[:, 24:], floor, naive)
    by_lead = {f"{key}_1_24": near[key] for key in ("mape", "wape")}
    by_lead |= {f"{key}_25_48": far[key] for key in ("mape", "wape")}
    return {**whole, **by_lead, **_peaks(site, fold.origins, forecasts)}
