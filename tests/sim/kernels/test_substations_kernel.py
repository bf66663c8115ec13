"""Substations: exchanger, emitters, the curve, valves."""

import numpy as np
import pytest
from heatseason.sim.kernels import layout as la
from heatseason.sim.kernels.fuel import burn, draw, heat_within
from heatseason.sim.kernels.substations import counter_flow, exchange_tables
from heatseason.sim.world.heat import Heat, HeatSettings
from hypothesis import given
from hypothesis import strategies as st


def test_counter_flow_exchanger() -> None:
    cold, hot, ua = 5000.0, 2000.0, 4000.0
    power = counter_flow(np.array([hot, cold, 3000.0]), np.array([cold, hot, 3000.0]), np.array([ua, ua, ua]))
    units, ratio = ua / hot, hot / cold
    e = np.exp(-units * (1 - ratio))
    assert power[0] == pytest.approx(hot * (1 - e) / (1 - ratio * e), rel=1e-12)
    assert power[1] == pytest.approx(power[0], rel=1e-12)
    assert power[2] == pytest.approx(3000.0 * (ua / 3000.0) / (1 + ua / 3000.0), rel=1e-12)
    # heat by the end temperatures is UA times the logarithmic mean difference
    heat = power[0] * 50.0
    ends = (50.0 - heat / cold, 50.0 - heat / hot)
    assert heat == pytest.approx(ua * (ends[0] - ends[1]) / np.log(ends[0] / ends[1]), rel=1e-10)


def test_the_valve_table_inverts_the_exchanger_s() -> None:
    primary, secondary, ua = np.array([4e4, 1e4]), np.array([8e4, 1.6e4]), np.array([9e4, 3e4])
    forward, inverse, step, most = exchange_tables(primary, secondary, ua, 0.35, 1.3)
    for x in range(2):
        flows = np.linspace(0.05, 1.25, 50) * primary[x]
        power = np.interp(flows, np.arange(129) * step[x], forward[x])
        back = np.interp(power, np.linspace(0, most[x], 129), inverse[x])
        np.testing.assert_allclose(back, flows, rtol=2e-3)
        assert counter_flow(primary[x : x + 1], secondary[x : x + 1], ua[x : x + 1])[0] == pytest.approx(
            np.interp(primary[x], np.arange(129) * step[x], forward[x]), rel=1e-4
        )


def steady(arrays, outdoor: float, days: int = 60, **settings) -> Heat:
    hours = 24 * days
    flat = np.ones(hours)
    made = Heat(
        arrays, outdoor_c=outdoor * flat, solar_w_m2=0.0 * flat, wind_m_s=0.9 * flat, ground_c=8.0 * flat,
        settings=HeatSettings(gain_profile=(1.0,) * 24, **settings), hours=hours,
    )  # fmt: skip
    made.set_mode("season")
    made.advance(hours * 3600.0)
    return made


@pytest.mark.parametrize(("outdoor", "supply", "back"), [(-0.1, 75, 50), (3.0, 67, 46), (5.0, 62, 44), (8.0, 53, 39)])
def test_the_curve_is_the_one_of_quality_regulation(little, outdoor: float, supply: float, back: float) -> None:
    """FACTS.md 2.3, radiators 75/50 with exponent 1.3 at 18 degC, to the table's whole degrees and the log mean."""
    loss = 2e6 / 18.1
    arrays = little(
        [(0, 1, 300, 0.2)], [0], [1], cohorts_each=1, cohort_envelope_w_k=np.array([loss]),
        cohort_ventilation_w_k=np.zeros(1),
        cohort_gain_w=np.zeros(1), cohort_mass_to_outdoor_share=np.zeros(1),
    )  # fmt: skip
    made = steady(arrays, outdoor, room_target_c=18.0)
    secondary = made.state.arrays.substation[la.Y_SECONDARY_C, 0]
    heat = made.heat_w()[0]
    assert secondary == pytest.approx(supply, abs=0.75)
    assert secondary - heat / (arrays.substation_secondary_kg_s[0] * 4190.0) == pytest.approx(back, abs=0.75)
    assert made.room_c()[0] == pytest.approx(18.0, abs=0.05)
    assert heat == pytest.approx(loss * (18.0 - outdoor), rel=3e-3)


