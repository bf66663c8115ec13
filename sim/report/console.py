"""How the command line speaks: its command classes, what it prints where, and which code it exits with.

Only click is imported here, so that ``--help`` is quick; every phrase stands in words.toml. Exit codes: 0 scored,
1 ``--require`` not met, 2 the input is wrong, 3 the model could not continue (with ``-v``: the traceback of what broke
a season off), 70 a bug elsewhere (with its traceback), 130 interrupted.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from ...scenarios.scenario import Scenario
    from ..study.executors import Dask, Local, Serial
    from .layout import Page
    from .words import Words

__all__ = [
    "COULD_NOT_CONTINUE",
    "INTERRUPTED",
    "NOT_MET",
    "Asked",
    "Finite",
    "Group",
    "Root",
    "asks",
    "compiling",
    "detail",
    "echo_json",
    "kept_in",
    "note",
    "progress",
    "scored",
    "show",
    "study_progress",
    "words_of",
]

NOT_MET, WRONG_INPUT, COULD_NOT_CONTINUE, BUG, INTERRUPTED = 1, 2, 3, 70, 130
_ARGUMENTS = "heatseason.arguments"
_OF_A_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO)  # writing names no file


class Finite(click.FloatRange):
    """A number in a range; what compares with nothing, NaN, is in none, nor is infinity."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number, or fail."""
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return number


