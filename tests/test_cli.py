"""The command line's manners: help, languages, wrong usage, consoles of every kind."""

import json
import os
import subprocess
import sys
import unicodedata

import click
import pytest
from click.testing import CliRunner
from heatseason.cli import _root
from heatseason.sim.report.words import phrases


def commands(group=_root, path=()):
    for name, command in group.commands.items():
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


def invoke(*arguments, **settings):
    return CliRunner().invoke(_root, list(arguments), **settings)


def shell(*arguments, encoding="utf-8", **environment):
    """Run the real thing in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "heatseason", *arguments],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", **environment},
        check=False,
    )


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_the_commands_are_those_of_the_interface():
    assert [name for name, _ in commands()] == [
        ("init",),
        ("check",),
        ("run",),
        ("judge",),
        ("explain",),
        ("guide",),
        ("report",),
        ("compare",),
        ("plan",),
        ("stress",),
        ("sensitivity",),
        ("criticality",),
        ("sweep",),
        ("schema",),
        ("network",),
        ("network", "show"),
        ("network", "check"),
        ("network", "import"),
        ("network", "export"),
        ("network", "make"),
        ("network", "solve"),
        ("weather",),
        ("weather", "show"),
        ("weather", "fit"),
        ("weather", "make"),
        ("study",),
        ("study", "show"),
        ("study", "merge"),
        ("study", "export"),
        ("study", "replay"),
        ("study", "rare"),
    ]


@pytest.mark.parametrize("path", [(), *(path for path, _ in commands())], ids=" ".join)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_has_an_example_and_fits(path, lang):
    done = invoke(*path, "--help", "--lang", lang, env={"COLUMNS": "60"})
    assert done.exit_code == 0
    assert ("示例" if lang == "zh" else "Example") in done.stdout
    assert "heatseason" in done.stdout
    assert max(width(line) for line in done.stdout.splitlines()) <= 60


def test_every_command_and_parameter_has_words():
    for path, command in commands():
        name = ".".join(path)
        assert f"command.{name}.short" in phrases()
        assert f"command.{name}.example" in phrases()
        for parameter in command.params:
            assert {f"command.{name}.{parameter.name}", f"parameter.{parameter.name}"} & set(phrases()), parameter.name


def test_every_command_that_does_something_speaks_json_and_both_languages():
    for path, command in commands():
        options = {option for parameter in command.params for option in parameter.opts}
        assert "--lang" in options
        if not isinstance(command, click.Group):
            assert {"--json", "-q", "-v"} <= options, path


def test_the_locale_says_which_language(monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "用法" in invoke("--help").stdout
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert "Usage" in invoke("--help").stdout
    assert "用法" in invoke("run", "--help", "--lang=zh").stdout


@pytest.mark.parametrize(
    ("arguments", "en", "zh"),
    [
        (["rum", "hanzhong"], "rum", "用法有误"),
        (["run"], "SCENARIO is missing", "缺少参数 SCENARIO"),
        (["run", "hanzhong", "--replicatons", "3"], "did you mean --replications?", "是否想写 --replications？"),
        (["run", "hanzhong", "--replications", "0"], "value of --replications is wrong", "--replications 的取值有误"),
        (["schema", "weather"], "the value of KIND is wrong", "KIND 的取值有误"),
    ],
)
def test_wrong_usage_is_explained_and_exits_with_2(arguments, en, zh):
    for lang, said in (("en", en), ("zh", zh)):
        done = invoke(*arguments, "--lang", lang)
        assert done.exit_code == 2
        assert said in done.stderr
        assert "--help" in done.stderr
        assert done.stdout == ""
        assert "Traceback" not in done.stderr


def test_wrong_input_is_said_with_a_hint_and_exits_with_2():
    done = invoke("network", "show", "hanzong", "--lang", "en")
    assert done.exit_code == 2
    assert done.stdout == ""
    assert 'did you mean "hanzhong"?' in done.stderr
    told = invoke("network", "show", "hanzong", "--json")
    assert told.exit_code == 2
    assert json.loads(told.stdout)["problems"][0]["found"] == '"hanzong"'


@pytest.mark.parametrize(
    "arguments", [["network", "show", "town"], ["guide", "2.6.4b"], ["guide"], ["schema", "network"]]
)
def test_json_is_one_document(arguments):
    assert json.loads(invoke(*arguments, "--json").stdout)


@pytest.mark.parametrize("arguments", [["--help"], ["network", "show", "hanzhong"], ["guide"], ["guide", "2.3"]])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_gbk_console_survives(arguments, lang):
    done = shell(*arguments, "--lang", lang, encoding="gbk")
    assert done.returncode == 0, done.stderr.decode("gbk")
    assert "?" not in done.stdout.decode("gbk")


@pytest.mark.parametrize("arguments", [["network", "show", "hanzhong"], ["guide"], ["guide", "2.6.4b"]])
def test_a_narrow_terminal_is_respected(arguments):
    text = shell(*arguments, "--lang", "zh", COLUMNS="60").stdout.decode()
    assert max(width(line) for line in text.splitlines()) <= 60


def test_no_colour_where_nobody_sees_it():
    assert b"\033" not in shell("guide", "2.3").stdout
    assert b"\033" not in shell("guide", "2.3", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_a_reader_that_leaves_is_no_error():
    program = [sys.executable, "-m", "heatseason", "guide", "--json"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read().decode()
        process.wait()
    assert "Traceback" not in said
    assert process.returncode in (0, 1)


def test_interruption_exits_with_130(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("heatseason.sim.report.network.describe", interrupt)
    done = invoke("network", "show", "town", "--lang", "en")
    assert done.exit_code == 130
    assert "interrupted" in done.stderr


def test_input_that_ends_is_no_interruption(monkeypatch):
    def ends(*_):
        raise EOFError

    monkeypatch.setattr("heatseason.sim.report.network.describe", ends)
    done = invoke("network", "show", "town", "--lang", "en")
    assert done.exit_code == 70
    assert "interrupted" not in done.stderr


def test_a_bug_is_a_traceback_and_no_verdict(monkeypatch):
    def break_down(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr("heatseason.sim.report.network.describe", break_down)
    done = invoke("network", "show", "town")
    assert done.exit_code == 70
    assert "RuntimeError: a bug" in done.stderr


def test_a_model_that_cannot_continue_exits_with_3(monkeypatch):
    from heatseason.network_models.problems import ModelError

    def give_up(*_):
        raise ModelError("2027-01-03 04:00", "pipe 7", "no flow balance")

    monkeypatch.setattr("heatseason.sim.report.network.describe", give_up)
    done = invoke("network", "show", "town", "--json", "--lang", "en")
    assert done.exit_code == 3
    assert "pipe 7: no flow balance" in done.stderr
    assert "pipe 7" in json.loads(done.stdout)["error"]
