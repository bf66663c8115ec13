"""Estates on a network in the making: substations with their exchangers, and cohorts by vintage and position."""

from __future__ import annotations

from math import hypot, log
from typing import TYPE_CHECKING

from .arrays import WATER_J_KGK, design_flow_kg_s_m2
from .catalogue import POSITIONS, VINTAGES, Position, dwelling_types
from .draft import PRIMARY_DROP_PA, PRIMARY_RETURN_C, PRIMARY_SUPPLY_C, CityPlan, Draft, Quarter
from .network import Cohort, Substation

if TYPE_CHECKING:
    from numpy.random import Generator

__all__ = ["connect_estates", "exchanger"]

_APPROACH_K = 10.0  # primary return above secondary return, where that is below PRIMARY_RETURN_C
_BRANCH_M = (40.0, 140.0)
_PROTECTED_SHARE = 0.06  # estates of hospitals, schools, care homes
_TWO_PHASES_SHARE = 0.7  # of the estates that could have a second phase


def connect_estates(draft: Draft, quarter: Quarter, plan: CityPlan, rng: Generator) -> None:
    """Hang the quarter's substations on its chambers and fill them with cohorts."""
    chambers = [name for name in draft.xy if draft.home[name] is quarter and "-J" in name and name[0] != "T"]
    weights = [0.5 + rng.random() for _ in range(quarter.substations)]
    areas = [round(quarter.area_m2 * weight / sum(weights), -2) for weight in weights]
    areas[0] += quarter.area_m2 - sum(areas)
    for number, area in enumerate(areas):
        # every chamber once, then some twice
        turn = number if number < len(chambers) else int(rng.random() * len(chambers))
        chamber = chambers[turn % len(chambers)]
        low, high = _BRANCH_M
        reach = low + (high - low) * rng.random()
        across, along = (rng.random() - 0.5, 1 if rng.random() < 0.5 else -1)
        x, y = draft.xy[chamber]
        length = hypot(across, along)
        at = (x + reach * across / length, y + reach * along / length)
        name = f"{quarter.code}-{number + 1:03d}"
        node = draft.place(f"{name}-N", "substation", at, quarter)
        draft.lay(chamber, node, "branch", _road_at(draft, chamber), quarter, rng)
        _fill(draft, name, node, area, quarter, plan, rng)


def _road_at(draft: Draft, chamber: str) -> str:
    return next(edge.road for edge in draft.edges if chamber in (edge.start, edge.end))


def _fill(draft: Draft, name: str, node: str, area: float, quarter: Quarter, plan: CityPlan, rng: Generator) -> None:
    """Give a substation its estate: cohorts by vintage and position, exchanger and flows for their design heat."""
    vintage = _pick(quarter.vintages, rng)
    places = {at: (place.share, place.flow) for at, place in POSITIONS.items()}
    share, flow = places.pop("inner")
    parts: list[tuple[str, Position, float, float]] = [
        (vintage, "inner", 0.55 * share, flow + 0.04),  # near the substation
        (vintage, "inner", 0.45 * share, flow - 0.05),
        *((vintage, at, *numbers) for at, numbers in places.items()),
    ]
    other = {"pre": "mid", "mid": "pre"}.get(vintage)  # floor heating does not mix with radiators
    if other in quarter.vintages and rng.random() < _TWO_PHASES_SHARE:  # an estate built in two phases
        parts[1] = (other, *parts[1][1:])
        parts.append((other, "top", 0.05, places["top"][1]))
        parts[2] = (vintage, "top", 0.10, places["top"][1])
    kinds = {kind.id: kind for kind in dwelling_types()}
    heat_w = secondary = 0.0
    left = area
    for number, (key, position, share, flow) in enumerate(parts):
        age = VINTAGES[key]
        kind = kinds[f"{age.name} {position}"]
        floor = left if number == len(parts) - 1 else round(area * share, -1)
        left -= floor
        low, high = age.off_share
        draft.cohorts.append(
            Cohort(
                id=f"{name}-{number + 1}",
                substation=name,
                type=kind.id,
                floor_area_m2=floor,
                households=max(1, round(floor / age.household_m2)),
                off_share=round(low + (high - low) * rng.random(), 3),
                flow_ratio=round(flow + 0.06 * (rng.random() - 0.5), 3),
            )
        )
        heat_w += floor * kind.radiator_w_m2
        secondary += floor * design_flow_kg_s_m2(kind)
    protected = rng.random() < _PROTECTED_SHARE
    draft.substations.append(
        Substation(
            id=name,
            node=node,
            operator=plan.operator,
            district=quarter.district,
            estate=_estate(plan, len(draft.substations)),
            manager=plan.managers[int(rng.random() * len(plan.managers))],
            protected=protected,
            secondary_kg_s=round(secondary, 2),
            **exchanger(heat_w, VINTAGES[vintage].supply_c, VINTAGES[vintage].return_c),
        )
    )


def exchanger(heat_w: float, supply_c: float, return_c: float) -> dict[str, float]:
    """Return a substation's numbers for a design heat [W] and the secondary's design temperatures [degC].

    The exchanger is sized by the logarithmic mean temperature difference with a plate margin of 10 % (assumed).
    """
    primary_back = min(PRIMARY_RETURN_C, return_c + _APPROACH_K)
    first, second = PRIMARY_SUPPLY_C - supply_c, primary_back - return_c
    return {
        "design_w": round(heat_w, -3),
        "ua_w_k": round(1.1 * heat_w * log(first / second) / (first - second), -2),
        "primary_kg_s": round(heat_w / (WATER_J_KGK * (PRIMARY_SUPPLY_C - primary_back)), 2),
        "primary_drop_pa": PRIMARY_DROP_PA,
    }


def _pick(shares: dict[str, float], rng: Generator) -> str:
    draw = rng.random() * sum(shares.values())
    for name, share in shares.items():
        draw -= share
        if draw < 0:
            return name
    return name


def _estate(plan: CityPlan, number: int) -> str:
    """Return a name made of two halves; the numbers of halves have no common divisor, so each pair comes once."""
    first, second = plan.estate_names
    name = first[number % len(first)] + second[number % len(second)]
    rounds = number // (len(first) * len(second))
    return f"{name}{rounds + 1}期" if rounds else name
