"""One network being solved for a steady state: the kernels' arrays, the law of friction, limits by pressure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..network_models.arrays import FACADES, NetworkArrays
from ..network_models.formats.foreign import Friction
from ..network_models.network import Network
from .kernels import layout as la
from .kernels import steady as k
from .kernels.friction import LAMINAR_RE, ROUGH, colebrook, friction_table, laminar_below, turbulent
from .kernels.scarcity import OFFERS, drive
from .kernels.sources import A_CAN
from .kernels.topology import derive
from .steady_state import Fluid, SteadyState
from .world.heat_plant import build
from .world.heat_settings import HeatSettings
from .world.outdoors import weather_rows

__all__ = ["SteadyCase"]

Floats = npt.NDArray[np.float64]

CODES = ("settled", "short_of_pressure", "short_of_heat", "not_settled")
_BEYOND = 1e30  # W, Pa or kg/s: what no network has
_CORRECTIONS = 8  # of the table to the friction law: each leaves some thousandth of the one before
_OFF_LAW = 1e-4  # what the friction of a pipe may be off its law: some 1e-6 is left where it turns at Re 100
_NUDGE_K = 1.0  # with which a balance that does not last is left
_STILL = 1e-9  # of all flow, below which water stands: flows are no nearer than that


class SteadyCase:
    """One network being solved: the kernels' arrays, and what limits flows by pressure."""

    def __init__(self, arrays: NetworkArrays, plant: la.Plant, state: la.State, work: la.Work, fluid: Fluid) -> None:
        self.arrays, self.plant, self.state, self.work = arrays, plant, state, work
        self.fluid, self.ends = fluid.table(), fluid.mean_of_ends
        sides = 2 * len(arrays.pipe_ids)
        self.static = plant.pipe.copy()
        self.loss_w_k = np.tile(arrays.pipe_loss_w_mk * arrays.pipe_length_m, 2)
        self.ground_c = np.zeros(sides)
        self.rise_m = np.zeros(sides)  # where water's weight is to drive flows too
        self.now = np.zeros((7, len(arrays.substation_ids)))
        self.now[k.V_LIMIT] = 1.0
        self.outlet = np.zeros((5, len(arrays.source_ids)))
        self.given = np.zeros(len(arrays.source_ids))  # shares of their island's flow that were asked for
        self.mean_c = np.zeros(sides)
        self.fall_c = np.zeros(sides)
        self.lost_w = np.zeros(sides)
        self.level = np.zeros(len(arrays.source_ids))  # by island: supply less return pressure at the roots [Pa]

    @classmethod
    def of(
        cls, arrays: NetworkArrays, fluid: Fluid, ground_c: Floats, supply_c: Floats, friction: Friction,
        shares: Floats | None = None, closed: npt.NDArray[np.bool_] | None = None, *, buoyancy: bool = False,
    ) -> SteadyCase:  # fmt: skip
        """Return a case at rest, at plausible temperatures, with a table of its friction law."""
        still = np.zeros(1)
        weather = weather_rows(
            arrays, 1, outdoor_c=still, solar_w_m2=still, wind_m_s=still, ground_c=still,
            facades_w_m2=np.zeros((len(FACADES), 1)),
        )  # fmt: skip
        plant, state, work = build(arrays, HeatSettings(), weather)
        if friction in _LAWS:
            relative = np.unique(np.round(arrays.pipe_roughness_m / arrays.pipe_inner_diameter_m, 12))
            plant = plant._replace(friction=friction_table(relative, _LAWS[friction]).ravel())
        case = cls(arrays, plant, state, work, fluid)
        if closed is not None and closed.any():
            state.pipe_int[la.J_OPEN] &= ~np.tile(closed, 2)
            derive(plant, state)
        if buoyancy:
            height = arrays.node_elevation_m
            case.rise_m[:] = np.tile(height[arrays.pipe_to] - height[arrays.pipe_from], 2)
        nodes = len(arrays.node_ids)
        warm = float(supply_c.max())
        state.node[la.N_TEMPERATURE, :nodes] = warm
        state.node[la.N_TEMPERATURE, nodes:] = 0.5 * (warm + float(ground_c.mean()))
        case.ground_c[:] = np.tile(ground_c, 2)
        pipes = len(arrays.pipe_ids)
        case.mean_c[:pipes], case.mean_c[pipes:] = warm, 0.5 * (warm + float(ground_c.mean()))
        case.outlet[k.E_SUPPLY] = supply_c
        given = plant.source[la.O_CAPACITY] if shares is None else shares
        island = state.island[: len(given)]
        total = np.bincount(island, given, len(given))[island]
        alone = np.bincount(island, minlength=len(given))[island]
        case.outlet[k.E_SHARE] = np.where(total > 0.0, given / np.where(total > 0.0, total, 1.0), 1.0 / alone)
        case.given[:] = case.outlet[k.E_SHARE]
        return case

    def settle(self, duties: Floats, tolerance_k: float, friction: Friction) -> tuple[int, int]:
        """Settle flows and temperatures; what the friction law has over its table is found along the way."""
        code, rounds = self._follow(duties, tolerance_k, friction)
        if code == k.NOT_SETTLED or not len(ends := self._balanced()):
            return code, rounds
        temperature = self.state.node[la.N_TEMPERATURE]
        changing = (temperature, self.state.chord_flow, self.static, self.now, self.mean_c, self.fall_c)
        kept = [array.copy() for array in changing]
        temperature[ends] -= _NUDGE_K
        code, more = self._follow(duties, tolerance_k, friction)
        rounds += more
        if code == k.NOT_SETTLED:  # between the two it may go too slowly: both obey every equation
            for array, values in zip(changing, kept, strict=True):
                array[:] = values
            code, more = self._follow(duties, tolerance_k, friction)
            rounds += more
        return code, rounds

    def _follow(self, duties: Floats, tolerance_k: float, friction: Friction) -> tuple[int, int]:
        rounds, off = 0, 0.0
        for _ in range(1 if friction == "table" else _CORRECTIONS):
            code, more = k.settle(
                self.plant, self.state, self.work, self.static, self.fluid, self.ends, self.loss_w_k, self.ground_c,
                self.rise_m, duties, self.now, self.outlet, self.mean_c, self.fall_c, self.lost_w, tolerance_k,
            )  # fmt: skip
            rounds += more
            if self.not_finite():
                return k.NOT_SETTLED, rounds
            off = 0.0 if friction == "table" else self._correct(friction)
            if off < 1e-10:
                break
        return code if off < _OFF_LAW else k.NOT_SETTLED, rounds

    def _balanced(self) -> npt.NDArray[np.int64]:
        """Return the supply's nodes behind pipes in which water stands between others where it moves.

        Where a ring's two ways are alike, a state in which nothing flows between them obeys every equation. It need
        not last: water that begins to flow arrives colder, so that the substation behind it draws more.
        """
        pipes = len(self.arrays.pipe_ids)
        start, end = self.arrays.pipe_from, self.arrays.pipe_to
        moving, still = self._moving()[:pipes], self._still()
        there = self.state.pipe_int[la.J_OPEN, :pipes].astype(bool) & self.arrays.pipe_on_supply
        return np.unique(end[there & ~moving & ~still[start] & ~still[end]])

    def _moving(self) -> npt.NDArray[np.bool_]:
        """Return in which pipes, of both sides, water moves."""
        moving: npt.NDArray[np.bool_] = np.abs(self.state.pipe[la.L_FLOW]) > _STILL * self.outlet[k.E_FLOW].sum()
        return moving

    def _still(self) -> npt.NDArray[np.bool_]:
        """Return at which nodes, of both sides, all water stands."""
        arrays, nodes = self.arrays, len(self.arrays.node_ids)
        still = np.ones(2 * nodes, bool)
        moving = self._moving().reshape(2, -1)
        for side in range(2):
            still[side * nodes + arrays.pipe_from[moving[side]]] = False
            still[side * nodes + arrays.pipe_to[moving[side]]] = False
            still[side * nodes + arrays.substation_node[self.now[k.V_FLOW] > 0.0]] = False
            still[side * nodes + arrays.source_node[self.outlet[k.E_FLOW] > 0.0]] = False
        return still

    def not_finite(self) -> tuple[str, ...]:
        """Return the pipes and substations where a number is none, or beyond what flows can be."""
        sides = np.stack([self.state.pipe[la.L_FLOW], self.state.pipe[la.L_DROP], self.mean_c, self.lost_w])
        there = np.abs(np.nan_to_num(sides, nan=np.inf)).max(axis=0) > _BEYOND
        taken = np.abs(np.nan_to_num(self.now, nan=np.inf)).max(axis=0) > _BEYOND
        names = [*np.tile(np.array(self.arrays.pipe_ids, object), 2)[there].tolist(),
                 *np.array(self.arrays.substation_ids, object)[taken].tolist()]  # fmt: skip
        return tuple(dict.fromkeys(names))

    def _correct(self, friction: Friction) -> float:
        """Put what the friction law has over its table into the minor losses; return the largest change [-]."""
        pipe, static = self.state.pipe, self.static
        flow = np.abs(pipe[la.L_FLOW])
        reynolds = np.maximum(flow * pipe[la.L_REYNOLDS], 1e-9)
        roughness = np.tile(self.arrays.pipe_roughness_m / self.arrays.pipe_inner_diameter_m, 2)
        moving = self._moving()
        exact = _LAWS[friction](reynolds[moving], roughness[moving])
        resistance = (pipe[la.L_DROP, moving] - pipe[la.L_RAISED, moving]) / (
            pipe[la.L_DRAG, moving] * flow[moving] * pipe[la.L_FLOW, moving]
        )
        wanted = exact * static[la.P_SLENDER, moving] + self.plant.pipe[la.P_ZETA, moving]
        change = wanted - resistance
        static[la.P_ZETA, moving] += change
        return float(np.abs(change / wanted).max(initial=0.0))

    def limit(self, lift_pa: Floats, least_dp_pa: float) -> float:
        """Set each island's pressure, and limit flows that it does not allow; return the largest change [-].

        What open valves and pumps at their head do is found as in a season (scarcity.py); a given lift is such a head.
        """
        arrays, plant, state, work, now = self.arrays, self.plant, self.state, self.work, self.now
        nodes, sources = len(arrays.node_ids), len(arrays.source_ids)
        pressure, island = state.node[la.N_PRESSURE], state.island
        valve, flow, want = arrays.substation_valve_kg_s_pa05, now[k.V_FLOW], now[k.V_WANT]
        own = pressure[arrays.substation_node] - pressure[nodes + arrays.substation_node]
        lift = pressure[arrays.source_node] - pressure[nodes + arrays.source_node]
        needed = np.maximum((want / valve) ** 2, least_dp_pa)
        scarce = bool((now[k.V_LIMIT] < 1.0).any())
        heads = np.where(np.isnan(lift_pa), arrays.source_head_max_pa, lift_pa)
        running = np.isin(island[:sources], island[:sources][heads > 0.0])
        driven = np.isin(island[sources:], island[:sources][running])  # no pump, no flow
        scarce |= bool((~driven & (flow > 0.0)).any())
        for at in range(int(state.counts[la.Q_ISLANDS, 0])):
            mine = (island[sources:] == at) & (want > 0.0)
            holders = np.flatnonzero((island[:sources] == at) & (self.outlet[k.E_FLOW] > 0.0))
            if not mine.any() or not len(holders):
                continue
            level = max(float((needed - own)[mine].max()), 0.0)
            first = np.flatnonzero(island[:sources] == at)[0]
            most = float((arrays.source_head_max_pa[holders] - lift[holders]).min())
            if np.isnan(lift_pa[first]):
                scarce |= level > most * (1.0 + 1e-9) + 1e-6
                self.level[at] = min(level, most)
            else:
                self.level[at] = lift_pa[first] - lift[first]
                scarce |= bool((self.level[at] + own < (want / valve) ** 2 * (1.0 - 1e-9))[mine].any())
        if not scarce:
            return 0.0
        if not (driven & (want > 0.0)).any():
            changed = float(now[k.V_LIMIT].max(initial=0.0))
            now[k.V_LIMIT] = 0.0
            return changed
        work.substation[la.B_WANT], state.substation[la.Y_FLOW] = np.where(driven, want, 0.0), flow * driven
        state.source[la.O_FLOW], state.source[la.O_PLAN] = self.outlet[k.E_FLOW] * running, self.given * running
        work.source[A_CAN] = np.where(running, np.inf, 0.0)
        pumps = plant.source.copy()
        pumps[la.O_HEAD_MAX] = heads
        offer = 0 if np.isnan(lift_pa).all() else OFFERS  # a given lift leaves no choice
        _, settled = drive(offer, offer, np.ones(sources), plant._replace(source=pumps), state, work)
        share = np.where(want > 0.0, state.substation[la.Y_FLOW] / np.maximum(want, 1e-12), 1.0)
        of_island = np.where(running, state.source[la.O_SHARE], self.outlet[k.E_SHARE])
        changed = max(np.abs(share - now[k.V_LIMIT]).max(), np.abs(of_island - self.outlet[k.E_SHARE]).max())
        now[k.V_LIMIT], self.outlet[k.E_SHARE] = share, of_island
        return float(changed) if settled else 1.0

    def state_found(
        self, network: Network | None, code: int, rounds: int, static_pa: Floats, supply_pa: Floats
    ) -> SteadyState:
        """Return what was found, pressures over the air's at each height."""
        arrays, state, now, outlet = self.arrays, self.state, self.now, self.outlet
        nodes, pipes, sources = len(arrays.node_ids), len(arrays.pipe_ids), len(arrays.source_ids)
        part = state.tree[la.T_PART]
        pressure = state.node[la.N_PRESSURE].copy()
        reached = part >= 0
        still, where = self._still(), np.arange(k.FLUID_CELLS + 1) * k.FLUID_STEP_K
        temperature = np.where(reached, np.where(still, self._ground(), state.node[la.N_TEMPERATURE]), np.nan)
        lift = pressure[arrays.source_node] - pressure[nodes + arrays.source_node]
        head = np.where(outlet[k.E_FLOW] > 0.0, self.level[state.island[:sources]] + lift, 0.0)
        absolute = np.full(2 * nodes, np.nan)
        height = arrays.node_elevation_m
        beside = _air_pa(height)
        for side in range(2):
            rows = slice(side * nodes, (side + 1) * nodes)
            if not self.rise_m.any():  # else the pipes' losses have it
                mean = float(state.node[la.N_TEMPERATURE, rows][reached[rows]].mean())
                beside = _air_pa(height) + k.GRAVITY * height * float(np.interp(mean, where, self.fluid[k.F_DENSITY]))
            for row in range(int(state.counts[la.Q_PARTS, side])):
                island = int(state.part_island[side, row])
                inside = side * nodes + np.flatnonzero(part[rows] == row)
                if island < 0 or not len(inside):
                    continue
                first = np.flatnonzero(state.island[:sources] == island)[0]
                base = static_pa[first] if np.isnan(supply_pa[first]) else supply_pa[first] - head[first]
                base += self.level[island] if side == 0 else 0.0
                first_node = arrays.source_node[first]
                back = pressure[nodes + first_node] if side else 0.0
                absolute[inside] = base + pressure[inside] - back + beside[first_node] - beside[inside % nodes]
        own = pressure[arrays.substation_node] - pressure[nodes + arrays.substation_node]
        at = state.island[sources:]
        dp = np.where(at >= 0, self.level[np.maximum(at, 0)] + own, 0.0)
        flow = state.pipe[la.L_FLOW]
        present = np.concatenate([arrays.pipe_on_supply, arrays.pipe_on_return]) & (
            state.pipe_int[la.J_OPEN].astype(bool)
        )
        density = np.interp(self.mean_c, where, self.fluid[k.F_DENSITY])
        area = np.tile(0.25 * np.pi * arrays.pipe_inner_diameter_m**2, 2)
        made, taken = float(outlet[k.E_HEAT].sum()), float(now[k.V_HEAT].sum() + self.lost_w[present].sum())

        def sided(values: Floats) -> Floats:
            return np.where(present, values, np.nan).reshape(2, pipes)

        return SteadyState(
            network=network,
            arrays=arrays,
            code=CODES[code],
            iterations=rounds,
            node_pressure_pa=absolute.reshape(2, nodes),
            node_c=temperature.reshape(2, nodes),
            pipe_flow_kg_s=sided(flow),
            pipe_drop_pa=sided(state.pipe[la.L_DROP] - state.pipe[la.L_RAISED]),
            pipe_loss_w=sided(self.lost_w),
            pipe_velocity_m_s=sided(flow / (density * area)),
            substation_supply_c=temperature[arrays.substation_node],
            substation_return_c=np.where(now[k.V_FLOW] > 0.0, now[k.V_RETURN], np.nan),
            substation_flow_kg_s=now[k.V_FLOW].copy(),
            substation_heat_w=now[k.V_HEAT].copy(),
            substation_dp_pa=dp,
            substation_served=np.where(at >= 0, now[k.V_LIMIT], 0.0),
            source_supply_c=outlet[k.E_SUPPLY].copy(),
            source_return_c=temperature[nodes + arrays.source_node],
            source_flow_kg_s=outlet[k.E_FLOW].copy(),
            source_heat_w=outlet[k.E_HEAT].copy(),
            source_head_pa=head,
            worst=self._worst(dp, at),
            not_finite=self.not_finite(),
            balance_error=abs(made - taken) / max(abs(made), 1e-12),
        )

    def _ground(self) -> Floats:
        """Return what temperature water has that has stood for ever, of nodes: the ground's, where pipes lose heat."""
        arrays, nodes = self.arrays, len(self.arrays.node_ids)
        lossy = (self.loss_w_k > 0.0) & self.state.pipe_int[la.J_OPEN].astype(bool)
        sides = np.flatnonzero(lossy)
        ends = np.concatenate([arrays.pipe_from, arrays.pipe_from + nodes])[sides]
        ends = np.concatenate([ends, np.concatenate([arrays.pipe_to, arrays.pipe_to + nodes])[sides]])
        ground = np.tile(self.ground_c[sides], 2)
        count = np.bincount(ends, minlength=2 * nodes)
        total = np.bincount(ends, ground, 2 * nodes)
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _worst(self, dp: Floats, island: npt.NDArray[np.int64]) -> tuple[str, ...]:
        """Return the substations short of pressure, the worst first, or else the one that sets each island's head."""
        ids, limit = self.arrays.substation_ids, self.now[k.V_LIMIT]
        cut = np.flatnonzero(island < 0)
        lacking = (limit < 1.0) | (self.now[k.V_COLD] > 0.0)
        short = np.flatnonzero(lacking & (island >= 0))
        if len(short) or len(cut):
            ordered = [*cut.tolist(), *short[np.lexsort((short, self.now[k.V_SUPPLY, short], limit[short]))].tolist()]
            return tuple(ids[x] for x in ordered)
        spare = dp - (self.now[k.V_FLOW] / self.arrays.substation_valve_kg_s_pa05) ** 2
        found = []
        for at in np.unique(island):
            mine = np.flatnonzero((island == at) & (self.now[k.V_FLOW] > 0.0))
            if len(mine):
                found.append(ids[mine[np.argmin(spare[mine])]])
        return tuple(found)


def _air_pa(height_m: Floats) -> Floats:
    """Return the pressure of the standard atmosphere (ISO 2533), over which gauges show theirs [Pa]."""
    return np.asarray(101325.0 * (1.0 - 0.0065 * height_m / 288.15) ** 5.255)


def _swamee_jain(reynolds: Floats, relative_roughness: Floats) -> Floats:
    """Return Darcy's factor by Swamee and Jain, J. Hydraul. Div. 102 (1976) 657; laminar below Re 2300 [-]."""
    inside = relative_roughness / 3.7 + 5.74 / np.maximum(reynolds, LAMINAR_RE) ** 0.9
    return laminar_below(0.25 / np.log10(inside) ** 2, reynolds)


def _nikuradse(reynolds: Floats, relative_roughness: Floats) -> Floats:
    """Return Nikuradse's factor of a rough pipe plus 64/Re, as pandapipes has it by default [-]."""
    rough: Floats = 0.25 / np.log10(relative_roughness / ROUGH) ** 2
    return rough + 64.0 / reynolds


_LAWS = {"colebrook": colebrook, "colebrook_everywhere": turbulent, "swamee_jain": _swamee_jain,
         "nikuradse": _nikuradse}  # fmt: skip
