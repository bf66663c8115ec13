"""How long the heat of a season takes: python -m pytest tests/bench/test_heat_bench.py --benchmark-enable -s."""

import sys
from pathlib import Path

import numpy as np
import pytest
from heatseason.network_models.arrays import to_arrays
from heatseason.network_models.formats import read_network
from heatseason.sim.kernels import step
from heatseason.sim.world import heat as world_heat
from heatseason.sim.world.heat import Heat, HeatSettings

sys.path.insert(0, str(Path(__file__).parent))
from kernel_profile import Profile

HOURS = 4100  # readiness works to the last day an extension could reach
HEATED = (24 * 25, 24 * 150)


def winter() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    h = np.arange(HOURS)
    cold = 9.0 - 7.0 * np.sin(np.clip((h / 24 - 10) / 150, 0, 1) * np.pi) + 3.5 * np.sin((h % 24 - 9) / 24 * 2 * np.pi)
    cold += np.repeat(rng.normal(0.0, 2.0, HOURS // 24 + 1), 24)[:HOURS]
    return {
        "outdoor_c": cold,
        "solar_w_m2": 300.0 * np.maximum(0.0, np.sin((h % 24 - 6) / 12 * np.pi)),
        "wind_m_s": np.full(HOURS, 0.9),
        "ground_c": 14.0 - 5.0 * np.sin(h / HOURS * np.pi),
    }


def season(arrays, weather) -> Heat:
    heat = Heat(arrays, **weather, settings=HeatSettings(), hours=HOURS)
    heat.fuel_available[:] = 1e15
    heat.advance((HEATED[0] - 72) * 3600.0)
    heat.set_mode("trial")
    heat.advance(HEATED[0] * 3600.0)
    heat.set_mode("preheat")
    heat.advance((HEATED[0] + 144) * 3600.0)
    heat.set_mode("season")
    heat.advance(HEATED[1] * 3600.0)
    heat.set_mode("off")
    heat.advance(HOURS * 3600.0)
    return heat


@pytest.mark.parametrize("network", ["town", "hanzhong"])
def test_heat_season(benchmark, network: str) -> None:
    arrays, weather = to_arrays(read_network(network)), winter()
    season(arrays, weather)  # compiled, warm
    heat = benchmark.pedantic(season, (arrays, weather), rounds=7)
    ledger = heat.ledger
    print(f"\n{network}: {1e3 * benchmark.stats.stats.median:.0f} ms, {ledger['produced_j'] / 1e15:.3f} PJ, "
          f"balance {ledger['network_error']:.1e}, rooms {ledger['rooms_error']:.1e}")  # fmt: skip
    assert heat.trouble.code == "fine"


def test_where_the_heat_goes(benchmark, monkeypatch) -> None:
    """Print each part's share of a season: the march compiled anew with the cycle counter read between its calls."""
    arrays, weather = to_arrays(read_network("hanzhong")), winter()
    plain = season(arrays, weather)
    profile = Profile(step, "march", ("march", "_step", "_balance", "_send", "_bring_back", "_mix"))
    monkeypatch.setattr(world_heat, "march", profile.run)
    season(arrays, weather)
    profile.milliseconds()  # the first march compiled it
    heat = benchmark.pedantic(season, (arrays, weather), rounds=1)
    parts = sorted(profile.milliseconds(), key=lambda part: -part[1])
    print()
    for name, ms, times in parts:
        if ms >= 0.5:
            print(f"{ms:7.1f} ms {times:6d} times  {name}")
    assert heat.ledger["produced_j"] == pytest.approx(plain.ledger["produced_j"], rel=1e-9)
