"""Everything that is ours to decide, as one section of the scenario. The defaults are a competent operator's."""

from __future__ import annotations

from ..parts import Part
from .billing import Billing, LawfulBilling
from .crews import Crews
from .gas_contract import GasContract
from .inspection import Inspection
from .interim import Interim, Protected
from .merit_order import MeritOrder, Proportional
from .notices import Notices, PromptNotices
from .preheat import Preheat, RampPreheat
from .rationing import ProtectedFirst, Rationing
from .readiness import Readiness
from .regulation import Quality, Regulation
from .reserve import DaysOfCover, Reserve
from .roster import FollowsCalls, Roster
from .sampling import Sampling
from .season import Fixed, SeasonPolicy
from .storage import KeepFull, Storage

__all__ = ["Policies"]


class Policies(Part):
    """What we decide."""

    reserve: Reserve = DaysOfCover()
    """How much fuel to hold, and when to order."""

    gas_contract: GasContract = GasContract()
    """How much pipeline gas is contracted for."""

    preheat: Preheat = RampPreheat()
    """When to begin warming up, and how fast."""

    season: SeasonPolicy = Fixed()
    """Whether to start early or stop late."""

    merit_order: MeritOrder = Proportional()
    """Which source gives how much."""

    regulation: Regulation = Quality()
    """How the secondary side is regulated."""

    storage: Storage = KeepFull()
    """What hot-water tanks are for."""

    rationing: Rationing = ProtectedFirst()
    """Who gets less when there is not enough."""

    crews: Crews = Crews()
    """Repair crews and how they work."""

    interim: Interim = Protected()
    """Mobile boilers for buildings that a repair leaves without heat."""

    roster: Roster = FollowsCalls()
    """Who answers the telephone and who goes to measure."""

    notices: Notices = PromptNotices()
    """When the operator reports and tells."""

    inspection: Inspection = Inspection()
    """How thoroughly the network is looked at before the season."""

    readiness: Readiness = Readiness()
    """Dates and durations of the readiness works."""

    sampling: Sampling = Sampling()
    """How many dwellings are sampled."""

    billing: Billing = LawfulBilling()
    """Bills, reminders, restrictions, refunds."""
