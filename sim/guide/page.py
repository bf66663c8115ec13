"""docs/guide.md: every clause with place, gloss, reading, form and numbers, in both languages, made from guide.toml."""

from __future__ import annotations

from .clause import Clause, Guide, default_guide
from .parts import Number, Part

__all__ = ["guide_page"]

_FORMS = {
    "within": ("限时：触发之后在期限内响应", "within: a trigger is followed by its response in time"),
    "before": ("事前：在某日或某事之前做到", "before: done before a date or an act"),
    "throughout": ("始终：每一时刻都成立", "throughout: holds at every instant"),
    "floor": ("下限：数量不低于下限", "floor: a quantity stays at or above a floor"),
    "carries": ("载明：内容或记录齐全", "carries: contents or trail are complete"),
    "reported": ("仅报告，不评分", "reported, not scored"),
}
_BEARERS = {"operator": ("供热企业", "operator"), "authority": ("主管部门", "authority")}
_HEAD = """\
# The guide, clause by clause · 服务指南逐条

<!-- made from sim/guide/guide.toml by heatseason.sim.guide.page; a test fails when it is out of date -->

{title_en} ({status_en}). The text is the city's and is not held here: each clause gives its place and an anchor, a
few characters by which it is found in a copy of the text (`heatseason guide --text FILE`). A number marked **assumed**
is not in the guide; it can be overridden in a scenario's `[guide]` table or in a file
(`heatseason judge RECORD --guide FILE`).

《{title_zh}》（{status_zh}）。原文属市政府，本项目不收录：每条给出在原文中的位置和锚词，
用 `heatseason guide --text FILE` 可在自备的原文旁对照。标为**假定**的数不出自原文，
可在情景的 `[guide]` 表或另一文件中改动。

Verdicts: `met`, `late`, `missed`, `open` (due after the record ends), `excused`;
compliance = met / (met + late + missed).

Results stand by clause also by operator, district, source, substation, estate and cause; each sums to the clause's
totals. By cause, a row is put down whole to the kind of happening that began the chain behind it. A row that spans the
season has one such chain: in 2.3 (an estate's dwelling-hours) that of the fall which led to its coldest hour in scope,
in 2.6.3 that of its first stop that is not excused. What an estate fell short for other reasons at other times
is counted there too: `by_cause` of these two says what was behind the worst of it, not how the hours divide.

各条的结果另按企业、辖区、热源、热力站、小区和起因列出，各组之和即为该条总数。按起因列时，一项整项归于其因果链起点的那种事件。
跨整个供热期的项只有一条链：二（3）（小区的户时）取计入范围内最冷一刻之前的那次降温，二（6）③取第一次未免责的停热；
该小区其他时候因其他原因的不足也计在其中，故这两条的 `by_cause` 说明最严重时的起因，不是户时如何分摊。
"""


def guide_page(guide: Guide | None = None) -> str:
    """Return the page in Markdown, Chinese and English beside each other."""
    guide = guide or default_guide()
    words = {name: getattr(guide, name) for name in ("title_zh", "title_en", "status_zh", "status_en")}
    blocks = [_HEAD.format(**words), _excuses(guide)]
    blocks += [_clause(guide, clause) for clause in guide.clauses]
    return "\n".join(blocks)


def _excuses(guide: Guide) -> str:
    rows = [f"| `{name}` | {rule.zh} | {rule.en} |" for name, rule in guide.excuses.items()]
    return "\n".join(["## Excuses · 免责", "", "| | | |", "|---|---|---|", *rows, ""])


def _clause(guide: Guide, clause: Clause) -> str:
    zh, en = _BEARERS[clause.bearer]
    lines = [f"## {clause.id} · {clause.place}", "", f"{clause.gloss_zh}", "", f"{clause.gloss_en}", ""]
    lines += [f"- anchor 锚词: {'、'.join(f'“{anchor}”' for anchor in clause.anchors)}", f"- bearer 责任: {zh} {en}"]
    if not clause.parts:
        lines += [f"- not simulated 不模拟: {clause.not_simulated_zh} {clause.not_simulated_en}", ""]
        return "\n".join(lines)
    mark = " (assumed 假定)" if clause.assumed_reading else ""
    lines += [
        f"- reading 解读{mark}: {clause.reading_zh}",
        f"  {clause.reading_en}",
        f"- weight 权重: {clause.weight:g}",
    ]
    lines += [f"- {_part(guide, part)}" for part in clause.parts]
    if clause.numbers:
        lines += ["", "| number 数 | value 值 | range 范围 | source 来源 |", "|---|---|---|---|"]
        lines += [_number(name, number) for name, number in clause.numbers.items()]
    return "\n".join([*lines, ""])


def _part(guide: Guide, part: Part) -> str:
    zh, en = _FORMS[part.form]
    name = f"`{part.id}` {part.gloss_zh} {part.gloss_en}: " if part.id else ""
    excused = f"; excused 免责: {', '.join(f'`{excuse}`' for excuse in part.excuses)}" if part.excuses else ""
    return f"{name}{zh} · {en}{excused}"


def _number(name: str, number: Number) -> str:
    value = f"{number.value:g} {number.unit}"
    if not number.assumed:
        return f"| `{name}` | {value} | | the guide's own 原文 |"
    return (
        f"| `{name}` | {value} **assumed 假定** | {number.low:g} – {number.high:g} "
        f"| {number.source} (confidence: {number.confidence}) |"
    )
