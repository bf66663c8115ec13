"""``network show``: what stands in the ground, in totals and by source, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...network_models.documents import read_toml
from ...network_models.formats import library_names, read_network
from ...network_models.network import Network

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario

from .layout import Column, Page
from .network_files import noted, say_notes
from .words import Words

__all__ = ["describe", "is_network", "say", "say_edits", "scenario_of", "standing"]

_STATUSES = ("published", "derived", "assumed")


def scenario_of(text: str, changes: Sequence[str] = ()) -> Scenario:
    """Return the scenario that a command means: a scenario, or a network under the ordinary winter's scenario.

    Raises
    ------
    InputError
        When it is neither, or wrong.
    """
    from ...scenarios.scenario import load

    return load("hanzhong", [f"network={text}", *changes]) if is_network(text) else load(text, changes)


def standing(text: str, changes: Sequence[str] = ()) -> Network:
    """Return a network by its file or name, or the one that a scenario is played on, its edits made.

    Parameters
    ----------
    text : str
        A network or a scenario: a file or folder, or a name of the library.
    changes : sequence of str
        Such as ``edits.tap.pipe=P017``.

    Raises
    ------
    InputError
        With everything that is wrong in it.
    """
    from ...scenarios.scenario import library
    from ...scenarios.standing import network_of

    if not Path(text).exists() and text not in library():
        read_network(text)  # says what networks there are, where it is none
    return network_of(scenario_of(text, changes))


def is_network(text: str) -> bool:
    """Return whether a text names a network and no scenario."""
    from ...scenarios.scenario import library

    path = Path(text)
    if path.is_file() and path.suffix == ".toml":
        return not {"nodes", "pipes", "tables"}.isdisjoint(read_toml(path).data)
    return path.exists() or (text in library_names() and text not in library())


def describe(network: Network) -> dict[str, Any]:
    """Return a network in totals."""
    nominal = {kind.id: kind.nominal for kind in network.pipe_types}
    households = sum(cohort.households for cohort in network.cohorts)
    return {
        "name": network.name,
        "title_zh": network.title_zh,
        "title_en": network.title_en,
        "illustrative": network.illustrative,
        "provenance_zh": network.provenance_zh,
        "provenance_en": network.provenance_en,
        "sources": [
            {
                "id": source.id,
                "capacity_w": sum(unit.capacity_w for unit in source.units),
                "units": len(source.units),
                "fuels": list(dict.fromkeys(store.fuel for store in source.stores)),
                "operator": source.operator,
                "district": source.district,
            }
            for source in network.sources
        ],
        "pipes": len(network.pipes),
        "trench_m": sum(pipe.length_m for pipe in network.pipes),
        "trench_m_by_role": _sums((pipe.role, pipe.length_m) for pipe in network.pipes),
        "largest_nominal_mm": max(nominal[pipe.type] for pipe in network.pipes),
        "valves": sum(pipe.valve_from + pipe.valve_to for pipe in network.pipes),
        "loops": sum(pipe.side != "return" for pipe in network.pipes) - len(network.nodes) + 1,  # of the supply side
        "substations": len(network.substations),
        "design_w": sum(substation.design_w for substation in network.substations),
        "protected": sum(substation.protected for substation in network.substations),
        "households": households,
        "households_off": sum(round(cohort.households * cohort.off_share) for cohort in network.cohorts),
        "floor_area_m2": sum(cohort.floor_area_m2 for cohort in network.cohorts),
        "households_by_district": _by_district(network),
        "basis": [basis.model_dump() for basis in network.basis],
        "edits": [edit.model_dump(mode="json") for edit in network.edits],
        "notes": noted(network),
    }


def say(page: Page, described: Mapping[str, Any], words: Words) -> None:
    """Write the network down."""
    page.title(words("network.title", title=words.either(described["title_zh"], described["title_en"])))
    if described["illustrative"]:
        page.text(words("network.illustrative"))
    page.text(words.either(described["provenance_zh"], described["provenance_en"]))
    say_edits(page, described["edits"], words)
    page.title(words("network.sources"), "-")
    heads = [
        Column(words("network.source")),
        Column(words("network.capacity"), "right"),
        Column(words("network.units"), "right"),
        Column(words("network.stores"), wraps=True),
        Column(words("network.district"), wraps=True),
    ]
    page.table(
        heads,
        [
            (
                source["id"],
                f"{source['capacity_w'] / 1e6:,.1f}",
                str(source["units"]),
                words.listing([_fuel(fuel, words) for fuel in source["fuels"]]),
                source["district"],
            )
            for source in described["sources"]
        ],
    )
    page.title(words("network.pipes"), "-")
    by_role = [
        (words(f"network.{role}"), f"{length / 1000:,.2f}") for role, length in described["trench_m_by_role"].items()
    ]
    page.pairs(
        [
            (words("network.trench"), f"{described['trench_m'] / 1000:,.2f}"),
            *((f"- {name}", length) for name, length in by_role),
            (words("network.pieces"), f"{described['pipes']:,}"),
            (words("network.loops"), str(described["loops"])),
            (words("network.valves"), str(described["valves"])),
            (words("network.largest"), str(described["largest_nominal_mm"])),
        ]
    )
    page.title(words("network.substations"), "-")
    area = described["floor_area_m2"] / (1e4 if words.lang == "zh" else 1e6)
    page.pairs(
        [
            (words("network.substations"), f"{described['substations']:,}"),
            (words("network.protected"), str(described["protected"])),
            (words("network.households"), f"{described['households']:,}"),
            (words("network.off"), f"{described['households_off']:,}"),
            (words("network.area"), f"{area:,.2f}"),
            (words("network.design"), f"{described['design_w'] / 1e6:,.1f}"),
            *((f"- {name}", f"{count:,}") for name, count in described["households_by_district"].items()),
        ]
    )
    _say_basis(page, described["basis"], words)
    say_notes(page, described["notes"], words)


def say_edits(page: Page, edits: Sequence[Mapping[str, Any]], words: Words) -> None:
    """List the edits of a network; nothing where there are none."""
    if not edits:
        return
    page.title(words("edit.title"), "-")
    heads = (
        Column(words("edit.name"), wraps=True),
        Column(words("edit.what"), wraps=True),
        Column(words("edit.elements"), wraps=True),
    )
    rows = [(edit["name"], words(f"edit.{edit['kind']}"), words.listing(edit["elements"])) for edit in edits]
    page.table(heads, rows)


def _say_basis(page: Page, basis: Sequence[Mapping[str, Any]], words: Words) -> None:
    if not basis:
        return
    page.title(words("network.basis"), "-")
    for status in _STATUSES:
        for row in basis:
            if row["status"] == status:
                page.text(f"{words(f'network.{status}')} ({row['confidence']})  {row['of']}: {row['source']}", hang=4)


def _sums(pairs: Any) -> dict[str, float]:
    totals: dict[str, float] = {}
    for name, value in pairs:
        totals[name] = totals.get(name, 0.0) + value
    return totals


def _by_district(network: Network) -> dict[str, int]:
    district = {substation.id: substation.district for substation in network.substations}
    return {
        name: int(total)
        for name, total in _sums((district[c.substation], c.households) for c in network.cohorts).items()
    }


def _fuel(name: str, words: Words) -> str:
    return words(f"fuel.{name}") if f"fuel.{name}" in words else name
