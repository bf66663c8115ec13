import math

import pytest
from heatseason.sim.report.figures import amount, count, error, share, spread_cells, with_error
from heatseason.sim.report.words import Words

EN, ZH = Words("en"), Words("zh")
SPREAD = {"mean": 0.5, "se": 0.01, "p05": 0.4, "p50": 0.5, "p95": 0.6}


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (0, "0", "0"),
        (12, "12", "12"),
        (12.34, "12.3", "12.3"),
        (1.234, "1.23", "1.23"),
        (123_456.7, "123,457", "123,457"),
        (1_234_567, "1.23 M", "123万"),
        (123_456_789, "123.46 M", "1.23亿"),
        (math.nan, "-", "-"),
    ],
)
def test_counts(value, en, zh):
    assert count(value, EN) == en
    assert count(value, ZH) == zh


def test_a_share_that_is_not_whole_is_never_rounded_to_whole():
    assert share(1, EN) == "100.0%"
    assert share(0, EN) == "0.0%"
    assert share(0.9999, EN) == "99.99%"
    assert share(0.0004, EN) == "0.04%"
    assert share(1 - 1e-9, EN) == ">99.9999%"
    assert share(1e-9, EN) == "<0.0001%"


def test_numbers_over_winters_carry_their_error():
    assert with_error(SPREAD, share, EN) == "50.0% ± 1.0%"
    assert with_error({**SPREAD, "pooled": 0.25}, share, EN) == "25.0% ± 1.0%"
    assert with_error({"n": 0}, share, EN) == "-"
    assert with_error(None, amount, EN) == "-"
    assert with_error(3, amount, EN) == "3"
    assert spread_cells(SPREAD, share, EN) == ("50.0% ± 1.0%", "40.0%", "50.0%", "60.0%")
    assert spread_cells(None, share, EN) == ("-", "", "", "")
    assert error(0, EN) == "0"
    assert error(1.23e-12, EN) == "1.2e-12"


def test_one_winter_has_no_spread():
    assert with_error({**SPREAD, "se": None}, share, EN) == "50.0% (one winter: no spread)"
    assert with_error({**SPREAD, "se": None}, share, ZH) == "50.0%（一个冬季，看不出离散程度）"
