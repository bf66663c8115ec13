"""Pipes and dwellings out of the catalogue, for networks that are made rather than measured.

Preinsulated bonded pipes: steel and casing sizes of GB/T 29047 practice (recollected, confidence M), heat loss by the
formula for a pipe buried alone. Dwellings: archetypes for Hanzhong derived from wall, window and air-change values of
JGJ 134, JGJ 26 and GB 55015 (6-storey slab, 2.8 m storeys, shape factor about 0.35; confidence L-M), spread over
positions in the building.
"""

from __future__ import annotations

from math import log, pi, sqrt
from typing import Literal, NamedTuple

from .network import DwellingType, PipeType

__all__ = ["DESIGN_OUTDOOR_C", "POSITIONS", "VINTAGES", "dwelling_types", "gradient_pa_m", "nominal_for", "pipe_types"]

# GB 50736-2012 App. A, station 57127 Hanzhong
DESIGN_OUTDOOR_C = -0.1

# DN -> (outer diameter of the steel pipe, its wall, outer diameter of the casing) [mm]
_SIZES: dict[int, tuple[float, float, float]] = {
    50: (60.3, 3.5, 140), 65: (76.0, 4.0, 140), 80: (89.0, 4.0, 160), 100: (108.0, 4.0, 200),
    125: (133.0, 4.5, 225), 150: (159.0, 4.5, 250), 200: (219.0, 6.0, 315), 250: (273.0, 6.0, 400),
    300: (325.0, 7.0, 450), 350: (377.0, 7.0, 500), 400: (426.0, 7.0, 560), 450: (478.0, 7.0, 630),
    500: (529.0, 8.0, 655), 600: (630.0, 9.0, 760), 700: (720.0, 10.0, 850), 800: (820.0, 10.0, 960),
    900: (920.0, 12.0, 1055), 1000: (1020.0, 12.0, 1155), 1200: (1220.0, 14.0, 1370), 1400: (1420.0, 16.0, 1600),
}  # fmt: skip
_FOAM_W_MK = 0.033  # polyurethane foam, aged [W/(m K)]
_SOIL_W_MK = 1.5  # moist silty soil [W/(m K)]
_AXIS_M = 1.5  # depth of the pipe's axis [m]
_ROUGHNESS_M = 0.0005  # CJJ 34 design roughness of hot-water pipes [m]
_STEEL_J_M3K = 7850.0 * 480.0
_WATER_KG_M3, _WATER_PA_S = 970.0, 0.00035  # water near 85 degC

Position = Literal["inner", "top", "gable", "end_of_line"]


class Vintage(NamedTuple):
    """A generation of buildings: losses per floor area and its emitters."""

    name: str
    envelope_w_m2k: float
    ventilation_w_m2k: float
    mass_wh_m2k: float
    supply_c: float
    return_c: float
    exponent: float
    household_m2: float
    off_share: tuple[float, float]  # lowest and highest among estates


class Place(NamedTuple):
    """A position in the building: its envelope, emitter, flow and share relative to the average dwelling."""

    envelope: float
    oversize: float  # emitter over its own design need, radiators
    oversize_floor: float  # the same, floor heating
    flow: float  # flow it gets over the flow it should get
    share: float  # of the estate's floor area


# Losses by the archetypes: wall 1.8 / 1.2 / 0.8, window 6.0 / 3.2 / 2.2 W/(m2 K), 1.0 / 1.0 / 0.5 air changes an hour.
# Slow capacity 150-250 Wh/(m2 K) agrees with observed outages. Emitters by GB 50736 5.3.1 (75/50) and 5.4.1 (35-45).
VINTAGES: dict[str, Vintage] = {
    "pre": Vintage("pre-2001", 2.4, 0.86, 230.0, 75.0, 50.0, 1.3, 81.0, (0.02, 0.06)),
    "mid": Vintage("2001-2021", 1.5, 0.86, 200.0, 75.0, 50.0, 1.3, 104.0, (0.04, 0.08)),
    "new": Vintage("2022+", 1.0, 0.43, 180.0, 45.0, 35.0, 1.1, 120.0, (0.08, 0.14)),
}

