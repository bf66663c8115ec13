"""The help pages of the command line: what a command does, its words, an example; in either language, at any width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .layout import Column, Page
from .words import Words

if TYPE_CHECKING:
    import click

__all__ = ["add_help", "parameter_key", "short_help"]


def short_help(command: str, words: Words) -> str:
    """Return the one line that says what a command does (``network show`` is written ``network.show``)."""
    return words(f"command.{command}.short" if command else "command.root.short")


def parameter_key(command: str, parameter: str) -> str:
    """Return the key of a parameter's words: the command's own where there is one, else the common one."""
    own = f"command.{command}.{parameter}"
    return own if own in Words("en") else f"parameter.{parameter}"


def add_help(page: Page, context: click.Context, words: Words) -> None:
    """Write a command's help page.

    Parameters
    ----------
    page : Page
    context : click.Context
        Of the command; its parameters and subcommands are read from it.
    words : Words
    """
    command = context.command
    path = ".".join(context.command_path.split()[1:])
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    page.text(f"{words('help.usage')} {usage}", hang=4)
    page.blank()
    page.text(short_help(path, words))
    more = f"command.{path or 'root'}.more"
    if more in words:
        page.blank()
        page.text(words(more))
    page.blank()
    page.text(words("help.example"))
    for line in words(f"command.{path or 'root'}.example").splitlines():
        page.text(line, indent=2, hang=4)
    arguments = [p for p in command.get_params(context) if p.param_type_name == "argument"]
    options = [p for p in command.get_params(context) if p.param_type_name == "option"]
    _section(page, words("help.arguments"), [_row(p, path, context, words) for p in arguments])
    subcommands = getattr(command, "commands", {})
    _section(
        page,
        words("help.commands"),
        [(name, short_help(f"{path}.{name}".lstrip("."), words)) for name in subcommands],
    )
    _section(page, words("help.options"), [_row(p, path, context, words) for p in options])


def _section(page: Page, head: str, rows: list[tuple[str, str]]) -> None:
    if rows:
        page.blank()
        page.text(head)
        page.table([Column(""), Column("", wraps=True)], rows, indent=2)


def _row(parameter: click.Parameter, path: str, context: click.Context, words: Words) -> tuple[str, str]:
    name = "help" if "--help" in parameter.opts else parameter.name or ""
    text = words(parameter_key(path, name))
    if parameter.param_type_name == "argument":
        return parameter.make_metavar(context), text
    metavar = "" if getattr(parameter, "is_flag", False) else " " + parameter.make_metavar(context)
    return ", ".join(parameter.opts) + metavar, text