def test_a_steady_state_is_the_closed_form_of_emitter_and_room(little) -> None:
    arrays = little([(0, 1, 300, 0.2)], [0], [1], cohorts_each=3)
    made = steady(arrays, 1.0)
    secondary = made.state.arrays.substation[la.Y_SECONDARY_C, 0]
    flow = arrays.cohort_flow_share * arrays.substation_secondary_kg_s[0] * 4190.0
    excess = 25.0 / np.log(57.0 / 32.0)
    loss_air = arrays.cohort_envelope_w_k * 0.5 + arrays.cohort_ventilation_w_k
    for c in range(3):
        room = made.room_c()[c]
        conductance, free = made._work.cohort[[la.H_CONDUCTANCE, la.H_FREE], made.real_places[c]]
        heat = conductance * (secondary - free)
        back = secondary - heat / flow[c]
        mean = (secondary - back) / np.log((secondary - room) / (back - room))
        assert heat == pytest.approx(arrays.cohort_radiator_w[c] * (mean / excess) ** 1.3, rel=2e-4)
        loss = loss_air[c] * (room - 1.0) + arrays.cohort_envelope_w_k[c] * 0.5 * (
            made.state.arrays.cohort[la.Z_MASS, made.real_places[c]] - 1.0
        )
        assert heat + arrays.cohort_gain_w[c] == pytest.approx(loss, rel=1e-6)


def test_warmer_primary_returns_are_throttled(little) -> None:
    arrays = little([(0, 1, 300, 0.2)], [0], [1])
    free, bound = steady(arrays, -3.0, 10), steady(arrays, -3.0, 10, primary_return_limit_c=57.0)
    assert free.state.arrays.substation[la.Y_RETURN_C, 0] > 58.0
    assert bound.state.arrays.substation[la.Y_RETURN_C, 0] == pytest.approx(57.0, abs=1.0)
    assert bound.heat_w()[0] < free.heat_w()[0]


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.15])
@pytest.mark.parametrize("stock", [1.0, 40.0, 200.0, 500.0, 1e6])
def test_fuel_and_heat_are_each_other_s_inverse(slope: float, stock: float) -> None:
    unit = (1e6, 0.88, slope, 0.25, 21e6)
    heat = heat_within(stock, 3600.0, *unit)
    assert 0.0 < heat <= 1e6
    if heat < 1e6:
        assert burn(heat, 3600.0, *unit) == pytest.approx(stock, rel=1e-12)
    else:
        assert burn(1e6, 3600.0, *unit) <= stock
    assert heat_within(0.0, 3600.0, *unit) == 0.0


@given(
    heat=st.floats(0.0, 10e6), stocks=st.tuples(st.floats(0.0, 2_000.0), st.floats(0.0, 2_000.0)),
    slope=st.floats(-0.2, 0.2), minimum=st.floats(0.0, 0.5),
)  # fmt: skip
def test_two_fuels_make_no_less_than_one_and_every_joule_is_burnt(heat, stocks, slope, minimum):
    values, unit = np.array([35.6e6, 42.7e6]), (3600.0, 10e6, 0.9, slope, minimum)

    def drawn(first, second):
        stock, burnt = np.array(stocks), np.zeros(2)
        made, energy = draw(heat, *unit, first, second, values, stock, burnt)
        assert 0.0 <= made <= heat * (1.0 + 1e-12)
        assert np.all(stock >= 0.0)
        np.testing.assert_allclose(stock + burnt, stocks, rtol=1e-12, atol=1e-9)
        assert energy == pytest.approx((burnt * values).sum(), rel=1e-9, abs=1e-3)
        return made, burnt

    alone, _ = drawn(0, -1)
    both, burnt = drawn(0, 1)
    other, _ = drawn(1, -1)
    if slope <= 0.0:  # a unit that is better at part load makes more by spreading its last fuel over the step
        assert both >= alone * (1.0 - 1e-9) - 1e-6
    assert both <= (alone + other) * (1.0 + 0.3) + 1e-300
    if alone == heat and burnt[0] < stocks[0]:
        assert burnt[1] == 0.0
