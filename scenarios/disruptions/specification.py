"""Everything that may strike, as one section of the scenario."""

from __future__ import annotations

from pydantic import Field

from ..parts import Part
from .digging import Digging
from .fuel_supply import FuelSupply
from .imposed import Imposed
from .pipe_failures import PipeFailures
from .power_failures import PowerFailures
from .pump_failures import PumpFailures
from .source_trips import SourceTrips
from .staff_absence import StaffAbsence
from .substation_failures import SubstationFailures

__all__ = ["Disruptions"]


class Disruptions(Part):
    """What may strike."""

    pipe_failures: PipeFailures = PipeFailures()
    """How pipes fail."""

    digging: Digging = Digging()
    """How often others' machines hit a pipe."""

    source_trips: SourceTrips = SourceTrips()
    """How units of heat sources trip."""

    pump_failures: PumpFailures = PumpFailures()
    """How circulation pumps fail, and what stands by."""

    substation_failures: SubstationFailures = SubstationFailures()
    """How substations fail."""

    power_failures: PowerFailures = PowerFailures()
    """How the public grid fails."""

    fuel_supply: FuelSupply = FuelSupply()
    """What can go wrong with fuel."""

    staff_absence: StaffAbsence = StaffAbsence()
    """How many of the staff stay away."""

    imposed: tuple[Imposed, ...] = Field(default=(), strict=False)
    """What happens by order of the scenario, besides what is drawn."""
