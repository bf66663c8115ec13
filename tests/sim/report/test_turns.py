"""Whatever is said of a fault in English has its Chinese: read out of the source, so that none is forgotten."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from heatseason.sim.report.problems import translated
from heatseason.sim.report.words import Words

ROOT = Path(__file__).parents[3]
SOURCES = sorted(p for part in ("network_models", "scenarios", "sim") for p in (ROOT / part).rglob("*.py"))
ERRORS = {"ModelError", "LedgerError", "ClusterError", "DigestError", "Failure"}
NAMES = {"wanted", "hint", "found", "wish", "why"}
# Their blanks hold words, which have turns of their own: said in full by tests of those who say them.
BLANKS_ARE_WORDS = (
    "nothing for X of X X, first X", "the id of X of the network", "a piece of X nodeX without a source: X",
    "a X from some source to every node", "X X missing after X",
)  # fmt: skip


def texts(node: ast.AST) -> Iterator[str]:
    """Yield what an expression may come to as text, X standing for what is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    elif isinstance(node, ast.IfExp):
        yield from texts(node.body)
        yield from texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for part in node.values:
            yield from texts(part)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from (f"{left}X" for left in texts(node.left))


def said(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            told = [*node.args[1:5], *(k.value for k in node.keywords)] if name == "Problem" else node.args
            if name == "Problem" or name in ERRORS:
                yield from ((node.lineno, text) for part in told for text in texts(part))
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name | ast.Tuple):
            target, value = node.targets[0], node.value
            pairs = [(target, value)]
            if isinstance(target, ast.Tuple):
                pairs = list(zip(target.elts, value.elts, strict=False)) if isinstance(value, ast.Tuple) else []
            for name, part in pairs:
                if isinstance(name, ast.Name) and name.id in NAMES:
                    yield from ((node.lineno, text) for text in texts(part))


@pytest.mark.parametrize("folder", ["network_models", "scenarios", "sim"])
def test_every_fault_has_its_chinese(folder):
    chinese, silent, heard = Words("zh"), [], 0
    for source in SOURCES:
        if source.relative_to(ROOT).parts[0] != folder:
            continue
        for line, text in said(ast.parse(source.read_text("utf-8"))):
            if not re.search("[a-z]{2,} [a-z]{2,}", text) or text in BLANKS_ARE_WORDS:
                continue
            heard += 1
            if translated(text, chinese) == text:
                silent.append(f"{source.relative_to(ROOT)}:{line}: {text}")
    assert heard > 50
    assert not silent, "\n".join(silent)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("point 0", "点 0"),
        ("point 3, replication 17", "点 3，冬季 17"),
        ("it took 2 workers with it (KilledWorker)", "2 个工作进程因它而终止（KilledWorker）"),
        ("it took 3 workers with it (BrokenProcessPool)", "3 个工作进程因它而终止（BrokenProcessPool）"),
    ],
)  # fmt: skip
def test_turns_of_studies(english, chinese):
    assert translated(english, Words("zh")) == chinese
