"""``--help`` is quick because nothing heavy is imported for it."""

import subprocess
import sys
import tomllib

import pytest

HEAVY = ("numpy", "scipy", "numba", "networkx", "pandas", "pydantic", "simpy", "pyarrow", "rich")


@pytest.mark.parametrize("arguments", [[], ["run"], ["network", "show"], ["weather"]])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_help_imports_nothing_heavy(arguments, lang):
    program = (
        "import sys\n"
        "from heatseason.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as exit:\n    assert not exit.code, exit.code\n"
        f"loaded = [name for name in {HEAVY} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
    )
    command = [sys.executable, "-c", program, *arguments, "--help", "--lang", lang]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    assert ("用法" if lang == "zh" else "Usage") in done.stdout


@pytest.mark.parametrize("module", ["heatseason.cli", "click", "heatseason.sim.report.console"])
def test_an_interrupt_while_modules_are_read_is_no_traceback(module):
    program = (
        "import runpy, sys\n"
        "class Cut:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}:\n            raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Cut())\n"
        "runpy.run_module('heatseason', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_command_goes_by_the_door_that_meets_an_early_interrupt(root):
    scripts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts == {"heatseason": "heatseason.__main__:main"}
