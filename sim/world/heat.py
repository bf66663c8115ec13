"""The heat of a season: one object that marches the network and its rooms, takes orders, and says how things stand.

It knows no people, no repairs and no SimPy: the world gives orders (close these pipes, this unit has tripped), asks for
the march to a second, and reads what followed. All that changes lives in `Heat.state`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from ...network_models.arrays import NetworkArrays
from ...scenarios.calendar import DAY_S
from ..kernels import layout as la
from ..kernels.contents import contents, overwrite
from ..kernels.fuel import begin_day
from ..kernels.heat_compile import direct
from ..kernels.served import mark_unserved
from ..kernels.sources import A_CAN, A_TANK
from ..kernels.step import CROSSINGS_FULL, march
from ..kernels.topology import derive
from .heat_ledger import Ledger, energy_ledger, water_ledger
from .heat_plant import build, with_secondary_flow
from .heat_settings import TANK_RULES, HeatSettings
from .outdoors import weather_rows

__all__ = ["MODES", "Crossings", "Heat", "HeatSettings", "HeatState", "Trouble"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MODES = {"off": la.OFF, "filling": la.FILLING, "trial": la.TRIAL, "preheat": la.PREHEAT, "season": la.SEASON}
CODES = ("fine", "loop_flows_unsettled", "pressure_unsettled")
_HOURLY_SUBSTATION = ("substation_heat_w", "substation_need_w", "substation_supply_c", "substation_dp_pa")
_HOURLY_SOURCE = (
    "source_heat_w", "source_supply_c", "source_return_c", "source_flow_kg_s", "source_head_pa", "source_pump_w",
    "unserved_fuel_w", "unserved_capacity_w",
)  # fmt: skip


class Crossings(NamedTuple):
    """Where cohorts' mean room temperature passed 18 degC, in order of time (cohort in one second)."""

    at_s: Floats
    cohort: Ints
    downward: Bools


class Trouble(NamedTuple):
    """What the solver last could not settle: the last answer stands and obeys conservation."""

    code: str
    at_s: int
    element: int


@dataclass(frozen=True, slots=True, eq=False)
class HeatState:
    """All that changes, as arrays; :meth:`copy` gives a second, independent one."""

    arrays: la.State
    closed: Bools
    drained: Bools

    def copy(self) -> HeatState:
        """Return an independent copy."""
        return HeatState(la.State._make(array.copy() for array in self.arrays), self.closed.copy(), self.drained.copy())


