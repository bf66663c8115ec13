"""docs/guide.md is what guide.toml makes of it."""

from heatseason.sim.guide.clause import default_guide
from heatseason.sim.guide.page import guide_page


def test_the_committed_page_is_the_generated_one(root):
    committed = (root / "docs" / "guide.md").read_text("utf-8")
    assert committed == guide_page(), (
        "run: python -c 'from heatseason.sim.guide.page import guide_page as p; print(p(), end=\"\")' > docs/guide.md"
    )


def test_every_clause_and_every_assumed_number_stands_on_the_page():
    page = guide_page()
    for clause in default_guide().clauses:
        assert f"## {clause.id} · {clause.place}" in page
        assert clause.gloss_zh in page
        assert clause.gloss_en in page
        for name, number in clause.numbers.items():
            assert f"| `{name}` | {number.value:g} {number.unit}" in page
