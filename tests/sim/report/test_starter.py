import pytest
from heatseason.network_models.problems import InputError
from heatseason.sim.report.layout import Page
from heatseason.sim.report.problems import check
from heatseason.sim.report.starter import say, write
from heatseason.sim.report.words import Words


def test_what_is_written_is_in_order_and_uses_its_own_network_and_weather(tmp_path):
    folder = tmp_path / "我的城市"
    files = write(folder)
    assert {path.relative_to(folder).as_posix() for path in files} >= {
        "scenario.toml",
        "network/network.toml",
        "network/pipes.csv",
        "weather.csv",
    }
    scenario = check(str(folder / "scenario.toml"))
    assert scenario.network == str(folder / "network")
    table = ["weather.kind=table", f"weather.file={folder / 'weather.csv'}"]
    assert check(str(folder / "scenario.toml"), table).weather.kind == "table"
    page = Page()
    say(page, files, Words("zh"))
    assert "scenario.toml" in str(page)


def test_nothing_is_overwritten(tmp_path):
    (tmp_path / "weather.csv").write_text("mine", "utf-8")
    with pytest.raises(InputError, match=r"weather\.csv"):
        write(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["weather.csv"]
