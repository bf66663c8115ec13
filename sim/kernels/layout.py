"""What the heat kernels see: three tuples of arrays, and the names of the arrays' rows.

`Plant` never changes. `State` is all that a season remembers: copy it and you have a second season. `Work` holds
nothing from one step to the next. Quantities of one kind of element are rows of one array, so that a row is contiguous.

A pipe side is ``e = side * pipes + pipe`` and a node on a side ``side * nodes + node`` (side 0 supply, 1 return).
Cohorts are laid out as ``slot * substations + substation``: the j-th cohorts of all substations lie side by side;
places without a cohort are filled with one that exchanges nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]
Array = npt.NDArray[Any]

# --- modes
OFF, FILLING, TRIAL, PREHEAT, SEASON = range(5)

# --- Plant.size
NODES, PIPES, SOURCES, UNITS, STORES, SUBSTATIONS, SLOTS, CHORDS, RING, HOURS, COLUMNS = range(11)

# --- Plant.setting: see HeatSettings for what they are
(
    S_HEAT_CAPACITY, S_DESIGN_OUTDOOR, S_DESIGN_ROOM, S_CURVE_LAG, S_SUPPLY_DESIGN, S_SUPPLY_MINIMUM, S_SUPPLY_EXPONENT,
    S_RETURN_LIMIT, S_FLOW_MAX, S_FLOW_MIN, S_DP_MIN, S_MAKEUP_C, S_TRIAL_FLOW, S_TRIAL_SUPPLY, S_TRIAL_SECONDARY,
    S_WIND_SHARE, S_WIND_REFERENCE, S_SOUTH, S_GAIN_TO_MASS, S_SOLAR_TO_MASS, S_GROUND_STEP,
    S_CARRY, S_RECOVERY, S_SECONDARY_PUMP, S_GAIN_CREDIT, S_MERIT, S_FLOW_TOLERANCE, S_PUMP_C, S_TANK_RULE,
    S_TANK_LAG_S, S_KEEP_WARM_S, SETTINGS,
) = range(32)  # fmt: skip

# --- Plant.pipe: thermal mass (water and wall) [kg], water [kg], U L / c [kg/s], U L / (c mass) [1/s]; friction
P_MASS, P_WATER, P_LOSS, P_RATE, P_RE, P_DROP, P_SLENDER, P_ZETA = range(8)
# --- Plant.pipe_int: nodes on its own side, and the row of its roughness
I_FROM, I_TO, I_TABLE = range(3)
# --- Plant.source, Plant.unit
(
    O_SUPPLY_MAX, O_HEAD_MAX, O_PUMP_EFFICIENCY, O_MAKEUP_MAX, O_CAPACITY, O_TANK_J, O_TANK_W, O_TANK_HOT_C,
    O_TANK_RATE,
) = range(9)  # fmt: skip
(
    U_CAPACITY, U_EFFICIENCY, U_SLOPE, U_MINIMUM, U_START_S, U_START_LOSS_S, U_RAMP, U_POWER, U_CARNOT, U_COLD_C,
    U_COLD_SIDE, U_CONDENSING, U_DEW_C, U_DUTY,
) = range(14)  # fmt: skip
# --- Plant.substation: secondary and design-primary flow, open valve, room losses, gains, emitters' design heat,
# table steps, cohorts' gains and openings for the sun
X_SECONDARY_W_K, X_PRIMARY, X_VALVE, X_LOSS, X_GAIN, X_RADIATOR, X_FLOW_STEP, X_POWER_MAX, X_INTERNAL, X_SOLAR = range(
    10
)
EXCHANGE = 128  # cells of the exchanger's tables
CURVE = 64  # cells of the heating curve's table
CURVE_MAX = 2.0  # load over design load at the table's end
# --- Plant.cohort
(
    C_AIR_J_K, C_MASS_J_K, C_LOSS_AIR, C_LOSS_MASS, C_COUPLING, C_VENTILATION, C_GAIN, C_SOLAR, C_EMITTER, C_FLOW_W_K,
    C_POWER, C_DAMP, C_TO_MASS,
) = range(13)  # fmt: skip
COHORT_FIXED = 13
# --- Plant.matrix and Work.matrix: see rooms.matrices
(
    M_M11, M_M12, M_G11, M_G12, M_G22, M_RISE_AIR, M_RISE_MASS, M_EMIT_MEAN, M_SLOW, M_FAST, M_REST_SLOW, M_REST_FAST,
    MATRIX,
) = range(13)  # fmt: skip

# --- State.clock
(
    K_TIME,
    K_SUPPLY_SET,
    K_OUTDOOR,
    K_GROUND,
    K_MODE,
    K_TARGET,
    K_RAMP,
    K_TOTAL_SUPPLY,
    K_TOTAL_RETURN,
    K_LEAKS,
    K_GOAL,
    K_INTERIM,
    K_SCARCE,  # the offer of scarcity.py, 0: pumps give every valve its flow as planned
    K_STEP,  # length of the last step [s]
    K_WARMEST,  # warmest supply that sources have meant to give of late [degC]
    K_SCARCE_BEFORE,  # the offer of the time before that
    K_DAY,  # the last day that began
    CLOCK,
) = range(18)
# --- State.stock [unit]: at hand; burnt so far; most that stays from one day to the next; what a day brings; what was
# at hand before the last day began
F_STOCK, F_BURNT, F_STAYS, F_GRANT, F_BEFORE, STOCK_ROWS = range(6)
# --- State.pipe
(
    L_FLOW,
    L_DROP,
    L_ENTRY,
    L_HEAD,
    L_TAIL,
    L_AGE,
    L_FACTOR,
    L_LOST,
    L_LEAK,
    L_OUT,
    L_REYNOLDS,
    L_DRAG,
    L_CREEP,
    L_SPREAD,
    L_UNTIL_KG,
    L_RAISED,  # weight of the water from `from` up to `to`, in a steady state; seasons leave it out [Pa]
) = range(16)
PIPE_ROWS = 16
# --- State.pipe_int
J_SENSE, J_START, J_COUNT, J_OPEN, J_FILLED, J_LEAK_NODE, J_SIGN, J_ORDER, J_UP, J_DOWN = range(10)
# --- State.ring
R_MASS, R_ENTRY, R_HEAD, R_TAIL = range(4)
# --- State.node
N_TEMPERATURE, N_PRESSURE = range(2)
# --- State.tree and State.counts
# by node, or by place in the tree's order; then the nodes in flow order, each one's place there, the first pipe of each
T_ORDER, T_PARENT, T_PIPE, T_DIRECTION, T_PART, T_DEPTH, T_UP, T_EDGE, T_SENSE, T_COURSE, T_RANK, T_FIRST = range(12)
TREE_ROWS = 12
Q_NODES, Q_CHORDS, Q_SEGMENTS, Q_ORDERED, Q_ISLANDS, Q_PARTS = range(6)
# --- State.source
(
    O_SUPPLY_C, O_RETURN_C, O_FLOW, O_RETURN_FLOW, O_MAKEUP, O_HEAD, O_PLANT_J, O_PLAN, O_HEAT_W, O_PUMP_W,
    O_UNSERVED_FUEL, O_UNSERVED_CAPACITY, O_SHARE, O_WORST, O_ASKED, O_TANK_HELD_J, O_TANK_OUT_W, O_TANK_GIVEN_J,
    O_TANK_TAKEN_J, O_LOAD_W, O_REMEMBERED, O_RETURN_TREND,
) = range(22)  # fmt: skip
SOURCE_ROWS = 22
# --- State.unit
(
    V_SHARE, V_RANK, V_HEAT_W, V_MADE_J, V_EFFICIENCY, V_CALLED, V_TO_GO_S, V_LEVEL_W, V_RUN_S, V_STARTS, V_POWER_J,
    V_FUEL_J, V_SECOND, V_TIER,
    V_SHARE_NEXT,  # V_SHARE is the mean of what is left of the hour; this is the share from the next full hour on
    V_THERE,  # for what part of what is left of the hour the unit is there at all
    UNIT_ROWS,
) = range(17)  # fmt: skip
# --- State.substation
(
    Y_SUPPLY_C, Y_RETURN_C, Y_FLOW, Y_HEAT, Y_NEED, Y_DP, Y_CARRY, Y_LIMIT, Y_SERVED, Y_ON, Y_SECONDARY_C,
    Y_DELIVERED_J,
    Y_NEED_J, Y_EMITTED_J, Y_GAINED_J, Y_LOST_J, Y_MISS, Y_INTERIM_MAX, Y_INTERIM, Y_INTERIM_J,
    Y_SUPPLY_TREND,
) = range(21)  # fmt: skip
SUBSTATION_ROWS = 21
# --- State.cohort
Z_AIR, Z_MASS, Z_EXCESS, Z_POWER, Z_COLD = 0, 1, 2, 3, 4
COHORT_ROWS = 8
THRESHOLDS = (18.0, 16.0, 14.0, 12.0)  # Z_COLD + 0 … 3: degree-seconds below them
# --- State.ledger
(
    G_PRODUCED, G_FUEL, G_MAKEUP, G_LEAKED, G_DRAINED, G_FILLED, G_MAKEUP_KG, G_LEAKED_KG, G_DRAINED_KG, G_FILLED_KG,
    G_ELECTRICITY, G_CIRCULATION, G_POWER, G_STACK, G_AMBIENT, G_TANK_LOST, LEDGER,
) = range(17)  # fmt: skip
# --- State.trouble: code, second, element
FINE, FLOWS_UNSETTLED, PRESSURE_UNSETTLED = range(3)

# --- Work
W_SLOPE, W_PASS, W_GAIN, W_AGE, W_FACTOR, W_INLET, W_MASS, W_SHARE, W_MARK, W_WALK = range(10)
PIPE_SCRATCH = 10
D_DRAW, D_SUM, D_INFLOW, D_HEAT, D_INVERSE = range(5)
BINS = 36  # of a step in which fronts are followed
(
    B_SLOPE, B_OFFSET, B_WANT, B_SETPOINT, B_TARGET, B_SECONDARY, B_MOVES, B_NEXT, B_EXPECTED,
    B_AHEAD, B_SUN,
) = range(11)  # fmt: skip
SUBSTATION_SCRATCH = 11
H_FREE, H_CONDUCTANCE, H_AFTER, H_AIR, H_MASS, H_MEAN_AIR, H_STEP, H_SUN = range(8)
COHORT_SCRATCH = 8


class Mesh(NamedTuple):
    """Pipe sides, substations and sources as the edges of one graph, and how it is eliminated: see mesh.py."""

    ends: Ints  # (2, edge): places of its nodes
    place: Ints  # (node,): place in the order of elimination
    start: Ints  # (node + 1,): each place's first later neighbour
    row: Ints  # (joined,): later neighbours' places
    pair: Ints  # where each pair of later neighbours meets
    edge: Ints  # (edge,): where the edge lies
    run: Ints  # (run, 4): first place, end, later neighbours of each place, the first's first pair


class Plant(NamedTuple):
    """What stands, and its settings."""

    size: Ints
    setting: Floats  # (SETTINGS,)
    hourly: Floats  # (3, 24): share of the mean internal gain; set-back [K]; tanks: 1 charge, -1 discharge
    pipe: Floats  # (8, 2 pipe)
    pipe_int: Ints  # (3, 2 pipe)
    friction: Floats  # (roughness * friction.ENTRIES,)
    near_start: Ints  # (2 node + 1,)
    near: Ints  # pipe sides at each node
    source: Floats  # (9, source)
    source_node: Ints
    unit: Floats  # (14, unit)
    unit_int: Ints  # (3, unit): source, store, second store or -1
    store: Floats  # (store,) heating value [J/unit]
    substation: Floats  # (10, substation)
    substation_node: Ints
    curve: Floats  # (substation * (CURVE + 1),)
    exchange: Floats  # (substation * (EXCHANGE + 1),): W/K by primary flow
    valve: Floats  # (substation * (EXCHANGE + 1),): primary flow by W/K
    cohort: Floats  # (13, slot * substation)
    place: Ints  # (cohort,): where in slot * substation each of the network's cohorts lies
    facing: Ints  # (slot * substation,): the weather's row that shines on each; empty where all see the horizontal's
    matrix: Floats  # (12, slot * substation), for one hour
    mesh: Mesh


class State(NamedTuple):
    """All that changes."""

    clock: Floats  # (CLOCK,)
    pipe: Floats  # (15, 2 pipe)
    pipe_int: Ints  # (10, 2 pipe)
    ring: Floats  # (2 pipe, ring, 4): a parcel in one piece of the cache
    node: Floats  # (2, 2 node)
    tree: Ints  # (12, 2 node): by node, but T_ORDER, T_UP, T_EDGE, T_SENSE, T_COURSE, T_FIRST by place in an order
    counts: Ints  # (6, 2)
    chord: Ints  # (2, chords): pipe sides
    chord_flow: Floats  # (2, chords)
    loop_pipe: Ints  # (2, 2, pipe): pipe sides on loops by segment; their direction
    segment: Ints  # (2, 2, pipe + 1): first pipe and first membership of a segment
    member: Ints  # (2, 2, memberships): loop and sign
    island: Ints  # (source + substation,)
    part_island: Ints  # (2, source)
    source: Floats  # (SOURCE_ROWS, source)
    unit: Floats  # (UNIT_ROWS, unit)
    stock: Floats  # (STOCK_ROWS, store): see F_STOCK
    substation: Floats  # (20, substation)
    cohort: Floats  # (8, slot * substation)
    ledger: Floats
    hour: Floats  # (COLUMNS,): sums over the hour under way
    trouble: Ints  # (3,)


class Work(NamedTuple):
    """Scratch."""

    pipe: Floats  # (10, 2 pipe)
    node: Floats  # (5, 2 node)
    substation: Floats  # (11, substation)
    cohort: Floats  # (8, slot * substation)
    matrix: Floats  # (12, slot * substation)
    matrix_s: Floats  # (1,): the step that `matrix` is for
    loop: Floats  # (chords + 2, chords)
    source: Floats  # (11, source): see sources.A_*
    loop_source: Floats  # (4, source): by island, flows [kg/s] and the share of head left [-]
    unit: Floats  # (2, unit)
    store: Floats  # (2, store)
    mark: Ints  # (4, 2 * max(pipe, node))
    crossing: Floats  # (3, n): second, cohort, downward
    crossings: Ints  # (1,)
    wavy: Ints  # (2 node,): whether a node has a profile in this step
    profile: Floats  # (2 node, BINS) [kg/s K]
    queue: Floats  # (12, RING + 2 BINS + 4): parcels and bins on their way through a pipe, see fronts.py
    edge: Floats  # (7, edge of Plant.mesh): see scarcity.py
    law: Floats  # (13, substation + source): see scarcity.py
    piece: Ints  # (edge,)
    trial: Floats  # (2 pipe,)
    joined: Floats  # (2, len(Plant.mesh.row)): see mesh.py; of pipes alone, of all edges
    potential: Floats  # (3, 2 node): of pipes alone, of all edges; scratch


class Tracks(NamedTuple):
    """What is written down hour by hour."""

    hour: Singles  # (hour, COLUMNS): means of the hour, see step.record
    room_c: Singles  # (hour + 1, cohort): at the hour's first instant
    stock: Singles  # (hour, store): at the hour's first instant
