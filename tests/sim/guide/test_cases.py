"""Every little record under tests/cases is judged as its writer expects; every scored clause has its cases."""

import tomllib
from pathlib import Path

import pytest
from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.rows import STATES
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record_text import record_from

CASES = Path(__file__).resolve().parents[2] / "cases"
GUIDE = default_guide()
SCORED = [clause.id for clause in GUIDE.clauses if clause.scored]
# "met on the second" and the two operators are titles' first words; the rest are states of a clause or its rows
WANTED = ("met", "bad operator", "gaming operator")


def cases():
    for file in sorted(CASES.glob("*.toml")):
        document = tomllib.loads(file.read_text("utf-8"))
        common = {key: value for key, value in document.items() if key not in ("clause", "case")}
        for case in document["case"]:
            yield document["clause"], {**common, **case}


ALL = list(cases())


def judged(case):
    record = record_from({key: value for key, value in case.items() if key not in ("note", "expect", "margin")})
    return judge(record)


@pytest.mark.parametrize(("clause", "case"), ALL, ids=[f"{clause} {case['title']}" for clause, case in ALL])
def test_a_case_is_judged_as_its_writer_expects(clause, case):
    verdicts = judged(case)
    found = {}
    for address, expected in case["expect"].items():
        own, _, part_id = address.partition("/")
        verdict = verdicts[own]
        if isinstance(expected, str):
            found[address] = verdict.status
        else:
            parts = [part for part in verdict.parts if part.id == part_id]
            found[address] = [STATES[state] for part in parts for state in part.rows.state]
    assert found == case["expect"]
    for address, margin in case.get("margin", {}).items():
        own, _, part_id = address.partition("/")
        rows = next(part.rows for part in verdicts[own].parts if part.id == part_id)
        assert rows.margin.tolist() == pytest.approx(margin, abs=1e-6)


@pytest.mark.parametrize("clause", SCORED)
def test_a_scored_clause_has_its_cases(clause):
    titles = [case["title"] for own, case in ALL if own == clause]
    for wanted in WANTED:
        assert any(title.startswith(wanted) for title in titles), f"{clause} has no case {wanted!r}: {titles}"


@pytest.mark.parametrize(
    "clause", [clause for clause in SCORED if clause not in ("2.2a", "2.2b", "2.8.3", "2.7.2", "2.6.3")]
)
def test_a_clause_that_need_not_arise_has_a_case_where_it_does_not(clause):
    untriggered = [
        case for own, case in ALL if own == clause and case["expect"].get(clause) in ("not_triggered", "no_evidence")
    ]
    assert untriggered


def _forms(clause_id):
    return {part.form for part in GUIDE[clause_id].parts}


@pytest.mark.parametrize("clause", [clause for clause in SCORED if _forms(clause) & {"within", "before"}])
def test_a_deadline_is_met_on_the_second_in_some_case(clause):
    assert any(case["title"].startswith("met on the second") for own, case in ALL if own == clause)


@pytest.mark.parametrize("clause", [clause for clause in SCORED if "within" in _forms(clause)])
def test_a_deadline_has_every_state(clause):
    seen = {state for own, case in ALL if own == clause for states in case["expect"].values()
            for state in ([states] if isinstance(states, str) else states)}  # fmt: skip
    assert {"met", "late", "missed", "open"} <= seen
    if any(part.excuses for part in GUIDE[clause].parts):
        assert "excused" in seen


def allowed(part):
    """The states that a part's form allows; ``excused`` where an excuse is named."""
    states = {"met", "missed"}
    dated = part.form == "before" and part.deadline != "trigger"  # before an act: the act itself opens the duty
    if part.form == "within" or dated or (part.form == "carries" and part.limit):
        states.add("open")
    timed_trail = part.form == "carries" and bool(part.limit)
    if part.form == "within" or timed_trail or (dated and part.sense == "by"):
        states.add("late")
    if part.form == "throughout" and part.measure in ("uninterrupted", "covered", "attended"):
        states.add("open")
    if part.form == "floor" and (part.measure == "fuel" or part.slices or part.until == "start"):
        states.add("open")
    return states | ({"excused"} if part.excuses else set())


PARTS = [(clause.id, part.id) for clause in GUIDE.clauses for part in clause.parts if part.form != "reported"]


@pytest.mark.parametrize(("clause", "part_id"), PARTS, ids=[f"{clause}/{part}" for clause, part in PARTS])
def test_some_case_shows_a_part_in_every_state_its_form_allows(clause, part_id):
    seen = {STATES[state] for own, case in ALL if own in (clause, "traps") for part in judged(case)[clause].parts
            if part.id == part_id for state in part.rows.state}  # fmt: skip
    part = next(part for part in GUIDE[clause].parts if part.id == part_id)
    assert allowed(part) <= seen


def test_every_trap_of_the_guide_has_a_case():
    traps = [case["title"] for own, case in ALL if own == "traps"]
    assert list(dict.fromkeys(title[:6] for title in traps)) == [f"trap {number}" for number in range(1, 7)]


def test_more_duties_well_met_do_not_make_a_disturbed_winter_look_better():
    """The sixth trap: by clause and by shortfall the quiet winter is better, though of its duties fewer were kept."""
    disturbed, quiet, worst = (judged(case) for own, case in ALL if own == "traps" and case["title"][:6] == "trap 6")
    kept = [sum(v[clause].amounts[0] for clause in ("2.6.4c", "2.7.3", "2.6.2")) for v in (quiet, disturbed, worst)]
    assert kept == sorted(kept)
    assert kept[0] < kept[1] < kept[2]
    cards = [score(verdicts) for verdicts in (quiet, disturbed, worst)]
    short = [card.headline["degree_hours_below_18"] for card in cards]
    assert short[0] == 0.0
    assert short[0] < short[1] < short[2]
    warm = [card.headline["share_dwellings_always_18_in_scope"] for card in cards]
    assert warm == [1.0, 0.0, 0.0]
    assert [card["2.3"].compliance for card in cards] == [1.0, 0.0, 0.0]
    assert ["2.3" in {breach.clause for breach in card.breaches} for card in cards] == [False, True, True]
