"""Networks made from totals and a seed: the same totals and the same seed give the same network."""

from __future__ import annotations

from ..network_models.network import Network
from ..network_models.synthesis import city
from ..network_models.totals import Totals, plan_of
from .chance import stream

__all__ = ["make_network"]


def make_network(totals: Totals, seed: int = 1) -> Network:
    """Return a plausible network with given totals; its provenance and basis say what is synthesised.

    Parameters
    ----------
    totals : Totals
        What is known.
    seed : int
        Of all that is not.

    Raises
    ------
    NetworkError
        With every total that no city can have.
    """
    return city(plan_of(totals), stream(seed, 0, "network", totals.name))
