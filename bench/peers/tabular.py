"""Ridge per lead and boosted trees; all learn the difference to the value a week before."""

from __future__ import annotations

from collections.abc import Callable

import lightgbm
import numpy as np
import xgboost

from model import week_before
from protocol import HORIZON, Floats, Site

STEP = 3
"""Hours between the origins that trees learn from."""
WARM_UP = 336
LEADS = np.arange(HORIZON)


def _level(site: Site, origin: int) -> float:
    return max(1e-9, float(np.mean(np.abs(site.filled[origin - 168 : origin]))))


def _changes(site: Site, origin: int) -> Floats:
    """Differences of the last week to the week before it, in units of the level."""
    week, before = site.filled[origin - 168 : origin], site.filled[origin - 336 : origin - 168]
    return (week - before) / _level(site, origin)


def _recent(site: Site, origin: int) -> Floats:
    """What the last days say of each of the 48 hours, beside the value a week before, [48 × 14]."""
    level, base = _level(site, origin), week_before(site, origin)
    days = site.filled[origin - 336 : origin].reshape(14, 24)[::-1, LEADS % 24].T - base[:, None]
    means = [days[:, :n].mean(axis=1) for n in (2, 3, 7, 14)]
    before = site.filled[origin - 336 : origin - 336 + HORIZON] - base
    same_hour = np.column_stack([days[:, :2], *means, before]) / level
    changes = _changes(site, origin)
    shifts = np.tile([changes[-n:].mean() for n in (1, 3, 6, 12, 24, 72, 168)], (HORIZON, 1))
    return np.column_stack([same_hour, shifts])


def tree_rows(site: Site, origin: int) -> Floats:
    """Features of the 48 hours from an origin, [48 × F]."""
    hours = origin + LEADS
    calendar = [site.hour[hours], site.weekday[hours], site.holiday[hours], site.holiday[hours - 168]]
    base = week_before(site, origin) / _level(site, origin)
    return np.column_stack([LEADS, *calendar, base, _recent(site, origin)])


def linear_rows(site: Site, origin: int) -> Floats:
    """Features of the 48 hours from an origin for a regression per lead, [48 × F]."""
    hours = origin + LEADS
    weekend = np.eye(3)[np.maximum(site.weekday[hours] - 4, 0)]
    holiday = np.column_stack([site.holiday[hours], site.holiday[hours - 168]])
    return np.column_stack([weekend, holiday, _recent(site, origin)])


def _target(site: Site, origin: int) -> Floats:
    return (site.filled[origin : origin + HORIZON] - week_before(site, origin)) / _level(site, origin)


def _origins(start: int, until: int, step: int) -> range:
    return range(start + WARM_UP, until - HORIZON + 1, step)


class Ridge:
    """A ridge regression per lead, in closed form."""

    def __init__(self, penalty: float = 100.0) -> None:
        self.penalty = penalty
        self.weights: Floats = np.zeros((HORIZON, 0))

    def fit(self, site: Site, start: int, until: int) -> None:
        origins = _origins(start, until, 1)
        rows = np.stack([linear_rows(site, o) for o in origins])
        targets = np.stack([_target(site, o) for o in origins])
        spread = rows.reshape(-1, rows.shape[2]).std(axis=0) + 1e-9
        shrink = self.penalty * np.diag(spread**2)
        self.weights = np.stack(
            [
                np.linalg.solve(x.T @ x + shrink, x.T @ y)
                for x, y in zip(rows.transpose(1, 0, 2), targets.T, strict=True)
            ]
        )

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        changes = [np.einsum("lf,lf->l", linear_rows(site, o), self.weights) for o in origins]
        return np.stack(
            [week_before(site, o) + _level(site, o) * c for o, c in zip(origins, changes, strict=True)]
        )

    def export(self) -> bytes:
        return self.weights.astype(np.float32).tobytes()


Booster = Callable[[Floats, Floats], "tuple[Callable[[Floats], Floats], Callable[[], bytes]]"]


def lightgbm_booster(**changes: object) -> Booster:
    """LightGBM; L1 by default."""
    settings = {
        "objective": "l1",
        "learning_rate": 0.05,
        "num_leaves": 15,
        "min_data_in_leaf": 100,
        "feature_fraction": 0.7,
        "bagging_fraction": 0.7,
        "bagging_freq": 1,
        "lambda_l2": 10.0,
        "num_threads": 1,
        "seed": 1,
        "deterministic": True,
        "verbose": -1,
    } | changes

    def fit(rows: Floats, targets: Floats) -> tuple[Callable[[Floats], Floats], Callable[[], bytes]]:
        model = lightgbm.train(settings, lightgbm.Dataset(rows, targets), num_boost_round=200)
        return lambda x: np.asarray(model.predict(x)), lambda: model.model_to_string().encode()

    return fit


def xgboost_booster() -> Booster:
    """XGBoost with squared errors."""
    settings = {
        "objective": "reg:squarederror",
        "tree_method": "hist",
        "eta": 0.05,
        "max_depth": 5,
        "min_child_weight": 50,
        "subsample": 0.7,
        "colsample_bytree": 0.7,
        "lambda": 10.0,
        "nthread": 1,
        "seed": 1,
    }

    def fit(rows: Floats, targets: Floats) -> tuple[Callable[[Floats], Floats], Callable[[], bytes]]:
        model = xgboost.train(settings, xgboost.DMatrix(rows, targets), num_boost_round=200)
        return lambda x: model.predict(xgboost.DMatrix(x)), lambda: bytes(model.save_raw("ubj"))

    return fit


class Trees:
    """One boosted model of all leads; given a ridge, it learns what that leaves over."""

    def __init__(self, booster: Booster, base: Ridge | None = None) -> None:
        self.booster, self.base = booster, base
        self.predict: Callable[[Floats], Floats] = lambda rows: np.zeros(len(rows))
        self.save: Callable[[], bytes] = bytes

    def _base_change(self, site: Site, origin: int) -> Floats:
        if self.base is None:
            return np.zeros(HORIZON)
        change = self.base.forecast(site, [origin])[0] - week_before(site, origin)
        return change / _level(site, origin)

    def fit(self, site: Site, start: int, until: int) -> None:
        if self.base is not None:
            self.base.fit(site, start, until)
        origins = _origins(start, until, STEP)
        rows = np.concatenate([tree_rows(site, o) for o in origins])
        targets = np.concatenate([_target(site, o) - self._base_change(site, o) for o in origins])
        self.predict, self.save = self.booster(rows, targets)

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        rows = np.concatenate([tree_rows(site, o) for o in origins])
        changes = self.predict(rows).reshape(len(origins), HORIZON)
        return np.stack(
            [
                week_before(site, o) + _level(site, o) * (c + self._base_change(site, o))
                for o, c in zip(origins, changes, strict=True)
            ]
        )

    def export(self) -> bytes:
        return self.save() + (b"" if self.base is None else self.base.export())
