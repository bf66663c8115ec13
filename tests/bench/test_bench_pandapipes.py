"""The heat season against pandapipes' time series, same networks, same machine, same run.

HEATSEASON_PEERS=/path/to/python python -m pytest tests/bench/test_bench_pandapipes.py --benchmark-enable -s

Twice: delay off, every hour in steady state and its answers held against pandapipes' (no ratio without agreement); and
delay and rooms on, as users run it, which answers another question and has no counterpart to agree with but its own
ledgers.
"""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
from heatseason.sim.solve import solve_hours
from heatseason.sim.world.heat import Heat, HeatSettings

_SPEC = importlib.util.spec_from_file_location(
    "peer_networks", Path(__file__).parents[1] / "oracle" / "peer_networks.py"
)
peers = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(peers)

STEPS = 24


@pytest.mark.parametrize(("consumers", "loops"), [(300, 0), (300, 6), (1000, 0)])
def test_the_heat_season_against_pandapipes(benchmark, shared, tmp_path, consumers, loops):
    module = peers.generator(shared)
    net, season = module.build_network(consumers, 1, loops), module.build_season(module.SEASON_HOURS, 1)
    report, theirs = peers.run_pandapipes(shared, tmp_path, consumers, loops, 1, STEPS)
    arrays, duties = peers.arrays_of(net, peers.little_arrays())
    water = peers.pandapipes_water()

    def delay_off():
        return solve_hours(
            arrays, duties[0], duties[1], supply_c=season["supply_c"], load=season["load_factor"], ground_c=5.0,
            fluid=water, friction="colebrook_everywhere", keep="all",
        )  # fmt: skip

    def delay_on():
        hours = len(season["supply_c"])
        still = {"solar_w_m2": np.zeros(hours), "wind_m_s": np.zeros(hours), "ground_c": np.full(hours, 5.0)}
        heat = Heat(arrays, outdoor_c=season["outdoor_c"], **still, settings=HeatSettings(), hours=hours)
        heat.fuel_available[:] = 1e15
        heat.set_mode("season")
        heat.advance(hours * 3600.0)
        return heat

    found = delay_off()  # compiled, warm
    apart = peers.largest_differences(net, found, theirs, STEPS)
    assert found.unsettled == 0
    assert apart["temperature_k"] <= 0.01
    assert apart["pressure_bar"] <= 0.005
    assert apart["flow_of_own"] <= 1e-4
    off_s = _seconds(delay_off)
    heat = delay_on()
    benchmark.pedantic(delay_on, rounds=1)
    on_s = _seconds(delay_on)
    peer = report["timeseries_runner"]["season_cpu_extrapolated_s"]
    print(
        f"\n{consumers} consumers, {loops} loops: pandapipes {peer:.0f} s CPU (from {STEPS} steps); delay off "
        f"{off_s:.3f} s, {peer / off_s:,.0f} times; delay and rooms on {on_s:.3f} s, {peer / on_s:,.0f} times; apart "
        f"{apart}; balance {heat.ledger['network_error']:.1e}, trouble {heat.trouble.code}"
    )


def _seconds(work, rounds: int = 5) -> float:
    """Return the median CPU time of some runs [s]: both sides are one thread, and CPU time is steadier."""
    import time

    taken = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return float(np.median(taken))
