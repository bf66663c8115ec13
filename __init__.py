"""heatseason: district-heating seasons simulated, judged by the service guide, and planned for.

The researcher's door: ``import heatseason as hs`` and then ``hs.load``, ``hs.run``, ``hs.judge``, ``hs.score``.
What goes wrong is an ``hs.HeatseasonError``: ``hs.InputError`` with its ``problems`` where the input is wrong.
Names are handed on lazily, so that importing the package costs nothing and works in a checkout of any name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .network_models.edits import edited as edited
    from .network_models.formats import read_foreign as read_foreign
    from .network_models.formats import read_network as read_network
    from .network_models.formats import write_network as write_network
    from .network_models.network import Network as Network
    from .network_models.problems import GuideError as GuideError
    from .network_models.problems import HeatseasonError as HeatseasonError
    from .network_models.problems import InputError as InputError
    from .network_models.problems import ModelError as ModelError
    from .network_models.problems import NetworkError as NetworkError
    from .network_models.problems import Problem as Problem
    from .network_models.problems import RecordError as RecordError
    from .network_models.problems import ScenarioError as ScenarioError
    from .network_models.totals import Totals as Totals
    from .scenarios.making import make_network as make_network
    from .scenarios.scenario import Scenario as Scenario
    from .scenarios.scenario import load as load
    from .sim.guide.score import Scorecard as Scorecard
    from .sim.guide.score import score as score
    from .sim.guide.verdict import judge as judge
    from .sim.record import Record as Record
    from .sim.run import run as run
    from .sim.saved_state import solve_saved as solve_saved
    from .sim.solve import solve_network as solve_network
    from .sim.steady_state import SteadyState as SteadyState
    from .sim.study.case import Case as Case
    from .sim.study.case import Outcome as Outcome
    from .sim.study.case import cases_of as cases_of
    from .sim.study.compare import compare as compare
    from .sim.study.criticality import criticality as criticality
    from .sim.study.executors import ClusterError as ClusterError
    from .sim.study.executors import Dask as Dask
    from .sim.study.executors import Local as Local
    from .sim.study.executors import Serial as Serial
    from .sim.study.executors import play_all as play_all
    from .sim.study.folder import DigestError as DigestError
    from .sim.study.plan import plan as plan
    from .sim.study.rare import rare_event as rare_event
    from .sim.study.sensitivity import sensitivity as sensitivity
    from .sim.study.store import LedgerError as LedgerError
    from .sim.study.stress import stress as stress
    from .sim.study.suites import read_suite as read_suite
    from .sim.study.sweep import Study as Study
    from .sim.study.sweep import sweep as sweep
    from .version import __version__ as __version__

_HOME = {
    "Case": ".sim.study.case",
    "ClusterError": ".sim.study.executors",
    "Dask": ".sim.study.executors",
    "DigestError": ".sim.study.folder",
    "GuideError": ".network_models.problems",
    "HeatseasonError": ".network_models.problems",
    "InputError": ".network_models.problems",
    "LedgerError": ".sim.study.store",
    "Local": ".sim.study.executors",
    "ModelError": ".network_models.problems",
    "Network": ".network_models.network",
    "NetworkError": ".network_models.problems",
    "Outcome": ".sim.study.case",
    "Problem": ".network_models.problems",
    "Record": ".sim.record",
    "RecordError": ".network_models.problems",
    "Scenario": ".scenarios.scenario",
    "ScenarioError": ".network_models.problems",
    "Scorecard": ".sim.guide.score",
    "Serial": ".sim.study.executors",
    "SteadyState": ".sim.steady_state",
    "Study": ".sim.study.sweep",
    "Totals": ".network_models.totals",
    "__version__": ".version",
    "cases_of": ".sim.study.case",
    "compare": ".sim.study.compare",
    "criticality": ".sim.study.criticality",
    "edited": ".network_models.edits",
    "judge": ".sim.guide.verdict",
    "load": ".scenarios.scenario",
    "make_network": ".scenarios.making",
    "plan": ".sim.study.plan",
    "play_all": ".sim.study.executors",
    "rare_event": ".sim.study.rare",
    "read_foreign": ".network_models.formats",
    "read_network": ".network_models.formats",
    "read_suite": ".sim.study.suites",
    "run": ".sim.run",
    "score": ".sim.guide.score",
    "sensitivity": ".sim.study.sensitivity",
    "solve_network": ".sim.solve",
    "solve_saved": ".sim.saved_state",
    "stress": ".sim.study.stress",
    "sweep": ".sim.study.sweep",
    "write_network": ".network_models.formats",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    """Import a public name from its home on first use."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name], __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
