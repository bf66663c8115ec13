"""The command line: parse, call one function, hand the result to a report.

Only click is imported here, so that ``--help`` is quick; a command imports what it needs when it runs, and every
phrase it says stands in sim/report/words.toml. Exit codes: 0 scored, 1 ``--require`` not met, 2 the input is wrong,
3 the model could not continue, 70 a bug (with its traceback), 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from .sim.report.layout import Page
    from .sim.report.words import Words

__all__ = ["main"]

NOT_MET, WRONG_INPUT, COULD_NOT_CONTINUE, BUG, INTERRUPTED = 1, 2, 3, 70, 130
_ARGUMENTS = "heatseason.arguments"


class _Spoken(click.Command):
    """A command whose help stands in words.toml, in the language of ``--lang``."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params.append(click.Option(["--lang"], type=click.Choice(["zh", "en"]), expose_value=False))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta.setdefault(_ARGUMENTS, list(args))
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        from .sim.report.help import add_help

        page = _page()
        add_help(page, ctx, _words(ctx))
        return str(page).rstrip("\n")


class _Command(_Spoken):
    """A command that does something: it carries ``--json``, ``-q`` and ``-v``, and returns its exit code."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params += [
            click.Option(["--json", "as_json"], is_flag=True),
            click.Option(["-q", "--quiet"], is_flag=True),
            click.Option(["-v", "--verbose"], is_flag=True),
        ]

    def invoke(self, ctx: click.Context) -> int:
        """Run the command; what is wrong with the input or stops the model is said, not traced back."""
        from .network_models.problems import InputError, ModelError

        try:
            return super().invoke(ctx) or 0
        except InputError as error:
            _say_problems(ctx, error)
            return WRONG_INPUT
        except ModelError as error:
            _say_error(ctx, _words(ctx)("error.model", when=error.when, where=error.where, why=error.why))
            return COULD_NOT_CONTINUE


class _Group(_Spoken, click.Group):
    """Commands under one name."""

    command_class = _Command


class _Root(_Group):
    """All commands; maps what can go wrong to exit codes."""

    group_class = _Group

    def main(
        self, *_args: Any, args: Sequence[str] | None = None, prog_name: str | None = None, **_settings: Any
    ) -> Any:
        """Run a command line and exit with its code."""
        given = list(sys.argv[1:] if args is None else args)
        for stream in (sys.stdout, sys.stderr):  # a console that cannot print a sign prints "?" instead of dying
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        try:
            code = super().main(given, prog_name or "heatseason", standalone_mode=False)
        except click.Abort:
            _echo_error(_words(given)("error.interrupted"))
            code = INTERRUPTED
        except click.ClickException as error:
            _echo_error(_usage_error(error, _words(given)))
            code = WRONG_INPUT
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has gone, e.g. `| head`
                sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
                code = 0
            elif error.filename is None:
                code = _traceback()
            else:
                from .sim.report.problems import translated

                words = _words(given)
                _echo_error(words("error.file", file=error.filename, why=translated(error.strerror or "", words)))
                code = WRONG_INPUT
        except Exception:
            code = _traceback()
        sys.exit(code)


_root = _Root("heatseason", no_args_is_help=True)
_network = _Group("network", no_args_is_help=True)
_weather = _Group("weather", no_args_is_help=True)

_scenario = click.argument("scenario")
_set = click.option("--set", "changes", metavar="PATH=VALUE", multiple=True)
_seed = click.option("--seed", metavar="N", type=click.IntRange(min=0))
_out = click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
_require = click.option("--require", "required", metavar="SCORE|CLAUSE=SHARE", multiple=True)


@_root.command("init")
@click.argument("folder", metavar="[DIR]", default="heatseason-start", type=click.Path(path_type=Path))
@click.pass_context
def _init(ctx: click.Context, /, folder: Path, **_: Any) -> None:
    from .sim.report import starter

    written = starter.write(folder)
    _show(ctx, {"written": [str(file) for file in written]}, lambda page, words: starter.say(page, written, words))


@_root.command("check")
@_scenario
@_set
@click.pass_context
def _check(ctx: click.Context, /, scenario: str, changes: tuple[str, ...], **_: Any) -> None:
    from .sim.report import problems

    loaded = problems.check(scenario, changes)
    _show(ctx, problems.all_well(loaded), lambda page, words: problems.say_all_well(page, loaded, words))


@_root.command("run")
@_scenario
@click.option("--replications", metavar="N", type=click.IntRange(min=1), default=1)
@click.option("--record", "record_to", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@_seed
@_set
@_require
@_out
@click.pass_context
def _run(
    ctx: click.Context,
    /,
    scenario: str,
    replications: int,
    record_to: Path | None,
    seed: int | None,
    changes: tuple[str, ...],
    required: tuple[str, ...],
    out: Path | None,
    **_: Any,
) -> int:
    from .scenarios.scenario import load
    from .sim.kernels import compiled
    from .sim.report.problems import check_guide
    from .sim.report.requirements import parse

    requirements = parse(required)
    loaded = load(scenario, _with_seed(changes, seed))
    check_guide(loaded)
    if not compiled():
        _note(ctx, "run.compiling")

    from .sim.study.batch import run_many  # brings numba, hence after the word about compiling

    with _progress(ctx, replications) as step:
        batch = run_many(loaded, replications, record_to=record_to, on_done=step)
    return _scored(ctx, batch.document(), requirements, out, INTERRUPTED if batch.interrupted else 0)


@_root.command("judge")
@click.argument("record", type=click.Path(path_type=Path))
@click.option("--guide", "guide_file", metavar="FILE", type=click.Path(path_type=Path))
@_set
@_require
@_out
@click.pass_context
def _judge(
    ctx: click.Context,
    /,
    record: Path,
    guide_file: Path | None,
    changes: tuple[str, ...],
    required: tuple[str, ...],
    out: Path | None,
    **_: Any,
) -> int:
    from .sim.report.requirements import parse

    requirements = parse(required)

    from .sim.record_store import read_record
    from .sim.report.clauses import changed
    from .sim.study.batch import scored

    stored = read_record(record)
    return _scored(ctx, scored(stored, changed(stored, guide_file, changes)), requirements, out, 0)


@_root.command("explain")
@click.argument("record", type=click.Path(path_type=Path))
@click.argument("verdict", required=False)
@click.pass_context
def _explain(ctx: click.Context, /, record: Path, verdict: str | None, **_: Any) -> None:
    from .sim.report import explain

    told = explain.describe(record, verdict)
    _show(ctx, told, lambda page, words: explain.say(page, told, words))


@_root.command("guide")
@click.argument("clause", required=False)
@click.option("--text", "text_file", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_context
def _guide(ctx: click.Context, /, clause: str | None, text_file: Path | None, **_: Any) -> None:
    from .sim.report import clauses

    rows = clauses.listing(clause, text_file)
    _show(ctx, {"clauses": rows}, lambda page, words: clauses.say(page, rows, words))


@_network.command("show")
@click.argument("network")
@click.pass_context
def _network_show(ctx: click.Context, /, network: str, **_: Any) -> None:
    from .sim.report import network as report

    described = report.describe(network)
    _show(ctx, described, lambda page, words: report.say(page, described, words))


@_weather.command("show")
@_scenario
@_seed
@_set
@click.pass_context
def _weather_show(ctx: click.Context, /, scenario: str, seed: int | None, changes: tuple[str, ...], **_: Any) -> None:
    from .scenarios.scenario import load
    from .sim.report import weather as report

    described = report.describe(load(scenario, _with_seed(changes, seed)))
    _show(ctx, described, lambda page, words: report.say(page, described, words))


@_root.command("schema")
@click.argument("kind", type=click.Choice(["scenario", "network", "guide", "record"]))
@click.pass_context
def _schema(ctx: click.Context, /, kind: Literal["scenario", "network", "guide", "record"], **_: Any) -> None:
    from .sim.report.schema import schema

    _echo_json(schema(kind))


_root.add_command(_network)
_root.add_command(_weather)


def main() -> None:
    """Run the command line."""
    _root.main()


def _scored(
    ctx: click.Context, document: dict[str, Any], requirements: Sequence[Any], out: Path | None, code: int
) -> int:
    """Report a scorecard and return the exit code it deserves."""
    from .sim.report import files, terminal
    from .sim.report.requirements import unmet

    detail: Literal["short", "full", "long"] = (
        "short" if ctx.params["quiet"] else "long" if ctx.params["verbose"] else "full"
    )
    _show(ctx, document, lambda page, words: terminal.say(page, document, words, detail))
    if out:
        files.write(out, document, _words(ctx))
    broken = unmet(requirements, document)
    for requirement in broken:
        _echo_error(requirement.sentence(_words(ctx)))
    if document["ended"].get("code") != "complete":
        return COULD_NOT_CONTINUE
    return code or (NOT_MET if broken else 0)


def _show(ctx: click.Context, document: Any, say: Callable[[Page, Words], None]) -> None:
    """Print the document as JSON, or let `say` fill a page for people."""
    if ctx.params.get("as_json"):
        _echo_json(document)
        return
    page, words = _page(), _words(ctx)
    say(page, words)
    text = str(page)
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        from .sim.report.terminal import paint

        text = paint(text, words)
    click.echo(text, nl=False)


def _echo_json(document: Any) -> None:
    from .sim.report.files import json_text

    click.echo(json_text(document, sys.stdout.encoding or "ascii"))


def _say_problems(ctx: click.Context, error: Any) -> None:
    from .sim.report import problems

    page = _page(sys.stderr)
    problems.say(page, error, _words(ctx))
    click.echo(str(page), nl=False, err=True)
    if ctx.params.get("as_json"):
        _echo_json(problems.document(error))


def _say_error(ctx: click.Context, sentence: str) -> None:
    _echo_error(sentence)
    if ctx.params.get("as_json"):
        _echo_json({"error": sentence})


def _echo_error(sentence: str) -> None:
    click.echo(sentence, err=True)


def _note(ctx: click.Context, key: str) -> None:
    if not ctx.params["quiet"]:
        click.echo(_words(ctx)(key), err=True)


def _traceback() -> int:
    import traceback

    traceback.print_exc()
    return BUG


def _usage_error(error: click.ClickException, words: Words) -> str:
    """Return a usage error in the user's language, with where to read on."""
    from .sim.report.problems import translated

    if isinstance(error, click.NoSuchOption):
        said = words("error.no_option", name=error.option_name)
        if error.possibilities:
            said += " " + words("error.meant", names=words.listing(error.possibilities))
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        said = words("error.missing", name=error.param.human_readable_name.upper())
    elif isinstance(error, click.BadParameter) and error.param is not None:
        said = words("error.bad_value", name=error.param.human_readable_name, why=translated(error.message, words))
    else:
        said = translated(error.format_message(), words)
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "heatseason"
    return words("error.usage", what=said, where=where)


@contextlib.contextmanager
def _progress(ctx: click.Context, total: int) -> Iterator[Callable[[Any], None] | None]:
    """Show how far it is, with the time left, on a terminal's stderr; nothing elsewhere."""
    if total == 1 or ctx.params["quiet"] or not sys.stderr.isatty():
        yield None
        return
    label = _words(ctx)("run.progress")
    with click.progressbar(length=total, label=label, file=sys.stderr, show_pos=True) as shown:
        yield lambda _season: shown.update(1)


def _with_seed(changes: Sequence[str], seed: int | None) -> list[str]:
    return [*changes] if seed is None else [*changes, f"seed={seed}"]


def _words(source: click.Context | Sequence[str]) -> Words:
    from .sim.report.words import Words, language

    return Words(language(source.meta.get(_ARGUMENTS, ()) if isinstance(source, click.Context) else source))


def _page(stream: Any = None) -> Page:
    import shutil

    from .sim.report.layout import page_for

    return page_for(stream or sys.stdout, shutil.get_terminal_size((80, 24)).columns)
