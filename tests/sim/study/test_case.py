import pickle

import heatseason as hs
import pytest
from heatseason.network_models.formats import write_network
from heatseason.network_models.problems import InputError, ModelError
from heatseason.sim.study import case as module
from heatseason.sim.study.case import Case, cases_of, play, play_or_raise


@pytest.fixture(scope="module")
def town():
    return hs.load("town")


def warmth(record, document):
    return {"calls": document["headline"]["calls"], "entries": len(record)}


def test_the_id_is_of_what_would_be_played(town):
    one = Case(town, 3)
    assert len(one.id) == 32
    assert one.id == Case(hs.load("town"), 3).id == pickle.loads(pickle.dumps(one)).id
    others = [
        Case(town, 4),
        Case(town.with_("policies.reserve.days", 9), 3),
        Case(town.with_('guide."2.3".temperature_c', 20), 3),
        Case(town.with_("seed", 2), 3),
        Case(town.with_("network", "hanzhong_2021"), 3),
    ]
    assert len({one.id, *(other.id for other in others)}) == 6


def test_the_network_s_contents_count_not_its_name(town, tmp_path):
    network = hs.read_network("tee")
    ids = []
    for length in (0.0, 1.0):
        folder = tmp_path / f"{length}" / "net"
        folder.parent.mkdir()
        pipes = [
            pipe.model_copy(update={"length_m": pipe.length_m + length}) if n == 0 else pipe
            for n, pipe in enumerate(network.pipes)
        ]
        write_network(network.model_copy(update={"pipes": tuple(pipes)}), folder)
        ids.append(Case(town.with_("network", str(folder))).id)
    assert ids[0] != ids[1]


def test_an_outcome_is_the_scorecard_the_digest_and_the_user_s_numbers(town):
    outcome = play_or_raise(Case(town, 3), metrics=[warmth])
    record = hs.run(town, 3)
    assert outcome.id == Case(town, 3).id
    assert outcome.digest == record.digest()
    assert outcome.document["headline"]["calls"] == outcome.metrics["calls"] > 0
    assert outcome.metrics["entries"] == len(record)
    assert outcome.wall_s > 0
    assert {"compliance", "margin"} <= set(outcome.document["clauses"][0])


@pytest.mark.parametrize(
    ("error", "kind"),
    [(ModelError("then", "there", "stuck"), "model"), (InputError([]), "input"), (ZeroDivisionError("x"), "bug")],
)
def test_what_goes_wrong_is_an_outcome(town, monkeypatch, error, kind):
    def run(*_):
        raise error

    monkeypatch.setattr(module, "run", run)
    outcome = play(Case(town, 3))
    assert outcome.id == Case(town, 3).id
    assert outcome.failure is not None
    assert outcome.failure.kind == kind
    assert (outcome.failure.trace != "") == (kind == "bug")
    assert not outcome.document
    assert not outcome.digest


def test_a_metric_that_raises_is_told_by_its_name(town, monkeypatch):
    monkeypatch.setattr(module, "run", lambda *_: None)
    monkeypatch.setattr(module, "scored", lambda *_, **__: {})
    failure = play(Case(town), metrics=[warmth]).failure
    assert failure is not None
    assert (failure.kind, failure.why) == ("metric", "warmth: KeyError: 'headline'")


@pytest.mark.parametrize("name", ["nowhere:f", "math", "math:nothing", ":", "math:pi"])
def test_a_metric_that_cannot_be_found_is_an_input_error(name):
    with pytest.raises(InputError, match="module:function"):
        module.find_metric(name)


def test_cases_of_common_winters(town):
    assert [case.replication for case in cases_of(town, 3, 5)] == [5, 6, 7]


@pytest.mark.parametrize("error", [SystemExit(3), GeneratorExit(), BaseException("odd")])
def test_whatever_a_metric_raises_is_its_winter_s_failure(town, monkeypatch, error):
    def odd(*_):
        raise error

    monkeypatch.setattr(module, "run", lambda *_: None)
    monkeypatch.setattr(module, "scored", lambda *_, **__: {})
    failure = play(Case(town), metrics=[odd]).failure
    assert failure is not None
    assert (failure.kind, failure.why) == ("metric", f"odd: {type(error).__name__}: {error}")
    monkeypatch.setattr(module, "run", odd)
    assert play(Case(town)).failure.kind == "bug"


def test_ctrl_c_in_a_metric_is_ctrl_c(town, monkeypatch):
    def cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "run", lambda *_: None)
    monkeypatch.setattr(module, "scored", lambda *_, **__: {})
    with pytest.raises(KeyboardInterrupt):
        play(Case(town), metrics=[cut])


def test_a_number_that_two_metrics_give_is_a_failure(town, monkeypatch):
    monkeypatch.setattr(module, "run", lambda *_: [])
    monkeypatch.setattr(module, "scored", lambda *_, **__: {"headline": {"calls": 3}})

    def entries(*_):
        return 1.0

    failure = play(Case(town), metrics=[warmth, entries]).failure
    assert failure is not None
    assert failure.why == 'entries: another metric has a number called "entries" too'
    assert module._measured([], {}, [entries, entries]) == {"entries": 1.0}  # asked for twice, it is one


def test_metrics_of_one_name_are_told_before_any_winter(tmp_path, monkeypatch):
    for name, text in (("one", "def calls(*_): return 1"), ("two", "def Calls(*_): return 2"), ("off", "exit(3)")):
        (tmp_path / f"of_{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module.check_metrics(["of_one:calls", "of_one:calls"])
    with pytest.raises(InputError, match='found "of_two:Calls", wanted another name than "calls"'):
        module.check_metrics(["of_one:calls", "of_two:Calls"])
    with pytest.raises(InputError, match="SystemExit: 3") as caught:
        module.check_metrics(["of_off:calls", "of_one:nothing"])
    assert len(caught.value.problems) == 2
