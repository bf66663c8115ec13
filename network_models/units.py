"""Text with a unit -> SI: ``"2.5 km"`` -> ``2500.0``. The only file that knows a unit's name.

A quantity is written in one of two ways, in TOML and in CSV alike::

    length = "2.5 km"     # text with a unit under the plain key
    length_m = 2500       # a number under the key that ends with the unit

:class:`UnitKeys` gives both spellings to every pydantic model whose field names end with a unit (``length_m``,
``room_target_c``, ``response_h``, …): the dimension is read from the field's last syllables, see :data:`SUFFIXES`.
Temperatures are degC inside, durations seconds, everything else plain SI; a field keeps its own suffix's unit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, get_args

from pydantic import BaseModel, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .problems import did_you_mean

__all__ = ["DIMENSIONS", "SUFFIXES", "Misread", "UnitError", "UnitKeys", "parse", "plain_key", "unit_of_key"]

# exponents of kg, m, s, K, CNY
Vector = tuple[int, int, int, int, int]

_NONE: Vector = (0, 0, 0, 0, 0)
_KG: Vector = (1, 0, 0, 0, 0)
_M: Vector = (0, 1, 0, 0, 0)
_M3: Vector = (0, 3, 0, 0, 0)
_S: Vector = (0, 0, 1, 0, 0)
_K: Vector = (0, 0, 0, 1, 0)
_CNY: Vector = (0, 0, 0, 0, 1)
_PA: Vector = (1, -1, -2, 0, 0)
_W: Vector = (1, 2, -3, 0, 0)
_J: Vector = (1, 2, -2, 0, 0)

_UNITS: dict[str, tuple[float, Vector]] = {
    "1": (1.0, _NONE), "%": (0.01, _NONE),
    "mm": (1e-3, _M), "cm": (1e-2, _M), "m": (1.0, _M), "km": (1e3, _M),
    "毫米": (1e-3, _M), "厘米": (1e-2, _M), "米": (1.0, _M), "公里": (1e3, _M), "千米": (1e3, _M),
    "ha": (1e4, (0, 2, 0, 0, 0)), "万m2": (1e4, (0, 2, 0, 0, 0)), "平方米": (1.0, (0, 2, 0, 0, 0)),
    "万平方米": (1e4, (0, 2, 0, 0, 0)),
    "l": (1e-3, _M3), "L": (1e-3, _M3), "万m3": (1e4, _M3), "立方米": (1.0, _M3),
    "s": (1.0, _S), "min": (60.0, _S), "h": (3600.0, _S), "d": (86400.0, _S), "day": (86400.0, _S),
    "days": (86400.0, _S), "week": (604800.0, _S), "weeks": (604800.0, _S), "year": (31557600.0, _S),
    "years": (31557600.0, _S), "a": (31557600.0, _S), "hour": (3600.0, _S), "hours": (3600.0, _S),
    "minute": (60.0, _S), "minutes": (60.0, _S), "seconds": (1.0, _S), "秒": (1.0, _S), "分钟": (60.0, _S),
    "小时": (3600.0, _S), "天": (86400.0, _S), "日": (86400.0, _S), "年": (31557600.0, _S),
    "g": (1e-3, _KG), "kg": (1.0, _KG), "t": (1e3, _KG), "kt": (1e6, _KG), "吨": (1e3, _KG), "万吨": (1e7, _KG),
    "K": (1.0, _K),
    "Pa": (1.0, _PA), "hPa": (100.0, _PA), "kPa": (1e3, _PA), "MPa": (1e6, _PA), "bar": (1e5, _PA),
    "W": (1.0, _W), "kW": (1e3, _W), "MW": (1e6, _W), "GW": (1e9, _W),
    "J": (1.0, _J), "kJ": (1e3, _J), "MJ": (1e6, _J), "GJ": (1e9, _J), "TJ": (1e12, _J),
    "Wh": (3600.0, _J), "kWh": (3.6e6, _J), "MWh": (3.6e9, _J), "GWh": (3.6e12, _J), "度": (3.6e6, _J),
    "CNY": (1.0, _CNY), "yuan": (1.0, _CNY), "元": (1.0, _CNY), "万元": (1e4, _CNY),
}  # fmt: skip
_TEMPERATURES: dict[str, float] = {"degC": 0.0, "°C": 0.0, "℃": 0.0, "C": 0.0, "K": -273.15}

# dimension name -> (vector, the SI unit, an example); a temperature is a point on the Celsius scale
_DIMENSIONS: dict[str, tuple[Vector, str, str]] = {
    "length": (_M, "m", "2.5 km"),
    "area": ((0, 2, 0, 0, 0), "m2", "12000 m2"),
    "volume": (_M3, "m3", "500 m3"),
    "duration": (_S, "s", "6 h"),
    "temperature": (_K, "degC", "18 degC"),
    "temperature_difference": (_K, "K", "2 K"),
    "temperature_rate": ((0, 0, -1, 1, 0), "K/s", "10 K/h"),
    "mass": (_KG, "kg", "1200 t"),
    "pressure": (_PA, "Pa", "3.5 bar"),
    "pressure_gradient": ((1, -2, -2, 0, 0), "Pa/m", "60 Pa/m"),
    "power": (_W, "W", "58 MW"),
    "power_per_area": ((1, 0, -3, 0, 0), "W/m2", "45 W/m2"),
    "energy": (_J, "J", "120 GJ"),
    "energy_per_mass": ((0, 2, -2, 0, 0), "J/kg", "16 MJ/kg"),
    "energy_per_volume": (_PA, "J/m3", "35.6 MJ/m3"),
    "flow": ((1, 0, -1, 0, 0), "kg/s", "300 t/h"),
    "volume_flow": ((0, 3, -1, 0, 0), "m3/s", "20000 m3/h"),
    "speed": ((0, 1, -1, 0, 0), "m/s", "1.2 m/s"),
    "density": ((1, -3, 0, 0, 0), "kg/m3", "960 kg/m3"),
    "mass_per_energy": ((0, -2, 2, 0, 0), "kg/J", "56.1 kg/GJ"),
    "heat_loss_per_length": ((1, 1, -3, -1, 0), "W/(m K)", "0.35 W/(m K)"),
    "heat_transmittance": ((1, 0, -3, -1, 0), "W/(m2 K)", "1.5 W/(m2 K)"),
    "heat_loss": ((1, 2, -3, -1, 0), "W/K", "120 W/K"),
    "heat_capacity": ((1, 2, -2, -1, 0), "J/K", "4000 J/K"),
    "heat_capacity_per_length": ((1, 1, -2, -1, 0), "J/(m K)", "9000 J/(m K)"),
    "heat_capacity_per_area": ((1, 0, -2, -1, 0), "J/(m2 K)", "200 Wh/(m2 K)"),
    "rate": ((0, 0, -1, 0, 0), "1/s", "2 1/year"),
    "money": (_CNY, "CNY", "120 CNY"),
    "price_per_mass": ((-1, 0, 0, 0, 1), "CNY/kg", "900 CNY/t"),
    "price_per_volume": ((0, -3, 0, 0, 1), "CNY/m3", "3.2 CNY/m3"),
    "price_per_area": ((0, -2, 0, 0, 1), "CNY/m2", "22 CNY/m2"),
    "price_per_energy": ((-1, -2, 2, 0, 1), "CNY/J", "0.6 CNY/kWh"),
    "price_per_time": ((0, 0, -1, 0, 1), "CNY/s", "80 CNY/h"),
    "share": (_NONE, "1", "30 %"),
}
#: Dimension -> (its unit inside the program, an example of how it is written).
DIMENSIONS: dict[str, tuple[str, str]] = {name: (unit, example) for name, (_, unit, example) in _DIMENSIONS.items()}

#: Last syllables of a key -> (dimension, the unit they stand for).
SUFFIXES: dict[str, tuple[str, str]] = {
    "mm": ("length", "mm"), "m": ("length", "m"), "km": ("length", "km"),
    "m2": ("area", "m2"), "m3": ("volume", "m3"),
    "s": ("duration", "s"), "minutes": ("duration", "min"), "h": ("duration", "h"), "d": ("duration", "d"),
    "hours": ("duration", "h"), "days": ("duration", "d"), "years": ("duration", "year"),
    "c": ("temperature", "degC"), "k": ("temperature_difference", "K"), "k_h": ("temperature_rate", "K/h"),
    "kg": ("mass", "kg"), "t": ("mass", "t"),
    "pa": ("pressure", "Pa"), "kpa": ("pressure", "kPa"), "bar": ("pressure", "bar"),
    "pa_m": ("pressure_gradient", "Pa/m"),
    "w": ("power", "W"), "kw": ("power", "kW"), "mw": ("power", "MW"), "w_m2": ("power_per_area", "W/m2"),
    "j": ("energy", "J"), "gj": ("energy", "GJ"), "kwh": ("energy", "kWh"), "mwh": ("energy", "MWh"),
    "j_kg": ("energy_per_mass", "J/kg"), "j_m3": ("energy_per_volume", "J/m3"),
    "kg_s": ("flow", "kg/s"), "t_h": ("flow", "t/h"), "kg_d": ("flow", "kg/d"), "t_d": ("flow", "t/d"),
    "m3_s": ("volume_flow", "m3/s"), "m3_h": ("volume_flow", "m3/h"), "m3_d": ("volume_flow", "m3/d"),
    "kwh_d": ("power", "kWh/d"),
    "m_s": ("speed", "m/s"), "km_h": ("speed", "km/h"), "mm_h": ("speed", "mm/h"),
    "kg_m3": ("density", "kg/m3"), "kg_gj": ("mass_per_energy", "kg/GJ"),
    "w_mk": ("heat_loss_per_length", "W/(m K)"), "w_m2k": ("heat_transmittance", "W/(m2 K)"),
    "w_k": ("heat_loss", "W/K"), "j_k": ("heat_capacity", "J/K"),
    "j_mk": ("heat_capacity_per_length", "J/(m K)"), "wh_m2k": ("heat_capacity_per_area", "Wh/(m2 K)"),
    "j_m2k": ("heat_capacity_per_area", "J/(m2 K)"),
    "per_s": ("rate", "1/s"), "per_h": ("rate", "1/h"), "per_d": ("rate", "1/d"), "per_day": ("rate", "1/d"),
    "per_year": ("rate", "1/year"),
    "cny": ("money", "CNY"), "cny_kg": ("price_per_mass", "CNY/kg"), "cny_t": ("price_per_mass", "CNY/t"),
    "cny_m3": ("price_per_volume", "CNY/m3"), "cny_m2": ("price_per_area", "CNY/m2"),
    "cny_kwh": ("price_per_energy", "CNY/kWh"), "cny_gj": ("price_per_energy", "CNY/GJ"),
    "cny_h": ("price_per_time", "CNY/h"), "cny_d": ("price_per_time", "CNY/d"),
}  # fmt: skip

_QUANTITY = re.compile(
    r"\s*([-+]?(?:\d{1,3}(?:[ _]\d{3})+|\d+)?(?:\.\d+|(?<=\d)\.?)(?:[eE][-+]?\d+)?)\s*(.*?)\s*", re.DOTALL
)
_POWERS = {"²": 2, "³": 3}
# what people write for a quotient by a product
_HABITS = {
    "W/mK": "W/(m K)", "W/m·K": "W/(m K)", "W/m2K": "W/(m2 K)", "W/m²K": "W/(m2 K)", "W/m2·K": "W/(m2 K)",
    "W/m²·K": "W/(m2 K)", "Wh/m2K": "Wh/(m2 K)", "Wh/m²K": "Wh/(m2 K)", "J/mK": "J/(m K)",
}  # fmt: skip


class UnitError(ValueError):
    """A text is no quantity of the dimension asked for. ``wanted`` and ``hint`` say what would be."""

    def __init__(self, text: str, wanted: str, hint: str = "") -> None:
        self.text, self.wanted, self.hint = text, wanted, hint
        super().__init__(f"found {text!r}, wanted {wanted}" + (f" ({hint})" if hint else ""))


def parse(text: str, dimension: str) -> float:
    """Return the quantity in the program's own unit of its dimension.

    Parameters
    ----------
    text : str
        A number and a unit, e.g. ``"2.5 km"``, ``"18 °C"``, ``"0.35 W/(m K)"``, ``"660 m3/h"``.
    dimension : str
        A key of :data:`DIMENSIONS`.

    Returns
    -------
    float
        The value in SI [the unit that :data:`DIMENSIONS` names; temperature degC].

    Raises
    ------
    UnitError
        When the text is no number with a unit of this dimension.
    """
    vector, _, example = _DIMENSIONS[dimension]
    wanted = f'a {dimension.replace("_", " ")} with its unit, e.g. "{example}"'
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise UnitError(text, wanted)
    value, unit = float(match[1].replace(" ", "").replace("_", "")), match[2]
    if not unit and dimension != "share":
        raise UnitError(text, wanted, "missing unit")
    if dimension == "temperature":
        if unit not in _TEMPERATURES:
            raise UnitError(text, wanted, did_you_mean(unit, list(_TEMPERATURES)) or f'unknown unit "{unit}"')
        return value + _TEMPERATURES[unit]
    factor, found = _read_unit(unit or "1", text, wanted)
    if found != vector:
        raise UnitError(text, wanted, _other_dimension(unit, found, dimension))
    return value * factor


def unit_of_key(key: str) -> tuple[str, str, str] | None:
    """Return (plain key, dimension, unit) of a key such as ``length_m``, or None when it ends with no unit."""
    syllables = key.split("_")
    for start in range(1, len(syllables)):  # the longest suffix first
        known = SUFFIXES.get("_".join(syllables[start:]))
        if known is not None:
            return "_".join(syllables[:start]), *known
    return None


def plain_key(key: str) -> str:
    """Return the key under which text with a unit is accepted: ``length_m`` -> ``length`` (other keys unchanged)."""
    known = unit_of_key(key)
    return known[0] if known else key


class Misread:
    """Stands in a field's place for a quantity that could not be read; every validator refuses it.

    :func:`~.documents.problems_of` turns it into a Problem at the key the user wrote.
    """

    __slots__ = ("found", "hint", "key", "wanted")

    def __init__(self, key: str, found: object, wanted: str, hint: str = "") -> None:
        self.key, self.found, self.wanted, self.hint = key, found, wanted, hint

    def __repr__(self) -> str:
        """Return what pydantic shows as the input value."""
        return f"{self.found!r} under {self.key}: wanted {self.wanted}" + (f" ({self.hint})" if self.hint else "")


class UnitKeys(BaseModel):
    """A pydantic model that takes ``length = "2.5 km"`` for its field ``length_m``, lists and tables alike."""

    _quantities: ClassVar[dict[str, tuple[str, str, str]]] = {}  # field -> (plain key, dimension, unit)
    _whole: ClassVar[frozenset[str]] = frozenset()  # fields that hold whole numbers only
    _plain: ClassVar[dict[str, str]] = {}  # plain key -> field

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Find the fields whose names end with a unit and whose values are numbers."""
        super().__pydantic_init_subclass__(**kwargs)
        known = {name: unit_of_key(name) for name, field in cls.model_fields.items() if _is_numeric(field.annotation)}
        cls._quantities = {name: unit for name, unit in known.items() if unit is not None}
        cls._whole = frozenset(
            name for name in cls._quantities if not _is_numeric(cls.model_fields[name].annotation, kinds=(float,))
        )
        bases = [unit[0] for unit in cls._quantities.values()]
        cls._plain = {
            unit[0]: name
            for name, unit in cls._quantities.items()
            if unit[0] not in cls.model_fields and bases.count(unit[0]) == 1
        }

    @model_validator(mode="before")
    @classmethod
    def _read_quantities(cls, data: Any) -> Any:
        """Map text with a unit onto the numeric field; what cannot be read becomes a :class:`Misread`."""
        if not isinstance(data, Mapping):
            return data
        result = dict(data)
        for key, value in data.items():
            if key in cls._quantities:
                plain, dimension, unit = cls._quantities[key]
                if type(value) in (float, int) or not _holds_text(value):
                    continue
                hint = f'text with a unit goes under "{plain}"' if plain in cls._plain else ""
                result[key] = Misread(key, value, f"a number [{unit}]", hint or f"a {dimension}")
            elif key in cls._plain:
                field = cls._plain[key]
                del result[key]
                if field in data:
                    result[field] = Misread(key, value, f"either {key} or {field}, not both")
                else:
                    read = _convert(key, field, value, *cls._quantities[field][1:])
                    whole = field in cls._whole and isinstance(read, float) and read.is_integer()
                    result[field] = int(read) if whole else read
        return result

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Publish both spellings: beside every ``length_m`` stands ``length``, text with a unit."""
        schema = handler.resolve_ref_schema(handler(core_schema))
        required = schema.get("required", [])
        for plain, field in cls._plain.items():
            _, dimension, _ = cls._quantities[field]
            text = {"type": "string", "description": f'{field}, as text with a unit, e.g. "{DIMENSIONS[dimension][1]}"'}
            schema["properties"][plain] = {"anyOf": [text, {"type": ["array", "object"]}]}
            if field in required:
                required.remove(field)
                schema.setdefault("allOf", []).append({"anyOf": [{"required": [field]}, {"required": [plain]}]})
        return schema


def _convert(key: str, field: str, value: Any, dimension: str, unit: str) -> Any:
    """Return a value written under a plain key as number(s) in the field's unit, or a Misread."""
    if isinstance(value, str):
        try:
            return parse(value, dimension) / _size(unit, dimension)
        except UnitError as error:
            return Misread(key, value, error.wanted, error.hint)
    if isinstance(value, (list, tuple)):
        items = [_convert(key, field, item, dimension, unit) for item in value]
        return next((item for item in items if isinstance(item, Misread)), items)
    if isinstance(value, Mapping):
        table = {name: _convert(key, field, item, dimension, unit) for name, item in value.items()}
        return next((item for item in table.values() if isinstance(item, Misread)), table)
    wanted = f'a {dimension.replace("_", " ")} with its unit, e.g. "{DIMENSIONS[dimension][1]}"'
    return Misread(key, value, wanted, f"missing unit; or write {field} = {value} [{unit}]")


