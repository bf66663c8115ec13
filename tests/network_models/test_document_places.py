"""Positions in TOML and CSV, and validation errors as Problems with place, value, wish and hint."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from heatseason.network_models.documents import problems_of, read_table, read_toml, show_path
from heatseason.network_models.formats import read_network
from heatseason.network_models.formats.native import _toml
from heatseason.network_models.positions import key_positions
from heatseason.network_models.problems import InputError
from heatseason.network_models.units import UnitKeys
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ConfigDict, Field, ValidationError

TEXT = '''\
# a comment with [brackets] = "and quotes"
title = "a # no comment"   # a comment
long = """
[not.a.table]
x = 1
"""
a.b.c = 1

[table]
"quoted key" = 'literal \\'
'汉中' = [1, [2, 3],
  { x = 1, "y z" = [ "]" ] },  # in between
]
[table.sub]
when = 2025-11-15T08:00:00

[[rows]]
id = "first"
[[rows.inner]]
k = 1
[[rows]]
id = "second"
[[rows.inner]]
k = 2
[[rows.inner]]
k = 3
'''


def test_every_key_has_its_place() -> None:
    places = key_positions(TEXT)
    assert places["title",] == (2, 1)
    assert places["long",] == (3, 1)
    assert places["a", "b", "c"] == (7, 1)
    assert places["table",] == (9, 1)
    assert places["table", "quoted key"] == (10, 1)
    assert places["table", "汉中"] == (11, 1)
    assert places["table", "汉中", 1, 1] == (11, 16)
    assert places["table", "汉中", 2, "x"] == (12, 5)
    assert places["table", "汉中", 2, "y z", 0] == (12, 22)
    assert places["table", "sub", "when"] == (15, 1)
    assert places["rows",] == places["rows", 0] == (17, 1)
    assert places["rows", 0, "inner"] == (19, 1)
    assert places["rows", 0, "inner", 0, "k"] == (20, 1)
    assert places["rows", 1, "id"] == (22, 1)
    assert places["rows", 1, "inner", 1, "k"] == (26, 1)


_KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=6)
_LEAVES = st.one_of(
    st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)
)
_LISTS = st.lists(_LEAVES | st.lists(_LEAVES, max_size=2), max_size=3)
_TABLES = st.dictionaries(_KEYS, _LEAVES | _LISTS | st.dictionaries(_KEYS, _LEAVES | _LISTS, max_size=2), max_size=3)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> set[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} | {deep for key, item in items for deep in _paths(item, (*path, key))}


@settings(max_examples=60)
@given(st.dictionaries(_KEYS, _LEAVES | _LISTS | _TABLES, max_size=4), st.lists(_TABLES, min_size=1, max_size=3))
def test_positions_cover_whatever_toml_we_write(data: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    data["rows of tables"] = rows
    text = _toml(data)
    assert tomllib.loads(text) == data
    found = set(key_positions(text.replace("\r\n", "\n")))
    assert _paths(data) - {()} <= found


def test_syntax_errors_become_problems(tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("a = 1\nb = = 2\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_toml(file)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.found) == (2, 5, "`b = = 2`")
    with pytest.raises(InputError, match="readable file"):
        read_toml(tmp_path / "missing.toml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    file = tmp_path / "网络.toml"
    file.write_bytes(f'name = "汉中"{newline}[t]{newline}k = 1{newline}'.encode(encoding))
    document = read_toml(file)
    assert document.data == {"name": "汉中", "t": {"k": 1}}
    assert document.place(("t", "k"))[1:] == (3, 1)
    assert document.place(("t", "missing"))[1:] == (2, 1)


class _Leaf(UnitKeys):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    kind: Literal["leaf"] = "leaf"
    length_m: float = Field(gt=0)
    shade: Literal["light", "dark"] = "light"


class _Branch(_Leaf):
    kind: Literal["branch"] = "branch"  # type: ignore[assignment]
    leaves: Annotated[tuple[_Leaf, ...], Field(strict=False)] = ()


class _Tree(UnitKeys):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
    name: str
    parts: Annotated[tuple[Annotated[_Leaf | _Branch, Field(discriminator="kind")], ...], Field(strict=False)] = ()
    best: _Leaf | None = None


def test_every_fault_at_once_with_place_and_hint(tmp_path: Path) -> None:
    file = tmp_path / "tree.toml"
    lines = [
        'nmae = "x"',  # 1 unknown, and so name is missing
        "[[parts]]",
        'kind = "leaf"',
        'length = "2 kmm"',  # 4
        "[[parts]]",
        'kind = "branch"',
        "length_m = -1.0",  # 7
        "lenght = 3",  # 8
        "leaves = [{ length_m = nan }]",  # 9
        "[[parts]]",
        'kind = "brunch"',  # 11
        "[best]",
        "length = 5",  # 13
        'shade = "drak"',  # 14
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    document = read_toml(file)
    with pytest.raises(ValidationError) as caught:
        _Tree.model_validate(document.data)
    problems = problems_of(caught.value, document, _Tree)
    said = {problem.path: (problem.line, problem.found, problem.hint) for problem in problems}
    assert said == {
        "nmae": (1, 'unknown key "nmae"', 'did you mean "name"?'),
        "name": (0, "", "missing"),
        "parts[0].length": (4, '"2 kmm"', 'unknown unit "kmm", did you mean "mm"?'),
        "parts[1].length_m": (7, "-1.0", ""),
        "parts[1].lenght": (8, 'unknown key "lenght"', 'did you mean "length"?'),
        "parts[1].leaves[0].length_m": (9, "nan", ""),
        "parts[2].kind": (11, '"brunch"', 'did you mean "branch"?'),
        "best.length": (13, "5", "missing unit; or write length_m = 5 [m]"),
        "best.shade": (14, '"drak"', 'did you mean "dark"?'),
    }
    assert all(problem.file == str(file) and problem.wanted for problem in problems)


class _Jump(UnitKeys):
    model_config = ConfigDict(extra="forbid", strict=True)
    kind: Literal["jump"] = "jump"
    days: float = 6.0


class _Ramp(_Jump):
    kind: Literal["ramp"] = "ramp"  # type: ignore[assignment]
    ramp_k_h: float = 4.0


class _Start(UnitKeys):
    model_config = ConfigDict(extra="forbid", strict=True)
    preheat: _Jump | _Ramp | None = Field(default=None, discriminator="kind")
    steps: Annotated[tuple[Annotated[_Jump | _Ramp, Field(discriminator="kind")], ...], Field(strict=False)] = ()
    ramp: _Ramp = _Ramp()


@pytest.mark.parametrize(("head", "path"), [("[preheat]", "preheat"), ("[[steps]]", "steps[0]"), ("[ramp]", "ramp")])
@pytest.mark.parametrize("ramp", ['ramp = "5 K/h"', "ramp_k_h = 5.0"])
def test_a_tag_is_not_taken_for_the_key_of_its_name(tmp_path: Path, head: str, path: str, ramp: str) -> None:
    file = tmp_path / "start.toml"
    file.write_text(f'{head}\nkind = "ramp"\n{ramp}\ndays = "six"\n', encoding="utf-8")
    document = read_toml(file)
    with pytest.raises(ValidationError) as caught:
        _Start.model_validate(document.data)
    (problem,) = problems_of(caught.value, document, _Start)
    assert problem.path == f"{path}.days"
    assert problem.line == 4
    assert problem.wanted == "a number"


def test_tables_know_their_lines_and_columns(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes("id,length,households\n甲,2 km,3\n\n乙,,x\n".encode("gb18030"))
    rows, columns, lines = read_table(file, {"length": float, "households": int})
    assert rows == [{"id": "甲", "length": "2 km", "households": 3}, {"id": "乙", "households": "x"}]
    assert columns == ("id", "length", "households")
    assert lines == [2, 4]


@pytest.mark.parametrize(
    ("text", "found"), [("", "an empty file"), ("a,a\n", "'a' twice"), ("a,b\n1\n2,3,4\n", "1 cells")]
)
def test_broken_tables_are_refused(tmp_path: Path, text: str, found: str) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=found):
        read_table(file, {})


def test_paths_are_shown_as_users_write_them() -> None:
    assert show_path(("pipes", 3, "length")) == "pipes[3].length"
    assert show_path(()) == ""
    assert show_path(("guide", "2.6.2", "answer_h")) == 'guide."2.6.2".answer_h'


@pytest.mark.parametrize("depth", [400, 900, 100_000])
@pytest.mark.parametrize(("name", "head"), [("net.json", ""), ("net.geojson", ""), ("net.toml", "a = ")])
def test_brackets_without_end_are_told_not_raised(tmp_path: Path, name: str, head: str, depth: int) -> None:
    for text in ("[" * depth, "[" * depth + "]" * depth):
        (tmp_path / name).write_text(head + text, encoding="utf-8")
        with pytest.raises(InputError):
            read_network(tmp_path / name)


def test_a_key_of_another_kind_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "start.toml"
    file.write_text('[preheat]\nkind = "jump"\nramp_k_h = 5.0\n', encoding="utf-8")
    document = read_toml(file)
    with pytest.raises(ValidationError) as caught:
        _Start.model_validate(document.data)
    (problem,) = problems_of(caught.value, document, _Start)
    assert problem.found == 'unknown key "ramp_k_h"'
    assert problem.hint == 'a key of kind = "ramp"'
