"""What people do in a season beside what is published of it: the figures and the picture of docs/validation.md.

``python docs/figures/people.py`` plays the two seasons, prints the figures, and draws ``docs/figures/people.svg``.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from heatseason.sim.record import Record

DAY_S, HOUR_S = 86_400, 3_600
SHOWN_DAYS = 40


def calls_by_day(record: Record) -> np.ndarray:
    """Return the calls of each day of the heating period, answered or not, shape (day,)."""
    at, first, last = _calls(record), record.calendar["decided_start"], record.calendar["decided_end"]
    return np.histogram(at, np.arange(first, last + 1, DAY_S))[0]


def surge(record: Record) -> dict[str, float]:
    """Return how the season begins on the telephone."""
    by_day = calls_by_day(record)
    steady = float(np.median(by_day[25:60]))
    peak = float(by_day[:3].max())
    excess = np.maximum(by_day[:10] - steady, 1.0)
    at = _calls(record) - record.calendar["decided_start"]
    first_day = at[(at >= 0) & (at < DAY_S)]
    households = _households(record)
    return {
        "peak_to_steady": peak / steady,
        "day_6_to_peak": float(by_day[5]) / peak,
        "decay_days": -1.0 / float(np.polyfit(np.arange(10), np.log(excess), 1)[0]),
        "share_before_10_h": float(np.mean(first_day < 10 * HOUR_S)),
        "steady_per_10k_households_day": 1e4 * steady / households,
        "complaints_per_10k_households": 1e4 * len(record.rows("complaint_accepted")) / households,
    }


def outages(record: Record, least_h: float = 6.0) -> dict[str, float]:
    """Return how the households of buildings without heat for at least `least_h` call, and how their rooms cool."""
    calls = record.rows("call_answered", "call_abandoned")
    share, delay_h, tau_h = [], [], []
    room, outdoor = record.tracks["room_c"], record.tracks["outdoor_c"]
    cohort_rows = record.subjects.rows("cohort")
    for began, end in _stops(record):
        substation, since, until = int(record.subject[began]), int(record.at[began]), int(record.at[end])
        if until - since < least_h * HOUR_S:
            continue
        mine = calls[record.cause[calls] == began]
        households = int(record.subjects.households[substation])
        share.append(len(np.unique(record.subject[mine])) / households)
        delay_h += ((record.at[mine] - since) / HOUR_S).tolist()
        first, last = since // HOUR_S + 1, until // HOUR_S
        outside = float(outdoor[first:last].mean()) + 3.0  # free gains: STOCHASTICS, outage consequences
        for cohort in np.flatnonzero(record.subjects.substation[cohort_rows] == substation):
            begin, finish = float(room[first, cohort]), float(room[last, cohort])
            if begin - finish > 0.3:
                tau_h.append((last - first) / np.log((begin - outside) / (finish - outside)))
    return {
        "stops": float(len(share)),
        "share_that_calls": float(np.mean(share)),
        "median_delay_h": float(np.median(delay_h)),
        "tau_p10_h": float(np.quantile(tau_h, 0.1)),
        "tau_median_h": float(np.median(tau_h)),
        "tau_p90_h": float(np.quantile(tau_h, 0.9)),
    }


def _stops(record: Record) -> list[tuple[int, int]]:
    """Return (row of the beginning, row of the end) of every stop of a building's heat that ended."""
    open_since: dict[int, int] = {}
    found = []
    ends = set(record.rows("outage_ended").tolist())
    for row in record.rows("outage_started", "outage_ended").tolist():
        subject = int(record.subject[row])
        if row in ends:
            if subject in open_since:
                found.append((open_since.pop(subject), row))
        else:
            open_since[subject] = row
    return found


def _calls(record: Record) -> np.ndarray:
    return record.at[record.rows("call_answered", "call_abandoned")]


def _households(record: Record) -> int:
    return int(record.subjects.households[record.subjects.rows("substation")].sum())


def draw(series: Sequence[tuple[str, str, np.ndarray]], path: Path) -> None:
    """Draw lines over the days of the season as SVG: (name, colour, one value per day)."""
    width, height, left, low = 720, 300, 60, 260
    top = max(float(values.max()) for _, _, values in series) * 1.05
    x = [left + (width - left - 20) * day / (SHOWN_DAYS - 1) for day in range(SHOWN_DAYS)]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>'
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = low - (low - 20) * share
        lines.append(f'<path d="M{left} {y:.1f}H{width - 20}" stroke="#e2e8f0"/>')
        lines.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{share * top:,.0f}</text>')
    for day in range(0, SHOWN_DAYS, 5):
        lines.append(f'<text x="{x[day]:.1f}" y="{low + 18}" text-anchor="middle">{day + 1}</text>')
    lines.append(f'<text x="{width / 2}" y="{height - 6}" text-anchor="middle">day of the heating period</text>')
    for row, (name, colour, values) in enumerate(series):
        points = " ".join(
            f"{px:.1f},{low - (low - 20) * float(value) / top:.1f}"
            for px, value in zip(x, values[:SHOWN_DAYS], strict=True)
        )
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="{width - 330}" y="{36 + 18 * row}" fill="{colour}">{name}</text>')
    path.write_text("\n".join([*lines, "</svg>"]) + "\n", "utf-8")


def main() -> None:
    """Play, print and draw."""
    from heatseason.scenarios.scenario import load
    from heatseason.sim.run import run

    ordinary, bursts = run(load("hanzhong")), run(load("burst_week"))
    for title, figures in (
        ("season's start, hanzhong", surge(ordinary)),
        ("stops of heat, burst_week", outages(bursts)),
    ):
        print(title)
        for name, value in figures.items():
            print(f"  {name:32s}{value:10.3g}")
    calls = calls_by_day(ordinary)
    steady = float(np.median(calls[25:60]))
    days = np.arange(SHOWN_DAYS)
    qingdao = steady * (1.0 + (calls[0] / steady - 1.0) * np.exp(-days / 4.55))  # a third of the peak on day 6
    series = [
        ("calls per day, hanzhong as simulated", "#c05621", calls),
        ("falling as in Qingdao: a third of the peak on day 6", "#2b6cb0", qingdao),
        ("calls per day, burst_week as simulated", "#718096", calls_by_day(bursts)),
    ]
    draw(series, Path(__file__).with_suffix(".svg"))


if __name__ == "__main__":
    main()
