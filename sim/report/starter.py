"""``init``: a folder to start from: a commented scenario, a network, a weather table."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path

from ...network_models.formats import read_network, write_network
from ...network_models.problems import InputError, Problem
from ...scenarios.calendar import Calendar
from ...scenarios.scenario import load
from ...scenarios.weather.table import sample_table
from ...scenarios.weather.weather import make_weather
from .layout import Page
from .words import Words

__all__ = ["say", "write"]


def write(folder: Path) -> tuple[Path, ...]:
    """Write the starter folder and return its files.

    Parameters
    ----------
    folder : Path
        Made when it is not there.

    Raises
    ------
    InputError
        When something in the folder would be overwritten.
    """
    scenario, network, weather = folder / "scenario.toml", folder / "network", folder / "weather.csv"
    there = [path for path in (scenario, network, weather) if path.exists()]
    if there:
        wanted = "a folder without these files; nothing is overwritten"
        raise InputError(Problem("", str(path), wanted, "name another folder", str(folder)) for path in there)
    folder.mkdir(parents=True, exist_ok=True)
    text = resources.files("heatseason.scenarios.library").joinpath("starter.toml").read_text("utf-8")
    own = re.sub(r"^# (network = )", r"\1", text, count=1, flags=re.M)
    scenario.write_text(own, encoding="utf-8", newline="\n")
    loaded = load("starter")
    write_network(read_network(loaded.network), network)
    calendar = Calendar.of(loaded)
    winter = make_weather(loaded.weather, calendar.origin, calendar.days, loaded.seed, 0)
    table = sample_table(calendar.origin, calendar.days, winter.daily_mean_c)
    weather.write_text(table, encoding="utf-8-sig", newline="\n")
    return scenario, *sorted(network.iterdir()), weather


def say(page: Page, files: tuple[Path, ...], words: Words) -> None:
    """Say what was written, and what to do next."""
    scenario = files[0]
    page.text(words("init.done", folder=scenario.parent))
    for file in files:
        page.text(f"{file.relative_to(scenario.parent).as_posix()}", indent=2)
    page.text(words("init.next"))
    page.text(f"heatseason check {scenario}", indent=2)
    page.text(f"heatseason run {scenario}", indent=2)
