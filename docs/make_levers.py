"""Write ``docs/levers.md``: what a planner's levers and disturbed winters move. ``python docs/make_levers.py``."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from heatseason.scenarios.scenario import load
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import Record
from heatseason.sim.run import run
from heatseason.sim.study.intervals import paired_difference

FILE = Path(__file__).parent / "levers.md"
WINTERS = 5
Card = Mapping[str, Any]

BUSY = "disruptions.pipe_failures.rate_factor=20"
BOILERS = "policies.interim.units"
TEAMS = "policies.crews.teams"
# what is moved, in which scenario, from and to which settings, and the numbers that are looked at
LEVERS: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    ("`late_fuel`: no reserve to 7 days of cover", "late_fuel", (), ("policies.reserve.kind=days_of_cover",),
     ("unserved", "degree_hours")),
    ("preheat 2 to 6 days", "hanzhong", ("policies.preheat.days=2",), ("policies.preheat.days=6",), ("2.2b",)),
    ("`burst_week`, ten times its failures: 1 to 2 teams", "burst_week", (BUSY, f"{TEAMS}=1"), (BUSY, f"{TEAMS}=2"),
     ("2.6.4a", "mending")),
    ("the same: 2 to 3 teams", "burst_week", (BUSY, f"{TEAMS}=2"), (BUSY, f"{TEAMS}=3"), ("2.6.4a",)),
    ("the same: 3 to 4 teams", "burst_week", (BUSY, f"{TEAMS}=3"), (BUSY, f"{TEAMS}=4"), ("2.6.4a",)),
    ("the same, 4 teams: 1 to 4 sets of machines", "burst_week", (BUSY, "policies.crews.machines=1"),
     (BUSY, "policies.crews.machines=4"), ("mending",)),
    ("`burst_week` as it stands: 1 to 2 teams", "burst_week", (f"{TEAMS}=1",), (f"{TEAMS}=2",), ("2.6.4a",)),
    ("the same: 3 to 4 teams", "burst_week", (f"{TEAMS}=3",), (f"{TEAMS}=4",), ("2.6.4a", "mending")),
    ("agents 6 to 8 per 100,000 households", "hanzhong", ("policies.roster.agents_per_100k=6",),
     ("policies.roster.agents_per_100k=8",), ("answered", "2.7.2")),
    ("`burst_coldest_night`: no mobile boiler to 12 of 2.8 MW", "burst_coldest_night", (), (f"{BOILERS}=12",),
     ("cold_hours", "cost")),
    ("`burst_week`: users told of stops from 24 h on to from 2 h on", "burst_week", (),
     ("policies.notices.tell_from_h=2",), ("calls", "2.7.2")),
    ("gas held on site, as in the network to three times that", "hanzhong", (),
     ("policies.gas_contract.on_site_factor=3",), ("unserved",)),
)  # fmt: skip
SCENARIOS = ("cold_wave_2008", "late_fuel", "burst_week", "extension_march", "gas_curtailed", "chaotic_first_week")

HEAD = """# Levers and disturbed winters

{winters} common winters of `hanzhong` (its own seed, replications 0 to {last}): means, and 95 % intervals of the paired
difference. Written by `python docs/make_levers.py`.

## Levers

| lever | number | from | to | paired difference |
|---|---|---|---|---|
{levers}

## Scenarios against `hanzhong`

| scenario | number | `hanzhong` | there | paired difference |
|---|---|---|---|---|
{scenarios}
"""


def _mending_h(record: Record, card: Card) -> float:
    """Return the mean hours from a pipe's failure to its restoration, or to the end of what was played."""
    ends = dict(
        zip(*(column[record.rows("fault_restored")].tolist() for column in (record.case, record.at)), strict=True)
    )
    failed = record.rows("pipe_failed")
    until = record.calendar["horizon"]
    waits = [ends.get(int(record.case[row]), until) - int(record.at[row]) for row in failed]
    return sum(waits) / max(len(waits), 1) / 3600.0


def _kept(clause: str) -> Callable[[Record, Card], float]:
    return lambda _, card: next(float(row["compliance"]) for row in card["clauses"] if row["id"] == clause)


NUMBERS: Mapping[str, tuple[str, Callable[[Record, Card], float], float]] = {
    "unserved": ("heat unserved for want of fuel [TJ]", lambda record, _: record.summary["heat_shed_fuel_gj"], 1e-3),
    "degree_hours": (
        "degree-hours below 18 ℃ [M K h]",
        lambda _, card: card["headline"]["degree_hours_below_18"],
        1e-6,
    ),
    "cold_hours": (
        "dwelling-hours below 18 ℃, strict [M]",
        lambda _, card: card["headline"]["dwelling_hours_below_18_strict"],
        1e-6,
    ),
    "cost": ("cost [M CNY]", lambda _, card: card["headline"]["cost_cny"], 1e-6),
    "heat": ("heat [PJ]", lambda _, card: card["headline"]["heat_gj"], 1e-6),
    "outages": ("buildings stopped", lambda _, card: card["headline"]["outages"], 1.0),
    "answered": ("share of calls answered", lambda _, card: card["headline"]["answered_share"], 1.0),
    "calls": ("calls [k]", lambda record, _: float(record.balances["calls_offered"]), 1e-3),
    "mending": ("mean hours from failure to restoration", _mending_h, 1.0),
    **{clause: (f"{clause} kept", _kept(clause), 1.0) for clause in ("2.2b", "2.6.4a", "2.7.2")},
}


@cache
def numbers(scenario: str, *changes: str) -> Mapping[str, list[float]]:
    """Return every number of the common winters."""
    found: dict[str, list[float]] = {name: [] for name in NUMBERS}
    for winter in range(WINTERS):
        record = run(load(scenario, list(changes)), winter)
        card = score(judge(record)).to_json()
        for name, (_, read, scale) in NUMBERS.items():
            found[name].append(read(record, card) * scale)
    return found


def row(label: str, name: str, before: list[float], after: list[float]) -> str:
    """Return a line of a table."""
    moved = paired_difference(before, after)
    low, high = sum(before) / len(before), sum(after) / len(after)
    return (f"| {label} | {NUMBERS[name][0]} | {low:.4g} | {high:.4g} | "
            f"{moved.mean:+.3g} [{moved.low:+.3g}, {moved.high:+.3g}] |")  # fmt: skip


def main() -> None:
    """Play and write."""
    levers = []
    for label, scenario, before, after, names in LEVERS:
        for place, name in enumerate(names):
            told = "the same" if place else label
            levers.append(row(told, name, numbers(scenario, *before)[name], numbers(scenario, *after)[name]))
    plain, scenarios = numbers("hanzhong"), []
    for scenario in SCENARIOS:
        there = numbers(scenario)
        for place, name in enumerate(("cold_hours", "heat", "unserved", "outages")):
            scenarios.append(row("" if place else f"`{scenario}`", name, plain[name], there[name]))
    filled = HEAD.format(winters=WINTERS, last=WINTERS - 1, levers="\n".join(levers), scenarios="\n".join(scenarios))
    FILE.write_text(filled, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
