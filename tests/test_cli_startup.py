"""``--help`` is quick because nothing heavy is imported for it."""

import subprocess
import sys

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
