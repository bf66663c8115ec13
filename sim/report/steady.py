"""``network solve``: flows, pressures and temperatures of both sides in steady state, and who is worst placed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ...network_models.documents import read_table, show_value
from ...network_models.formats import read_foreign
from ...network_models.formats.foreign import Foreign, Friction
from ...network_models.problems import InputError, Problem, did_you_mean
from ..saved_state import after_edits, solve_saved
from ..steady_state import Duty, SteadyState
from .layout import Column, Page
from .network import is_network, say_edits, standing
from .network_files import noted, say_notes
from .words import Words

__all__ = ["read_loads", "say", "solve"]

_FIELDS = ("heat_w", "return_c", "drop_k", "flow_kg_s")
_SHOWN = 12  # rows of a table on the page; --json has them all


def solve(
    network: str, changes: Sequence[str] = (), *, supply_c: float | None, loads: Path | None, load: float,
    ground_c: float | None, friction: Friction | None,
) -> SteadyState:  # fmt: skip
    """Read a network and the loads, and solve it; what is left out is what the network's file tells.

    Parameters
    ----------
    network : str
        A network or a scenario that is played on one: a file or folder, or a name of the library.
    changes : sequence of str
        Such as ``edits.tap.pipe=P017``: edits of the network.
    supply_c : float or None
        Temperature that the sources send out [degC].
    loads : Path or None
        Table of loads, see :func:`read_loads`.
    load : float
        Share of the design heat that substations take which `loads` does not name [-].
    ground_c : float or None
        Temperature round the pipes [degC].
    friction : str or None
        As in :func:`~heatseason.sim.solve.solve_network`.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    named = read_loads(loads) if loads else {}
    return solve_saved(
        _standing(network, changes), supply_c=supply_c, loads=named, load=load, ground_c=ground_c, friction=friction
    )


def _standing(text: str, changes: Sequence[str]) -> Foreign:
    """Return the network with its edits made, and the state that its file holds beside it."""
    if not is_network(text):
        return Foreign(standing(text, changes))
    on_file = read_foreign(text)
    return after_edits(on_file, standing(text, changes)) if changes else on_file


def read_loads(path: Path) -> dict[str, Duty]:
    """Read a CSV table of loads: ``substation`` and two of heat, flow, and return temperature or drop.

    Raises
    ------
    InputError
        With everything that is wrong in it.
    """
    rows, columns, lines = read_table(path, dict.fromkeys(_FIELDS, float))
    known = ("substation", *_FIELDS)
    problems = [
        Problem("", f'column "{name}"', "one of: " + ", ".join(known), did_you_mean(name, known), str(path), 1, 1)
        for name in columns
        if name not in known
    ]
    if "substation" not in columns:
        problems.append(Problem("", ", ".join(columns), 'a column "substation"', "", str(path), 1, 1))
    duties: dict[str, Duty] = {}
    for row, line in zip(rows, lines, strict=True):
        name = str(row.get("substation", ""))
        if "substation" in columns and (not name or name in duties):
            found = f'"{name}" twice' if name else "an empty cell"
            problems.append(Problem("substation", found, "each substation once", "", str(path), line, 1))
        for field in _FIELDS:
            if isinstance(row.get(field), str):
                problems.append(Problem(field, show_value(row[field]), "a number", "", str(path), line, 1))
        if not problems:
            duties[name] = Duty(**{field: row[field] for field in _FIELDS if field in row})
    if problems:
        raise InputError(problems)
    return duties


def say(page: Page, state: SteadyState, words: Words) -> None:
    """Write the steady state down: sources, who is worst placed, the fullest pipes."""
    network = state.network
    title = words.either(network.title_zh, network.title_en) if network else ""
    page.title(words("steady.title", title=title))
    page.text(words(f"steady.code_{state.code}"))
    if state.not_finite:
        page.text(words("steady.not_finite", names=words.listing(state.not_finite[:_SHOWN]), n=len(state.not_finite)))
    if network:
        say_edits(page, [edit.model_dump(mode="json") for edit in network.edits], words)
    loss, made = float(np.nansum(state.pipe_loss_w)), float(state.source_heat_w.sum())
    page.pairs(
        [
            (words("steady.heat"), f"{made / 1e6:,.3f}"),
            (words("steady.taken"), f"{state.substation_heat_w.sum() / 1e6:,.3f}"),
            (words("steady.lost"), f"{loss / 1e6:,.3f} ({loss / max(made, 1e-12):.1%})"),
            (words("steady.iterations"), str(state.iterations)),
            (words("steady.balance"), f"{state.balance_error:.1e}"),
        ]
    )
    page.title(words("network.sources"), "-")
    heads = ["source", "supply", "return", "flow", "mw", "head"]
    page.table(
        [Column(words(f"steady.{head}"), "right" if n else "left", wraps=not n) for n, head in enumerate(heads)],
        [
            [
                name, f"{state.source_supply_c[i]:.2f}", _known(state.source_return_c[i], "{:.2f}"),
                f"{state.source_flow_kg_s[i]:,.2f}", f"{state.source_heat_w[i] / 1e6:,.3f}",
                f"{state.source_head_pa[i] / 1e5:.2f}",
            ]
            for i, name in enumerate(state.arrays.source_ids)
        ],
    )  # fmt: skip
    page.title(words("steady.worst"), "-")
    number = {name: x for x, name in enumerate(state.arrays.substation_ids)}
    rows = [number[name] for name in state.worst]
    heads = ["substation", "supply", "return", "flow", "dp", "served"]
    page.table(
        [Column(words(f"steady.{head}"), "right" if n else "left", wraps=not n) for n, head in enumerate(heads)],
        [
            [
                state.arrays.substation_ids[x], _known(state.substation_supply_c[x], "{:.2f}"),
                _known(state.substation_return_c[x], "{:.2f}"), _known(state.substation_flow_kg_s[x], "{:,.3f}"),
                _known(state.substation_dp_pa[x] / 1e5, "{:.2f}"), _known(state.substation_served[x], "{:.0%}"),
            ]
            for x in rows[:_SHOWN]
        ],
    )  # fmt: skip
    if len(rows) > _SHOWN:
        page.text(words("steady.more", n=len(rows) - _SHOWN))
    page.title(words("steady.fullest"), "-")
    page.table(
        [
            Column(words("steady.pipe"), wraps=True), Column(words("steady.side")),
            *(Column(words(f"steady.{head}"), "right") for head in ("flow", "velocity", "gradient")),
        ],
        _fullest(state, words),
    )  # fmt: skip
    page.text(words("steady.all"))
    if network:
        say_notes(page, noted(network), words)


def _known(value: float, form: str) -> str:
    return form.format(value) if np.isfinite(value) else "-"


def _fullest(state: SteadyState, words: Words) -> list[list[str]]:
    """Return the pipes with the steepest loss of pressure, per metre."""
    gradient = np.abs(state.pipe_drop_pa) / state.arrays.pipe_length_m
    order = np.argsort(-np.nan_to_num(gradient, nan=-1.0), axis=None, kind="stable")[: _SHOWN // 2]
    names = state.pipe_names()
    rows = []
    for side, pipe in zip(*np.unravel_index(order, gradient.shape), strict=True):
        if np.isfinite(gradient[side, pipe]):
            rows.append([
                names[side][pipe], words(f"steady.on_{('supply', 'return')[side]}"),
                f"{state.pipe_flow_kg_s[side, pipe]:,.2f}", f"{state.pipe_velocity_m_s[side, pipe]:.2f}",
                f"{gradient[side, pipe]:,.0f}",
            ])  # fmt: skip
    return rows
