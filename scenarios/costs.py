"""What things cost. Fuel prices stand with the fuel stores in the network file."""

from __future__ import annotations

from .parts import Part, number

__all__ = ["Costs"]


class Costs(Part):
    """Prices, all at one price level."""

    heat_tariff_cny_m2: float = number(
        25.0, ge=0, source="Shaanxi 20-30 CNY/m² and season (fqmxn.com); Hanzhong's own tariff not found",
        confidence="L", low=20.0, high=30.0,
    )  # fmt: skip
    """Heat tariff per heated area and season [CNY/m²]."""

    electricity_cny_kwh: float = number(
        0.65, ge=0, source="assumed: general industrial tariff", confidence="L", low=0.5, high=0.9
    )
    """Electricity [CNY/kWh]."""

    electricity_sold_cny_kwh: float = number(
        0.35, ge=0, source="assumed: near Shaanxi's benchmark price of coal-fired power, 0.3545 CNY/kWh (recollection)",
        confidence="L", low=0.25, high=0.5,
    )  # fmt: skip
    """What the grid pays for the electricity that plants make beside heat [CNY/kWh]."""

    water_cny_t: float = number(6.0, ge=0, source="assumed: softened make-up water", confidence="L", low=3.0, high=10.0)
    """Make-up water, softened [CNY/t]."""

    fuel_price_factor: float = number(
        1.0, ge=0, source="a lever: multiplies every fuel price of the network file", confidence="H"
    )
    """Multiplies the fuel prices of the network file [-]."""

    emergency_premium_share: float = number(
        0.5, ge=0, source="assumed: spot lots in a cold spell", confidence="L", low=0.2, high=1.5
    )
    """What an emergency order costs more, as a share of the price [-]."""

    holding_share_per_year: float = number(
        0.08, ge=0, source="assumed: capital, handling, losses in store", confidence="L", low=0.04, high=0.15
    )
    """Cost of holding a stock, as a share of its value per year [1/a]."""

    agent_cny_h: float = number(
        35.0, ge=0, source="assumed: loaded wage of a hotline agent", confidence="L", low=25.0, high=60.0
    )
    """Hotline agent on duty [CNY/h]."""

    officer_cny_h: float = number(
        45.0, ge=0, source="assumed: loaded wage of a case officer", confidence="L", low=30.0, high=80.0
    )
    """Case officer on duty [CNY/h]."""

    measurer_cny_h: float = number(
        45.0, ge=0, source="assumed: loaded wage and vehicle", confidence="L", low=30.0, high=80.0
    )
    """Room-temperature measurer on duty [CNY/h]."""

    night_premium_share: float = number(
        0.2, ge=0, source="assumed: allowance for the shift from 22:00 to 6:00", confidence="L", low=0.0, high=0.5
    )
    """What agents, officers and measurers cost more by night, as a share of the wage [-]."""

    crew_standby_cny_h: float = number(
        250.0, ge=0, source="assumed: six people on call", confidence="L", low=120.0, high=500.0
    )
    """A repair crew on call [CNY/h]."""

    crew_work_cny_h: float = number(
        900.0, ge=0, source="assumed: six people, excavator, pump truck, welding", confidence="L", low=500.0,
        high=2_000.0,
    )  # fmt: skip
    """A repair crew at work, besides its standby [CNY/h]."""

    repair_fixed_cny: float = number(
        20_000.0, ge=0, source="assumed: parts, road surface", confidence="L", low=8_000.0, high=60_000.0
    )
    """A pipe repair, fixed part [CNY]."""

    repair_cny_per_metre: float = number(
        120_000.0, ge=0, source="assumed: grows with the pipe", confidence="L", low=50_000.0, high=300_000.0
    )
    """A pipe repair, part that grows with the inner diameter [CNY/m]."""

    inspection_cny_per_kilometre: float = number(
        3_000.0, ge=0, source="assumed", confidence="L", low=1_000.0, high=8_000.0
    )
    """Full inspection before the season [CNY/km of trench]."""

    visit_cny: float = number(
        30.0, ge=0, source="assumed: travel and sundries of one visit", confidence="L", low=10.0, high=80.0
    )
    """A visit to a dwelling, besides the measurer's time [CNY]."""

    co2_cny_t: float = number(
        90.0, ge=0, source="national carbon market, order of magnitude", confidence="L", low=50.0, high=200.0
    )
    """CO2, reported apart from the money the operator pays [CNY/t]."""
