"""What every peer is to the runner."""

from __future__ import annotations

from typing import Protocol

from protocol import HORIZON, Floats, Site


class Model(Protocol):
    """A model that is fitted once and then forecasts from a history that advances."""

    def fit(self, site: Site, start: int, until: int) -> None:
        """Learns from the hours `start <= hour < until`."""

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        """Load of the 48 hours from each origin, [origins × 48]; each sees only the hours before it."""

    def export(self) -> bytes:
        """The fitted model as a file; empty where there is nothing to keep."""


def week_before(site: Site, origin: int) -> Floats:
    """The same 48 hours a week earlier."""
    return site.filled[origin - 168 : origin - 168 + HORIZON]