@lru_cache(maxsize=256)
def _size(unit: str, dimension: str) -> float:
    """Return the size of a suffix's unit [SI]; Celsius has its own scale."""
    return 1.0 if dimension == "temperature" else _read_unit(unit, unit, "")[0]


@lru_cache(maxsize=1024)
def _read_unit(unit: str, text: str, wanted: str) -> tuple[float, Vector]:
    """Return (size in SI, dimension vector) of e.g. ``W/(m2 K)``; after a slash, a bracket holds all it divides by."""
    factor, vector, sign, depth = 1.0, list(_NONE), 1, 0
    plain = _HABITS.get(unit, unit).replace("**", "^").strip()
    position = 0
    while position < len(plain):
        letter = plain[position]
        if letter in " *·":
            position += 1
        elif letter == "/":
            sign, position = -1, position + 1
        elif letter == "(":
            depth, position = depth + 1, position + 1
        elif letter == ")":
            depth, position = depth - 1, position + 1
            sign = 1
        else:
            name, power, position = _read_factor(plain, position, text, wanted)
            size, exponents = _UNITS[name]
            factor *= size ** (sign * power)
            vector = [old + sign * power * new for old, new in zip(vector, exponents, strict=True)]
            sign = sign if depth else 1
    if depth:
        raise UnitError(text, wanted, "brackets do not match")
    return factor, (vector[0], vector[1], vector[2], vector[3], vector[4])


