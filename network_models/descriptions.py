"""JSON Schemas that say what each field is: the text under it in our source.

Pydantic can do this while it builds the models, but that takes a third of the import for what only a schema needs.
"""

from __future__ import annotations

import ast
import inspect
import sys
from functools import lru_cache
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel

__all__ = ["described"]


def described(schema: dict[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Add to a model's JSON Schema what is written under each field of the model and of all it can hold.

    Parameters
    ----------
    schema : dict
        As ``model.model_json_schema()`` gives it; changed in place.
    model : type of BaseModel

    Returns
    -------
    dict
        The schema itself.
    """
    for part in _parts_of(model):
        found = schema if part is model else schema.get("$defs", {}).get(part.__name__, {})
        for name, text in _field_docstrings(part).items():
            found.get("properties", {}).get(name, {}).setdefault("description", text)
    return schema


def _parts_of(model: type[BaseModel]) -> tuple[type[BaseModel], ...]:
    """Return a model and every model that its fields can hold, each once."""
    found: dict[type[BaseModel], None] = {}
    open_: list[Any] = [model]
    while open_:
        item = open_.pop()
        if isinstance(item, type) and issubclass(item, BaseModel):
            if item not in found:
                found[item] = None
                open_.extend(field.annotation for field in item.model_fields.values())
        else:
            open_.extend(get_args(item))
    return tuple(found)


def _field_docstrings(model: type[BaseModel]) -> dict[str, str]:
    """Return what is written under each field of a model, inherited ones included."""
    texts: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, BaseModel) and cls is not BaseModel and cls.__module__ in sys.modules:
            texts.update(_docstrings_of_module(cls.__module__).get(cls.__name__, {}))
    return {name: texts[name] for name in model.model_fields if name in texts}


@lru_cache(maxsize=128)
def _docstrings_of_module(name: str) -> dict[str, dict[str, str]]:
    """Return class -> field -> the text under it, of one module."""
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    return {node.name: _docstrings_of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _docstrings_of_class(node: ast.ClassDef) -> dict[str, str]:
    texts: dict[str, str] = {}
    for field, text in pairwise(node.body):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(text, ast.Expr)
            and isinstance(text.value, ast.Constant)
            and isinstance(text.value.value, str)
        ):
            texts[field.target.id] = inspect.cleandoc(text.value.value)
    return texts