class _Spoken(click.Command):
    """A command whose help stands in words.toml, in the language of ``--lang``."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.params.append(click.Option(["--lang"], type=click.Choice(["zh", "en"]), expose_value=False))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta.setdefault(_ARGUMENTS, list(args))
        return super().parse_args(ctx, args)

    def get_help(self, ctx: click.Context) -> str:
        from .help import add_help

        page = _page()
        add_help(page, ctx, words_of(ctx))
        return str(page).rstrip("\n")


class Command(_Spoken):
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
        from ...network_models.problems import HeatseasonError, InputError, ModelError
        from .problems import translated

        try:
            return super().invoke(ctx) or 0
        except InputError as error:
            _say_problems(ctx, error)
            return WRONG_INPUT
        except ModelError as error:
            words = words_of(ctx)
            when, why = (translated(text, words) for text in (error.when, error.why))
            sentence = words("error.model", when=when, where=error.where, why=why)
            if (bug := error.__cause__) is not None:
                sentence += "\n" + words("error.model_bug")
                if ctx.params["verbose"]:
                    _print_trace(bug)
            _say_error(ctx, sentence)
            return COULD_NOT_CONTINUE
        except HeatseasonError as error:
            words = words_of(ctx)
            _say_error(ctx, words("error.study", why=translated(str(error), words)))
            return COULD_NOT_CONTINUE


class Group(_Spoken, click.Group):
    """Commands under one name."""

    command_class = Command


class Root(Group):
    """All commands; maps what can go wrong to exit codes."""

    group_class = Group

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
        except click.Abort as error:
            if isinstance(error.__cause__, EOFError):  # click takes it for Ctrl-D at a prompt, of which there are none
                code = _traceback()
            else:
                _echo_error(words_of(given)("error.interrupted"))
                code = INTERRUPTED
        except click.ClickException as error:
            _echo_error(_usage_error(error, words_of(given)))
            code = WRONG_INPUT
        except OSError as error:
            if error.errno == errno.EPIPE:  # the reader of our output has gone, e.g. `| head`
                sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
                code = 0
            elif error.filename is None and error.errno not in _OF_A_DISK:
                code = _traceback()
            else:
                from .problems import translated

                words = words_of(given)
                why = translated(error.strerror or "", words)
                _echo_error(words("error.file", file=error.filename, why=why) if error.filename else
                            words("error.writing", why=why))  # fmt: skip
                code = WRONG_INPUT
        except Exception:
            code = _traceback()
        sys.exit(code)


def scored(
    ctx: click.Context, document: dict[str, Any], requirements: Sequence[Any], out: Path | None, code: int
) -> int:
    """Report a scorecard and return the exit code it deserves."""
    from . import files, terminal
    from .requirements import unmet

    show(ctx, document, lambda page, words: terminal.say(page, document, words, detail(ctx)))
    if out:
        files.write(out, document, words_of(ctx))
    broken = unmet(requirements, document)
    for requirement in broken:
        _echo_error(requirement.sentence(words_of(ctx)))
    if document["ended"].get("code") != "complete":
        return COULD_NOT_CONTINUE
    return code or (NOT_MET if broken else 0)


def detail(ctx: click.Context) -> Literal["short", "full", "long"]:
    """Return how much is to be said."""
    return "short" if ctx.params["quiet"] else "long" if ctx.params["verbose"] else "full"


def show(ctx: click.Context, document: Any, say: Callable[[Page, Words], None]) -> None:
    """Print the document as JSON, or let `say` fill a page for people."""
    if ctx.params.get("as_json"):
        echo_json(document)
        return
    page, words = _page(), words_of(ctx)
    say(page, words)
    text = str(page)
    if sys.stdout.isatty() and not os.environ.get("NO_COLOR"):
        from .terminal import paint

        text = paint(text, words)
    click.echo(text, nl=False)


def echo_json(document: Any) -> None:
    """Print one JSON document on stdout, in signs that the console can print."""
    from .files import json_blocks

    for block in json_blocks(document, sys.stdout.encoding or "ascii"):
        click.echo(block, nl=False)
    click.echo()


def _say_problems(ctx: click.Context, error: Any) -> None:
    from . import problems

    page = _page(sys.stderr)
    problems.say(page, error, words_of(ctx))
    click.echo(str(page), nl=False, err=True)
    if ctx.params.get("as_json"):
        echo_json(problems.document(error))


def _say_error(ctx: click.Context, sentence: str) -> None:
    _echo_error(sentence)
    if ctx.params.get("as_json"):
        echo_json({"error": sentence})


def _echo_error(sentence: str) -> None:
    click.echo(sentence, err=True)


def compiling(ctx: click.Context) -> None:
    """Say, where kernels must be compiled first, that this takes a while: to be called before they are imported.

    Compilers make many small objects that stay, through which the garbage collector goes again and again: seldom, it
    takes a tenth less. On a second core a part is compiled beside.
    """
    from ..kernels import compiled

    if compiled():
        return
    note(ctx, "run.compiling")
    import gc
    import subprocess

    gc.set_threshold(50_000, 20, 100)
    if (os.cpu_count() or 1) > 1:
        command = [sys.executable, "-m", f"{__name__.removesuffix('.report.console')}.study.compile_beside"]
        nul = subprocess.DEVNULL
        beside = subprocess.Popen(command, stdin=nul, stdout=nul, stderr=nul)
        ctx.call_on_close(beside.wait)
        ctx.call_on_close(beside.kill)  # called first: whoever is done, with an error say, waits for nobody


def note(ctx: click.Context, key: str, **blanks: Any) -> None:
    """Say a phrase on stderr, unless asked to be quiet."""
    if not ctx.params["quiet"]:
        click.echo(words_of(ctx)(key, **blanks), err=True)


@contextlib.contextmanager
def kept_in(ctx: click.Context, out: Path | None) -> Iterator[None]:
    """Say, where what was played is kept in a folder, that the same command goes on after an interrupt."""
    try:
        yield
    except KeyboardInterrupt:
        if out:
            note(ctx, "study.goes_on", folder=out)
        raise


def _traceback() -> int:
    _print_trace(sys.exc_info()[1])
    return BUG


def _print_trace(error: BaseException | None) -> None:
    import traceback

    traceback.print_exception(error)


def _usage_error(error: click.ClickException, words: Words) -> str:
    """Return a usage error in the user's language, with where to read on."""
    from .problems import translated

    if isinstance(error, click.NoSuchOption):
        said = words("error.no_option", name=error.option_name)
        if error.possibilities:
            said += " " + words("error.meant", names=words.listing(error.possibilities))
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        said = words("error.missing", name=_as_written(error.param))
    elif isinstance(error, click.BadParameter) and error.param is not None:
        said = words("error.bad_value", name=_as_written(error.param), why=translated(error.message, words))
    else:
        said = translated(error.format_message(), words)
    where = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "heatseason"
    return words("error.usage", what=said, where=where)


