"""The network that a scenario is played on: the one that it names, as its files now are, with the scenario's edits."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from ..network_models.edits import edited
from ..network_models.formats import read_network
from ..network_models.network import Network
from ..network_models.problems import NetworkError
from .scenario import Scenario

__all__ = ["Standing", "network_of"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides which network stands: equal for scenarios that are played on the same one.

    Attributes
    ----------
    name : str
        As the scenario names it.
    changed : int
        When its files were last changed [ns]; 0 for what is no file.
    edits : str
        The edits as JSON.
    scenario : Scenario
        One scenario of those; says where its edits are written.
    """

    name: str
    changed: int
    edits: str
    scenario: Scenario = field(compare=False)

    @classmethod
    def of(cls, scenario: Scenario) -> Standing:
        """Return what stands under a scenario."""
        path = Path(scenario.network)
        changed = 0
        if path.exists():
            files = [path, *path.glob("*")] if path.is_dir() else [path]
            changed = max(file.stat().st_mtime_ns for file in files)
        edits = {name: edit.model_dump(mode="json") for name, edit in sorted(scenario.edits.items())}
        return cls(scenario.network, changed, json.dumps(edits, ensure_ascii=False), scenario)


def network_of(scenario: Scenario) -> Network:
    """Return the network that a scenario is played on, read and edited once for as long as nothing changes.

    Raises
    ------
    NetworkError
        With everything that is wrong in the network's files, or with the edits, at their places in the scenario.
    """
    return _network(Standing.of(scenario))


@lru_cache(maxsize=8)
def _network(standing: Standing) -> Network:
    scenario, network = standing.scenario, _on_file(standing.name, standing.changed)
    try:
        return edited(network, scenario.edits)
    except NetworkError as error:
        raise NetworkError(scenario.problem(problem.path, problem) for problem in error.problems) from error


@lru_cache(maxsize=4)
def _on_file(name: str, _changed: int) -> Network:
    return read_network(name)
