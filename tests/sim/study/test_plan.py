"""Plans of real seasons on a very small network, through the command line and from Python."""

import json
import subprocess
import sys

import heatseason as hs
import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.network_models.problems import InputError

ASKED = (
    "--levers",
    "preheat=2:6:2,crews=1:2:1,reserve=5:5:1",
    "--target",
    "2.2a, headline.longest_outage_h<=1000 in 0.8",
)


def invoke(*arguments):
    return CliRunner().invoke(_root, [str(argument) for argument in arguments], env={"COLUMNS": "60"})


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plan")
    command = (
        "plan",
        "town",
        "--set",
        "network=tee",
        *ASKED,
        "--budget",
        120,
        "--doubt",
        6,
        "--repeat",
        60,
        "--workers",
        1,
    )
    return (*command, "--out", folder), invoke(*command, "--out", folder, "--json"), folder


def test_a_plan_is_certified_and_written(told):
    _, done, folder = told
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["status"] == "certified"
    assert document["seasons"] <= 120
    kept = document["certificate"]["kept"][0]
    assert kept["at_least"] >= 0.8
    assert document["certificate"]["first_winter"] >= 1_000_000
    assert document["cost"]["mean_cny"] == pytest.approx(sum(document["cost"]["split_cny"].values()), rel=0.02)
    assert document["doubt"]["winters"] == 6
    assert (document["known"], document["played"]) == (0, document["seasons"] + 66)
    assert {name: n for name, n in document["beyond"].items() if name != "elapsed_s"} == {
        "repeated": 60, "doubt": 6, "robust": 0,
    }  # fmt: skip
    assert document["elapsed_s"] > 0.0 < document["beyond"]["elapsed_s"]
    assert [lever["end"] == "fixed" for lever in document["levers"]] == [False, False, True]
    again = document["repeated"]
    assert again["winters"] == 60
    assert again["first_winter"] > document["certificate"]["first_winter"]
    assert again["kept"][0]["at_least"] < again["kept"][0]["share"] <= again["kept"][0]["at_most"]
    assert again["kept"][0]["winters"] == 60 - max(again["broken"].values())
    assert (folder / "plan.json").exists()


def test_played_again_it_plays_nothing_and_says_the_same(told):
    command, done, _ = told
    again = json.loads(invoke(*command, "--json").stdout)
    first = json.loads(done.stdout)
    assert (again["played"], again["known"]) == (0, first["seasons"])
    for told_once in (again, first):
        del told_once["played"], told_once["known"], told_once["elapsed_s"], told_once["beyond"]["elapsed_s"]
    assert again == first


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_it_is_said_in_both_languages(told, lang):
    command, _, _ = told
    said = invoke(*command, "--lang", lang)
    assert said.exit_code == 0, said.output
    assert ("复演" if lang == "zh" else "Repeated: of 60 other winters") in said.stdout
    joined = " ".join(said.stdout.split())
    assert ("预算之外：复演 60 个供热季、存疑 6 个供热季" if lang == "zh"
            else "Beyond the budget: 60 seasons to repeat it, 6 seasons in doubt;") in joined  # fmt: skip
    assert ("5 d（固定；理论建议" if lang == "zh" else "5 d (fixed; theory suggests") in joined
    assert ("何者约束" if lang == "zh" else "What binds") in said.stdout
    assert ("无一冬失守" if lang == "zh" else "no winter was lost") in said.stdout
    assert ("证明" if lang == "zh" else "Certificate: with 95.0% confidence, at least 80.0%") in said.stdout
    said.stdout.encode("gbk")


def test_a_robust_plan_has_a_regret_table():
    scenarios = [hs.load(name, ["network=tee"]) for name in ("town", "cold_wave_2008")]
    levers = ["preheat=2:4:2", "crews=1:2:1"]
    worst = hs.plan(scenarios, levers, ["2.2a in 0.7"], budget=200, doubt=4)
    assert [(kept["scenario"], kept["of"]) for kept in worst["doubt"]["kept"]] == [("town", 2), ("cold_wave_2008", 2)]
    assert worst["beyond"]["robust"] == 0  # every winter of the search was played in either
    assert len(worst["certificate"]["kept"]) == 2  # in either scenario
    names = [row["plan"] for row in worst["robust"]["rows"]]
    assert names == ["robust", *(scenario.name for scenario in scenarios)]
    mixed = hs.plan(scenarios, levers, ["2.2a in 0.7"], budget=120, doubt=0, weights=[3.0, 1.0])
    assert len(mixed["certificate"]["kept"]) == 1
    assert mixed["beyond"]["robust"] == mixed["searched"]["policies"] * mixed["searched"]["winters"]
    assert mixed["played"] == mixed["seasons"] - mixed["known"] + mixed["beyond"]["robust"]


