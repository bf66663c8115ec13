"""What numbers of a scorecard are called."""

import re

import heatseason as hs
import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.report.numbers import figure_of, label
from heatseason.sim.report.words import Words
from heatseason.sim.study.batch import check_number, number_at
from heatseason.sim.study.case import Case, play_or_raise
from heatseason.sim.study.kept import numbers_of

OF_ITS_OWN = re.compile(r"^(units|tanks|fuel)\.(.*)\.\w+$")


def paths(value, above=""):
    """Yield where in a document something stands that is no table."""
    if not isinstance(value, dict | list):
        yield above
    rows = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        rows = [(str(row["id"]), row) for row in value if isinstance(row, dict) and "id" in row]
    for key, inside in rows:
        yield from paths(inside, f"{above}.{key}" if above else str(key))


def numbers(document):
    stories = ("by_", "breaches", "ended")
    for path in paths({part: inside for part, inside in document.items() if not part.startswith(stories)}):
        try:
            check_number(document, path)
        except InputError:
            continue
        yield path


@pytest.fixture(scope="module")
def outcomes():
    """A winter with calls and faults, and one with every kind of unit and a tank."""
    scenarios = hs.load("town", ["network=tee"]), hs.load("mixed_plant")
    return [play_or_raise(Case(scenario)) for scenario in scenarios]


def unnamed(path, lang):
    """Return whether a path's label shows a key of the document, which is no word."""
    said = label(path, Words(lang))
    if found := OF_ITS_OWN.match(path.removeprefix("headline.")):
        said = said.replace(found[2], "")  # an id is what the user calls it
    return not said or "_" in said or (lang == "zh" and re.search(r"[a-z]{3}", said) is not None)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_that_can_be_asked_for_has_words(outcomes, lang):
    asked = [path for outcome in outcomes for path in numbers(outcome.document)]
    assert len(asked) > 500
    assert {"clauses.2.3.met", "clauses.2.3.late", "clauses.2.3.missed", "clauses.2.3.excused"} <= set(asked)
    for outcome in outcomes:
        asked += numbers_of(outcome, relative_margins=True)  # of a ledger
        for path in numbers(outcome.document):
            figure_of(path)(number_at(outcome.document, path), Words(lang))
    assert [path for path in dict.fromkeys(asked) if unnamed(path, lang)] == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_parts_and_states_of_all_clauses_have_words(lang):
    states = ("met", "late", "missed", "open", "excused", "broken", "judged", "compliance", "margin", "weight")
    for clause in default_guide().clauses:
        for where in (clause.id, *(f"{clause.id}.parts.{part.id}" for part in clause.parts)):
            assert [state for state in states if unnamed(f"clauses.{where}.{state}", lang)] == []


@pytest.mark.parametrize("path", ["seed", "replications", "replication", "balances.energy_error", "ended.at_s"])
def test_what_is_no_result_is_no_number_to_ask_for(outcomes, path):
    with pytest.raises(InputError, match="a number of the scorecard"):
        check_number(outcomes[0].document, path)
