"""The numbers that golden scorecards hold, and how they are written afresh: ``python tests/golden/scorecards.py``.

A change that moves one of them is listed in CHANGELOG.md under **Results** with the old number, the new one, and why.
"""

import json
from pathlib import Path

from heatseason.scenarios.scenario import load
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.run import run

FILE = Path(__file__).parent / "scorecards.json"
SCENARIOS = ("hanzhong", "cold_wave_2008", "late_fuel", "burst_week", "extension_march")
NUMBERS = (
    "heat_gj", "dwelling_hours_below_18_strict", "dwelling_hours_below_18_in_scope", "degree_hours_below_18",
    "coldest_1pct_mean_c", "heat_shed_fuel_gj", "outages", "longest_outage_h", "calls", "answered_share",
    "complaints", "cost_cny", "co2_t",
)  # fmt: skip


def scorecard(name: str) -> dict[str, dict[str, float | None]]:
    """Return the headline numbers and the clauses' compliance of a library scenario on the small town."""
    card = score(judge(run(load(name, ["network=town"])))).to_json()
    return {
        "headline": {number: card["headline"][number] for number in NUMBERS},
        "compliance": {clause["id"]: clause["compliance"] for clause in card["clauses"]},
    }


if __name__ == "__main__":
    cards = {name: scorecard(name) for name in SCENARIOS}
    FILE.write_text(json.dumps(cards, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
