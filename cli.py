"""The command line: parse, call one function, hand the result to a report.

Only click is imported here, so that ``--help`` is quick; a command imports what it needs when it runs. What all
commands share, the exit codes too, stands in sim/report/console.py; every phrase in sim/report/words.toml.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from .sim.report.console import (
    COULD_NOT_CONTINUE,
    INTERRUPTED,
    NOT_MET,
    Asked,
    Finite,
    Group,
    Root,
    asks,
    compiling,
    detail,
    echo_json,
    kept_in,
    progress,
    scored,
    show,
    study_progress,
    words_of,
)

__all__ = ["main"]

_root = Root("heatseason", no_args_is_help=True)
_network = Group("network", no_args_is_help=True)
_weather = Group("weather", no_args_is_help=True)
_study = Group("study", no_args_is_help=True)

_scenario = click.argument("scenario")
_FRICTION = ["colebrook", "colebrook_everywhere", "table", "swamee_jain", "nikuradse"]
_require = click.option("--require", "required", metavar="SCORE|CLAUSE=SHARE", multiple=True)


@_root.command("init")
@click.argument("folder", metavar="[DIR]", default="heatseason-start", type=click.Path(path_type=Path))
@click.pass_context
def _init(ctx: click.Context, /, folder: Path, **_: Any) -> None:
    from .sim.report import starter

    written = starter.write(folder)
    show(ctx, {"written": [str(file) for file in written]}, lambda page, words: starter.say(page, written, words))


@_root.command("check")
@_scenario
@asks("changes")
@click.pass_context
def _check(ctx: click.Context, asked: Asked, /, scenario: str, **_: Any) -> None:
    from .sim.report import problems

    loaded = problems.check(scenario, asked.all_changes)
    show(ctx, problems.all_well(loaded), lambda page, words: problems.say_all_well(page, loaded, words))


@_root.command("run")
@_scenario
@click.option("--replications", metavar="N", type=click.IntRange(min=1), default=1)
@click.option("--record", "record_to", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@_require
@asks("workers", "seed", "changes", "out")
@click.pass_context
def _run(
    ctx: click.Context,
    asked: Asked,
    /,
    scenario: str,
    replications: int,
    record_to: Path | None,
    required: tuple[str, ...],
    **_: Any,
) -> int:
    from .sim.report.requirements import parse

    requirements = parse(required)
    loaded = asked.load(scenario)
    compiling(ctx)

    from .sim.kernels import load_numba

    load_numba()

    from .sim.study.batch import run_many  # brings numba, hence after the word about compiling

    with asked.executor(1) as executor, progress(ctx, replications) as step:
        batch = run_many(loaded, replications, executor=executor, record_to=record_to, on_done=step)
    return scored(ctx, batch.document(), requirements, asked.out, INTERRUPTED if batch.interrupted else 0)


@_root.command("judge")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--guide", "guide_file", metavar="FILE", type=click.Path(path_type=Path))
@_require
@asks("changes", "out")
@click.pass_context
def _judge(
    ctx: click.Context,
    asked: Asked,
    /,
    record: Path,
    guide_file: Path | None,
    required: tuple[str, ...],
    **_: Any,
) -> int:
    from .sim.report.requirements import parse

    requirements = parse(required)

    from .sim.record_store import read_record
    from .sim.report.clauses import changed
    from .sim.study.case import scored as card

    stored = read_record(record)
    return scored(ctx, card(stored, changed(stored, guide_file, asked.all_changes)), requirements, asked.out, 0)


@_root.command("explain")
@click.argument("record", type=click.Path(path_type=Path))
@click.argument("verdict", required=False)
@click.option("--text", "text_file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--guide", "guide_file", metavar="FILE", type=click.Path(path_type=Path))
@asks("changes")
@click.pass_context
def _explain(
    ctx: click.Context,
    asked: Asked,
    /,
    record: Path,
    verdict: str | None,
    text_file: Path | None,
    guide_file: Path | None,
    **_: Any,
) -> None:
    from .sim.report import explain

    told = explain.describe(record, verdict, text_file, guide_file, asked.all_changes)
    show(ctx, told, lambda page, words: explain.say(page, told, words))


@_root.command("guide")
@click.argument("clause", required=False)
@click.option("--text", "text_file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--diff", "two", metavar="A B", nargs=2)
@click.option("--record", "records", metavar="DIR", type=click.Path(path_type=Path), multiple=True)
@click.pass_context
def _guide(
    ctx: click.Context,
    /,
    clause: str | None,
    text_file: Path | None,
    two: tuple[str, str] | None,
    records: tuple[Path, ...],
    **_: Any,
) -> None:
    if two:
        from .sim.report import guide_diff

        document = guide_diff.compared(*two, records)
        show(ctx, document, lambda page, words: guide_diff.say(page, document, words))
        return

    from .sim.report import clauses

    rows = clauses.listing(clause, text_file, records)
    show(ctx, {"clauses": rows}, lambda page, words: clauses.say(page, rows, words))


@_network.command("show")
@click.argument("network", metavar="NETWORK|SCENARIO")
@asks("changes")
@click.pass_context
def _network_show(ctx: click.Context, asked: Asked, /, network: str, **_: Any) -> None:
    from .sim.report import network as report

    described = report.describe(report.standing(network, asked.all_changes))
    show(ctx, described, lambda page, words: report.say(page, described, words))


@_network.command("check")
@click.argument("network")
@click.pass_context
def _network_check(ctx: click.Context, /, network: str, **_: Any) -> None:
    from .sim.report import network_files as report

    document = report.check(network)
    show(ctx, document, lambda page, words: report.say_check(page, document, words))


@_network.command("import")
@click.argument("source", metavar="SOURCE")
@click.argument("file", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--crs", type=click.Choice(["wgs84", "gcj02", "bd09", "local"]))
@click.pass_context
def _network_import(ctx: click.Context, /, source: str, file: Path, crs: str | None, **_: Any) -> None:
    from .sim.report import network_files as report

    document = report.import_(source, file, crs)
    show(ctx, document, lambda page, words: report.say_export(page, document, words))


@_network.command("export")
@click.argument("network", metavar="NETWORK|template")
@click.argument("file", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.pass_context
def _network_export(ctx: click.Context, /, network: str, file: Path, **_: Any) -> None:
    from .sim.report import network_files as report

    document = report.export(network, file, words_of(ctx))
    show(ctx, document, lambda page, words: report.say_export(page, document, words))


@_network.command("make")
@click.argument("file", metavar="FILE|DIR", type=click.Path(path_type=Path))
@click.option("--substations", metavar="N", type=int, required=True)
@click.option("--sources", metavar="N", type=int, default=1)
@click.option("--area-m2", metavar="AREA", type=float)
@click.option("--length-m", metavar="LENGTH", type=float)
@click.option("--loops", metavar="N", type=int)
@click.option("--gradient-pa-m", metavar="GRADIENT", type=float, default=45.0)
@click.option("--spare", metavar="FACTOR", type=float, default=1.15)
@click.option("--fuel", type=click.Choice(["natural_gas", "coal", "biomass"]), default="natural_gas")
@click.option("--units", metavar="N", type=int, default=4)
@click.option("--said-by", metavar="TEXT", default="")
@click.option("--seed", metavar="N", type=click.IntRange(min=0), default=1)
@click.pass_context
def _network_make(ctx: click.Context, /, file: Path, seed: int, **totals: Any) -> None:
    from .network_models.totals import Totals
    from .sim.report import network_make as report

    known = {name: totals[name] for name in Totals.__slots__ if name in totals}
    document = report.make(file, Totals(name=file.stem, **known), seed)
    show(ctx, document, lambda page, words: report.say(page, document, words))


@_network.command("solve")
@click.argument("network", metavar="NETWORK|SCENARIO")
@click.option("--supply-c", metavar="T", type=Finite(0, 150))
@click.option("--loads", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--load", metavar="SHARE", type=Finite(min=0), default=1.0)
@click.option("--ground-c", metavar="T", type=Finite(-40, 60))
@click.option("--friction", metavar="LAW", type=click.Choice(_FRICTION))
@asks("changes")
@click.pass_context
def _network_solve(
    ctx: click.Context,
    asked: Asked,
    /,
    network: str,
    supply_c: float | None,
    loads: Path | None,
    load: float,
    ground_c: float | None,
    friction: Literal["colebrook", "colebrook_everywhere", "table", "swamee_jain", "nikuradse"] | None,
    **_: Any,
) -> int:
    compiling(ctx)
    from .sim.report import steady as report

    state = report.solve(
        network, asked.all_changes, supply_c=supply_c, loads=loads, load=load, ground_c=ground_c, friction=friction
    )
    show(ctx, state.to_json(), lambda page, words: report.say(page, state, words))
    return COULD_NOT_CONTINUE if state.code in ("not_settled", "short_of_heat") else 0


@_weather.command("show")
@_scenario
@asks("seed", "changes")
@click.pass_context
def _weather_show(ctx: click.Context, asked: Asked, /, scenario: str, **_: Any) -> None:
    from .sim.report import weather as report
    from .sim.report.weather_files import scenario_of

    described = report.describe(scenario_of(scenario, asked.all_changes))
    show(ctx, described, lambda page, words: report.say(page, described, words))


@_weather.command("fit")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--scenario", "base", metavar="SCENARIO", default="hanzhong")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def _weather_fit(ctx: click.Context, /, file: Path, base: str, out: Path | None, **_: Any) -> None:
    from .sim.report import weather_files as report

    document = report.fit(file, base)
    if out:
        report.write_fit(out, document)
    show(ctx, document, lambda page, words: report.say_fit(page, document, words))


@_weather.command("make")
@_scenario
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--year", metavar="YEAR", type=click.IntRange(1900, 2999))
@click.option("--winters", metavar="N", type=click.IntRange(1, 999), default=1)
@asks("seed", "changes")
@click.pass_context
def _weather_make(
    ctx: click.Context,
    asked: Asked,
    /,
    scenario: str,
    out: Path,
    year: int | None,
    winters: int,
    **_: Any,
) -> None:
    from .sim.report import weather_files as report

    made = report.make(report.scenario_of(scenario, asked.all_changes), out, year=year, winters=winters)
    show(ctx, made, lambda page, words: report.say_made(page, made, words))


@_root.command("report")
@click.argument("source", metavar="DIR|RECORD", type=click.Path(path_type=Path))
@asks("out")
@click.pass_context
def _report(ctx: click.Context, asked: Asked, /, source: Path, **_: Any) -> None:
    from .sim.report import page

    written = page.write_report(source, asked.out or Path("report"), words_of(ctx))
    show(ctx, written, lambda shown, words: page.say_written(shown, written, words))


@_root.command("compare")
@click.argument("options", metavar="A B …", nargs=-1, required=True)
@click.option("--replications", metavar="N", type=click.IntRange(min=2), default=20)
@click.option("--until", "width", metavar="WIDTH", type=Finite(min=0, min_open=True))
@click.option("--number", metavar="PATH")
@click.option("--select", "indifference", metavar="DELTA", type=Finite(min=0, min_open=True))
@click.option("--want", type=click.Choice(["low", "high"]))
@click.option("--confidence", metavar="SHARE", type=Finite(0.5, 1, max_open=True), default=0.95)
@asks("workers", "scheduler", "seed", "changes")
@click.pass_context
def _compare(
    ctx: click.Context,
    asked: Asked,
    /,
    options: tuple[str, ...],
    replications: int,
    width: float | None,
    number: str | None,
    indifference: float | None,
    want: Literal["low", "high"] | None,
    confidence: float,
    **_: Any,
) -> int:
    from .sim.report import comparison as report

    report.check_asked(number, width, indifference, want)
    compiling(ctx)
    from .sim.study.compare import WATCHED, Until, compare, select, want_of
    from .sim.study.options import read_options

    chosen, watched = read_options(options, asked.all_changes), number or WATCHED
    with (
        asked.executor() as executor,
        progress(ctx, replications * len(chosen), "open" if width or indifference else "known") as step,
    ):
        if indifference is None:
            until = Until(width, watched) if width else None
            document = compare(chosen, replications, executor, confidence=confidence, until=until, on_done=step)
        else:
            found = select(
                chosen, watched, indifference, executor,
                want=want, confidence=confidence, most=replications, on_done=step,
            )  # fmt: skip
            direction = want or want_of(watched)
            document = report.selection_document(list(options), watched, direction, indifference, confidence, found)
    say = report.say if indifference is None else report.say_selection
    show(ctx, document, lambda page, words: say(page, document, words))
    return INTERRUPTED if document.get("interrupted") else 0


@_root.command("plan")
@click.argument("scenarios", metavar="SCENARIO …", nargs=-1, required=True)
@click.option("--levers", "levers", metavar="NAME|PATH=LOW:HIGH:STEP|FILE", multiple=True, required=True)
@click.option("--target", "targets", metavar="CONDITIONS in SHARE", multiple=True, required=True)
@click.option("--confidence", metavar="SHARE", type=Finite(0.5, 1, max_open=True), default=0.95)
@click.option("--budget", metavar="SEASONS", type=click.IntRange(min=1), default=2000)
@click.option("--doubt", metavar="SEASONS", type=click.IntRange(min=0), default=200)
@click.option("--repeat", metavar="SEASONS", type=click.IntRange(min=0), default=0)
@click.option("--weight", "weights", metavar="WEIGHT", type=Finite(min=0, min_open=True), multiple=True)
@asks("workers", "scheduler", "seed", "changes", "out")
@click.pass_context
def _plan(
    ctx: click.Context,
    asked: Asked,
    /,
    scenarios: tuple[str, ...],
    levers: tuple[str, ...],
    targets: tuple[str, ...],
    confidence: float,
    budget: int,
    doubt: int,
    repeat: int,
    weights: tuple[float, ...],
    **_: Any,
) -> int:
    from .sim.report import plan as report
    from .sim.study.question import read_question

    loaded = [asked.load(scenario) for scenario in scenarios]
    rows = read_question(levers, targets)[0]  # before anything is compiled
    compiling(ctx)
    from .sim.study.plan import plan

    with asked.executor() as executor, progress(ctx, budget + doubt + repeat, "open") as step:
        document = plan(
            loaded, rows, targets, confidence=confidence, budget=budget, executor=executor, out=asked.out,
            weights=weights, doubt=doubt, repeat=repeat, on_done=step,
        )  # fmt: skip
    show(ctx, document, lambda page, words: report.say(page, document, words))
    if asked.out:
        report.write(asked.out, document)
    return 0 if document["status"] == "certified" else NOT_MET


@_root.command("stress")
@_scenario
@click.option("--suite", metavar="NAME", default="default")
@click.option("--replications", metavar="N", type=click.IntRange(min=1))
@asks("workers", "scheduler", "seed", "changes", "out")
@click.pass_context
def _stress(
    ctx: click.Context,
    asked: Asked,
    /,
    scenario: str,
    suite: str,
    replications: int | None,
    **_: Any,
) -> None:
    from .network_models.problems import together
    from .sim.report import stress as report
    from .sim.study.suites import read_suite

    loaded, chosen = together(lambda: asked.load(scenario), lambda: read_suite(suite))
    compiling(ctx)
    from .sim.study.stress import stress

    with kept_in(ctx, asked.out), asked.executor() as executor, study_progress(ctx) as (start, step):
        document = stress(loaded, chosen, executor, out=asked.out, winters=replications, on_start=start, on_done=step)
    show(ctx, document, lambda page, words: report.say(page, document, words))
    if asked.out:
        report.write(asked.out, document)


@_root.command("sensitivity")
@_scenario
@click.option("--only", metavar="PATH", multiple=True)
@click.option("--number", "numbers", metavar="PATH", multiple=True)
@click.option("--trajectories", metavar="N", type=click.IntRange(min=2), default=4)
@click.option("--top", metavar="N", type=click.IntRange(min=0), default=8)
@click.option("--samples", metavar="N", type=click.IntRange(min=4), default=32)
@click.option("--method", type=click.Choice(["sobol", "pawn"]), default="sobol")
@click.option("--metric", "metrics", metavar="MODULE:FUNCTION", multiple=True)
@asks("workers", "scheduler", "seed", "changes", "out")
@click.pass_context
def _sensitivity(
    ctx: click.Context,
    asked: Asked,
    /,
    scenario: str,
    only: tuple[str, ...],
    numbers: tuple[str, ...],
    trajectories: int,
    top: int,
    samples: int,
    method: Literal["sobol", "pawn"],
    metrics: tuple[str, ...],
    **_: Any,
) -> None:
    from .sim.report import sensitivity as report

    loaded = asked.load(scenario)
    compiling(ctx)
    from .sim.study.sensitivity import NUMBERS, expected_runs, sensitivity

    runs = expected_runs(loaded, only, trajectories, top, samples, method)
    with kept_in(ctx, asked.out), asked.executor() as executor, progress(ctx, runs, "open") as step:
        document = sensitivity(
            loaded, executor, only=only, numbers=numbers or NUMBERS, trajectories=trajectories, top=top,
            samples=samples, method=method, metrics=metrics, out=asked.out, on_done=step,
        )  # fmt: skip
    show(ctx, document, lambda page, words: report.say(page, document, words))
    if asked.out:
        report.write(asked.out, document)


@_root.command("criticality")
@click.argument("scenario", metavar="NETWORK|SCENARIO")
@click.option("--outdoor-c", metavar="T", type=Finite(-60, 40))
@click.option("--horizon-h", metavar="H", type=click.IntRange(min=1, max=1000), default=120)
@click.option("--kind", "kinds", type=click.Choice(["pipe", "valve", "source", "pump"]), multiple=True)
@click.option("--pairs", metavar="N", type=click.IntRange(min=0), default=8)
@asks("workers", "scheduler", "seed", "changes", "out")
@click.pass_context
def _criticality(
    ctx: click.Context,
    asked: Asked,
    /,
    scenario: str,
    outdoor_c: float | None,
    horizon_h: int,
    kinds: tuple[str, ...],
    pairs: int,
    **_: Any,
) -> None:
    from .scenarios.standing import network_of
    from .sim.report import criticality as report
    from .sim.report.network import scenario_of

    loaded = scenario_of(scenario, asked.all_changes)
    compiling(ctx)
    from .sim.study.criticality import KINDS, Day, criticality

    day = Day(outdoor_c=outdoor_c, horizon_h=horizon_h)
    with asked.executor() as executor, study_progress(ctx) as (start, step):
        document = criticality(
            loaded, day=day, kinds=kinds or KINDS, pairs=pairs, executor=executor, on_start=start, on_done=step
        )
    show(ctx, document, lambda page, words: report.say(page, document, words))
    if asked.out:
        report.write(asked.out, document, network_of(loaded))


@_root.command("sweep")
@click.argument("design", type=click.Path(path_type=Path))
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--shard", metavar="I/N", default="1/1")
@click.option("--metric", "metrics", metavar="MODULE:FUNCTION", multiple=True)
@click.option("--format", "formats", type=click.Choice(["csv", "xlsx", "nc"]), multiple=True)
@click.option("--retry-failed", "retry", is_flag=True, flag_value="failed", default="no")
@asks("workers", "scheduler")
@click.pass_context
def _sweep(
    ctx: click.Context,
    asked: Asked,
    /,
    design: Path,
    out: Path,
    shard: str,
    metrics: tuple[str, ...],
    formats: tuple[str, ...],
    retry: Literal["no", "failed"],
    **_: Any,
) -> int:
    from .network_models.problems import together
    from .sim.report import studies

    compiling(ctx)
    from .sim.study.case import check_metrics
    from .sim.study.design import read_design
    from .sim.study.folder import Shard
    from .sim.study.sweep import carry_out

    read, part, _, _ = together(
        lambda: read_design(design), lambda: Shard.read(shard), lambda: check_metrics(metrics),
        lambda: studies.check_formats(formats, Shard.read(shard)),
    )  # fmt: skip
    with asked.executor() as executor, study_progress(ctx) as (start, step):
        told = carry_out(
            read, executor, out=out, shard=part, metrics=metrics, retry=retry, on_start=start, on_done=step
        )
    document = studies.describe(Path(told["ledger"]), told)
    show(ctx, document, lambda page, words: studies.say(page, document, words, detail(ctx)))
    if part.of == 1 and not told["interrupted"]:
        studies.write(out, document, formats)
    return INTERRUPTED if told["interrupted"] else COULD_NOT_CONTINUE if told["failed"] else 0


@_study.command("show")
@click.argument("study", type=click.Path(path_type=Path))
@click.pass_context
def _study_show(ctx: click.Context, /, study: Path, **_: Any) -> None:
    from .sim.report import studies
    from .sim.study.folder import the_ledger

    document = studies.describe(the_ledger(study))
    show(ctx, document, lambda page, words: studies.say(page, document, words, detail(ctx)))


@_study.command("merge")
@click.argument("folders", metavar="DIR …", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--partial", is_flag=True)
@click.pass_context
def _study_merge(ctx: click.Context, /, folders: tuple[Path, ...], out: Path, partial: bool, **_: Any) -> None:
    from .sim.report import studies
    from .sim.study.folder import merge

    document = studies.describe(merge(folders, out, partial=partial))
    studies.write(out, document)
    show(ctx, document, lambda page, words: studies.say(page, document, words, detail(ctx)))


@_study.command("export")
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def _study_export(ctx: click.Context, /, study: Path, file: Path, **_: Any) -> None:
    from .sim.report import studies
    from .sim.study.export import export
    from .sim.study.folder import the_ledger
    from .sim.study.store import Ledger

    with Ledger(the_ledger(study)) as ledger:
        written = [export(ledger, file)]
    show(ctx, {"written": [str(file)]}, lambda page, words: studies.say_written(page, written, words))


@_study.command("replay")
@click.argument("study", type=click.Path(path_type=Path))
@click.argument("point", type=click.IntRange(min=0))
@click.argument("replication", type=click.IntRange(min=0))
@click.option("--record", "record_to", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def _study_replay(
    ctx: click.Context, /, study: Path, point: int, replication: int, record_to: Path | None, **_: Any
) -> None:
    from .sim.record_store import write_record
    from .sim.report import studies
    from .sim.study.folder import replay

    record = replay(study, point, replication)
    if record_to:
        write_record(record, record_to)
    document = {
        "point": point, "replication": replication, "digest": record.digest(), "record": str(record_to or ""),
    }  # fmt: skip
    show(ctx, document, lambda page, words: studies.say_replayed(page, document, words))


@_study.command("rare")
@_scenario
@click.option("--number", metavar="PATH", required=True)
@click.option("--above", metavar="X", type=Finite(), required=True)
@click.option("--pool", metavar="N", type=click.IntRange(min=100), default=2000)
@click.option("--replications", metavar="N", type=click.IntRange(min=10), default=100)
@asks("workers", "scheduler", "seed", "changes")
@click.pass_context
def _study_rare(
    ctx: click.Context,
    asked: Asked,
    /,
    scenario: str,
    number: str,
    above: float,
    pool: int,
    replications: int,
    **_: Any,
) -> None:
    from .sim.report import sensitivity as report

    loaded = asked.load(scenario)
    compiling(ctx)
    from .sim.study import rare

    with asked.executor() as executor, progress(ctx, replications) as step:
        event = rare.rare_event(loaded, (number, above), executor, pool=pool, winters=replications, on_done=step)
    document = {"scenario": loaded.name, "number": number, "above": above, **rare.document(event)}
    show(ctx, document, lambda page, words: report.say_rare(page, document, words))


@_root.command("schema")
@click.argument("kind", type=click.Choice(["scenario", "network", "guide", "record"]))
@click.pass_context
def _schema(ctx: click.Context, /, kind: Literal["scenario", "network", "guide", "record"], **_: Any) -> None:
    from .sim.report.schema import schema

    echo_json(schema(kind))


_root.add_command(_network)
_root.add_command(_weather)
_root.add_command(_study)


def main() -> None:
    """Run the command line."""
    _root.main()
