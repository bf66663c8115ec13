"""Regulation of the secondary side: flow, imbalance, setback, lag, floor heating and want of heat, by closed forms."""

import numpy as np
import pytest
from heatseason.scenarios.policies.regulation import Quality, Quantity, Staged, flow_share
from heatseason.sim.kernels import layout as la
from heatseason.sim.world.heat import Heat, HeatSettings

HOUR = 3600.0
DESIGN = (75.0, 50.0, 18.0, 1.3)


def season(arrays, outdoor, *, flow: float = 1.0, **settings) -> Heat:
    """March a season of hourly outdoor temperatures, no sun, no wind, even gains."""
    hours = len(outdoor)
    made = Heat(
        arrays, outdoor_c=outdoor, solar_w_m2=np.zeros(hours), wind_m_s=np.full(hours, 0.9),
        ground_c=np.full(hours, 8.0), settings=HeatSettings(gain_profile=(1.0,) * 24, **settings), hours=hours,
    )  # fmt: skip
    if flow != 1.0:
        made.set_secondary_flow(flow)
    made.set_mode("season")
    made.advance(hours * HOUR)
    assert max(abs(value) for name, value in made.ledger.items() if name.endswith("_error")) < 1e-9
    return made


def bare(little, **changes):
    """One substation, one cohort of 2 MW at 18.1 K, without gains, mass losses or ventilation."""
    return little(
        [(0, 1, 300, 0.2)], [0], [1], cohorts_each=1, cohort_envelope_w_k=np.array([2e6 / 18.1]),
        cohort_ventilation_w_k=np.zeros(1), cohort_gain_w=np.zeros(1), cohort_mass_to_outdoor_share=np.zeros(1),
        **changes,
    )  # fmt: skip


def supply_c(load: float, flow: float) -> float:
    """Return the secondary supply at which emitters 75/50 at 18 degC give a share of their heat at a share of flow."""
    drop = 25.0 * load / flow
    mean = 25.0 / np.log(57.0 / 32.0) * load ** (1.0 / 1.3)
    return float(18.0 + drop / -np.expm1(-drop / mean))


@pytest.mark.parametrize("flow", [1.0, 0.75, 0.5])
@pytest.mark.parametrize("outdoor", [0.0, 6.0])
def test_at_any_flow_the_curve_holds_the_room(little, outdoor: float, flow: float) -> None:
    made = season(bare(little), np.full(24 * 60, outdoor), flow=flow, room_target_c=18.0)
    load = (18.0 - outdoor) / 18.1
    assert made.room_c()[0] == pytest.approx(18.0, abs=0.05)
    assert made.state.arrays.substation[la.Y_SECONDARY_C, 0] == pytest.approx(supply_c(load, flow), abs=0.15)
    full = season(bare(little), np.full(48, outdoor), room_target_c=18.0)
    pumps = [
        one._plant.setting[la.S_SECONDARY_PUMP] * one._plant.substation[la.X_SECONDARY_W_K, 0] for one in (made, full)
    ]
    assert pumps[0] == pytest.approx(pumps[1] * flow**3)


@pytest.mark.parametrize("load", [0.6, 0.7, 0.8, 0.95])
def test_quantity_regulation_holds_the_design_supply(load: float) -> None:
    """The policy's flow, put back into the formula of regulation, gives the design supply temperature (贺平)."""
    share = flow_share(Quantity(least_flow_share=0.25), 5.0, load, *DESIGN)
    supply = 18.0 + 0.5 * (75.0 + 50.0 - 36.0) * load ** (1 / 1.3) + 0.5 * 25.0 * load / share
    below, above = (0.5 * 25.0 * load / (share + d) for d in (0.026, -0.026))  # flows are set in steps of 0.05
    assert supply + below - 0.5 * 25.0 * load / share < 75.0 < supply + above - 0.5 * 25.0 * load / share


def test_flows_by_policy() -> None:
    assert flow_share(Quality(), 10.0, 0.2, *DESIGN) == 1.0
    assert flow_share(Staged(), 4.1, 0.2, *DESIGN) == 0.75
    assert flow_share(Staged(), 3.9, 0.9, *DESIGN) == 1.0
    assert flow_share(Quantity(), 15.0, 0.0, *DESIGN) == 0.4
    assert flow_share(Quantity(), -5.0, 1.3, *DESIGN) == 1.0


def test_who_gets_less_flow_is_colder_by_what_the_emitters_say(little) -> None:
    """Each cohort's heat is its own flow's, by the logarithmic mean; the room follows; the sum is the substation's."""
    flows = np.array([0.35, 0.65])
    arrays = little(
        [(0, 1, 300, 0.2)], [0], [1], cohort_flow_share=flows, cohort_gain_w=np.zeros(2),
        cohort_ventilation_w_k=np.zeros(2), cohort_envelope_w_k=np.full(2, 1e6 / 18.1),
        cohort_mass_to_outdoor_share=np.zeros(2),
    )  # fmt: skip
    made = season(arrays, np.full(24 * 60, 1.0), room_target_c=18.0)
    supply = made.state.arrays.substation[la.Y_SECONDARY_C, 0]
    room = made.room_c()
    heat = 1e6 / 18.1 * (room - 1.0)
    back = supply - heat / (flows * arrays.substation_secondary_kg_s[0] * 4190.0)
    mean = (supply - back) / np.log((supply - room) / (back - room))
    assert heat == pytest.approx(1e6 * (mean / (25.0 / np.log(57.0 / 32.0))) ** 1.3, rel=5e-4)
    assert heat.sum() == pytest.approx(made.heat_w()[0], rel=1e-6)
    assert room[0] < 17.5 < 18.2 < room[1]


