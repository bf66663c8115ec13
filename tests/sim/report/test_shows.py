"""network show, weather show, schema."""

import json

import pytest
from heatseason.network_models.formats import read_network
from heatseason.scenarios.scenario import load
from heatseason.sim.report import network, weather
from heatseason.sim.report.layout import Page, display_width
from heatseason.sim.report.schema import schema
from heatseason.sim.report.words import Words


@pytest.mark.parametrize("name", ["one_pipe", "tee", "ring", "town", "hanzhong_2021", "hanzhong"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_networks_can_be_shown(name, lang):
    described = network.describe(read_network(name))
    json.dumps(described)
    page = Page(60)
    network.say(page, described, Words(lang))
    str(page).encode("gbk")
    assert max(display_width(line) for line in page.lines) <= 60
    assert described["illustrative"]
    assert ("示意管网" if lang == "zh" else "illustrative network") in str(page)


def test_a_network_in_numbers():
    ring = network.describe(read_network("ring"))
    assert ring["loops"] == 1
    assert network.describe(read_network("tee"))["loops"] == 0
    hanzhong = network.describe(read_network("hanzhong"))
    assert hanzhong["trench_m"] == pytest.approx(124_720, rel=1e-3)
    assert sum(hanzhong["trench_m_by_role"].values()) == pytest.approx(hanzhong["trench_m"])
    assert sum(hanzhong["households_by_district"].values()) == hanzhong["households"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("ambiguous", [1, 2])
def test_a_winter_can_be_shown(lang, ambiguous):
    described = weather.describe(load("town"))
    json.dumps(described)
    page = Page(60, ambiguous)
    weather.say(page, described, Words(lang))
    str(page).encode("gbk")
    assert max(display_width(line, ambiguous) for line in page.lines) <= 60


def test_a_winter_in_numbers():
    scenario = load("town", ["seed=3"])
    one, again, other = weather.describe(scenario), weather.describe(scenario), weather.describe(scenario, 1)
    assert one == again != other
    assert one["heating_period"]["first_day"] == "2026-11-15"
    assert one["heating_period"]["last_day"] == "2027-03-15"
    assert [month["month"] for month in one["months"]] == [f"2026-{m}" for m in (10, 11, 12)] + [
        f"2027-0{m}" for m in (1, 2, 3)
    ]
    assert sum(month["days"] for month in one["months"]) == len(one["daily_mean_c"])
    assert min(one["daily_mean_c"]) <= one["heating_period"]["coldest_day_mean_c"] + 0.01


@pytest.mark.parametrize("kind", ["scenario", "network", "guide", "record"])
def test_schemas_are_json_schemas(kind):
    described = schema(kind)
    assert described["$schema"].endswith("2020-12/schema")
    assert described["properties"]
    assert '"date-time"' not in json.dumps(described)
