"""Fits and scores the peers on one fold of one series, and appends a row a model to a file.

Beside the protocol (one fit on the window, forecasts of the test days: cpu_s) every model does what a
training job does: a fit without the window's last 14 days, a backtest on them, a refit, an export (job_cpu_s).
"""

from __future__ import annotations

import argparse
import csv
import importlib
import resource
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from model import Model
from pools import pools
from protocol import TEST_DAYS, Floats, Fold, Site, fold_of, origins_between, read_site, scores

COLUMNS = [
    *("series", "fold", "model", "cpu_s", "mape", "wape", "rmse", "mase"),
    *("mape_1_24", "wape_1_24", "mape_25_48", "wape_25_48"),
    *("job_cpu_s", "peak_days", "peak_top1", "peak_top2", "peak_captured"),
]


def say(line: str) -> None:
    """One line for whoever watches."""
    print(line, flush=True)


def cpu() -> float:
    """CPU seconds of this process and of those it started (Prophet's Stan is one)."""
    own = resource.getrusage(resource.RUSAGE_SELF)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def catalogue() -> dict[str, Callable[[], Model]]:
    """The models whose packages are there; what is missing is said."""
    models: dict[str, Callable[[], Model]] = {}
    try:
        tabular = importlib.import_module("tabular")
        models |= {
            "ridge": tabular.Ridge,
            "xgboost": lambda: tabular.Trees(tabular.xgboost_booster()),
            "lightgbm": lambda: tabular.Trees(tabular.lightgbm_booster()),
            "lightgbm_l2": lambda: tabular.Trees(tabular.lightgbm_booster(objective="l2")),
            "lightgbm_small": lambda: tabular.Trees(tabular.lightgbm_booster(num_leaves=6, seed=2)),
            "hybrid": lambda: tabular.Trees(tabular.lightgbm_booster(), tabular.Ridge()),
        }
    except ImportError as error:
        say(f"missing: ridge and trees ({error})")
    try:
        statistical = importlib.import_module("statistical")
        models |= {
            "naive24": statistical.Naive24,
            "naive168": statistical.Naive168,
            "profile": statistical.Profile,
            "prophet": statistical.ProphetModel,
            "arima_fourier": statistical.ArimaFourier,
            "mstl_robust": statistical.Mstl,
        }
    except ImportError as error:
        say(f"missing: baselines, Prophet and statsforecast ({error})")
    try:
        models |= {"lstm": importlib.import_module("sequence").Lstm}
    except ImportError as error:
        say(f"missing: lstm ({error})")
    return models


def measure(model: Model, site: Site, fold: Fold) -> tuple[Floats, float, float]:
    """Forecasts of the test days, CPU seconds by the protocol, and of a whole training job."""
    begin = cpu()
    gate = fold.test - TEST_DAYS * 24
    model.fit(site, fold.start, gate)
    model.forecast(site, origins_between(site, gate, fold.test))
    refit = cpu()
    model.fit(site, fold.start, fold.test)
    fitted = cpu()
    model.export()
    exported = cpu()
    forecasts = model.forecast(site, fold.origins)
    return forecasts, fitted - refit + cpu() - exported, exported - begin


def run(site: Site, number: int, fold: Fold, wanted: list[str]) -> list[dict[str, object]]:
    """A row a model; one that fails is said and left out."""
    before = cpu()
    models = catalogue()
    say(f"imports: {cpu() - before:.2f} CPU s")
    forecasts: dict[str, Floats] = {}
    rows: list[dict[str, object]] = []

    def add(name: str, values: Floats, costs: dict[str, float]) -> None:
        forecasts[name] = values
        row: dict[str, object] = {
            "series": site.name,
            "fold": number,
            "model": name,
            **costs,
            **scores(site, fold, values),
        }
        rows.append(row)
        say(f"{name}: WAPE {row['wape']:.2f} %, {costs.get('cpu_s', 0):.2f} CPU s")

    for name, create in models.items():
        if wanted and name not in wanted:
            continue
        try:
            values, cpu_s, job_cpu_s = measure(create(), site, fold)
            add(name, values, {"cpu_s": cpu_s, "job_cpu_s": job_cpu_s})
        except Exception as error:  # noqa: BLE001 - whatever a library raises, the others go on
            say(f"failed: {name}: {error}")
    for name, values in pools(site, fold, dict(forecasts)).items():
        add(name, values, {})
    return rows


def append(file: Path, rows: list[dict[str, object]]) -> None:
    """Appends rows, with a header to a file that is new."""
    fresh = not file.exists()
    with file.open("a", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, restval="")
        if fresh:
            writer.writeheader()
        for row in rows:
            writer.writerow({k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()})


def main() -> int:
    """Reads the options and does one fold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--series", required=True)
    parser.add_argument("--fold", type=int, default=0)
    parser.add_argument("--window", type=int, default=90)
    parser.add_argument("--models", default="", help="names separated by commas; all by default")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    site = read_site(options.data, options.series)
    fold = fold_of(site, options.fold, options.window)
    if fold is None:
        say("skipped: the series begins too late")
        return 0
    append(options.out, run(site, options.fold, fold, [m for m in options.models.split(",") if m]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
