from dataclasses import fields

import pytest
from heatseason.sim.guide.score import ClauseRow
from heatseason.sim.tables import CLAUSES, HEADLINE, TABLES, column


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_columns_are_declared_once_and_whole(table):
    assert len(set(table.names())) == len(table.columns)
    for declared in table.columns:
        assert declared.type in ("text", "int", "float", "bool", "time")
        assert declared.zh
        assert declared.en


def test_what_a_clause_row_carries_is_declared():
    assert {field.name for field in fields(ClauseRow)} <= set(CLAUSES.names())


def test_the_headline_of_the_interface_is_declared():
    promised = (
        "dwelling_hours_below_18_in_scope dwelling_hours_below_18_strict degree_hours_below_18 "
        "share_dwellings_always_18_in_scope min_days_of_cover heat_shed_gj outages longest_outage_h calls "
        "answered_share complaints heat_gj fuel cost_cny co2_t balance_error"
    )
    assert set(promised.split()) <= set(HEADLINE.names())


def test_a_column_by_name():
    assert column(HEADLINE, "calls").type == "int"
    with pytest.raises(KeyError, match="no_such"):
        column(HEADLINE, "no_such")
