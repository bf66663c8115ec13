"""What is compiled is kept on disk, and forgotten when any source of it changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from heatseason.sim import kernels


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder of sources with something compiled from them."""
    monkeypatch.setattr(kernels, "_HERE", tmp_path)
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    (tmp_path / "outer.py").write_text("def outer(): inner()\n", "utf-8")
    (tmp_path / "inner.py").write_text("def inner(): ...\n", "utf-8")
    (tmp_path / "__pycache__").mkdir()
    kernels._forget_stale()
    (tmp_path / "__pycache__" / "outer.outer-1.py311.nbi").touch()
    return tmp_path


def kept(folder):
    return [file.name for file in (folder / "__pycache__").glob("*.nbi")]


def test_nothing_is_forgotten_while_the_sources_stay(folder):
    kernels._forget_stale()
    assert kept(folder)


@pytest.mark.parametrize("name", ["outer.py", "inner.py", "new.py"])
def test_all_is_forgotten_when_any_source_changes(folder, name):
    (folder / name).write_text("def other(): ...\n", "utf-8")
    kernels._forget_stale()
    assert not kept(folder)


def test_a_folder_for_several_packages_is_numbas_own(tmp_path):
    code = "from heatseason.sim.kernels import _cache, marks; marks.mix(1, 2); print(_cache())"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, encoding="utf-8"
    ).stdout
    assert [file.parent for file in tmp_path.rglob("*.nbi")] == [Path(told.strip())]


def test_a_season_of_compiled_kernels_fetches_no_linear_algebra_and_is_the_same():
    code = """
import sys
from heatseason.sim import kernels
import heatseason
if sys.argv[1] == "lean":
    kernels.load_numba()
record = heatseason.run(heatseason.load("town", ["network=one_pipe"]))
print(record.digest(), "scipy.linalg" in sys.modules)
import scipy.linalg
"""
    whole, lean = (  # the first compiles what is not compiled yet, which needs all of numba
        subprocess.run([sys.executable, "-c", code, how], capture_output=True, text=True, check=True).stdout.split()
        for how in ("whole", "lean")
    )
    assert lean == [whole[0], "False"]
    assert whole[1] == "True"
