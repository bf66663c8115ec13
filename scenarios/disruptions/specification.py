"""Everything that may strike, as one section of the scenario."""

from __future__ import annotations

from pydantic import Field

from ..parts import Part
from .fuel_supply import FuelSupply
from .imposed import Imposed
from .pipe_failures import PipeFailures
from .source_trips import SourceTrips
from .staff_absence import StaffAbsence

__all__ = ["Disruptions"]


class Disruptions(Part):
    """What may strike."""

    pipe_failures: PipeFailures = PipeFailures()
    """How pipes fail."""

    source_trips: SourceTrips = SourceTrips()
    """How units of heat sources trip."""

    fuel_supply: FuelSupply = FuelSupply()
    """What can go wrong with fuel."""

    staff_absence: StaffAbsence = StaffAbsence()
    """How many of the staff stay away."""

    imposed: tuple[Imposed, ...] = Field(default=(), strict=False)
    """What happens by order of the scenario, besides what is drawn."""
