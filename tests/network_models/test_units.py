"""Text with a unit becomes SI, and says well what is wrong when it does not."""

import pytest
from heatseason.network_models.units import DIMENSIONS, SUFFIXES, UnitError, UnitKeys, parse, plain_key, unit_of_key
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ConfigDict, Field, ValidationError


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("2.5 km", "length", 2500.0),
        ("2.5km", "length", 2500.0),
        ("1 200 m", "length", 1200.0),
        (".5 m", "length", 0.5),
        ("1e3 mm", "length", 1.0),
        ("18 degC", "temperature", 18.0),
        ("18 °C", "temperature", 18.0),
        ("18℃", "temperature", 18.0),
        ("-0.1 °C", "temperature", -0.1),
        ("6 h", "duration", 21600.0),
        ("24 小时", "duration", 86400.0),
        ("3 天", "duration", 259200.0),
        ("3.5 bar", "pressure", 3.5e5),
        ("58 MW", "power", 58e6),
        ("120 GJ", "energy", 120e9),
        ("1 kWh", "energy", 3.6e6),
        ("10 吨", "mass", 1e4),
        ("600 万m2", "area", 6e6),
        ("600 万平方米", "area", 6e6),
        ("360 t/h", "flow", 100.0),
        ("0.35 W/(m K)", "heat_loss_per_length", 0.35),
        ("0.35 W/m/K", "heat_loss_per_length", 0.35),
        ("1.5 W/m²K", "heat_transmittance", 1.5),
        ("1.5 W/(m²·K)", "heat_transmittance", 1.5),
        ("200 Wh/(m2 K)", "heat_capacity_per_area", 720_000.0),
        ("35.6 MJ/m3", "energy_per_volume", 35.6e6),
        ("970 kg/m^3", "density", 970.0),
        ("10 K/h", "temperature_rate", 10 / 3600),
        ("900 CNY/t", "price_per_mass", 0.9),
        ("22 元/m2", "price_per_area", 22.0),
        ("30 %", "share", 0.3),
        ("0.3", "share", 0.3),
    ],
)
def test_reads(text: str, dimension: str, value: float) -> None:
    assert parse(text, dimension) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "dimension", "hint"),
    [
        ("2.5", "length", "missing unit"),
        ("2.5 kmm", "length", 'unknown unit "kmm"'),
        ("58 mw", "power", 'did you mean "MW"?'),
        ("5 kg", "length", '"kg" is a mass, not a length'),
        ("5 m", "temperature", 'unknown unit "m"'),
        ("2 K", "length", '"K" is a temperature'),
        ("2 W/(m K", "heat_loss_per_length", "brackets"),
        ("1,5 km", "length", "unknown unit"),
    ],
)
def test_refuses_with_a_hint(text: str, dimension: str, hint: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse(text, dimension)
    assert hint in caught.value.hint
    assert DIMENSIONS[dimension][1] in caught.value.wanted


@pytest.mark.parametrize("text", ["", "km", "two km", "--3 m"])
def test_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(UnitError):
        parse(text, "length")


def test_every_example_is_readable() -> None:
    for dimension, (unit, example) in DIMENSIONS.items():
        parse(example, dimension)
        parse(f"1 {unit}", dimension)


def test_every_suffix_is_a_unit_of_its_dimension() -> None:
    for dimension, unit in SUFFIXES.values():
        parse(f"1 {unit}", dimension)


@given(st.floats(-1e9, 1e9))
def test_si_is_the_identity(value: float) -> None:
    assert parse(f"{value!r} m", "length") == value
    assert parse(f"{value!r} degC", "temperature") == value


def test_the_longest_suffix_names_the_unit() -> None:
    assert unit_of_key("loss_w_mk") == ("loss", "heat_loss_per_length", "W/(m K)")
    assert unit_of_key("contract_m3_d") == ("contract", "volume_flow", "m3/d")
    assert unit_of_key("households") is None
    assert plain_key("length_m") == "length"
    assert plain_key("kind") == "kind"


class _Thing(UnitKeys):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    length_m: float = Field(gt=0)
    response_h: float = 1.0
    settlement_days: int = 30
    limits_c: dict[str, float] = Field(default={})
    stages_h: tuple[float, ...] = Field(default=(), strict=False)
    plan_c: str = "no quantity, though it ends like one"


def test_both_spellings_give_the_same() -> None:
    assert _Thing(length_m=2500) == _Thing.model_validate({"length": "2.5 km"})
    assert _Thing.model_validate({"length_m": 1, "response": "90 min"}).response_h == 1.5
    assert _Thing.model_validate({"length_m": 1, "settlement": "6 weeks"}).settlement_days == 42
    assert _Thing.model_validate({"length_m": 1, "stages": ["30 min", "6 h"]}).stages_h == (0.5, 6.0)
    assert _Thing.model_validate({"length_m": 1, "limits": {"low": "12 °C"}}).limits_c == {"low": 12.0}


@pytest.mark.parametrize(
    "data",
    [
        {"length": 2500},  # no unit
        {"length_m": "2.5 km"},  # text under the unit's key
        {"length_m": "2500"},
        {"length": "2.5 km", "length_m": 2500.0},  # both
        {"length": "-2 km"},
        {"length_m": float("nan")},
        {"length_m": 1.0, "settlement": "36 h"},  # not whole
        {"length_m": 1.0, "stages": ["30 min", 6]},
    ],
)
def test_refuses_a_bare_number_and_a_doubled_key(data: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        _Thing.model_validate(data)


def test_schema_shows_both_spellings() -> None:
    schema = _Thing.model_json_schema()
    assert {"length", "length_m"} <= set(schema["properties"])
    assert {"anyOf": [{"required": ["length_m"]}, {"required": ["length"]}]} in schema["allOf"]
