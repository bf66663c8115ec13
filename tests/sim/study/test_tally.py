"""Winters folded into columns: as exact as with all documents at hand, in any order, and in little memory."""

import json
import random
import tracemalloc
from dataclasses import replace

import pytest
from heatseason.scenarios.scenario import load
from heatseason.sim.study.case import Case, Outcome, play
from heatseason.sim.study.tally import Tally, spread


def clause(number, met, *, worst="", parts=()):
    margin = -1.0 * number if worst else 1.0
    status = "breached" if worst else "met"
    counts = {"met": met, "late": 1.0 if worst else 0.0, "missed": None}
    rows = [{"id": name, "met": met, "late": 0.0, "missed": 0.0, "compliance": 1.0} for name in parts]
    about = {"compliance": 0.5, "margin": margin, "worst": worst, "parts": rows}
    return {"id": f"2.{number}", "status": status, **counts, **about}


def winter(number):
    """A winter that has some of what winters may have, and not what another has."""
    draw = random.Random(number)
    causes = draw.sample(["frost", "pump", "burst", "fuel"], draw.randint(1, 4))
    broken = f"2.1/{number}" if number % 3 == 1 else ""
    document = {
        "replication": number,
        "title": f"winter {number}",
        "headline": {"calls": draw.random(), "held": number % 2 == 1, "unit": None if number == 0 else f"h{number}",
                     "never": None, "rows": [{"substation": "a"}], "fuel": None if number % 4 else {"gas": 1e-3}},
        "by_cause": {cause: {"2.1": draw.random()} for cause in causes},
        "clauses": [clause(1, draw.random(), worst=broken), clause(2, 1.0, parts=causes)],
        "breaches": [{"id": broken, "margin": -0.1}] if broken else [],
        "ended": {"code": "no_solution" if number in (4, 6) else "complete", "at": number},
    }  # fmt: skip
    return Outcome(f"id {number}", number, document)


def told(numbers):
    tally = Tally()
    for number in numbers:
        tally.add(winter(number))
    return tally


def text(tally):
    document = tally.document()
    return json.dumps({**document, "breaches": list(document["breaches"])}, indent=1)


def test_what_is_said_does_not_depend_on_the_order_in_which_winters_come():
    numbers = list(range(9))
    in_order = text(told(numbers))
    for seed in range(5):
        random.Random(seed).shuffle(numbers)
        assert text(told(numbers)) == in_order


def test_each_number_is_said_of_the_winters_that_could_have_it():
    document = told(range(9)).document()
    documents = [winter(number).document for number in range(9)]
    assert document["headline"]["calls"] == spread([each["headline"]["calls"] for each in documents])
    frost = [each["by_cause"].get("frost", {}).get("2.1") for each in documents]
    assert document["by_cause"]["frost"]["2.1"] == spread(frost)
    assert document["by_cause"]["frost"]["2.1"]["n"] < 9
    part = next(part for part in document["clauses"][1]["parts"] if part["id"] == "frost")
    assert "n" not in part["met"]  # a part is said of the winters that have it, and all of these have the number
    assert document["headline"]["fuel"]["gas"]["n"] == 3


def test_what_is_no_number_is_that_of_the_first_winter_which_has_it():
    document = told([5, 3, 0, 8, 4, 6]).document()
    assert document["title"] == "winter 0"
    assert document["headline"]["unit"] == "h3"
    assert (document["headline"]["held"], document["headline"]["never"], document["headline"]["rows"]) == (
        True,
        None,
        [],
    )
    assert document["ended"] == {"code": "no_solution", "at": 4}
    causes = [cause for number in (0, 3, 4, 5, 6, 8) for cause in winter(number).document["by_cause"]]
    assert list(document["by_cause"]) == list(dict.fromkeys(causes))


def test_the_worst_winter_is_the_first_of_those_with_the_least_margin():
    row = told([7, 4, 1, 0]).document()["clauses"][0]
    assert (row["status"], row["worst"], row["worst_replication"]) == ("breached", "2.1/1", 1)


def test_breaches_are_unpacked_winter_by_winter():
    breaches = told([7, 4, 1, 0]).document()["breaches"]
    assert [breach["replication"] for breach in breaches] == [1, 4, 7]
    assert len(breaches) == 3
    assert breaches[0] == {"id": "2.1/1", "margin": -0.1, "replication": 1}


def test_a_winter_that_is_told_leaves_a_row_of_floats_and_its_breaches_packed():
    played = play(Case(load("town", ["network=tee"])))
    tally = Tally()
    tally.add(played)
    numbers = len(tally._rows[0])
    tracemalloc.start()
    try:
        for number in range(1, 301):
            tally.add(replace(played, replication=number))
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    packed = sum(map(len, tally._breaches.values())) / 301
    assert numbers > 500
    assert grown / 300 < 1.15 * 8 * numbers + packed + 300
    assert packed < 0.3 * len(json.dumps(played.document["breaches"]))


def test_spread_of_what_some_winters_lack():
    assert spread([1.0, None, 3.0]) == {"mean": 2.0, "se": 1.0, "p05": 1.1, "p50": 2.0, "p95": 2.9, "n": 2}
    assert spread([None, float("nan")]) == {"n": 0}
    assert spread([4.0]) == {"mean": 4.0, "se": None, "p05": 4.0, "p50": 4.0, "p95": 4.0}
    assert spread([2.0, 4.0], 3)["n"] == pytest.approx(2)
