"""A plan said in words: the policy, its certificate, its cost, what binds, and what one step less would break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .figures import amount, count, share, unit
from .files import json_text
from .layout import Column, Page
from .words import Words

__all__ = ["say", "write"]

_LITTLE = 1.0  # CNY: below this nothing is saved


def say(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what :func:`heatseason.sim.study.plan.plan` found."""
    page.title(words("plan.title", scenario=words.listing(document["scenarios"])))
    for target in document["targets"]:
        page.text(words("plan.target", text=target["text"]), hang=2)
    for limit in document["limits"]:
        page.text(words("plan.limit", text=limit), hang=2)
    if document["status"] == "budget":
        page.text(words("plan.budget", needed=document["needed_seasons"], budget=document["budget"]))
    if not document["levers"]:
        return
    _method(page, document, words)
    page.blank()
    _verdict(page, document, words)
    _policy(page, document, words)
    _cost(page, document, words)
    _rows(page, document, words)
    _binds(page, document, words)
    _attempts(page, document, words)
    if "robust" in document:
        _robust(page, document["robust"], words)


def _method(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what was played for the plan, and what beyond its budget, each with its seasons and its time."""
    searched, beyond = document["searched"], document["beyond"]
    told = words(
        "plan.method",
        policies=count(document["policies"], words),
        points=searched["policies"],
        winters=searched["winters"],
        seasons=count(document["seasons"], words),
        time=_minutes(document["elapsed_s"]),
    )
    if document["known"]:
        told += words("plan.known", known=count(document["known"], words))
    parts = [
        words(f"plan.beyond_{name}", seasons=count(beyond[name], words))
        for name in ("repeated", "doubt", "robust")
        if beyond[name]
    ]
    if parts:
        told += words("plan.beyond", parts=words.listing(parts), time=_minutes(beyond["elapsed_s"]))
    page.text(told)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60.0:.1f} min"


def write(folder: Path, document: Mapping[str, Any]) -> None:
    """Write the plan as JSON beside its ledger."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json_text(document, "utf-8") + "\n", "utf-8")


def _verdict(page: Page, document: Mapping[str, Any], words: Words) -> None:
    sure = share(document["confidence"], words)
    shares = {target["text"]: target["share"] for target in document["targets"]}
    conditions = {target["text"]: target["conditions"] for target in document["targets"]}
    if document["status"] == "certified":
        for kept in document["certificate"]["kept"]:
            said = {"share": share(shares[kept["target"]], words), "conditions": conditions[kept["target"]]}
            told = "plan.certified" if len(said["conditions"]) > 1 else "plan.certified_one"
            told = words(told, sure=sure, **said | {"conditions": words.listing(said["conditions"])})
            page.text(_under(kept, words) + told)
            page.text(_counted(kept, document["certificate"]["winters"], words), indent=2)
        for row in document["certificate"]["limits"]:
            told = words("plan.limit_kept", limit=row["limit"], mean=amount(row["mean"], words), sure=sure)
            page.text(_under(row, words) + told)
        if len(document["scenarios"]) > 1:
            key, named = "plan.each", list(document["scenarios"])
            if document["weights"]:
                pairs = zip(named, document["weights"], strict=True)
                named = [words("plan.weight_of", scenario=name, weight=f"{weight:g}") for name, weight in pairs]
                key = "plan.mixed"
            page.text(words(key, scenarios=words.listing(named)))
    elif document["status"] == "infeasible":
        _infeasible(page, document, shares, sure, words)
    elif document["status"] == "not_certified":
        page.text(words("plan.not_certified"))
    for change in document["overrides"]:
        told = words("card.override", **{**change, "unit": unit(change["unit"], words)})
        page.text(_under(change, words) + told)
    if document["idle"]:
        page.text(words("plan.idle", conditions=words.listing(document["idle"])))
    for kept in document.get("repeated", {"kept": ()})["kept"]:
        bounds = {"least": share(kept["at_least"], words), "most": share(kept["at_most"], words)}
        counted = {"kept": kept["winters"], "point": share(kept["share"], words), "sure": sure}
        told = words("plan.repeated", winters=document["repeated"]["winters"], **counted, **bounds)
        page.text(_of_target(kept, document, words) + told)
        if kept["at_most"] < shares[kept["target"]]:
            page.text(words("plan.repeated_breaks"))
    if "doubt" in document:
        _doubt(page, document, shares, sure, words)


def _of_target(kept: Mapping[str, Any], document: Mapping[str, Any], words: Words) -> str:
    """Return which target and which scenario a count is of, where there are several."""
    target = words("plan.of", text=kept["target"]) if len(document["targets"]) > 1 else ""
    return _under(kept, words) + target


def _under(kept: Mapping[str, Any], words: Words) -> str:
    return words("plan.of", text=kept["scenario"]) if kept["scenario"] else ""


def _counted(kept: Mapping[str, Any], winters: int, words: Words) -> str:
    point, least = share(kept["share"], words), share(kept["at_least"], words)
    return words("plan.counted", winters=winters, kept=kept["winters"], point=point, least=least)


def _doubt(page: Page, document: Mapping[str, Any], shares: Mapping[str, float], sure: str, words: Words) -> None:
    doubt = document["doubt"]
    for kept in doubt["kept"]:
        told = {"parameters": doubt["parameters"], "winters": kept["of"], "kept": kept["winters"]}
        said = words("plan.doubt", sure=sure, least=share(kept["at_least"], words), **told)
        page.text(_of_target(kept, document, words) + said)
    if all(kept["at_least"] >= shares[kept["target"]] for kept in doubt["kept"]):
        page.text(words("plan.doubt_holds"))
        return
    broken = sorted(doubt["broken_share"].items(), key=lambda row: -row[1])
    most = [name + words("plan.notes", notes=share(part, words)) for name, part in broken[:4] if part]
    page.text(words("plan.doubt_breaks", conditions=words.listing(most)) if most else words("plan.doubt_few"))


def _infeasible(page: Page, document: Mapping[str, Any], shares: Mapping[str, float], sure: str, words: Words) -> None:
    """Say what forbids it and what would be needed."""
    attempt = document["infeasible"]["attempt"]
    for row in document["infeasible"]["limits"]:
        page.text(
            _under(row, words)
            + words("plan.limit_passed", limit=row["limit"], mean=amount(row["mean"], words), sure=sure)
        )
    refuted = [kept for kept in attempt["kept"] if kept["refuted"]]
    for kept in refuted:
        told = {"winters": attempt["winters"], "kept": kept["winters"], "share": share(shares[kept["target"]], words)}
        page.text(_of_target(kept, document, words) + words("plan.infeasible", sure=sure, **told))
    if not refuted:
        return
    for row in document["infeasible"]["forbidding"]:
        _forbidding(page, row, words)


def _forbidding(page: Page, row: Mapping[str, Any], words: Words) -> None:
    alone = words("plan.alone") if row["alone"] else ""
    told = words("plan.forbids", condition=row["condition"], broken=share(row["broken_share"], words), alone=alone)
    page.text(told, indent=2, hang=2)
    if row["alone"] and row["level_kept"] is not None:
        page.text(words("plan.needed", level=f"{row['level_kept']:.4g}"), indent=2, hang=4)
    if row["more_of"]:
        page.text(words("plan.more", levers=words.listing(row["more_of"])), indent=2, hang=4)
    if row["alone"] and row["not_asked"]:
        page.text(words("plan.not_asked", levers=words.listing(row["not_asked"])), indent=2, hang=4)


def _policy(page: Page, document: Mapping[str, Any], words: Words) -> None:
    page.title(words("plan.policy" if document["status"] == "certified" else "plan.hopeful"), "-")
    for lever in document["levers"]:
        notes = [words(f"plan.{lever['end']}")] if lever["end"] else []
        if lever["does_nothing"] and lever["end"] != "fixed":
            notes.append(words("plan.does_nothing"))
            if lever["end"] == ("least" if lever["cost_over_range_cny"] >= 0.0 else "most"):
                notes.append(words("plan.cheapest"))
        if lever["contrary"]:
            notes.append(words("plan.contrary", conditions=words.listing(lever["contrary"])))
        if lever["suggested"] is not None:
            notes.append(words("plan.suggested", value=amount(lever["suggested"], words)))
        title = words.either(lever["title"]["zh"], lever["title"]["en"])
        measure = lever["unit"] if lever["unit"] in ("d", "K/h") else ""
        told = words("plan.of", text=title) + f"{lever['chosen']} {measure}".rstrip()
        page.text(told + (_notes(notes, words) if notes else ""), indent=2, hang=2)


def _notes(notes: Sequence[str], words: Words) -> str:
    return words("plan.notes", notes=words("plan.then").join(notes))


def _cost(page: Page, document: Mapping[str, Any], words: Words) -> None:
    cost = document["cost"]
    if not cost:
        return
    page.blank()
    page.text(words("plan.cost", mean=_money(cost["mean_cny"], words), se=_money(cost["se_cny"] or 0.0, words)))
    parts = sorted(cost["split_cny"].items(), key=lambda part: -part[1])
    named = [(_kind(name, words), _money(value, words)) for name, value in parts if value >= _LITTLE]
    named += [
        (words("plan.levers_cost", name=name), _money(value, words)) for name, value in cost["levers_cny"].items()
    ]
    page.pairs(named)
    for lever in document["levers"]:
        source = words.either(lever["cost_source"]["zh"], lever["cost_source"]["en"])
        if source and lever["name"] in cost["levers_cny"]:
            page.text(words("plan.cost_source", name=lever["name"], source=source), indent=2, hang=2)


def _money(value: float, words: Words) -> str:
    """Return an amount by which policies are told apart: to ten thousand in Chinese, too, where a count has 亿."""
    return f"{value / 1e4:,.0f}万" if words.lang == "zh" and abs(value) >= 1e8 else count(value, words)


def _kind(name: str, words: Words) -> str:
    return words(f"cost.{name}") if f"cost.{name}" in words else name


def _rows(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what one step less of every lever does, and what other reliabilities cost."""
    rows = [row for row in document["rows"] if not (row["role"] == "frontier" and row["dominated"])]
    if not rows:
        page.blank()
        page.text(words("plan.frontier_none"))
        return
    page.title(words("plan.frontier", n=rows[0]["winters"]), "-")
    base = rows[0]["cost_cny"]
    columns = [
        Column(words("plan.frontier_policy"), wraps=True),
        Column(words("plan.frontier_kept"), "right"),
        Column(words("plan.frontier_least"), "right"),
        Column(words("plan.frontier_cost"), "right"),
    ]
    cells = []
    for row in rows:
        broken = [name for name, n in row["broken"].items() if n > rows[0]["broken"][name]]
        if row["role"] == "answer":
            told = words("plan.this")
        elif row["role"] == "less":
            told = words("plan.less", lever=row["less_of"])
        else:
            told = _listed(row["policy"], words)
        if broken and row["role"] == "less":
            told += words("plan.then") + words("plan.breaks", conditions=words.listing(broken))
        if row["untried"]:
            told += words("plan.then") + words(f"plan.untried_{row['untried']}")
        kept = f"{row['kept']}/{row['winters']}"
        cells.append([told, kept, share(row["at_least"], words), _money(row["cost_cny"] - base, words)])
    page.table(columns, cells)
    unplayed = document["unplayed"]
    if unplayed["less_of"]:
        page.text(words("plan.unplayed_less", levers=words.listing(unplayed["less_of"])))
    if unplayed["others"]:
        page.text(words("plan.unplayed", n=unplayed["others"]))


def _binds(page: Page, document: Mapping[str, Any], words: Words) -> None:
    """Say what each condition costs, as the search foresees it, or why none does."""
    if document["status"] not in ("certified", "not_certified"):
        return
    known = [row for row in document["prices"] if row["saves_cny"] is not None]
    prices = [row for row in known if row["saves_cny"] > _LITTLE]
    one = document["price_of_one_percent"]
    page.title(words("plan.binds"), "-")
    if not prices:
        page.text(words("plan.binds_none" if known else "plan.binds_unknown"), indent=2, hang=2)
    for row in sorted(prices, key=lambda row: -row["saves_cny"]):
        told = {"condition": row["condition"], "saves": _money(row["saves_cny"], words)}
        page.text(words("plan.price", **told), indent=2, hang=2)
    if one and one > _LITTLE:
        page.text(words("plan.one_percent", price=_money(one, words)), indent=2, hang=2)


def _attempts(page: Page, document: Mapping[str, Any], words: Words) -> None:
    if not document["attempts"]:
        return
    page.title(words("plan.attempts"), "-")
    for attempt in document["attempts"]:
        told = {
            "policy": _listed(attempt["policy"], words),
            "winters": attempt["winters"],
            "kept": min(kept["winters"] for kept in attempt["kept"]),
            "verdict": words("plan.passed" if attempt["passed"] else "plan.failed"),
            "cost": _money(attempt["cost_cny"] or float("nan"), words),
        }
        page.text(words("plan.attempt", **told), indent=2, hang=2)


def _robust(page: Page, robust: Mapping[str, Any], words: Words) -> None:
    page.title(words("plan.robust"), "-")
    for row in robust["rows"]:
        name = words("plan.robust_plan") if row["plan"] == "robust" else words("plan.plan_of", scenario=row["plan"])
        page.text(words("plan.of", text=name) + _listed(row["policy"], words), hang=2)
        cells = []
        for scenario, cell in zip(robust["scenarios"], row["in"], strict=True):
            told = words("plan.regret", share=share(cell["kept"], words), cost=_money(cell["regret_cny"], words))
            if cell["limit_passed"]:
                told += words("plan.then") + words("plan.regret_limit")
            cells.append((scenario, told))
        page.pairs(cells, indent=4)


def _listed(policy: Mapping[str, str], words: Words) -> str:
    return words.listing([f"{name} {label}" for name, label in policy.items()])
