"""How the heat season grows with the network: trees of 100 to 10,000 consumers, CPU time.

python -m pytest tests/bench/test_bench_growth.py --benchmark-enable -s

The networks and the season of ../shared/bench/pandapipes_season.py, as in test_bench_pandapipes.py; pandapipes itself
is not needed. The largest takes 81 bar, so all have pumps that reach: who gets what where they do not is another task,
whose time is printed for the hours of one day. Goal: no worse than N^1.1.
"""

import importlib.util
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from heatseason.sim.solve import solve_hours
from heatseason.sim.world.heat import Heat, HeatSettings

_SPEC = importlib.util.spec_from_file_location(
    "peer_networks", Path(__file__).parents[1] / "oracle" / "peer_networks.py"
)
peers = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(peers)

SIZES = (100, 300, 1000, 3000, 10_000)
ROUNDS = 2
ENOUGH_PA, TOO_LITTLE_PA = 1e8, 2e6


def test_growth_of_the_heat_season(benchmark, shared) -> None:
    module = peers.generator(shared)
    weather = module.build_season(module.SEASON_HOURS, 1)
    hours = len(weather["supply_c"])
    still = {"solar_w_m2": np.zeros(hours), "wind_m_s": np.zeros(hours), "ground_c": np.full(hours, 5.0)}
    off, on = [], []
    for consumers in SIZES:
        arrays, duties = peers.arrays_of(module.build_network(consumers, 1, 0), peers.little_arrays())
        arrays = replace(arrays, source_head_max_pa=np.array([ENOUGH_PA]))

        def delay_off(arrays=arrays, duties=duties):
            return solve_hours(
                arrays, duties[0], duties[1], supply_c=weather["supply_c"], load=weather["load_factor"], ground_c=5.0,
                friction="colebrook_everywhere",
            )  # fmt: skip

        def delay_on(arrays=arrays, until_h=hours):
            heat = Heat(arrays, outdoor_c=weather["outdoor_c"], **still, settings=HeatSettings(), hours=hours)
            heat.fuel_available[:] = 1e15
            heat.set_mode("season")
            start = time.process_time()
            heat.advance(until_h * 3600.0)
            return time.process_time() - start, heat

        delay_off()  # compiled, warm
        taken = []
        for _ in range(ROUNDS):
            start = time.process_time()
            assert delay_off().unsettled == 0
            taken.append(time.process_time() - start)
        off.append(min(taken))
        rounds = [delay_on() for _ in range(ROUNDS + (not on))][-ROUNDS:]
        on.append(min(seconds for seconds, _ in rounds))
        ledger = rounds[-1][1].ledger
        assert rounds[-1][1].trouble.code == "fine"
        assert abs(ledger["network_error"]) < 1e-9
        assert abs(ledger["rooms_error"]) < 1e-9
        print(f"\n{consumers:6d} consumers: delay off {off[-1]:.3f} s, delay and rooms on {on[-1]:.3f} s", end="")
    short, _ = delay_on(replace(arrays, source_head_max_pa=np.array([TOO_LITTLE_PA])), 24)
    print(f"\n{SIZES[-1]} consumers, pumps of {TOO_LITTLE_PA / 1e5:.0f} bar: {1e3 * short / 24:.0f} ms an hour", end="")
    for name, seconds in (("delay off", off), ("delay and rooms on", on)):
        slopes = np.diff(np.log(seconds)) / np.diff(np.log(SIZES))
        whole = np.log(seconds[-1] / seconds[0]) / np.log(SIZES[-1] / SIZES[0])
        print(f"\n{name}: N^{whole:.2f}; from size to size {', '.join(f'{s:.2f}' for s in slopes)}", end="")
    benchmark.pedantic(lambda: None, rounds=1)