def test_what_is_wrong_is_told_before_anything_is_played():
    with pytest.raises(InputError) as raised:
        hs.plan(hs.load("town"), ["preheat", "policies.preheat.days=1:2:1"], ["2.5 in 0.9"], budget=0)
    assert len(raised.value.problems) == 2
    with pytest.raises(InputError) as raised:
        hs.plan(hs.load("town", ["network=tee"]), ["crews"], ["headline.cals<=3 in 0.9"], budget=100)
    assert "headline.calls" in raised.value.problems[0].hint
    with pytest.raises(InputError) as raised:  # a number of the scorecard, but no plant here keeps fuel
        hs.plan(hs.load("town", ["network=tee"]), ["crews"], ["headline.min_days_of_cover>=3 in 0.9"], budget=100)
    assert "network tee" in raised.value.problems[0].wanted
    assert "nothing stands there" in raised.value.problems[0].hint


def test_a_slip_is_answered_before_anything_is_compiled_and_what_cannot_be_built_names_its_lever():
    code = "\n".join(
        (
            "import sys",
            "from heatseason.cli import main",
            "sys.argv[1:] = ['plan', 'town', '--levers', 'crew', '--target', 'kepable in 0.9', '--lang', 'en']",
            "try:",
            "    main()",
            "except SystemExit as end:",
            "    print(end.code, 'numba' in sys.modules)",
        )
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["2", "False"], done.stderr
    assert "crews" in done.stderr
    assert "keepable" in done.stderr
    with pytest.raises(InputError) as raised:
        hs.plan(hs.load("town", ["network=tee"]), ["valves=0:6:3"], ["2.5 in 0.9"], budget=100)
    assert raised.value.problems[0].file == "--levers valves"


@pytest.mark.slow
def test_what_could_be_built_is_weighed_with_its_cost():
    """Fewer outages are asked for than the town has as it stands: valves are what brings them, a boiler only costs."""
    base = hs.load("burst_week", ["network=town"])
    levers = ["valves=0:12:6", "ring_links=0:1:1", "peak_boiler=0:10:10"]
    done = hs.plan(base, levers, ["headline.outages<=30 in 0.8"], budget=250, doubt=0)
    assert done["status"] == "certified", done
    chosen = {lever["name"]: lever["chosen"] for lever in done["levers"]}
    assert int(chosen["valves"]) > 0
    assert chosen["peak_boiler"] == "0"
    assert done["cost"]["levers_cny"]["valves"] == 18_000.0 * int(chosen["valves"])
    assert all("assumed" in lever["cost_source"]["en"] for lever in done["levers"])


def test_a_refusal_says_what_forbids_it_and_what_would_help(tmp_path):
    asked = ("--levers", "preheat=2:4:2,crews=1:2:1", "--target", "2.2b>=0.9999 in 0.5",
             "--target", "mean headline.cost_cny <= 100")  # fmt: skip
    command = ("plan", "town", "--set", "network=tee", *asked, "--budget", 60, "--workers", 1, "--out", tmp_path)
    done = invoke(*command, "--json")
    assert done.exit_code == 1, done.output
    document = json.loads(done.stdout)
    assert document["status"] == "infeasible"
    assert [row["limit"] for row in document["infeasible"]["limits"]] == ["mean headline.cost_cny <= 100"]
    (row,) = document["infeasible"]["forbidding"]
    assert row["alone"]
    assert "ramp" in row["not_asked"]
    for lang, words in (
        ("zh", ("无法满足限制", "未列入的杠杆")),
        ("en", ("No policy in the ranges keeps", "were not")),
    ):
        said = invoke(*command, "--lang", lang).stdout
        assert all(word in said for word in words)
        said.encode("gbk")


def test_a_budget_that_is_too_small_plays_little_and_says_what_suffices():
    done = invoke("plan", "town", "--set", "network=tee", *ASKED, "--budget", 5, "--workers", 1, "--json")
    assert done.exit_code == 1, done.output
    document = json.loads(done.stdout)
    assert document["status"] == "budget"
    assert document["needed_seasons"] > 30
    assert document["played"] == document["seasons"] == 1
    assert document["policy"] == {}
