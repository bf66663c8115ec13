"""No setting of a policy is dead: each, moved, changes what some season leaves, or says here why it cannot."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pytest
from annotated_types import Ge, Le
from heatseason.scenarios.policies.specification import Policies
from heatseason.scenarios.scenario import ScenarioError, load
from heatseason.sim.run import run
from pydantic import BaseModel
from pydantic.fields import FieldInfo

TOWN = "network=town"
LATE = ("disruptions.fuel_supply.deliveries.late_share=1.0", "disruptions.fuel_supply.deliveries.late_h=200.0")
BESIDE = {  # what a kind of policy cannot do without, and what acts only beside another setting
    "roster.listed": (f"policies.roster.agents={24 * [6]}", f"policies.roster.measurers={24 * [6]}"),
    "roster.in_shifts": ("policies.roster.shifts=[{from_hour=0, hours=24, agents=6, measurers=6}]",),
    "interim": ("policies.interim.units=3",),
    "rationing.stretch_days": ("policies.rationing.begin_below_days=9", "policies.reserve.days=3"),
    "notices.slow.renew_minutes": ("policies.notices.renewal=renewed",),
    "reserve.share_lead_h": ("policies.reserve.share_above_days=4",),
    "reserve.season_days": ("policies.reserve.season_share=0.05",),
    "reserve.emergency_lead_h": ("policies.reserve.emergency_below_days=2",),
    "reserve.emergency_days": ("policies.reserve.emergency_below_days=2",),
    "reserve.none.share_above_days": ("policies.reserve.emergency_below_days=2",),
    "reserve.none.share_lead_h": ("policies.reserve.emergency_below_days=2",),
    "season.rule.lead_days": ("policies.season.in_a_row=1", "policies.season.below_c=8"),
    "season.rule.review_hour": ("policies.season.in_a_row=1", "policies.season.below_c=8"),
}
VALUES: dict[str, tuple[Any, ...]] = {  # where there are no usual ones, or they would be refused
    "reserve.share_above_days": (4.0,),
    "roster.agents": (24 * [7],),
    "roster.surge_agents": (24 * [9],),
    "roster.measurers": (24 * [2],),
    "roster.shifts": ("[{from_hour=0, hours=24, agents=7, measurers=5}]",),
    "billing.reminder_days": ("[5, 12]",),
    "crews.machines": (1,),
    "merit_order.order": ('["北厂"]', '["南厂"]'),
}
SEASONS = (  # tried in turn, the cheapest first
    ("town", ()),
    ("chaotic_first_week", (TOWN, "disruptions.pipe_failures.rate_factor=60")),
    ("late_fuel", (TOWN, *LATE)),
    ("gas_curtailed", (TOWN,)),
    ("mixed_plant", ()),
    ("extension_march", (TOWN,)),
    ("roads_closed_2008", LATE),
)


def policies(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the kinds of a policy."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    else:
        for part in get_args(annotation):
            yield from policies(part)


def settings() -> Iterator[tuple[str, str, str]]:
    for section, field in Policies.model_fields.items():
        for policy in policies(field.annotation):
            kind = policy.model_fields.get("kind")
            for name in policy.model_fields:
                if name != "kind" and policy.model_fields[name].annotation is not type(None):
                    yield section, str(kind.default) if kind else "", name


def others(field: FieldInfo) -> Iterator[Any]:
    """Yield some other values than the default."""
    default = field.get_default(call_default_factory=True)
    limits = {type(limit): limit for limit in field.metadata}
    if get_origin(field.annotation) is Literal:
        yield from (value for value in get_args(field.annotation) if value != default)
    elif isinstance(default, bool):
        yield not default
    elif isinstance(default, int | float):
        extra = field.json_schema_extra
        tried = list(extra.get("range", ())) if isinstance(extra, dict) else []
        tried += [2 * default or 1, default / 2]
        tried += [limits[kind].__getattribute__(name) for kind, name in ((Ge, "ge"), (Le, "le")) if kind in limits]
        yield from dict.fromkeys(type(default)(value) for value in tried if value != default)


@cache
def left(name: str, *changes: str) -> tuple[str, str] | None:
    """Return what a season leaves, or None where the scenario is refused."""
    try:
        record = run(load(name, changes))
    except ScenarioError:
        return None
    return record.digest(), repr(record.summary)


@pytest.mark.slow
@pytest.mark.parametrize(("section", "kind", "name"), list(settings()))
def test_a_setting_changes_what_a_season_leaves(section, kind, name):
    chosen = (f"policies.{section}.kind={kind}",) if kind else ()
    chosen += (
        BESIDE.get(section, ())
        + BESIDE.get(f"{section}.{kind}", ())
        + BESIDE.get(f"{section}.{name}", ())
        + BESIDE.get(f"{section}.{kind}.{name}", ())
    )
    policy = next(
        policy
        for policy in policies(Policies.model_fields[section].annotation)
        if not kind or policy.model_fields["kind"].default == kind
    )
    for season, changes in SEASONS:
        before = left(season, *changes, *chosen)
        for value in VALUES.get(f"{section}.{name}") or others(policy.model_fields[name]):
            told = str(value).lower() if isinstance(value, bool) else str(value)
            after = left(season, *changes, *chosen, f"policies.{section}.{name}={told}")
            if after is not None and after != before:
                return  # where the policy asks for it, `before` was refused: then two values differ
            before = before or after
    pytest.fail(f"policies.{section}.{name} changes nothing")
