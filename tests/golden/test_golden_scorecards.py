"""Library scenarios on the small town still score what they scored; see scorecards.py."""

import importlib.util
import json
from pathlib import Path

import pytest

_spec = importlib.util.spec_from_file_location("scorecards", Path(__file__).with_name("scorecards.py"))
golden = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(golden)


@pytest.mark.parametrize("name", golden.SCENARIOS)
def test_a_scorecard_is_what_it_was(name):
    """Tolerances allow for another platform's last digits, which can move single calls and crossings."""
    blessed = json.loads(golden.FILE.read_text(encoding="utf-8"))[name]
    found = golden.scorecard(name)
    for number, value in blessed["headline"].items():
        assert found["headline"][number] == pytest.approx(value, rel=5e-3, abs=1e-6), number
    assert found["compliance"].keys() == blessed["compliance"].keys()
    for clause, value in blessed["compliance"].items():
        if value is None:
            assert found["compliance"][clause] is None, clause
        else:
            assert found["compliance"][clause] == pytest.approx(value, abs=2e-3), clause