def _read_factor(unit: str, position: int, text: str, wanted: str) -> tuple[str, int, int]:
    """Return (unit name, power, position after it) of the factor at a position."""
    end = position
    while end < len(unit) and unit[end] not in " *·/()":
        end += 1
    word = unit[position:end]
    if word in _UNITS:
        return word, 1, end
    match = re.fullmatch(r"(.*?)\^?(-?\d+|[²³])", word)
    if match and match[1] in _UNITS:
        return match[1], _POWERS.get(match[2]) or int(match[2]), end
    same_letters = next((f'did you mean "{name}"?' for name in _UNITS if name.lower() == word.lower()), "")
    near = same_letters or did_you_mean(word, list(_UNITS))
    raise UnitError(text, wanted, f'unknown unit "{word}"' + (f", {near}" if near else ""))


def _other_dimension(unit: str, found: Vector, dimension: str) -> str:
    names = [name for name, (vector, _, _) in _DIMENSIONS.items() if vector == found]
    is_a = f"is a {names[0].replace('_', ' ')}" if names else "is of another dimension"
    return f'"{unit}" {is_a}, not a {dimension.replace("_", " ")}'


def _is_numeric(annotation: Any, kinds: tuple[type, ...] = (float, int)) -> bool:
    """Return whether an annotation holds numbers: plain, optional, or tuples and tables of them."""
    return annotation in kinds or any(_is_numeric(part, kinds) for part in get_args(annotation))


def _holds_text(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_text(item) for item in value)
    if isinstance(value, Mapping):
        return any(_holds_text(item) for item in value.values())
    return isinstance(value, str)