def test_a_setback_all_day_is_a_lower_target(little) -> None:
    cold = np.full(24 * 40, 2.0)
    lowered = season(bare(little), cold, room_target_c=20.0, setback_k=(2.0,) * 24)
    assert lowered.room_c()[0] == pytest.approx(18.0, abs=0.05)
    assert lowered.room_c() == pytest.approx(season(bare(little), cold, room_target_c=18.0).room_c(), abs=1e-9)


def test_a_setback_at_night_saves_less_than_its_degrees_and_stays_above_them(little) -> None:
    cold = np.full(24 * 40, 2.0)
    night = tuple(3.0 if hour >= 22 or hour < 5 else 0.0 for hour in range(24))
    plain, lowered = (season(bare(little), cold, room_target_c=20.0, setback_k=k) for k in ((0.0,) * 24, night))
    room = lowered.tracks["room_c"][-48:, 0]
    assert 17.0 < room.min() < 19.9
    saved = 1.0 - lowered.tracks["source_heat_w"][-240:].sum() / plain.tracks["source_heat_w"][-240:].sum()
    mean_lowering = (plain.tracks["room_c"][-240:, 0] - lowered.tracks["room_c"][-240:, 0]).mean()
    assert 0.0 < mean_lowering < 3.0 * 7 / 24 + 0.1
    assert saved == pytest.approx(mean_lowering / 18.0, rel=0.12)  # by the mean room temperature; pipes lose a little


def test_the_curve_follows_the_weather_with_its_lag(little) -> None:
    outdoor = np.concatenate([np.full(24, 8.0), np.full(24, -2.0)])
    made = Heat(
        bare(little), outdoor_c=outdoor, solar_w_m2=np.zeros(48), wind_m_s=np.zeros(48), ground_c=np.full(48, 8.0),
        settings=HeatSettings(curve_lag_s=6 * HOUR), hours=48,
    )  # fmt: skip
    made.set_mode("season")
    for hours in (1, 5.5, 20):
        made.advance((24 + hours) * HOUR)
        followed = made.state.arrays.clock[la.K_OUTDOOR]
        assert followed == pytest.approx(-2.0 + 10.0 * np.exp(-hours / 6.0), rel=1e-12)


def test_want_of_heat_reaches_the_rooms(little) -> None:
    """A plant held at 0.9 MW against 1.8 MW of need: rooms end where their loss is what the plant gives."""
    arrays = bare(little, pipe_loss_w_mk=np.zeros(1), unit_capacity_w=np.array([0.9e6]))
    made = season(arrays, np.full(24 * 90, 1.0), room_target_c=18.0)
    room = made.room_c()[0]
    assert room == pytest.approx(1.0 + 0.9e6 / (2e6 / 18.1), abs=0.1)
    assert made.state.arrays.substation[la.Y_SECONDARY_C, 0] < supply_c(17.0 / 18.1, 1.0) - 15.0


def test_a_heated_slab_is_slower_and_as_warm(little) -> None:
    """Floor heating 45/35 with exponent 1.1 and most of its heat in the slab: at any load the curve holds the room, the
    secondary is as cool as regulation says (FACTS 2.3: 38/31 at 5 degC), and rooms cool slower when it stops.
    """  # fmt: skip
    floor = {
        "cohort_design_supply_c": np.array([45.0]), "cohort_design_return_c": np.array([35.0]),
        "cohort_radiator_exponent": np.array([1.1]),
        "substation_secondary_kg_s": np.array([2e6 / 4190.0 / 10.0]),
        "substation_ua_w_k": np.array([2e6 / 10.0]),
    }  # fmt: skip
    warm, radiator = (
        season(bare(little, **floor, cohort_emitter_to_mass_share=np.array([share])), np.full(24 * 60, 5.0),
               room_target_c=18.0)
        for share in (0.8, 0.35)
    )  # fmt: skip
    rows = warm.state.arrays.substation
    assert warm.room_c()[0] == pytest.approx(18.0, abs=0.05)
    assert rows[la.Y_SECONDARY_C, 0] == pytest.approx(38.0, abs=0.75)
    drop = warm.heat_w()[0] / (warm.arrays.substation_secondary_kg_s[0] * 4190.0)
    assert rows[la.Y_SECONDARY_C, 0] - drop == pytest.approx(31.0, abs=0.75)
    assert warm.heat_w()[0] == pytest.approx(radiator.heat_w()[0], rel=1e-3)  # no loss from the mass here
    mass = [one.state.arrays.cohort[la.Z_MASS, one.real_places[0]] - one.room_c()[0] for one in (warm, radiator)]
    coupling = warm.arrays.cohort_coupling_w_k[0]
    assert mass == pytest.approx([share * warm.heat_w()[0] / coupling for share in (0.8, 0.35)], rel=2e-3)
    hours = 24 * 60
    cooled = []  # in the 12 hours after the heat has stopped: what is stored in the slab comes out
    for one, share in ((warm, 0.8), (radiator, 0.35)):
        again = Heat(
            bare(little, **floor, cohort_emitter_to_mass_share=np.array([share])), outdoor_c=np.full(hours + 12, 5.0),
            solar_w_m2=np.zeros(hours + 12), wind_m_s=np.full(hours + 12, 0.9), ground_c=np.full(hours + 12, 8.0),
            settings=HeatSettings(gain_profile=(1.0,) * 24, room_target_c=18.0), hours=hours + 12,
        )  # fmt: skip
        again.set_mode("season")
        again.advance(hours * HOUR)
        again.set_supply_on([False])
        again.advance((hours + 12) * HOUR)
        cooled.append(one.room_c()[0] - again.room_c()[0])
    assert 0.0 < cooled[0] < cooled[1]
