"""The wheel in an empty environment, from an empty folder: what a checkout hides, this shows.

``HEATSEASON_WHEEL`` names a wheel that is built already; without it one is built here.
"""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(root, tmp_path_factory):
    built = os.environ.get("HEATSEASON_WHEEL")
    if built:
        return Path(built)
    folder = tmp_path_factory.mktemp("wheel")
    unwanted = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "tests")
    shutil.copytree(root, folder / "any name", ignore=unwanted)  # building leaves things behind
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), str(folder / "any name")]
    subprocess.run(command, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def scripts(wheel, tmp_path_factory):
    """The folder of an environment that holds the wheel and what it depends on, and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    found = folder / ("Scripts" if os.name == "nt" else "bin")
    subprocess.run([found / "python", "-m", "pip", "install", str(wheel)], check=True, capture_output=True)
    return found


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty folder, but for two that carry the names of ours."""
    for name in ("sim", "scenarios"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*command):
    environment = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONHOME")}
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, encoding="utf-8", env=environment, check=False
    )


def test_the_wheel_has_one_top_level_name_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"heatseason"}
    assert not [name for name in names if "/tests/" in name or name.endswith(("conftest.py", ".nbi", ".nbc"))]


def test_every_data_file_is_in_the_wheel(wheel, root):
    names = set(zipfile.ZipFile(wheel).namelist())
    folders = [root / "network_models", root / "scenarios", root / "sim"]
    data = [path for folder in folders for suffix in ("toml", "csv") for path in folder.rglob(f"*.{suffix}")]
    assert data
    assert sorted({f"heatseason/{path.relative_to(root).as_posix()}" for path in data} - names) == []
    assert "heatseason/py.typed" in names


def test_a_season_runs(scripts, elsewhere):
    done = run(scripts / "heatseason", "run", "hanzhong", "--json", "--out", "result", "--record", "record")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ended"]["code"] == "complete"
    assert (elsewhere / "result" / "clauses.csv").exists()
    again = run(scripts / "heatseason", "judge", "record", "--json")
    assert json.loads(again.stdout)["clauses"] == document["clauses"]


def test_the_other_doors_open(scripts, elsewhere):
    assert "Usage" in run(scripts / "python", "-m", "heatseason", "--help", "--lang", "en").stdout
    assert run(scripts / "heatseason", "network", "show", "town", "--json").returncode == 0
    assert run(scripts / "python", "-c", "import heatseason as hs; hs.load('hanzhong')").returncode == 0
    started = run(scripts / "heatseason", "init", "mine")
    assert started.returncode == 0, started.stderr
    assert run(scripts / "heatseason", "check", Path("mine") / "scenario.toml").returncode == 0
