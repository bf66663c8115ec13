"""A scorecard written by hand, as `run --json` prints it."""

import copy

import pytest


def _clause(clause_id, status, met=0, late=0, missed=0, opened=0, excused=0, **more):
    due = met + late + missed
    return {
        "id": clause_id,
        "status": status,
        "met": met,
        "late": late,
        "missed": missed,
        "open": opened,
        "excused": excused,
        "compliance": met / due if due else None,
        "assumed": False,
        "bearer": "authority" if clause_id in ("1.1", "1.4", "2.2c") else "operator",
        "counted": "duties",
        "margin": None,
        "unit": "h",
        "worst": "",
        **more,
    }


@pytest.fixture
def card():
    """One winter; a fresh copy for every test."""
    return copy.deepcopy(
        {
            "scenario": "burst_week",
            "network": "town",
            "illustrative": True,
            "seed": 7,
            "replications": 1,
            "version": "0.1.0",
            "score": {"operator": 0.97, "authority": 1.0},
            "clauses": [
                _clause("1.1", "not_simulated", reason_zh="是原则。", reason_en="A principle."),
                _clause("1.4", "met", met=12),
                _clause("2.2c", "reported", indicators={"abnormal_days_outside": 2}),
                _clause("2.3", "breached", met=4_500_000.0, missed=123_456.5, excused=78_000.0, assumed=True),
                _clause("2.6.4b", "breached", met=20, late=1, missed=2, worst="2.6.4b/2", margin=-3.5),
                _clause("2.7.3", "met", met=35_999, opened=3),
                _clause("2.8.5", "not_triggered"),
            ],
            "headline": {
                "dwelling_hours_below_18_in_scope": 123_456.5,
                "dwelling_hours_below_18_strict": 201_456.5,
                "degree_hours_below_18": 90_000.0,
                "share_dwellings_always_18_in_scope": 0.9876,
                "min_days_of_cover": 3.25,
                "heat_shed_gj": 12.0,
                "outages": 4,
                "longest_outage_h": 27.5,
                "calls": 5_123,
                "answered_share": 0.9999996,
                "complaints": 812,
                "heat_gj": 1_234_567.0,
                "fuel": {
                    "gas east": {"burnt": 41_000_000.0, "unit": "m3", "fuel": "natural_gas"},
                    "straw": {"burnt": 8_000_000.0, "unit": "kg", "fuel": "biomass"},
                },
                "cost_split_cny": {"fuel": 120_000_000.0, "crews": 3_456_789.0},
                "cost_cny": 123_456_789.0,
                "co2_t": 90_123.0,
                "balance_error": 3.2e-12,
            },
            "breaches": [{"id": "2.6.4b/2", "clause": "2.6.4b", "margin": -3.5, "unit": "h"}],
            "balances": {"energy": 3.2e-12, "calls": 0},
            "ended": {"code": "complete"},
        }
    )


@pytest.fixture
def cards(card):
    """Four winters of the same scenario that differ."""
    winters = []
    for n in range(4):
        winter = copy.deepcopy(card)
        winter["headline"]["calls"] = 100 * (n + 1)
        winter["clauses"][5].update(met=90 + n, late=n, compliance=(90 + n) / (90 + 2 * n))
        winters.append(winter)
    winters[2]["clauses"][6].update(status="met", met=1, compliance=1.0)
    return winters
