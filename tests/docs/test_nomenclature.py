from heatseason.sim.report.nomenclature import page


def test_the_page_is_not_stale(root):
    written = (root / "docs" / "nomenclature.md").read_text("utf-8")
    assert written == page(), "run: python -m heatseason.sim.report.nomenclature > docs/nomenclature.md"
