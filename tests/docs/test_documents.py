"""Links lead somewhere, examples name what exists, and the READMEs open with the two commands."""

import ast
import re
from typing import get_args

import click
import pytest
from heatseason.cli import _root
from heatseason.network_models.edits import AnyEdit
from heatseason.scenarios.scenario import load
from heatseason.scenarios.standing import network_of
from heatseason.sim.report.problems import check
from heatseason.sim.report.words import phrases

DOCS = ("design", "edits", "formats", "practice", "studies", "how-to-add", "plan", "plan.zh", "stories", "validation")
PAGES = ("README.md", "README.zh.md", *(f"docs/{name}.md" for name in DOCS))


def blocks(root, page, language):
    return re.findall(rf"```{language}\n(.*?)\n```", (root / page).read_text("utf-8"), re.S)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(root, page):
    for target in re.findall(r"\]\(([^)#:]+)\)", (root / page).read_text("utf-8")):
        assert (root / page).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_python_examples_name_what_exists(root, page):
    import heatseason as hs

    for example in blocks(root, page, "python"):
        tree = ast.parse(example)
        names = [n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "hs"]
        assert names
        assert [name for name in names if not hasattr(hs, name)] == []


@pytest.mark.parametrize(("page", "language"), [("README.md", ""), ("README.zh.md", " --lang zh")])
def test_the_readme_opens_with_the_two_commands(root, page, language):
    first, second, *_ = blocks(root, page, "sh")
    install = "python3 -m venv .venv && .venv/bin/pip install"
    assert first == f"{install} . && .venv/bin/heatseason run hanzhong{language}"
    assert second == f"{install} '.[test]' && .venv/bin/python -m pytest"


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_options_exist(root, page):
    lines = [line for block in blocks(root, page, "sh") for line in block.splitlines()]
    for line in lines:
        for command, rest in re.findall(r"heatseason ([a-z]+)([^&|]*)", line):
            known = _root.commands[command]
            if isinstance(known, click.Group):
                known = known.commands[rest.split()[0]]
            options = {option for parameter in known.params for option in parameter.opts}
            assert set(re.findall(r"--[a-z0-9-]+", rest)) <= options


def _runs(root):
    """Every run and check of a library scenario that a document or a help page shows, with its changes."""
    texts = [line for page in PAGES for block in blocks(root, page, "sh") for line in block.splitlines()]
    texts += [line for key, said in phrases().items() if key.endswith(".example") for line in said["en"].splitlines()]
    for text in texts:
        for name, rest in re.findall(r"heatseason (?:run|check) ([a-z_0-9]+)(?= |$)([^&|]*)", text):
            yield name, re.findall(r"--set (\S+)", rest)


def test_scenarios_and_changes_that_are_shown_exist(root):
    shown = list(_runs(root))
    assert len(shown) > 4
    for name, changes in shown:
        check(name, changes)


def test_changes_in_python_examples_exist(root):
    for page in PAGES:
        for example in blocks(root, page, "python"):
            for name, changes in re.findall(r'hs\.load\("([a-z_0-9]+)"(?:, (\[[^\]]*\]))?\)', example):
                load(name, ast.literal_eval(changes or "[]"))


def test_guide_numbers_that_are_named_exist(root):
    for page in PAGES:
        for change in re.findall(r"--set (guide\.[^\s`=]+=[^\s`)]+)", (root / page).read_text("utf-8")):
            check("hanzhong", [change])


def test_the_edited_scenario_that_is_shown_can_be_played(root, tmp_path):
    (example,) = blocks(root, "docs/edits.md", "toml")
    (tmp_path / "ringed.toml").write_text(example, "utf-8")
    assert [edit.name for edit in network_of(check(str(tmp_path / "ringed.toml"))).edits] == ["link", "peak", "tap"]


def test_every_kind_of_edit_is_told(root):
    kinds = {
        kind for choice in get_args(get_args(AnyEdit)[0]) for kind in get_args(choice.model_fields["kind"].annotation)
    }
    table = set(re.findall(r"^\| `([a-z_]+)` \|", (root / "docs" / "edits.md").read_text("utf-8"), re.M))
    assert table == kinds
    assert kinds <= {key.removeprefix("edit.") for key in phrases() if key.startswith("edit.")}