# Assumed (L), such that a curve aimed at 20 degC gives inner flats about 20.5, the worst-placed about 19 in the mean
# weather of the season; a designer oversizes by 10-20 %, but knows the losses of roofs and gables less well.
POSITIONS: dict[Position, Place] = {
    "inner": Place(0.87, 1.15, 1.15, 1.05, 0.62),
    "top": Place(1.25, 1.08, 1.06, 1.00, 0.15),
    "gable": Place(1.22, 1.08, 1.05, 0.95, 0.15),
    "end_of_line": Place(1.00, 1.11, 1.04, 0.72, 0.08),
}
_GAIN_W_M2 = 3.8  # JGJ 26-2010 4.3.3
_DESIGN_ROOM_C = 18.0
_FLOOR_HEATING_BELOW = 1.2  # exponents below this are floor heating


def pipe_types() -> tuple[PipeType, ...]:
    """Return the catalogue of preinsulated pipes, smallest first.

    The heat loss is ``2 pi / (ln(casing / steel) / foam + ln(4 depth / casing) / soil)`` (a pipe buried alone).
    """
    kinds = []
    for nominal, (outer, wall, casing) in _SIZES.items():
        foam = log(casing / outer) / _FOAM_W_MK
        soil = log(4e3 * _AXIS_M / casing) / _SOIL_W_MK
        section_m2 = pi / 4 * (outer**2 - (outer - 2 * wall) ** 2) * 1e-6
        kinds.append(
            PipeType(
                id=f"DN{nominal}",
                nominal=nominal,
                construction="preinsulated",
                inner_diameter_m=round((outer - 2 * wall) / 1e3, 4),
                roughness_m=_ROUGHNESS_M,
                loss_w_mk=round(2 * pi / (foam + soil), 3),
                wall_j_mk=round(section_m2 * _STEEL_J_M3K),
            )
        )
    return tuple(kinds)


def dwelling_types() -> tuple[DwellingType, ...]:
    """Return the dwelling catalogue: every vintage in every position."""
    return tuple(_dwelling(vintage, position) for vintage in VINTAGES.values() for position in POSITIONS)


def gradient_pa_m(flow_kg_s: float, diameter_m: float) -> float:
    """Return the friction gradient of turbulent flow, Darcy-Weisbach with the Swamee-Jain factor [Pa/m]."""
    if flow_kg_s == 0.0:
        return 0.0
    reynolds = 4 * abs(flow_kg_s) / (pi * diameter_m * _WATER_PA_S)
    friction = 0.25 / (log(_ROUGHNESS_M / (3.7 * diameter_m) + 5.74 / reynolds**0.9) / log(10)) ** 2
    return friction * 8 * flow_kg_s**2 / (pi**2 * _WATER_KG_M3 * diameter_m**5)


def nominal_for(flow_kg_s: float, limit_pa_m: float) -> int:
    """Return the smallest nominal diameter whose friction gradient stays within the limit (else the largest) [mm]."""
    for nominal, (outer, wall, _) in _SIZES.items():
        if gradient_pa_m(flow_kg_s, (outer - 2 * wall) / 1e3) <= limit_pa_m:
            return nominal
    return max(_SIZES)


def _dwelling(vintage: Vintage, position: Position) -> DwellingType:
    place = POSITIONS[position]
    envelope = vintage.envelope_w_m2k * place.envelope
    span_k = _DESIGN_ROOM_C - DESIGN_OUTDOOR_C
    need = (envelope + vintage.ventilation_w_m2k) * span_k - _GAIN_W_M2
    floor = vintage.exponent < _FLOOR_HEATING_BELOW
    return DwellingType(
        id=f"{vintage.name} {position}",
        vintage=vintage.name,
        position=position,
        envelope_w_m2k=round(envelope, 3),
        ventilation_w_m2k=vintage.ventilation_w_m2k,
        air_wh_m2k=30.0,
        mass_wh_m2k=vintage.mass_wh_m2k,
        coupling_w_m2k=round(9.1 * sqrt(vintage.mass_wh_m2k / 200.0), 2),
        mass_to_outdoor_share=0.6,
        solar_share=0.012,
        gain_w_m2=_GAIN_W_M2,
        radiator_w_m2=round(need * (place.oversize_floor if floor else place.oversize), 1),
        radiator_exponent=vintage.exponent,
        design_supply_c=vintage.supply_c,
        design_return_c=vintage.return_c,
        design_room_c=_DESIGN_ROOM_C,
        offset_sd_k=0.7,
    )
