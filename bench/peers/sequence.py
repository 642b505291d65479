"""An LSTM over the last week that answers all 48 hours at once."""

from __future__ import annotations

import io

import numpy as np
import torch
from torch import Tensor, nn

from model import week_before
from protocol import HORIZON, Floats, Site

LOOK_BACK = 168
HIDDEN = 64
STEP = 2
BATCH = 64
EPOCHS = 30
PATIENCE = 5


def _inputs(site: Site, origin: int) -> Floats:
    """The last week and its difference to the week before, with clock and calendar, [168 × 8]."""
    span = slice(origin - LOOK_BACK, origin)
    load, before = site.filled[span], site.filled[origin - 2 * LOOK_BACK : origin - LOOK_BACK]
    level = max(1e-9, float(np.mean(np.abs(load))))
    day = 2 * np.pi * site.hour[span] / 24
    week = 2 * np.pi * site.weekday[span] / 7
    clock = [np.sin(day), np.cos(day), np.sin(week), np.cos(week)]
    columns = [load / level - 1, (load - before) / level, *clock, site.holiday[span]]
    ahead = site.holiday[origin : origin + HORIZON].max()
    return np.column_stack([*columns, np.full(LOOK_BACK, ahead)])


def _level(site: Site, origin: int) -> float:
    return max(1e-9, float(np.mean(np.abs(site.filled[origin - LOOK_BACK : origin]))))


class Network(nn.Module):
    """The last hidden state through a linear layer."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(columns, HIDDEN, batch_first=True)
        self.head = nn.Linear(HIDDEN, HORIZON)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.lstm(x)
        return self.head(states[:, -1])


def _tensor(rows: list[Floats]) -> Tensor:
    return torch.from_numpy(np.stack(rows).astype(np.float32))


class Lstm:
    """Adam, early stopping on the newest tenth of the origins."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed
        self.network = Network(8)

    def fit(self, site: Site, start: int, until: int) -> None:
        torch.set_num_threads(1)
        torch.manual_seed(self.seed)
        self.network = Network(8)
        origins = list(range(start + 2 * LOOK_BACK, until - HORIZON + 1, STEP))
        x = _tensor([_inputs(site, o) for o in origins])
        y = _tensor(
            [(site.filled[o : o + HORIZON] - week_before(site, o)) / _level(site, o) for o in origins]
        )
        held = max(1, len(origins) // 10)
        self._train((x[:-held], y[:-held]), (x[-held:], y[-held:]))

    def _train(self, data: tuple[Tensor, Tensor], held: tuple[Tensor, Tensor]) -> None:
        optimiser = torch.optim.Adam(self.network.parameters(), lr=2e-3)
        loss = nn.L1Loss()
        best, kept, waited = float("inf"), self.network.state_dict(), 0
        for _ in range(EPOCHS):
            for rows in torch.randperm(len(data[0])).split(BATCH):
                optimiser.zero_grad()
                loss(self.network(data[0][rows]), data[1][rows]).backward()
                optimiser.step()
            with torch.no_grad():
                now = loss(self.network(held[0]), held[1]).item()
            waited += 1
            if now < best:
                best, waited = now, 0
                kept = {key: value.clone() for key, value in self.network.state_dict().items()}
            if waited == PATIENCE:
                break
        self.network.load_state_dict(kept)

    def forecast(self, site: Site, origins: list[int]) -> Floats:
        with torch.no_grad():
            changes = self.network(_tensor([_inputs(site, o) for o in origins])).numpy()
        return np.stack(
            [week_before(site, o) + _level(site, o) * c for o, c in zip(origins, changes, strict=True)]
        )

    def export(self) -> bytes:
        file = io.BytesIO()
        torch.jit.save(torch.jit.trace(self.network, torch.zeros(1, LOOK_BACK, 8)), file)
        return file.getvalue()
