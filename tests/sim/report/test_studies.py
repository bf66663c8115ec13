"""What is said of a study, from documents that are made up."""

import pytest
from heatseason.sim.report import studies
from heatseason.sim.report.layout import Page
from heatseason.sim.report.words import Words


def said(*changes, lang="en"):
    rows = [{"point": n, "changes": own, "numbers": {}} for n, own in enumerate(changes)]
    document = {"ledger": "x", "points": len(rows), "winters": 1, "core_hours": 0.0, "failed": 0, "left": 0,
                "missing_parts": [], "summary": rows}  # fmt: skip
    page = Page(200)
    studies.say(page, document, Words(lang))
    return str(page)


def test_a_study_of_one_point_shows_its_changes():
    assert "Point 0: policies.preheat.days = 2" in said({"policies.preheat.days": 2})
    assert "Point 0: as it is" in said({})


def test_what_all_points_change_is_told_once():
    text = said({"network": "tee", "policies.preheat.days": 2}, {"network": "tee", "policies.preheat.days": 4})
    assert text.count("network = tee") == 1
    assert "At every point: network = tee" in text
    assert "Point 1: policies.preheat.days = 4" in text


@pytest.mark.parametrize(("lang", "wanted"), [("en", "Point 1: nothing else"), ("zh", "点 1：别无改动")])
def test_a_point_that_adds_nothing_is_not_called_as_it_is(lang, wanted):
    assert wanted in said({"network": "tee", "seed": 3}, {"network": "tee"}, lang=lang)