class Heat:
    """Network, substations, rooms, sources and fuel of one season.

    Parameters
    ----------
    arrays : NetworkArrays
        The network.
    outdoor_c, solar_w_m2, wind_m_s, ground_c : arrays, shape (hours,)
        Weather: outdoor temperature [degC], global horizontal radiation [W/m2], wind [m/s], undisturbed ground
        temperature at the pipes' depth [degC].
    facades_w_m2 : array, shape (5, hours), optional
        Radiation on the facades in the order of ``FACADES`` [W/m2]; needed where dwelling types state their facing.
    settings : HeatSettings
        How it is run and computed.
    hours : int
        Hours from the origin that can be marched.

    Raises
    ------
    ValueError
        If the weather is too short, not finite or not all that is needed, a substation has no cohort, or a setting has
        no meaning.
    """

    def __init__(
        self,
        arrays: NetworkArrays,
        *,
        outdoor_c: npt.ArrayLike,
        solar_w_m2: npt.ArrayLike,
        wind_m_s: npt.ArrayLike,
        ground_c: npt.ArrayLike,
        facades_w_m2: npt.ArrayLike | None = None,
        settings: HeatSettings,
        hours: int,
    ) -> None:
        self.arrays = arrays
        self.settings = settings
        self.hours = hours
        self.secondary_flow_share = 1.0
        self._weather = weather_rows(
            arrays, hours, outdoor_c=outdoor_c, solar_w_m2=solar_w_m2, wind_m_s=wind_m_s, ground_c=ground_c,
            facades_w_m2=facades_w_m2,
        )  # fmt: skip
        if settings.dispatch not in ("proportional", "merit"):
            raise ValueError(f"dispatch is {settings.dispatch!r}; wanted 'proportional' or 'merit'")
        plant, state, self._work = build(arrays, settings, self._weather)
        pipes = len(arrays.pipe_ids)
        self.state = HeatState(state, np.zeros(pipes, np.bool_), np.zeros(pipes, np.bool_))
        self._tracks = la.Tracks(
            np.zeros((hours, int(plant.size[la.COLUMNS])), np.float32),
            np.zeros((hours + 1, len(arrays.cohort_ids)), np.float32),
            np.zeros((hours, len(arrays.store_ids)), np.float32),
        )
        self._stand(plant)
        self.any_cut_off = bool(self.cut_off().any())
        self._tracks.room_c[0] = self.room_c()
        self._crossings: list[Floats] = []  # as the kernel leaves them: instant, place, downward
        self._cohort_at = np.full(self._plant.cohort.shape[1], -1, np.int64)
        self._cohort_at[self._plant.place] = np.arange(len(arrays.cohort_ids))
        start = energy_ledger(self._plant, self.state.arrays, self.real_places)
        self._stored_at_start, self._rooms_at_start = start.stored_j, start.rooms_j

    # --- the march

    @property
    def time_s(self) -> float:
        """Seconds since the origin that the state has reached."""
        return float(self.state.arrays.clock[la.K_TIME])

    def advance(self, until_s: float) -> None:
        """March to `until_s`, in steps that end at full hours and at `until_s` [s].

        Raises
        ------
        ValueError
            If `until_s` lies in the past or beyond the weather.
        """
        if not self.state.arrays.clock[la.K_TIME] <= until_s <= 3600 * self.hours:
            raise ValueError(f"cannot march from {self.time_s} s to {until_s} s of {3600 * self.hours} s")
        while (
            self._march(float(until_s), self._weather, self._plant, self.state.arrays, self._work, self._tracks)
            == CROSSINGS_FULL
        ):
            self._drain_crossings()

    def _stand(self, plant: la.Plant) -> None:
        """Let this stand from now on."""
        self._plant = plant
        self._march = direct(march, 0.0, self._weather, plant, self.state.arrays, self._work, self._tracks)
        row = self.state.arrays.substation[la.Y_NEED]
        self._mark_unserved = direct(mark_unserved, row, row, 0.0, row > 0.0)

    def copy(self) -> Heat:
        """Return a second season that shares the network and goes its own way from here."""
        other = object.__new__(Heat)
        other.__dict__.update(self.__dict__)
        other.state = self.state.copy()
        other._work = la.Work._make(array.copy() for array in self._work)
        other._tracks = la.Tracks._make(array.copy() for array in self._tracks)
        other._crossings = list(self._crossings)
        return other

    # --- orders

    def set_mode(self, mode: str) -> None:
        """Run the plant as ``off`` (nothing flows), ``filling`` (cold circulation), ``trial`` (warm circulation at the
        trial temperatures), ``preheat`` or ``season`` (by the heating curve; they differ in the ramp).
        """  # fmt: skip
        if mode not in MODES:
            raise ValueError(f"mode is {mode!r}; wanted one of {', '.join(MODES)}")
        clock = self.state.arrays.clock
        if clock[la.K_MODE] < la.TRIAL <= MODES[mode]:  # the ramp begins at what the water in the plants has
            clock[la.K_SUPPLY_SET] = max(
                float(self.state.arrays.source[la.O_RETURN_C].mean()), self.settings.initial_supply_c
            )
        clock[la.K_MODE] = MODES[mode]
        clock[la.K_RAMP] = self.settings.preheat_ramp_k_h if mode == "preheat" else self.settings.ramp_k_h

    def set_curve(self, room_target_c: float, ramp_k_h: float | None = None) -> None:
        """Aim the heating curves at a room temperature [degC]; change the ramp of the primary supply [K/h]."""
        self.state.arrays.clock[la.K_TARGET] = room_target_c
        if ramp_k_h is not None:
            self.state.arrays.clock[la.K_RAMP] = ramp_k_h

    def set_pipes_closed(self, closed: npt.ArrayLike) -> None:
        """Close exactly these pipes on both sides (a mask over all pipes); islands and loops are derived anew."""
        mask = np.asarray(closed, np.bool_)
        if mask.shape != self.state.closed.shape:
            raise ValueError(f"closed has shape {mask.shape}; wanted {self.state.closed.shape}")
        if np.array_equal(mask, self.state.closed):
            return
        self.state.closed[:] = mask
        self._derive()

    def set_leak(self, pipe: int, position: float, kg_s: float, *, on_supply: bool) -> None:
        """Let a pipe side lose water [kg/s] (0 ends it), drawn at its end nearer to `position` (0 from … 1 to).

        Make-up follows up to the sources' limit; a system that loses more loses its head in proportion, and no more
        water leaves than is made up. A leak in a part without a source, or at a closed pipe without one, runs dry.
        """
        if kg_s < 0.0 or not 0.0 <= position <= 1.0:
            raise ValueError(f"leak of {kg_s} kg/s at {position}; wanted at least 0 kg/s and a position from 0 to 1")
        state = self.state.arrays
        side = 0 if on_supply else 1
        e = side * len(self.arrays.pipe_ids) + pipe
        end = self.arrays.pipe_from[pipe] if position < 0.5 else self.arrays.pipe_to[pipe]
        state.pipe[la.L_LEAK, e] = kg_s
        state.pipe[la.L_OUT, e] = 0.0
        state.pipe_int[la.J_LEAK_NODE, e] = side * len(self.arrays.node_ids) + end
        state.clock[la.K_LEAKS] = float(np.count_nonzero(state.pipe[la.L_LEAK] > 0.0))

    def drain(self, pipes: npt.ArrayLike) -> None:
        """Let the water out of these pipes (indices), both sides; its heat leaves with it. They must be closed."""
        which = np.atleast_1d(np.asarray(pipes, np.int64))
        if not self.state.closed[which].all():
            raise ValueError("only closed pipes can be drained")
        self._rewrite(which[~self.state.drained[which]], filled=0)
        self.state.drained[which] = True

    @property
    def drained(self) -> npt.NDArray[np.bool_]:
        """Which pipes are empty, shape (pipe,)."""
        return self.state.drained

    def refill(self, pipes: npt.ArrayLike) -> None:
        """Fill these pipes (indices) with cold water, both sides; they may then be opened."""
        which = np.atleast_1d(np.asarray(pipes, np.int64))
        self._rewrite(which[self.state.drained[which]], filled=1)
        self.state.drained[which] = False

    def shift_rooms(self, by_k: npt.ArrayLike) -> None:
        """Shift each cohort's rooms and masses, shape (cohort,) [K]: another season is taken on from here.

        The ledger begins with what is put in or taken out.
        """
        before = energy_ledger(self._plant, self.state.arrays, self.real_places).rooms_j
        for row in (la.Z_AIR, la.Z_MASS):
            self.state.arrays.cohort[row, self.real_places] += np.asarray(by_k, np.float64)
        after = energy_ledger(self._plant, self.state.arrays, self.real_places).rooms_j
        self._rooms_at_start += after - before

    def set_unit_share(self, unit: int, share: float, at_s: float | None = None) -> None:
        """Make a share of one unit's capacity available (0: tripped) [-]; others keep theirs."""
        shares: list[float] = self.state.arrays.unit[la.V_SHARE_NEXT].tolist()
        shares[unit] = share
        self.set_unit_shares(shares, at_s)

    def set_unit_shares(self, shares: Sequence[float], at_s: float | None = None) -> None:
        """Make a share of each unit's capacity available, shape (unit,) [-]; one that comes back has been fired up.

        An order may be given ahead of the heat, at `at_s` within the hour that it stands in (left out: at once) [s].
        Then what is left of the hour has the mean of what units can make before and after, so no step need end there;
        orders within one hour add up, and from the next full hour on the last one stands.

        Raises
        ------
        ValueError
            If `at_s` is not within what is left of the hour.
        """
        now, at = self.time_s, self.time_s if at_s is None else at_s
        end = 3600.0 * (now // 3600.0 + 1.0)
        if not now <= at < end:
            raise ValueError(f"units ordered at {at} s; wanted a second from {now} to before {end}")
        rows, left = self.state.arrays.unit, (end - at) / (end - now)
        share, following, there = rows[la.V_SHARE], rows[la.V_SHARE_NEXT], rows[la.V_THERE]
        for unit, (before, after) in enumerate(zip(following.tolist(), shares, strict=True)):
            if before == after:  # most of them
                continue
            if before == 0.0 and after > 0.0:
                rows[la.V_TO_GO_S, unit] = 0.0
            # a step between two orders of one hour may have given what the second takes: never less than nothing
            mean = min(max(float(share[unit]) - before * left + after * left, 0.0), 1.0)
            part = float(there[unit]) - (before > 0.0) * left + (after > 0.0) * left
            share[unit], there[unit], following[unit] = mean, min(max(part, mean), 1.0), after

    def set_second_fuel_first(self, units: npt.ArrayLike) -> None:
        """Let exactly these units (a mask) burn their second fuel first; one without a second burns its only one."""
        self.state.arrays.unit[la.V_SECOND] = np.asarray(units, np.bool_)

    def set_supply_on(self, on: npt.ArrayLike) -> None:
        """Supply exactly these substations (a mask)."""
        self.state.arrays.substation[la.Y_ON] = np.asarray(on, np.bool_)

    def set_grants(self, stores: Ints, stays: npt.ArrayLike, grant: npt.ArrayLike) -> None:
        """Let each day from the next on bring so much to some stores, in which no more than `stays` stays [unit]."""
        self.state.arrays.stock[la.F_STAYS, stores] = stays
        self.state.arrays.stock[la.F_GRANT, stores] = grant

    def begin_day(self) -> None:
        """Let the day begin at whose first instant the heat stands; the march would do so with its first step."""
        begin_day(int(self.time_s) // DAY_S, self.state.arrays.clock, self.state.arrays.stock)

    def set_interim(self, capacity_w: npt.ArrayLike) -> None:
        """Let mobile boilers of these capacities stand at the substations, shape (substation,) [W]; 0: none."""
        row = self.state.arrays.substation[la.Y_INTERIM_MAX]
        row[:] = capacity_w
        self.state.arrays.substation[la.Y_INTERIM, row == 0.0] = 0.0
        self.state.arrays.clock[la.K_INTERIM] = float(np.count_nonzero(row))

    def set_served_share(self, share: npt.ArrayLike) -> None:
        """Let each substation's valve look for this share of the heat needed (rationing) [-]."""
        self.state.arrays.substation[la.Y_SERVED] = share

    def set_dispatch(
        self, order: Sequence[int] | Ints, *, tier: Sequence[int] | Ints | None = None, rule: str | None = None
    ) -> None:
        """Put the units in order of merit (unit indices, first used first), and choose between ``merit`` (fill up in
        this order across sources) and ``proportional`` (sources share by what they can make; the order holds in each).

        Units next to each other in order and of the same `tier`, shape (unit,), share in proportion to what they can
        make; left out, each goes for itself.
        """  # fmt: skip
        if sorted(int(u) for u in order) != list(range(len(self.arrays.unit_ids))):
            raise ValueError("order must name every unit once")
        rows = self.state.arrays.unit
        rows[la.V_RANK] = np.asarray(order, np.float64)
        rows[la.V_TIER] = np.arange(len(self.arrays.unit_ids)) if tier is None else np.asarray(tier, np.float64)
        if rule is not None:
            if rule not in ("proportional", "merit"):
                raise ValueError(f"rule is {rule!r}; wanted 'proportional' or 'merit'")
            setting = self._plant.setting.copy()
            setting[la.S_MERIT] = float(rule == "merit")
            self._stand(self._plant._replace(setting=setting))
            self.settings = replace(self.settings, dispatch=rule)

    def set_storage(self, *, tank_rule: str, tank_lag_s: float, tank_orders: Sequence[float]) -> None:
        """Use hot-water tanks by another rule from now on: see :class:`HeatSettings`."""
        setting, hourly = self._plant.setting.copy(), self._plant.hourly.copy()
        setting[[la.S_TANK_RULE, la.S_TANK_LAG_S]] = TANK_RULES.index(tank_rule), tank_lag_s
        hourly[2] = tank_orders
        self._stand(self._plant._replace(setting=setting, hourly=hourly))
        self.settings = replace(
            self.settings, tank_rule=tank_rule, tank_lag_s=tank_lag_s, tank_orders=tuple(tank_orders)
        )

    def set_secondary_flow(self, share: float) -> None:
        """Let all secondary pumps move this share of their design flow from now on [-]."""
        self._stand(with_secondary_flow(self._plant, self.arrays, self.settings, share))
        self.secondary_flow_share = share

    # --- how things stand

    @property
    def fuel_available(self) -> Floats:
        """Fuel at hand by store [unit], shape (store,): burning lowers it, the world may write to it."""
        result: Floats = self.state.arrays.stock[la.F_STOCK]
        return result

    @property
    def fuel_burnt(self) -> Floats:
        """Fuel burnt so far by store [unit], shape (store,)."""
        result: Floats = self.state.arrays.stock[la.F_BURNT]
        return result

    @property
    def day(self) -> int:
        """The last day that began: its grants have come."""
        return int(self.state.arrays.clock[la.K_DAY])

    @property
    def fuel_before_day(self) -> Floats:
        """Fuel that was at hand by store before that day's grants [unit], shape (store,)."""
        result: Floats = self.state.arrays.stock[la.F_BEFORE]
        return result

    def units(self) -> dict[str, dict[str, float]]:
        """Return what each unit has done so far: heat [GJ], electricity made [MWh], hours at work, starts, and its heat
        over the energy from its store (0 for one that never ran) [-].
        """  # fmt: skip
        rows = self.state.arrays.unit
        return {
            name: {
                "heat_gj": float(rows[la.V_MADE_J, u]) / 1e9,
                "power_mwh": float(rows[la.V_POWER_J, u]) / 3.6e9,
                "hours": float(rows[la.V_RUN_S, u]) / 3600.0,
                "starts": float(rows[la.V_STARTS, u]),
                "efficiency": float(rows[la.V_MADE_J, u] / rows[la.V_FUEL_J, u]) if rows[la.V_FUEL_J, u] > 0.0 else 0.0,
            }
            for u, name in enumerate(self.arrays.unit_ids)
        }

    def tanks(self) -> dict[str, dict[str, float]]:
        """Return what the sources' hot-water tanks have taken in, given and hold [GJ], by source."""
        rows = self.state.arrays.source
        named = {"taken_gj": la.O_TANK_TAKEN_J, "given_gj": la.O_TANK_GIVEN_J, "held_gj": la.O_TANK_HELD_J}
        return {
            self.arrays.source_ids[i]: {name: float(rows[row, i]) / 1e9 for name, row in named.items()}
            for i in np.flatnonzero(self.arrays.source_tank_j > 0.0)
        }

    @property
    def interim_j(self) -> Floats:
        """Heat of mobile boilers so far, shape (substation,) [J]."""
        result: Floats = self.state.arrays.substation[la.Y_INTERIM_J].copy()
        return result

    @property
    def electricity_j(self) -> float:
        """Electricity of primary and secondary pumps so far [J]."""
        return float(self.state.arrays.ledger[la.G_ELECTRICITY])

    @property
    def real_places(self) -> Ints:
        """Where in the kernels' layout each cohort lies, shape (cohort,)."""
        return self._plant.place

    @property
    def trouble(self) -> Trouble:
        """What the solver last could not settle (``fine`` if nothing ever)."""
        code, at, element = self.state.arrays.trouble.tolist()
        return Trouble(CODES[code], at, element)

    @property
    def tracks(self) -> dict[str, npt.NDArray[np.float32]]:
        """Hourly series by the names of ``record.TRACKS``, shape (hours, element); ``room_c`` has one row more."""
        substations, sources = len(self.arrays.substation_ids), len(self.arrays.source_ids)
        hour = self._tracks.hour
        result = {"outdoor_c": hour[:, 0], "room_c": self._tracks.room_c, "store_stock": self._tracks.stock}
        at = 1
        for name in _HOURLY_SUBSTATION:
            result[name] = hour[:, at : at + substations]
            at += substations
        for name in _HOURLY_SOURCE:
            result[name] = hour[:, at : at + sources]
            at += sources
        return result

    @property
    def whole_tracks(self) -> dict[str, npt.NDArray[np.float32]]:
        """The arrays that the tracks are views of."""
        return self._tracks._asdict()

    def room_c(self) -> Floats:
        """Return each cohort's mean room temperature now [degC], shape (cohort,)."""
        result: Floats = self.state.arrays.cohort[la.Z_AIR][self._plant.place]
        return result

    def heat_w(self) -> Floats:
        """Return each substation's heat in the last step [W], shape (substation,)."""
        result: Floats = self.state.arrays.substation[la.Y_HEAT].copy()
        return result

    def need_w(self) -> Floats:
        """Return the heat each substation asked for in the last step [W], shape (substation,)."""
        result: Floats = self.state.arrays.substation[la.Y_NEED].copy()
        return result

    def served_share(self) -> Floats:
        """Return heat over need of the last step [-], shape (substation,); 1 where nothing was needed."""
        heat, need = self.state.arrays.substation[la.Y_HEAT], self.state.arrays.substation[la.Y_NEED]
        result: Floats = np.divide(heat, need, out=np.ones(len(need)), where=need > 0.0)
        return result

    def mark_unserved(self, below: float, out: Bools) -> bool:
        """Mark which substations got less than a share of their need in the last step, and tell whether any did."""
        heat, need = self.state.arrays.substation[la.Y_HEAT], self.state.arrays.substation[la.Y_NEED]
        return bool(self._mark_unserved(heat, need, below, out))

    def cut_off(self) -> Bools:
        """Return which substations have no open way to and from a source, shape (substation,)."""
        return self.islands_of_substations() < 0

    def islands(self) -> Ints:
        """Return the island of each source, shape (source,)."""
        return self.state.arrays.island[: len(self.arrays.source_ids)].copy()

    def islands_of_substations(self) -> Ints:
        """Return the island of each substation, shape (substation,); -1: no open way to and from a source."""
        return self.state.arrays.island[len(self.arrays.source_ids) :].copy()

    def can_give_w(self) -> tuple[Floats, Floats]:
        """Return what each source's units, with the fuel they had, and its tank could give in the last step [W]."""
        return self._work.source[A_CAN].copy(), self._work.source[A_TANK].copy()

    def worst_placed(self) -> Ints:
        """Return the substation that sets each source's pressure (-1: none), shape (source,)."""
        result: Ints = self.state.arrays.source[la.O_WORST].astype(np.int64)
        return result

    def load_share(self, outdoor_c: float, target_c: float) -> float:
        """Return what rooms at a temperature lose outdoors over the emitters' design heat, all together [-]."""
        rows = self._plant.substation
        asked = rows[la.X_LOSS] * (target_c - outdoor_c) - self.settings.gain_credit * rows[la.X_GAIN]
        return float(asked.sum() / rows[la.X_RADIATOR].sum())

    def pipe_flow_kg_s(self) -> Floats:
        """Return the flow of the last step, positive from `from` to `to`, shape (2, pipe): supply, return [kg/s]."""
        result: Floats = self.state.arrays.pipe[la.L_FLOW].reshape(2, -1).copy()
        return result

    def pipe_drop_pa(self) -> Floats:
        """Return the pressure at `from` less that at `to`, shape (2, pipe): supply, return [Pa]."""
        result: Floats = self.state.arrays.pipe[la.L_DROP].reshape(2, -1).copy()
        return result

    def makeup_kg_s(self) -> Floats:
        """Return each source's make-up in the last step [kg/s], shape (source,)."""
        source = self.state.arrays.source
        result: Floats = source[la.O_MAKEUP] + np.maximum(-source[la.O_RETURN_FLOW], 0.0)
        return result

    def crossings(self) -> Crossings:
        """Return the crossings of 18 degC since last asked."""
        self._drain_crossings()
        if not self._crossings:
            return _NO_CROSSINGS
        parts = self._crossings
        at_s, place, down = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        parts.clear()
        cohort = self._cohort_at[place.astype(np.int64)]
        order = np.lexsort((cohort, at_s))
        order = order[cohort[order] >= 0]  # the kernel's rows are filled up with rooms that nobody lives in
        return Crossings(at_s[order], cohort[order], down[order] > 0.0)

    def forget_crossings(self) -> None:
        """Let nobody ask for the crossings up to now."""
        self._crossings.clear()
        self._work.crossings[0] = 0

    @property
    def ledger(self) -> dict[str, float]:
        """Energy of network and rooms [J] and water [kg] so far, each entry from its own terms; ``…_error`` is what
        does not close, relative [-].
        """  # fmt: skip
        now = energy_ledger(self._plant, self.state.arrays, self.real_places)
        start = Ledger(self._stored_at_start, self._rooms_at_start)
        return now.closed(start) | water_ledger(self.state.arrays, self._plant)

    # --- inside

    def _drain_crossings(self) -> None:
        count = int(self._work.crossings[0])
        if count:
            self._crossings.append(self._work.crossing[:, :count].copy())
            self._work.crossings[0] = 0

    def _derive(self) -> None:
        state = self.state.arrays
        present = np.concatenate([self.arrays.pipe_on_supply, self.arrays.pipe_on_return])
        state.pipe_int[la.J_OPEN] = present & ~np.concatenate([self.state.closed, self.state.closed])
        state.pipe[la.L_FLOW] = 0.0
        state.pipe[la.L_DROP] = 0.0
        state.chord_flow[:] = 0.0
        state.clock[la.K_TOTAL_SUPPLY : la.K_TOTAL_RETURN + 1] = 0.0
        derive(self._plant, state)
        cut_off = self.cut_off()
        self.any_cut_off = bool(cut_off.any())
        state.substation[la.Y_DP, cut_off] = 0.0

    def _rewrite(self, pipes: Ints, *, filled: int) -> None:
        """Drain (0) or fill (1) both sides of pipes, and book the water, its heat and the wall's."""
        plant, state, fill_c = self._plant, self.state.arrays, self.settings.fill_c
        capacity, ledger = self.settings.water_j_kgk, state.ledger
        ground, now = float(state.clock[la.K_GROUND]), self.time_s
        for side, present in enumerate((self.arrays.pipe_on_supply, self.arrays.pipe_on_return)):
            for e in (pipes[present[pipes]] + side * len(self.arrays.pipe_ids)).tolist():
                mass, heat, lost = contents(e, ground, now, plant.pipe, state.pipe, state.pipe_int, state.ring)
                if mass > 0.0:
                    ledger[la.G_DRAINED] += capacity * heat
                    ledger[la.G_DRAINED_KG] += plant.pipe[la.P_WATER, e]
                    state.pipe[la.L_LOST, e] += lost
                overwrite(e, filled, fill_c, now, plant.pipe, state.pipe, state.pipe_int)
                if filled:
                    ledger[la.G_FILLED] += capacity * plant.pipe[la.P_MASS, e] * fill_c
                    ledger[la.G_FILLED_KG] += plant.pipe[la.P_WATER, e]
        if pipes.size:
            self._derive()


_NO_CROSSINGS = Crossings(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.bool_))