def _as_written(param: click.Parameter) -> str:
    """Return an option's or argument's name as it stands in a command line and its help."""
    return max(param.opts, key=len) if isinstance(param, click.Option) else param.human_readable_name


@contextlib.contextmanager
def progress(
    ctx: click.Context, total: int, end: Literal["known", "open"] = "known"
) -> Iterator[Callable[[Any], None] | None]:
    """Show how far it is, with rate and time left, on a terminal's stderr; nothing elsewhere.

    With an open end, `total` is the most that it can come to, and no time left is shown.
    """
    if total <= 1 or ctx.params["quiet"] or not sys.stderr.isatty():
        yield None
        return
    began = time.monotonic()

    def rate(done: int | None) -> str | None:
        seconds = time.monotonic() - began
        return f"{done / seconds:.1f}/s" if done and seconds > 0 else None

    with click.progressbar(
        length=total, label=words_of(ctx)("run.progress"), file=sys.stderr, show_pos=True, show_eta=end == "known",
        item_show_func=rate,
    ) as shown:  # fmt: skip
        yield lambda _season: shown.update(1, shown.pos + 1)


@contextlib.contextmanager
def study_progress(ctx: click.Context) -> Iterator[tuple[Callable[[int], None], Callable[[Any], None]]]:
    """As :func:`progress`, for whoever learns only later how many there are: told first so, then of each."""
    with contextlib.ExitStack() as stack:
        steps: list[Callable[[Any], None]] = []

        def start(total: int) -> None:
            step = stack.enter_context(progress(ctx, total))
            if step:
                steps.append(step)

        def done(outcome: Any) -> None:
            for step in steps:
                step(outcome)

        yield start, done


@dataclass(frozen=True, slots=True)
class Asked:
    """What many commands are asked in the same words, see :func:`asks`.

    Attributes
    ----------
    changes : tuple of str
        Of ``--set``.
    seed : int or None
        Of ``--seed``.
    workers, scheduler : int or None, str or None
        Who plays winters.
    out : Path or None
        Folder for result files.
    """

    changes: tuple[str, ...] = ()
    seed: int | None = None
    workers: int | None = None
    scheduler: str | None = None
    out: Path | None = None

    @property
    def all_changes(self) -> list[str]:
        """The changes of ``--set`` with that of ``--seed``, which goes last."""
        return [*self.changes] if self.seed is None else [*self.changes, f"seed={self.seed}"]

    def load(self, scenario: str) -> Scenario:
        """Return a scenario with what is to be changed in it."""
        from .problems import load

        return load(scenario, self.all_changes)

    def executor(self, workers: int | None = None) -> Serial | Local | Dask:
        """Return who plays winters, so many workers where none are asked for; brings numba: call it after compiling."""
        from ...network_models.problems import InputError, Problem
        from ..study.executors import executor_for

        if self.workers and self.scheduler:
            raise InputError([Problem("--workers", str(self.workers), "either --workers or --scheduler")])
        return executor_for(self.workers or workers, self.scheduler)


_ASKED = {
    "workers": click.option("--workers", metavar="N", type=click.IntRange(min=1)),
    "scheduler": click.option("--scheduler", metavar="ADDRESS"),
    "seed": click.option("--seed", metavar="N", type=click.IntRange(min=0)),
    "changes": click.option("--set", "changes", metavar="PATH=VALUE", multiple=True),
    "out": click.option("--out", metavar="DIR", type=click.Path(path_type=Path, file_okay=False)),
}


def asks(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command some of the common options, which it gets as one :class:`Asked` after its context."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def with_asked(**values: Any) -> Any:
            return command(Asked(**{name: values.pop(name) for name in names}), **values)

        for name in reversed(names):
            _ASKED[name](with_asked)
        return with_asked

    return decorate


def words_of(source: click.Context | Sequence[str]) -> Words:
    """Return the phrases in the language of a command, or of a command line that is not yet parsed."""
    from .words import Words, language

    return Words(language(source.meta.get(_ARGUMENTS, ()) if isinstance(source, click.Context) else source))


def _page(stream: Any = None) -> Page:
    import shutil

    from .layout import page_for

    return page_for(stream or sys.stdout, shutil.get_terminal_size((80, 24)).columns)
