from types import SimpleNamespace

import pytest
from heatseason.network_models.problems import ModelError
from heatseason.sim.study import batch
from heatseason.sim.study.batch import run_many
from heatseason.sim.study.case import Failure, Outcome
from heatseason.sim.study.tally import spread


def card(replication):
    """A scorecard that differs from winter to winter."""
    met, late = 90 + replication, replication
    judged = {"id": "2.7.3", "status": "breached" if late else "met", "met": met, "late": late, "missed": 0}
    rare = {"id": "2.8.5", "status": "not_triggered", "met": 0, "late": 0, "missed": 0, "compliance": None}
    return {
        "scenario": "made up",
        "seed": 1,
        "replication": replication,
        "replications": 1,
        "score": {"operator": met / (met + late), "authority": None},
        "headline": {
            "calls": 100 * replication,
            "fuel": {"gas": {"burnt": 1.0 * replication, "unit": "m3"}},
            "nothing": None,
        },
        "clauses": [
            {
                **judged,
                "compliance": met / (met + late),
                "assumed": True,
                "margin": 1.0 - late,
                "worst": f"2.7.3/{late}" if late else "",
                "parts": [{"id": "a", "met": met, "late": late, "missed": 0, "compliance": 1.0, "unit": "h"}],
            },
            {**rare, "assumed": False, "margin": None, "worst": "", "parts": []},
        ],
        "breaches": [{"id": "2.7.3/0", "margin": -1.0}] if late else [],
        "ended": {"code": "no_solution" if replication == 3 else "complete"},
    }


MADE_UP = SimpleNamespace(name="made up", network="town", edits={})


def made_up(case, **_):
    return Outcome(f"id {case.replication}", case.replication, card(case.replication))


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(batch, "faults_of", lambda _: [])
    play_as(monkeypatch, made_up)


def play_as(monkeypatch, play):
    monkeypatch.setattr(batch, "play_or_raise", play)
    monkeypatch.setattr(batch, "play", play)
    monkeypatch.setattr(batch, "play_all", lambda cases, _executor: map(play, cases))


def test_one_winter_is_its_own_document():
    document = run_many(MADE_UP).document()
    assert document == {**card(0), "replications": 1}


def test_every_number_of_many_winters_has_its_spread():
    document = run_many(MADE_UP, 3).document()
    calls = document["headline"]["calls"]
    assert calls == {"mean": 100, "se": pytest.approx(100 / 3**0.5), "p05": 10, "p50": 100, "p95": 190}
    assert document["headline"]["fuel"]["gas"] == {"burnt": spread([0.0, 1.0, 2.0]), "unit": "m3"}
    assert document["headline"]["nothing"] is None
    assert document["replications"] == 3
    assert document["seed"] == 1  # what names the winters is no result
    assert document["score"]["operator"]["mean"] == pytest.approx((1 + 91 / 92 + 92 / 94) / 3)


def test_a_clause_over_winters_is_pooled_and_as_bad_as_its_worst():
    judged, rare = run_many(MADE_UP, 3).document()["clauses"]
    assert judged["compliance"]["pooled"] == pytest.approx((90 + 91 + 92) / (90 + 92 + 94))
    assert judged["parts"][0]["compliance"]["pooled"] == judged["compliance"]["pooled"]
    assert (judged["status"], judged["worst"], judged["worst_replication"]) == ("breached", "2.7.3/2", 2)
    assert judged["assumed"] is True
    assert (rare["status"], rare["compliance"], rare["worst"]) == ("not_triggered", None, "")
    assert "worst_replication" not in rare


def test_stories_of_single_winters_say_which():
    document = run_many(MADE_UP, 3).document()
    assert [breach["replication"] for breach in document["breaches"]] == [1, 2]
    assert run_many(MADE_UP, 4).document()["ended"]["code"] == "no_solution"


def test_values_by_winter():
    many = run_many(MADE_UP, 3, first=1)
    assert many.values("headline.calls") == [100, 200, 300]
    assert many.values("clauses.2.7.3.late") == [1, 2, 3]
    assert many.values("score.operator")[0] == pytest.approx(91 / 92)
    assert all(value != value for value in many.values("clauses.2.8.5.compliance"))
    for unknown in ("clauses.9.9.met", "headline.cals"):
        with pytest.raises(KeyError):
            many.values(unknown)


def test_winters_are_told_as_they_come_and_kept_in_order(monkeypatch):
    told = []
    monkeypatch.setattr(batch, "play_all", lambda cases, _executor: map(made_up, reversed(cases)))
    many = run_many(MADE_UP, 3, on_done=told.append)
    assert [outcome.replication for outcome in told] == [2, 1, 0]
    assert many.tally.replications == (0, 1, 2)


def test_interrupted_after_two_winters_these_two_count(monkeypatch):
    def play(case, **_):
        if case.replication == 2:
            raise KeyboardInterrupt
        return made_up(case)

    play_as(monkeypatch, play)
    many = run_many(MADE_UP, 5)
    assert many.interrupted
    assert (many.document()["replications"], many.document()["wanted"]) == (2, 5)
    assert "wanted" not in run_many(MADE_UP, 2).document()


def test_interrupted_in_the_first_winter_nothing_counts(monkeypatch):
    def play(*_, **__):
        raise KeyboardInterrupt

    play_as(monkeypatch, play)
    with pytest.raises(KeyboardInterrupt):
        run_many(MADE_UP, 5)


def test_a_winter_that_fails_is_told_and_ends_no_other(monkeypatch):
    def play(case, **_):
        failed = Outcome("", case.replication, failure=Failure("model", "no solution"))
        return failed if case.replication == 1 else made_up(case)

    play_as(monkeypatch, play)
    many = run_many(MADE_UP, 3)
    document = many.document()
    assert not many.interrupted
    assert document["replications"] == 2
    assert document["failures"] == [{"replication": 1, "kind": "model", "why": "no solution", "trace": ""}]
    assert document["ended"]["code"] == "failed"


def test_when_all_winters_fail_the_model_could_not_continue(monkeypatch):
    play_as(monkeypatch, lambda case, **_: Outcome("", case.replication, failure=Failure("model", "no solution")))
    with pytest.raises(ModelError, match="no solution"):
        run_many(MADE_UP, 3)


def test_records_of_many_winters_have_a_folder_each(monkeypatch, tmp_path):
    asked = []

    def play(case, record_to=None, **_):
        asked.append(record_to)
        return made_up(case)

    play_as(monkeypatch, play)
    run_many(MADE_UP, 1, record_to=tmp_path)
    run_many(MADE_UP, 2, record_to=tmp_path)
    run_many(MADE_UP, 1)
    assert asked == [tmp_path, tmp_path / "replication_0000", tmp_path / "replication_0001", None]
