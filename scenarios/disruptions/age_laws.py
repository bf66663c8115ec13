"""How often a kilometre of trench fails by its age: laws to choose from, for short histories cannot tell them apart.

None is hard-wired: Danish work with Weibull and proportional hazards found the choice hardly identifiable from the data
that operators have (Mortensen et al. 2022).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from ...network_models.documents import cross_check_error
from ...network_models.problems import Problem
from ..chance import Floats
from ..parts import Part, number

__all__ = ["AgeLaw", "AgeTable", "PowerLaw", "RussianNorm", "Yule", "age_rate_per_km_year"]


class RussianNorm(Part):
    """Russian norm for heat-supply schemes: run-in, flat, then exponential wear."""

    kind: Literal["russian_norm"] = "russian_norm"
    """lambda = base (0.1 t)^(a - 1), a = 0.8 to year 3, 1 to year 17, 0.5 e^(t/20) beyond."""

    base_per_km_year: float = number(
        0.05, ge=0, le=20, source="Russian norm: 5.7e-6 /(km h) for a run-in single pipe; Finland 2016: 0.06-0.07 "
        "of all trenches", confidence="M", low=0.03, high=0.10,
    )  # fmt: skip
    """Rate of a run-in pipe [1/(km·a)]."""

    oldest_years: float = number(
        30.0, gt=17, le=40, source="assumed: the law runs away beyond 35 a", confidence="L", low=25.0, high=35.0
    )
    """Age from which the rate grows no more [a]."""


class PowerLaw(Part):
    """Power-law NHPP under minimal repair."""

    kind: Literal["power_law"] = "power_law"
    """lambda = (beta / eta) (t / eta)^(beta - 1)."""

    shape: float = number(1.6, gt=0, le=10, source="assumed", confidence="L", low=1.0, high=2.5)
    """beta [-]."""

    scale_years: float = number(
        22.0, gt=0, le=500, source="assumed: about 0.07 /(km a) at 20 years", confidence="L", low=12.0, high=40.0
    )
    """eta for one kilometre [a]."""


class Yule(Part):
    """Linearly extended Yule process: every break makes the next likelier; of an unknown history the mean counts."""

    kind: Literal["yule"] = "yule"
    """lambda = base e^(growth · base · t): the mean intensity when each past break adds `growth` times the base."""

    base_per_km_year: float = number(
        0.03, ge=0, le=20, source="assumed: with the growth about 0.05 /(km a) at 17 years", confidence="L", low=0.01,
        high=0.1,
    )  # fmt: skip
    """Rate of an unbroken kilometre [1/(km·a)]."""

    growth: float = number(
        1.0, ge=0, le=20, source="assumed: a history of one break in that kilometre doubles it", confidence="L",
        low=0.1, high=2.0,
    )  # fmt: skip
    """What one past break on a kilometre adds, as a share of its base rate [-]."""


class AgeTable(Part):
    """Rates by age, straight lines between."""

    kind: Literal["table"] = "table"
    """A table."""

    age_years: tuple[float, ...] = number(
        (0.0, 10.0, 20.0, 30.0), min_length=2, source="defaults of STOCHASTICS: primary preinsulated pipes",
        confidence="L",
    )  # fmt: skip
    """Ages, rising [a]."""

    rate_per_km_year: tuple[float, ...] = number((0.05, 0.10, 0.20, 0.60), min_length=2, source="same", confidence="L")
    """Rates at these ages [1/(km·a)]."""

    @model_validator(mode="after")
    def _is_a_table(self) -> Self:
        ages, rates = self.age_years, self.rate_per_km_year
        rising = all(a < b for a, b in pairwise(ages))
        if len(ages) != len(rates) or not rising:
            wanted = f"as many rates as ages, ages rising (here {len(ages)} ages, {len(rates)} rates)"
            path = ("disruptions", "pipe_failures", "age_law", "age_years")
            raise cross_check_error([(path, Problem("", str(list(ages)), wanted))])
        return self


AgeLaw = Annotated[RussianNorm | PowerLaw | Yule | AgeTable, Field(discriminator="kind")]


def age_rate_per_km_year(law: RussianNorm | PowerLaw | Yule | AgeTable, age_years: npt.ArrayLike) -> Floats:
    """Return the failure rate of a trench by age [1/(km·a)], any shape.

    Check values of the Russian norm at a base of 0.05: 1 a 0.0792, 5-17 a 0.0500, 20 a 0.0641, 25 a 0.0990, 30 a 0.195.
    """
    age = np.maximum(np.asarray(age_years, np.float64), 0.25)
    if isinstance(law, PowerLaw):
        power: Floats = law.shape / law.scale_years * (age / law.scale_years) ** (law.shape - 1.0)
        return power
    if isinstance(law, Yule):
        yule: Floats = law.base_per_km_year * np.exp(law.growth * law.base_per_km_year * age)
        return yule
    if isinstance(law, AgeTable):
        return np.interp(age, law.age_years, law.rate_per_km_year)
    t = np.minimum(age, law.oldest_years)
    alpha = np.where(t <= 3.0, 0.8, np.where(t <= 17.0, 1.0, 0.5 * np.exp(t / 20.0)))
    norm: Floats = law.base_per_km_year * (0.1 * t) ** (alpha - 1.0)
    return norm
