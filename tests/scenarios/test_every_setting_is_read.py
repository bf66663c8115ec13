"""No setting of a scenario is accepted, published and then read by nobody."""

import json
import re
from pathlib import Path

import heatseason
from heatseason.scenarios.scenario import load, schema

PACKAGE = Path(heatseason.__file__).parent
NOT_NUMBERS = {"title_zh", "title_en", "schema_version"}  # shown, or checked by the loader


def leaves(part: dict, definitions: dict) -> set[str]:
    """Return the names of every setting below a part of the JSON Schema."""
    names = set()
    for name, about in part.get("properties", {}).items():
        if ", as text with a unit" in json.dumps(about):
            continue  # a quantity's other spelling, as text
        below = {ref.rpartition("/")[2] for ref in re.findall(r'"\$ref": "([^"]+)"', json.dumps(about))}
        names |= {name} if not below else set().union(*(leaves(definitions[d], definitions) for d in below))
    return names


def test_every_setting_is_read_somewhere():
    assert load("hanzhong")
    found = schema()
    source = "\n".join(
        path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*.py")
        if "tests" not in path.relative_to(PACKAGE).parts and ".venv" not in path.parts
    )
    by_name = "\n".join(  # where columns are read by their names
        (PACKAGE / file).read_text(encoding="utf-8")
        for file in ("sim/world/people_settings.py", "network_models/arrays.py")
    )
    unread = []
    for name in sorted(leaves(found, found["$defs"]) - NOT_NUMBERS):
        declared = re.search(rf"^    {name}\s*:", source, re.MULTILINE)
        if declared is None:
            continue  # a key of the loader
        if not re.search(rf"\.{name}\b", source) and not re.search(rf"\b{name}\b", by_name):
            unread.append(name)
    assert not unread, ", ".join(unread)
