"""Write ``docs/stories.md``: five winters told in their own records' numbers. ``python docs/make_stories.py``."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from heatseason.scenarios.calendar import DAY_S
from heatseason.scenarios.scenario import load
from heatseason.sim.guide.score import score
from heatseason.sim.guide.verdict import judge
from heatseason.sim.record import KINDS, Record
from heatseason.sim.run import run

FILE = Path(__file__).parent / "stories.md"
TWINS = {  # the same winter without what the story is of
    "burst_coldest_night": ("disruptions.imposed=[]",),
    "extension_march": ("policies.season.kind=fixed",),
    "roads_closed_2008": ("disruptions.imposed=[]",),
}
STORIES = ("burst_coldest_night", "gas_curtailed", "roads_closed_2008", "extension_march", "chaotic_first_week")
HOUR_S = 3_600

HEAD = """# Five winters · 五个冬天

What follows is read off the records of five library scenarios on the illustrative network `hanzhong` (replication 0; the
winter is the same in all of them, but for what is laid over it). Written by `python docs/make_stories.py`.

以下数字全部取自五个情景在示意管网 `hanzhong` 上的记录（第0次重复；除叠加的扰动外，冬天相同）。由 `python docs/make_stories.py` 生成。

{table}

Compliance is by clause, not by the sum: a disturbed winter gives more duties to keep. 依从率按条款看：受扰的冬天要履行的义务更多。
"""


class Told:
    """A season with what a story asks of it."""

    def __init__(self, name: str, *changes: str) -> None:
        self.scenario = load(name, changes)
        self.record: Record = run(self.scenario)
        card = score(judge(self.record)).to_json()
        self.headline: dict[str, Any] = card["headline"]
        self.clauses = {row["id"]: row for row in card["clauses"]}

    def rows(self, kind: str) -> Any:
        """Return the entries of a kind."""
        return self.record.rows(kind)

    def when(self, second: float) -> str:
        """Return a second as month, day and time."""
        origin = dt.datetime.fromisoformat(self.record.calendar["origin"])
        return f"{origin + dt.timedelta(seconds=int(second)):%m-%d %H:%M}"

    def second(self, month: int, day: int, year: int = 2027) -> int:
        """Return the second at which a day begins."""
        return (dt.date(year, month, day) - dt.date.fromisoformat(self.record.calendar["origin"])).days * DAY_S

    def kept(self, clause: str) -> str:
        """Return the share of a clause's duties that was kept."""
        share = self.clauses[clause]["compliance"]
        return "–" if share is None else f"{100 * share:.1f} %"

    def outdoor_c(self, first: int, last: int) -> float:
        """Return the mean outdoor temperature of a span [degC]."""
        return float(self.record.tracks["outdoor_c"][first // HOUR_S : last // HOUR_S].mean())

    def calls(self, first: int, last: int) -> tuple[int, float]:
        """Return the calls of a span, and the share of them that was answered."""
        at = self.record.at
        answered, lost = (at[self.rows(kind)] for kind in ("call_answered", "call_abandoned"))
        both = [int(((t >= first) & (t < last)).sum()) for t in (answered, lost)]
        return sum(both), both[0] / max(sum(both), 1)

    def rooms(self, substations: Any = None) -> tuple[Any, Any]:
        """Return the mean room by hour over the cohorts of some substations (all: None), and the cohorts."""
        subjects = self.record.subjects
        cohorts = subjects.rows("cohort")
        chosen = np.ones(len(cohorts), bool)
        if substations is not None:
            chosen = np.isin(subjects.substation[cohorts], substations)
        weights = subjects.households[cohorts][chosen]
        return np.average(self.record.tracks["room_c"][:, chosen], axis=1, weights=weights), weights.sum()


def million(value: float) -> str:
    """Return a number in millions."""
    return f"{value / 1e6:,.1f} M"


def table(told: dict[str, Told]) -> str:
    """Return the winters side by side."""
    shown: dict[str, Callable[[Any], str]] = {"dwelling_hours_below_18_strict": million, "heat_gj": million, "heat_shed_fuel_gj": lambda v: f"{v:,.0f}",
             "outages": str, "longest_outage_h": lambda v: f"{v:.1f}", "calls": lambda v: f"{v:,}",
             "answered_share": lambda v: f"{100 * v:.0f} %", "cost_cny": million}  # fmt: skip
    head = ("| | hours below 18 ℃ 低于18℃户时 | heat 热量 GJ | short for fuel 缺燃料少供 GJ | stops 停热 | longest 最长 h | "
            "calls 来电 | answered 接通 | cost 成本 CNY | 2.3 | 2.5 | 2.6.3 | 2.7.2 |")  # fmt: skip
    lines = [head, "|---" * 13 + "|"]
    for name, season in told.items():
        cells = [say(season.headline[key]) for key, say in shown.items()]
        lines.append(
            f"| `{name}` | " + " | ".join([*cells, *(season.kept(c) for c in ("2.3", "2.5", "2.6.3", "2.7.2"))]) + " |"
        )
    return "\n".join(lines)


def burst(told: Told, twin: Told) -> str:
    """Tell of one break, step by step."""
    record = told.record
    begun = next(int(r) for r in told.rows("pipe_failed") if record.detail_of(int(r))["draw"][0] == "imposed")
    case, pipe = record.case[begun], record.detail_of(begun)
    rows = [int(r) for r in np.flatnonzero(record.case == case)]
    names = {kind.name: kind for kind in KINDS}
    want = ("pipe_failed", "fault_discovered", "isolated", "fault_reported", "crew_sent", "work_started", "stage_finished",
            "refilled", "fault_restored")  # fmt: skip
    lines, seen = ["| when 时间 | what 事项 | |", "|---|---|---|"], set()
    for row in sorted(rows, key=lambda r: (record.at[r], r)):
        kind = KINDS[record.what[row]].name
        stage = record.detail_of(row).get("stage", "")
        if kind not in want or (kind == "work_started" and kind in seen):
            continue
        seen.add(kind)
        value = {"pipe_failed": f"{record.value[row]:.0f} kg/s", "isolated": f"{record.value[row]:.0f} pipes 条管道"}
        lines.append(
            f"| {told.when(record.at[row])} | {names[kind].en} {names[kind].zh} | {stage or value.get(kind, '')} |"
        )
    cut = [int(r) for r in told.rows("outage_started") if record.case[r] == case]
    buildings = np.unique(record.subject[cut])
    end = max((int(record.at[r]) for r in told.rows("outage_ended") if record.case[r] == case), default=0)
    begin = int(record.at[begun])
    night = told.outdoor_c(begin - 12 * HOUR_S, begin + 12 * HOUR_S)
    if len(buildings):
        rooms, homes = told.rooms(buildings)
        lowest = float(rooms[begin // HOUR_S : begin // HOUR_S + 72].min())
        least = float(twin.rooms(buildings)[0][begin // HOUR_S : begin // HOUR_S + 72].min())
        back = next((h for h in range(end // HOUR_S, len(rooms)) if rooms[h] >= 18.0), -1)
        warm = (back * HOUR_S - end) / HOUR_S
        stop = min(int(record.at[r]) for r in cut)  # heat goes on until the valves are shut
        en = (f"{len(buildings)} buildings with {homes:,} households lost heat {(stop - begin) / 3600:.1f} h later, when the valves "
              f"were shut, for {(end - stop) / 3600:.1f} h; the mean of "
              f"their rooms fell to {lowest:.1f} ℃ and was back at 18 ℃ {warm:.0f} h after the water. Without the break the "
              f"same cold leaves them {least:.1f} ℃ at worst in these days: gas is withheld in it. What was short for want "
              f"of fuel ({told.headline['heat_shed_fuel_gj']:,.0f} GJ, {twin.headline['heat_shed_fuel_gj']:,.0f} without the "
              f"break) is the cold's.")  # fmt: skip
        zh = (f"{len(buildings)}座热力站、{homes:,}户在{(stop - begin) / 3600:.1f}小时后关阀时停热，历时{(end - stop) / 3600:.1f}小时，平均室温最低{lowest:.1f}℃，通水后"
              f"{warm:.0f}小时回到18℃。若无爆管，同样的寒冷使这些天最低{least:.1f}℃：寒潮中燃气被压减。因缺燃料少供的"
              f"{told.headline['heat_shed_fuel_gj']:,.0f} GJ（无爆管时{twin.headline['heat_shed_fuel_gj']:,.0f}）源于寒潮。")  # fmt: skip
    else:
        en = "The loops carried the heat round the break: no building lost it."
        zh = "环网绕过了断点，没有热力站停热。"
    return f"""## A DN500 burst on the coldest night · 最冷一夜DN500爆管

At {told.when(begin)}, in a day of {night:.1f} ℃ on average, a pipe of {1000 * pipe["diameter_m"]:.0f} mm bursts in
`{record.subjects.name[record.subject[begun]]}`. {en}

{told.when(begin)}，日平均{night:.1f}℃，`{record.subjects.name[record.subject[begun]]}`一条内径{1000 * pipe["diameter_m"]:.0f}毫米的
管道爆裂。{zh}

{chr(10).join(lines)}
"""


def gas(told: Told, plain: Told) -> str:
    """Tell of a contract that is not kept."""
    record = told.record
    first, last = told.second(1, 12), told.second(1, 26)
    rationed = told.rows("rationing_started")
    least = float(record.value[rationed].min()) if len(rationed) else 1.0
    buildings = len(np.unique(record.subject[rationed]))
    rooms, _ = told.rooms()
    before = plain.rooms()[0]
    hours = slice(first // HOUR_S, last // HOUR_S)
    day = float(rooms[hours].min())
    ran_out = len(told.rows("fuel_ran_out"))
    spared = np.setdiff1d(record.subjects.rows("substation"), np.unique(record.subject[rationed]))
    kept = float(told.rooms(spared)[0][hours].min()) if len(spared) else float("nan")
    return f"""## Two weeks of gas curtailment · 压减燃气两周

From 12 to 25 January the gas stations get a third less than contracted, in cold of {told.outdoor_c(first, last):.1f} ℃ on
average ({plain.outdoor_c(first, last):.1f} ℃ without the wave). On the worst morning the day's gas covered
{100 * told.headline["min_contract_cover"]:.0f} % of the day's need. {buildings} of 240 buildings were rationed, at first to
{100 * least:.0f} % of their need; the {len(spared)} protected ones kept theirs. The city's mean room fell to {day:.1f} ℃
({float(before[hours].min()):.1f} ℃ in the ordinary winter), that of the protected buildings to {kept:.1f} ℃. Gas still ran
out before midnight {ran_out} times. Rationing is an order, not a
fault: 2.6.3 counts it ({told.kept("2.6.3")} of buildings without an interruption, {plain.kept("2.6.3")} before).

1月12日至25日，燃气热源用气减少三分之一，期间平均{told.outdoor_c(first, last):.1f}℃（无寒潮时{plain.outdoor_c(first, last):.1f}℃）。
最紧张的一天，当日气量只够需求的{100 * told.headline["min_contract_cover"]:.0f}%。240座热力站中{buildings}座限量，起初供需求的
{100 * least:.0f}%，{len(spared)}座受保护的不限。全市平均室温最低{day:.1f}℃（平常冬天{float(before[hours].min()):.1f}℃），受保护的
{kept:.1f}℃。仍有{ran_out}次在午夜前断气。限量是决定而非故障，计入2.6.3。
"""


def roads(told: Told, twin: Told) -> str:
    """Tell of lorries that stand."""
    record = told.record
    closed = told.rows("road_closed")
    hours = float(record.value[closed].sum())
    late = told.rows("fuel_delayed")
    emergency, ran_out = told.rows("emergency_ordered"), told.rows("fuel_ran_out")
    stock = record.tracks["store_stock"]
    subjects = record.subjects
    stores = subjects.rows("store")
    lines = []
    for column, row in enumerate(stores):
        if "biomass" in subjects.id[row]:
            hour = int(np.argmin(stock[40 * 24 : 156 * 24, column])) + 40 * 24
            lines.append((subjects.id[row], float(stock[hour, column]) / 1e3, told.when(hour * HOUR_S)))
    stored = int(np.isin(record.subject[ran_out], [row for row in stores if "biomass" in subjects.id[row]]).sum())
    low_en = "; ".join(f"`{name}` had {left:,.0f} t left at {when}" for name, left, when in lines)
    low_zh = "；".join(f"`{name}`在{when}只剩{left:,.0f}吨" for name, left, when in lines)
    return f"""## Roads closed in a 2008 winter · 2008年式冬天，道路封闭

Five weeks 3.2 K colder, and the road over the Qinling shut {len(closed)} times for {hours:.0f} h in all. {len(late)}
deliveries came late ({float(record.value[late].mean()):.0f} h on average); with five days of cover the two stations that
burn stored fuel came within {told.headline["min_days_of_cover"]:.1f} d of an empty yard: {low_en}.
{len(emergency)} emergency orders were placed; stored fuel ran out {stored} times. Gas, which the same cold withholds, ran out
{len(ran_out) - stored} times, and {told.headline["heat_shed_fuel_gj"]:,.0f} GJ were not made for want of fuel
({twin.headline["heat_shed_fuel_gj"]:,.0f} with the roads open but for what the weather itself shuts).

连续五周偏冷3.2K，秦岭公路封闭{len(closed)}次，共{hours:.0f}小时；{len(late)}批燃料晚到（平均{float(record.value[late].mean()):.0f}
小时）。储备按五天计，两座烧储存燃料的热源最紧时只剩{told.headline["min_days_of_cover"]:.1f}天：{low_zh}。紧急订货{len(emergency)}次，
储存燃料断料{stored}次；同一场寒冷中被压减的燃气断供{len(ran_out) - stored}次，因缺燃料共少供{told.headline["heat_shed_fuel_gj"]:,.0f} GJ
（只有天气本身造成的封路时为{twin.headline["heat_shed_fuel_gj"]:,.0f} GJ）。
"""


def extension(told: Told, twin: Told) -> str:
    """Tell of ten days more."""
    record = told.record
    decided = int(told.rows("extension_decided")[0])
    end = int(record.calendar["season_end"])
    days = (record.calendar["decided_end"] - end) / DAY_S
    heat = float(record.tracks["source_heat_w"][end // HOUR_S :].sum(dtype=np.float64)) * 3600 / 1e9
    late = [int(r) for r in told.rows("shortage_started") if record.at[r] >= end]
    cold = told.outdoor_c(end, end + int(days) * DAY_S)
    rooms, unheated = told.rooms()[0], twin.rooms()[0]
    last = (end + int(days) * DAY_S) // HOUR_S - 24
    fuel = told.headline["heat_shed_fuel_gj"] - twin.headline["heat_shed_fuel_gj"]
    cost = told.headline["cost_cny"] - twin.headline["cost_cny"]
    return f"""## An extension in March · 三月延期停热

At {told.when(record.at[decided])}, {(end - record.at[decided]) / 3600:.0f} hours before the season's end, the authority extends it by {days:.0f} days: a cold spell of
{cold:.1f} ℃ on average. The extension takes {heat:,.0f} GJ and {cost / 1e6:.1f} million CNY more. On its last day rooms have
{rooms[last : last + 24].mean():.1f} ℃ where the same cold without heat would have left
{unheated[last : last + 24].mean():.1f} ℃. Of what it takes {fuel:,.0f} GJ could not be made for want of fuel; sources were
short {len(late)} times after 15 March, and {len(told.rows("emergency_ordered"))} emergency orders were placed.

{told.when(record.at[decided])}，距停热{(end - record.at[decided]) / 3600:.0f}小时，主管部门决定延期{days:.0f}天，其间平均{cold:.1f}℃。延期多供{heat:,.0f} GJ、多花
{cost / 1e6:.1f}百万元；最后一天平均室温{rooms[last : last + 24].mean():.1f}℃，同样的寒冷若不延期只有{unheated[last : last + 24].mean():.1f}℃。
其中因缺燃料少供{fuel:,.0f} GJ；3月15日后热源出力不足{len(late)}次，紧急订货{len(told.rows("emergency_ordered"))}次。
"""


def chaos(told: Told, plain: Told) -> str:
    """Tell of everything at once."""
    record = told.record
    start = int(record.calendar["season_start"])
    week = start + 7 * DAY_S
    on = record.at[told.rows("supply_started")]
    ready = int(record.at[told.rows("trial_run_done")].max())
    calls, share = told.calls(start, week)
    usual, usual_share = plain.calls(start, week)
    rooms, before = told.rooms()[0], plain.rooms()[0]
    failed = [r for r in told.rows("pipe_failed") if record.at[r] < week]
    found = len(told.rows("defect_found"))
    dark = int((record.at[told.rows("power_failed")] < week).sum())
    at = slice(start // HOUR_S, start // HOUR_S + 24)
    return f"""## A chaotic first week · 混乱的第一周

Filling began nine days late and what the pressure test found had to be mended first ({found} defects in all): the works were
through on {told.when(ready)}. Heat reached the first building at {told.when(on.min())} and the last at {told.when(on.max())};
on 15 November rooms had {rooms[at].mean():.1f} ℃ ({before[at].mean():.1f} ℃ in the ordinary winter). By the end of the
first week of the season pipes had failed {len(failed)} times and power {dark} times; {calls:,} calls came in seven days, {100 * share:.0f} % answered
({usual:,} and {100 * usual_share:.0f} % ordinarily). Kept: 2.2a {told.kept("2.2a")}, 2.2b {told.kept("2.2b")},
2.6.4a {told.kept("2.6.4a")}, 2.6.4c {told.kept("2.6.4c")}, 2.7.3 {told.kept("2.7.3")}.

注水晚了九天，试压查出的隐患须先整改（共{found}处），准备工作到{told.when(ready)}才完成。首座热力站{told.when(on.min())}通热，最后一座
{told.when(on.max())}；11月15日平均室温{rooms[at].mean():.1f}℃（平常冬天{before[at].mean():.1f}℃）。第一周末已有{len(failed)}处管道故障、{dark}次停电，
七天来电{calls:,}次，接通{100 * share:.0f}%（平常{usual:,}次、{100 * usual_share:.0f}%）。
"""


TELL = dict(zip(STORIES, (burst, gas, roads, extension, chaos), strict=True))


def text() -> str:
    """Return the whole page."""
    plain = Told("hanzhong")
    told = {name: Told(name) for name in STORIES}
    twins = {name: Told(name, *changes) for name, changes in TWINS.items()}
    sections = [TELL[name](season, twins.get(name, plain)) for name, season in told.items()]
    return HEAD.format(table=table({"hanzhong": plain, **told})) + "\n" + "\n".join(sections)


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
