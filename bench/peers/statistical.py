"""Baselines, Prophet, ARIMA on Fourier terms, and STL with two seasons."""

from __future__ import annotations

import logging
import pickle

import numpy as np
import pandas as pd
from prophet import Prophet
from prophet.serialize import model_to_json
from statsforecast.models import MSTL, AutoARIMA

from model import week_before
from protocol import HORIZON, Floats, Site

logging.getLogger("cmdstanpy").setLevel(logging.ERROR)
logging.getLogger("prophet").setLevel(logging.ERROR)


class Rule:
    """A forecast without anything to learn."""

    def fit(self, site: Site, start: int, until: int) -> None:
        """Nothing to learn."""

    def export(self) -> bytes:
        return b""


class Naive24(Rule):
    """The same hour of the last day."""

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        return np.stack([np.tile(site.filled[o - 24 : o], 2) for o in origins])


class Naive168(Rule):
    """The same hour a week before."""

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        return np.stack([week_before(site, o) for o in origins])


class Profile(Rule):
    """Half the 14-day mean of the hour on days of the same type, half the last such day."""

    def _kind(self, site: Site, hours: slice | int) -> Floats:
        rest = np.where(site.holiday[hours] == 1, 6, site.weekday[hours])
        return np.maximum(rest - 4, 0)

    def _one(self, site: Site, origin: int) -> Floats:
        known = slice(max(0, origin - 30 * 24), origin)
        kind, hour, load = self._kind(site, known), site.hour[known], site.filled[known]
        recent = np.arange(len(load)) >= len(load) - 14 * 24
        values = []
        for t in range(origin, origin + HORIZON):
            alike = (hour == site.hour[t]) & (kind == self._kind(site, t))
            if not alike.any():
                alike = hour == site.hour[t]
            mean = load[alike & recent].mean() if (alike & recent).any() else load[alike].mean()
            values.append((mean + load[alike][-1]) / 2)
        return np.array(values)

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        return np.stack([self._one(site, o) for o in origins])


class ProphetModel:
    """Prophet as its documentation has it, with the country's holidays."""

    def __init__(self) -> None:
        self.model: Prophet | None = None

    def fit(self, site: Site, start: int, until: int) -> None:
        self.model = Prophet(yearly_seasonality=until - start > 730 * 24, uncertainty_samples=0)
        if site.holiday.any():
            self.model.add_country_holidays(country_name=site.country)
        self.model.fit(pd.DataFrame({"ds": site.local[start:until], "y": site.filled[start:until]}))

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        if self.model is None:
            raise RuntimeError("fit first")
        hours = np.arange(origins[0], origins[-1] + HORIZON)
        # It sorts what it is given, so the days that forecasts share are asked for once.
        values = self.model.predict(pd.DataFrame({"ds": site.local[hours]}))["yhat"].to_numpy()
        return np.stack([values[o - hours[0] : o - hours[0] + HORIZON] for o in origins])

    def export(self) -> bytes:
        return b"" if self.model is None else model_to_json(self.model).encode()


class ArimaFourier:
    """AutoARIMA on what daily and weekly Fourier terms leave over."""

    def __init__(self, daily: int = 10, weekly: int = 10) -> None:
        self.terms = [(24, k) for k in range(1, daily + 1)]
        self.terms += [(168, k) for k in range(1, weekly + 1) if k % 7]
        self.coefficients: Floats = np.zeros(0)
        self.start = 0
        self.model = AutoARIMA(season_length=1)

    def _waves(self, site: Site, first: int, until: int) -> Floats:
        hours = (site.weekday * 24 + site.hour)[first:until]
        angles = [2 * np.pi * k * hours / period for period, k in self.terms]
        return np.column_stack([np.ones(len(hours)), *map(np.sin, angles), *map(np.cos, angles)])

    def fit(self, site: Site, start: int, until: int) -> None:
        self.start = start
        waves = self._waves(site, start, until)
        self.coefficients = np.asarray(np.linalg.lstsq(waves, site.filled[start:until], rcond=None)[0], float)
        self.model.fit(site.filled[start:until] - waves @ self.coefficients)

    def _one(self, site: Site, origin: int) -> Floats:
        waves = self._waves(site, self.start, origin + HORIZON) @ self.coefficients
        left = site.filled[self.start : origin] - waves[:-HORIZON]
        return waves[-HORIZON:] + self.model.forward(left, HORIZON)["mean"]

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        return np.stack([self._one(site, o) for o in origins])

    def export(self) -> bytes:
        return pickle.dumps((self.coefficients, self.model.model_))


JUMPS = {"robust": True, "seasonal_jump": 2, "trend_jump": 5, "low_pass_jump": 3}
"""Interpolation between local regressions, about as R has it; without, a fit takes five times as long."""


class Mstl:
    """Robust STL with a day and a week, its trend by AutoETS."""

    def __init__(self) -> None:
        self.length = 0
        self.model = MSTL(season_length=[24, 168], stl_kwargs=JUMPS)

    def fit(self, site: Site, start: int, until: int) -> None:
        self.length = until - start
        self.model.fit(site.filled[start:until])

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        first = [max(0, o - self.length) for o in origins]
        return np.stack(
            [
                self.model.forward(site.filled[f:o], HORIZON)["mean"]
                for f, o in zip(first, origins, strict=True)
            ]
        )

    def export(self) -> bytes:
        return b""
