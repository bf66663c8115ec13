"""One file per network format, and one door: ``read_network``, ``write_network``, ``read_foreign``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import InputError, NetworkError, Problem, did_you_mean

if TYPE_CHECKING:
    from ..network import Network
    from .foreign import Foreign

__all__ = ["library_names", "read_foreign", "read_network", "write_network"]


def read_network(network: Path | str) -> Network:
    """Read a network from a file or folder, or by its name in the library.

    Parameters
    ----------
    network : path or str
        A library name such as ``hanzhong``; a ``.toml`` file or a folder with ``network.toml``; or what another program
        or a planner wrote, see :func:`read_foreign`.

    Raises
    ------
    NetworkError
        When nothing is there, or with everything that is wrong in it.
    """
    return read_foreign(network).network


def read_foreign(network: Path | str) -> Foreign:
    """Read a network in any format, with the state it was saved in where its format tells one.

    By its ending: ``.json`` pandapipes, ``.xlsx`` a workbook.

    Raises
    ------
    NetworkError
        When nothing is there, or with everything that is wrong in it.
    """
    from . import native
    from .foreign import Foreign

    known = library_names()
    if str(network) in known:
        return Foreign(native.read(known[str(network)]))
    path = Path(network)
    if not path.exists():
        wanted = "a network file or folder, or one of the library's: " + ", ".join(known)
        raise NetworkError([Problem("network", f'"{network}"', wanted, did_you_mean(str(network), list(known)))])
    try:
        if path.suffix.lower() == ".json":
            from . import pandapipes

            return pandapipes.read(path)
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            from . import excel

            return Foreign(excel.read(path))
        return Foreign(native.read(path))
    except NetworkError:
        raise
    except InputError as error:
        raise NetworkError(error.problems) from error


def write_network(network: Network, path: Path | str) -> None:
    """Write a network: one TOML file when the path ends in ``.toml``, else a folder with CSV tables."""
    from . import native

    native.write(network, Path(path))


def library_names() -> dict[str, Path]:
    """Return the library's networks: name -> file or folder, in alphabetical order."""
    library = Path(str(files(__package__.rpartition(".")[0] + ".library")))
    found = {entry.stem: entry for entry in library.glob("*.toml")}
    found |= {entry.parent.name: entry.parent for entry in library.glob("*/network.toml")}
    return dict(sorted(found.items()))
