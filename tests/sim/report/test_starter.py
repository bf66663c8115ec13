import datetime as dt
import re
from importlib.resources import files

import pytest
from heatseason import scenarios
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


def _epw():
    """Return a year of weather that never changes."""
    hours = [dt.datetime(2023, 1, 1) + dt.timedelta(hours=hour) for hour in range(8760)]
    values = ",".join(["5"] * 30)
    rows = [f"{hour:%Y,%m,%d},{hour.hour + 1},0,flags,{values}" for hour in hours]
    return "\n".join(["LOCATION,Hanzhong", *[""] * 7, *rows]) + "\n"


def _examples():
    """Return the commented examples of the starter, a few adjoining lines each, with what encloses them."""
    text = files(scenarios).joinpath("library", "starter.toml").read_text("utf-8")
    found, table, block = [], "", []
    for line in [*text.splitlines(), ""]:
        if line.startswith("["):
            table = line
        code = line.removeprefix("# ")
        if line.startswith("# ") and re.match(r"\[|\w+ = ", code):
            if block and code.startswith("kind") and not block[-1].startswith("["):  # another kind instead
                found.append((table, block))
                block = []
            block.append(code)
        elif block:
            found.append((table, block))
            block = []
    return found


EXAMPLES = _examples()


def test_the_starter_has_its_examples():
    assert len(EXAMPLES) == 6


@pytest.mark.parametrize(("table", "lines"), EXAMPLES, ids=lambda part: str(part[0]) if isinstance(part, list) else "")
def test_every_commented_example_of_the_starter_passes_check(tmp_path, table, lines):
    write(tmp_path)
    (tmp_path / "CHN_Shaanxi.Hanzhong.571270_CSWD.epw").write_text(_epw(), "utf-8")
    file = tmp_path / "scenario.toml"
    text = file.read_text("utf-8")
    for line in lines:
        assert text.count(line) == 1
        text = text.replace(f"# {line}\n", f"{line}\n")
    if lines[0].startswith("kind"):  # one kind at a time
        text = text.replace('kind = "synthetic"\n', "")
    file.write_text(text, "utf-8")
    check(str(file))
