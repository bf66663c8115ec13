import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.report.requirements import Requirement, parse, unmet
from heatseason.sim.report.words import Words


def test_requirements_are_shares():
    assert parse(["0.95", "95%", "2.3=0.99", "2.6.4b=50%"]) == (
        Requirement("", 0.95),
        Requirement("", 0.95),
        Requirement("2.3", 0.99),
        Requirement("2.6.4b", 0.5),
    )


def test_everything_that_is_no_requirement_is_said_at_once():
    with pytest.raises(InputError) as caught:
        parse(["much", "2.3=", "=0.5", "1.5", "2.3=nan", "0.9"])
    assert [problem.found for problem in caught.value.problems] == ['"much"', '"2.3="', '"=0.5"', '"1.5"', '"2.3=nan"']


def test_what_is_not_reached_is_found(card):
    broken = unmet(parse(["0.98", "0.9", "2.6.4b=1", "2.7.3=1", "2.8.5=1"]), card)
    assert [(requirement.clause, requirement.wanted) for requirement in broken] == [("", 0.98), ("2.6.4b", 1.0)]
    assert broken[1].sentence(Words("en")) == "not met: 2.6.4b compliance 0.8696, required 1"
    assert broken[0].sentence(Words("zh")) == "未达到要求：供热企业总分 0.9700，要求 0.98"


def test_a_requirement_on_what_is_not_judged_is_wrong_input(card):
    with pytest.raises(InputError) as caught:
        unmet(parse(["2.6.4=1", "1.1=1", "2.2c=1"]), card)
    assert [problem.path for problem in caught.value.problems] == ["--require"] * 3
    assert "did you mean" in str(caught.value)


def test_over_many_winters_the_pooled_share_counts(card):
    card["clauses"][4]["compliance"] = {"mean": 0.99, "se": 0.0, "pooled": 0.5}
    assert len(unmet(parse(["2.6.4b=0.9"]), card)) == 1
