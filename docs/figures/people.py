"""What strikes and what people do beside what is published of it: figures and pictures of docs/validation.md.

``python docs/figures/people.py`` plays the seasons, prints the figures, and draws ``docs/figures/*.svg``.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from heatseason.sim.record import Record

DAY_S, HOUR_S = 86_400, 3_600
SHOWN_DAYS = 40
SHOWN_WEEKS = 12


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
    share, tau_h = [], []
    room, outdoor = record.tracks["room_c"], record.tracks["outdoor_c"]
    cohort_rows = record.subjects.rows("cohort")
    for began, end in _stops(record):
        substation, since, until = int(record.subject[began]), int(record.at[began]), int(record.at[end])
        if until - since < least_h * HOUR_S:
            continue
        mine = calls[record.cause[calls] == began]
        households = int(record.subjects.households[substation])
        share.append(len(np.unique(record.subject[mine])) / households)
        first, last = since // HOUR_S + 1, until // HOUR_S
        outside = float(outdoor[first:last].mean()) + 3.0  # free gains: STOCHASTICS, outage consequences
        for cohort in np.flatnonzero(record.subjects.substation[cohort_rows] == substation):
            begin, finish = float(room[first, cohort]), float(room[last, cohort])
            if begin - finish > 0.3:
                tau_h.append((last - first) / np.log((begin - outside) / (finish - outside)))
    return {
        "stops": float(len(share)),
        "share_that_calls": float(np.mean(share)),
        "median_delay_h": float(np.median(call_delays_h(record, least_h))),
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


def first_weeks(winters: int) -> tuple[np.ndarray, np.ndarray]:
    """Return failures per winter and day of heat on the town, 150 times the rate, and what each day would have alone.

    Each winter's candidates meet the supply temperatures of one quiet season; the second array is the law by age only,
    scaled to the same mean over weeks 6 to 12, both of shape (day,).
    """
    from heatseason.scenarios.calendar import Calendar
    from heatseason.scenarios.disruptions.pipe_failures import PipeFailureState, accept, draw_pipe_failures
    from heatseason.scenarios.scenario import load
    from heatseason.sim.run import ground_of, run

    scenario = load("town", ["disruptions.pipe_failures.rate_factor=150"])
    quiet = run(load("town", ["disruptions.pipe_failures.enabled=false"]))
    law, begun = scenario.disruptions.pipe_failures, int(quiet.at[quiet.rows("preheat_started")].min())
    supply_c = quiet.tracks["source_supply_c"]
    counts = np.zeros(SHOWN_WEEKS * 7)
    arrays, calendar = ground_of(scenario).arrays, Calendar.of(scenario)
    for winter in range(winters):
        drawn = draw_pipe_failures(law, arrays, calendar, scenario.seed, winter)
        for at, mark in zip(drawn.at_s.tolist(), drawn.mark.tolist(), strict=True):
            day = (at - begun) / DAY_S
            if not 0.0 <= day < len(counts):
                continue
            seen = supply_c[max(at // HOUR_S - 24, -(-begun // HOUR_S)) : at // HOUR_S]
            swing_k = float(np.ptp(seen, axis=0).max()) if len(seen) else 0.0
            counts[int(day)] += accept(law, mark, PipeFailureState(True, True, day, swing_k))
    days = np.arange(len(counts)) + 0.5
    age = 1.0 + law.early_excess * np.exp(-days / law.early_decay_days)
    later = slice(35, 84)
    return counts / winters, age * counts[later].mean() / age[later].mean() / winters


def cooling(record: Record) -> tuple[np.ndarray, float]:
    """Return rooms behind the longest stop by hour since it began, shape (hour, cohort), and outdoors' mean [degC]."""
    began, end = max(_stops(record), key=lambda stop: int(record.at[stop[1]]) - int(record.at[stop[0]]))
    hours = slice(int(record.at[began]) // HOUR_S + 1, int(record.at[end]) // HOUR_S)
    mine = record.subjects.substation[record.subjects.rows("cohort")] == int(record.subject[began])
    return record.tracks["room_c"][hours][:, mine], float(record.tracks["outdoor_c"][hours].mean())


def call_delays_h(record: Record, least_h: float = 6.0) -> np.ndarray:
    """Return how long after their heat stopped households called, over stops of at least `least_h` [h]."""
    calls = record.rows("call_answered", "call_abandoned")
    found = [
        (record.at[calls[record.cause[calls] == began]] - record.at[began]) / HOUR_S
        for began, end in _stops(record)
        if record.at[end] - record.at[began] >= least_h * HOUR_S
    ]
    return np.sort(np.concatenate(found))


Series = tuple[str, str, np.ndarray, np.ndarray]


def draw(series: Sequence[Series], path: Path, *, x_title: str, y_title: str, names_y: int = 44) -> None:
    """Draw lines as SVG: (name, colour, x, y); the names stand on the right, from `names_y` downwards."""
    width, height, left, low = 720, 320, 60, 270
    bottom = 0.0
    top = max(float(y.max()) for *_, y in series) * 1.05
    last = max(float(x.max()) for _, _, x, _ in series)
    step = next(s for s in (1, 2, 3, 5, 6, 10, 12, 20, 24) if last / s <= 12)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + (width - left - 20) * x / last, low - (low - 30) * (y - bottom) / (top - bottom)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>',
        f'<text x="8" y="16">{y_title}</text>',
    ]
    nice = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 1_000, 2_000, 5_000) if top / s <= 7)
    for value in np.arange(0.0, top, nice).tolist():
        y = at(0.0, value)[1]
        lines.append(f'<path d="M{left} {y:.1f}H{width - 20}" stroke="#e2e8f0"/>')
        lines.append(f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.{int(nice < 1)}f}</text>')
    for tick in range(0, int(last) + 1, step):
        lines.append(f'<text x="{at(tick, bottom)[0]:.1f}" y="{low + 18}" text-anchor="middle">{tick}</text>')
    lines.append(f'<text x="{width / 2}" y="{height - 8}" text-anchor="middle">{x_title}</text>')
    for row, (name, colour, x, y) in enumerate(series):
        points = " ".join("{:.1f},{:.1f}".format(*at(px, py)) for px, py in zip(x.tolist(), y.tolist(), strict=True))
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        lines.append(f'<text x="{width - 24}" y="{names_y + 17 * row}" text-anchor="end" fill="{colour}">{name}</text>')
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
    folder = Path(__file__).parent
    _draw_calls(ordinary, bursts, folder / "people.svg")
    _draw_first_weeks(folder / "first_weeks.svg")
    order = '{kind="substation_failure", at=2027-01-10T00:00:00, hours=60.0}'
    _draw_cooling(run(load("town", [f"disruptions.imposed=[{order}]"])), folder / "cooling.svg")
    untold = run(load("burst_week", ["people.calls.told_share=0"]))
    lines = []
    for name, colour, record in (
        ("burst_week, simulated 模拟", _SIMULATED, bursts), ("the same, nobody told 同上，不告知用户", _BESIDE, untold)
    ):  # fmt: skip
        hours = np.arange(0.0, 24.1, 0.25)
        so_far = np.searchsorted(call_delays_h(record), hours, side="right") / 1_000.0
        lines.append((name, colour, hours, so_far))
    draw(lines, folder / "outage_calls.svg", x_title="hours after the heat stopped 停热后小时数",
         y_title="calls so far, thousands 累计来电，千次", names_y=220)  # fmt: skip


