"""The sensitivity study, on a model whose shares of variance are known, and on a very small network."""

import heatseason as hs
import numpy as np
import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.report import sensitivity as report
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.words import Words
from heatseason.sim.study import sensitivity as module
from heatseason.sim.study.sensitivity import WINTER, Input, inputs_of, sensitivity

pytest.importorskip("SALib")

INPUTS = [Input(name, 0.5, 0.0, 1.0, whole=False, confidence="L") for name in ("strong", "weak", "idle")]
WINTERS = np.random.default_rng(3).normal(0, 1, module._WINTERS)
WINTERS = (WINTERS - WINTERS.mean()) / WINTERS.std()


class Linear:
    """4 strong + weak + what the winter adds; variances 16/12, 1/12 and 1/2."""

    study = None

    def __call__(self, inputs, shares, winters):
        named = dict(zip([i.path for i in inputs], shares.T, strict=True))
        y = 4 * named["strong"] + named.get("weak", 0.5) + 0.5**0.5 * WINTERS[np.asarray(winters)]
        return y[:, None]


def test_screening_finds_the_effects_though_winters_differ():
    found, dropped = module._screen(Linear(), INPUTS, ["y"], 6, 1)
    assert dropped == 0
    effects = {row["path"]: row for row in found["y"]}
    assert effects["strong"]["mu_star"] == pytest.approx(4)
    assert effects["weak"]["mu_star"] == pytest.approx(1)
    assert effects["idle"]["mu_star"] == pytest.approx(0, abs=1e-9)
    assert effects["strong"]["sigma"] == pytest.approx(0, abs=1e-9)  # no winter in it
    assert [row["path"] for row in found["y"]] == ["strong", "weak", "idle"]
    assert [i.path for i in module._most(found, INPUTS, ["y"], 5)] == ["strong", "weak"]


def test_shares_of_variance_part_the_inputs_from_the_luck_of_the_winter():
    found, dropped = module._sobol(Linear(), INPUTS, ["y"], 512, 1)
    assert dropped == 0
    variance = {"strong": 16 / 12, "weak": 1 / 12, "idle": 0.0, WINTER: 0.5}
    whole = sum(variance.values())
    for row in found["y"]:
        assert row["total"] == pytest.approx(variance[row["path"]] / whole, abs=0.06)
        assert row["first"] == pytest.approx(variance[row["path"]] / whole, abs=0.08)


@pytest.mark.parametrize(("samples", "rough"), [(4, True), (512, False)])
def test_shares_of_too_few_samples_are_called_rough(samples, rough):
    shares, _ = module._sobol(Linear(), INPUTS, ["y"], samples, 1)
    assert module._rough(shares["y"]) == rough
    beyond = {"path": "x", "first": 1.0, "first_error": 0.1, "total": 0.7, "total_error": 0.1}
    assert module._rough([beyond])
    assert not module._rough([{"path": "x", "distance": 0.4}])  # PAWN's are no shares
    document = {"shares": shares, "method": "sobol", "samples": samples, "rough": ["y"] if rough else []}
    for lang, wanted in (("en", f"Try --samples {4 * samples}."), ("zh", f"可试 --samples {4 * samples}。")):
        page = Page(200)
        report._shares(page, document, "y", Words(lang))
        assert (wanted in str(page)) == rough


def test_pawn_puts_them_in_the_same_order():
    found, _ = module._pawn(Linear(), INPUTS, ["y"], 1024, 1)
    assert [row["path"] for row in found["y"]][:2] == ["strong", WINTER]
    assert found["y"][-1]["path"] in ("weak", "idle")


def test_a_block_with_a_failed_winter_is_left_out_and_told():
    class Failing(Linear):
        def __call__(self, inputs, shares, winters):
            y = super().__call__(inputs, shares, winters)
            y[5] = np.nan
            return y

    found, dropped = module._sobol(Failing(), INPUTS, ["y"], 256, 1)
    assert dropped == 1
    assert found["y"][0]["path"] == "strong"
    _, dropped = module._screen(Failing(), INPUTS, ["y"], 4, 1)
    assert dropped == 1


def test_every_number_marked_uncertain_is_an_input():
    scenario = hs.load("hanzhong")
    everything = inputs_of(scenario, ["weather", "disruptions", "policies", "operation", "people", "costs", "guide"])
    marked = [a for a in scenario.assumptions() if a.confidence != "H" and a.low is not None and a.low < a.high]
    plain = [a for a in marked if isinstance(a.value, int | float) and not a.path.startswith("season.")]
    assert {i.path for i in everything if not i.path.startswith("guide.")} == {a.path for a in plain}
    assert any(i.path == 'guide."2.6.2".answer_h' for i in everything)
    assert not any(i.path.startswith("policies.") for i in inputs_of(scenario))
    teams = next(i for i in everything if i.path == "policies.crews.teams")
    assert [teams.at(share) for share in (0.0, 1.0)] == [teams.low, teams.high]
    assert isinstance(teams.at(0.3), int)


def test_a_small_season_is_sensitive_to_what_it_should_be(tmp_path):
    scenario = hs.load("town", ["network=tee", "season.settlement_days=30"])
    document = sensitivity(
        scenario,
        only=["operation.room_target_c", "operation.setback_k", "people.arrears"],
        numbers=["headline.cost_cny"],
        trajectories=2,
        top=1,
        samples=4,
        out=tmp_path,
    )
    (first, *_) = document["screening"]["headline.cost_cny"]
    assert first["path"] == "operation.room_target_c"
    assert first["mu"] > 0
    assert {row["path"] for row in document["shares"]["headline.cost_cny"]} == {first["path"], WINTER}
    again = sensitivity(scenario, only=["operation.room_target_c", "operation.setback_k", "people.arrears"],
                        numbers=["headline.cost_cny"], trajectories=2, top=1, samples=4, out=tmp_path)  # fmt: skip
    assert again == document
    report.write(tmp_path, document)
    for lang in ("zh", "en"):
        page = Page(60)
        report.say(page, document, Words(lang))
        str(page).encode("gbk")
        assert max(display_width(line) for line in page.lines) <= 60


def room_hours(record, document):
    return float((record.tracks["room_c"] < 18.0).sum())


def test_a_metric_of_one_s_own_is_looked_at():
    document = sensitivity(
        hs.load("town", ["network=one_pipe", "season.settlement_days=30"]),
        metrics=[room_hours],
        only=["operation.room_target_c"],
        numbers=["metrics.room_hours"],
        trajectories=2,
        top=0,
    )
    (row,) = document["screening"]["metrics.room_hours"]
    assert row["mu"] < 0
    assert document["noise"]["metrics.room_hours"]["mean"] > 0


def test_no_such_input_is_said():
    with pytest.raises(InputError, match="beginning of a path"):
        sensitivity(hs.load("town"), only=["nothing"])
