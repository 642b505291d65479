"""Weighted means of the models' forecasts."""

from __future__ import annotations

import numpy as np

from protocol import HORIZON, Floats, Fold, Site

DOCUMENTED = {"lstm": 0.40, "xgboost": 0.35, "prophet": 0.25}
BEST = ["ridge", "hybrid", "lightgbm", "lightgbm_l2", "lightgbm_small", "xgboost", "lstm"]
BEST += ["arima_fourier", "mstl_robust"]


def prior(forecasts: dict[str, Floats]) -> Floats:
    """The documented weights."""
    return np.sum([weight * forecasts[name] for name, weight in DOCUMENTED.items()], axis=0)


def earned(site: Site, fold: Fold, forecasts: dict[str, Floats], names: list[str]) -> Floats:
    """Inverse squared error on the hours of the test days before each origin; equal on the first."""
    members = np.stack([forecasts[name] for name in names])
    actual = np.stack([site.load[o : o + HORIZON] for o in fold.origins])
    hours = np.array(fold.origins)[:, None] + np.arange(HORIZON)
    pooled = np.empty_like(actual)
    for i, origin in enumerate(fold.origins):
        known = (hours < origin) & np.isfinite(actual)
        if known.any():
            squared = np.mean((members[:, known] - actual[known]) ** 2, axis=1)
            merit = 1 / np.maximum(squared, 1e-12)
        else:
            merit = np.ones(len(names))
        pooled[i] = np.tensordot(merit / merit.sum(), members[:, i], axes=1)
    return pooled


def pools(site: Site, fold: Fold, forecasts: dict[str, Floats]) -> dict[str, Floats]:
    """The pools whose members are all there."""
    made: dict[str, Floats] = {}
    if all(name in forecasts for name in DOCUMENTED):
        made["ensemble_prior"] = prior(forecasts)
        made["ensemble_earned"] = earned(site, fold, forecasts, list(DOCUMENTED))
    if all(name in forecasts for name in BEST):
        made["best_pool"] = earned(site, fold, forecasts, BEST)
    return made