_SIMULATED, _PUBLISHED, _BESIDE = "#c05621", "#2b6cb0", "#718096"


def _draw_calls(ordinary: Record, bursts: Record, path: Path) -> None:
    calls = calls_by_day(ordinary)
    steady = float(np.median(calls[25:60]))
    days = np.arange(SHOWN_DAYS)
    qingdao = steady * (1.0 + (calls[0] / steady - 1.0) * np.exp(-days / 4.55))  # a third of the peak on day 6
    lines = [
        ("hanzhong, simulated 模拟", _SIMULATED, days + 1.0, calls[:SHOWN_DAYS]),
        ("as in Qingdao: a third of the peak on day 6 青岛：第6天降至三分之一", _PUBLISHED, days + 1.0, qingdao),
        ("burst_week, simulated 模拟", _BESIDE, days + 1.0, calls_by_day(bursts)[:SHOWN_DAYS]),
    ]
    draw(lines, path, x_title="day of the heating period 供热第几天", y_title="calls a day 每日来电")


def _draw_first_weeks(path: Path) -> None:
    counts, law = first_weeks(150)
    weeks = counts.reshape(SHOWN_WEEKS, 7)
    base = float(weeks[5:12].mean())
    x = np.arange(SHOWN_WEEKS) + 0.5
    lines = [
        ("failures, simulated 失效，模拟", _SIMULATED, x, weeks.mean(axis=1) / base),
        ("by age of the season alone 只按供热天数", _BESIDE, x, law.reshape(SHOWN_WEEKS, 7).mean(axis=1) / base),
        ("first week, range of the cited clusters 1.7-3.9 首周，引用事例的范围", _PUBLISHED, np.array([0.5, 0.5]),
         np.array([1.72, 3.87])),
    ]  # fmt: skip
    draw(lines, path, x_title="week of heat 供热第几周", y_title="over the mean of weeks 6 to 12 与第6至12周平均之比")


def _draw_cooling(record: Record, path: Path) -> None:
    rooms, outside = cooling(record)
    hours = np.arange(len(rooms), dtype=float)
    begin = float(rooms[0].mean())
    table = [
        (f"cooling table, time constant {tau} h 降温表，时间常数 {tau} h", _PUBLISHED, hours,
         outside + 3.0 + (begin - outside - 3.0) * np.exp(-hours / tau))
        for tau in (48, 100, 200)
    ]  # fmt: skip
    ends = np.argsort(rooms[-1])
    shown = [("simulated rooms, coldest and warmest group 模拟：最冷、最暖的一组", _SIMULATED, ends[0]),
             ("", _SIMULATED, ends[-1])]  # fmt: skip
    simulated = [(name, colour, hours, rooms[:, cohort]) for name, colour, cohort in shown]
    title = f"hours without heat, {outside:.1f} °C outdoors 停热小时数，室外 {outside:.1f} °C"
    draw([*table, *simulated], path, x_title=title, y_title="room, °C 室温", names_y=190)


if __name__ == "__main__":
    main()
