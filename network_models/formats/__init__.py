"""One file per network format, and one door: ``read_network``, ``write_network``."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from ..problems import NetworkError, Problem, did_you_mean

if TYPE_CHECKING:
    from ..network import Network

__all__ = ["library_names", "read_network", "write_network"]


def read_network(network: Path | str) -> Network:
    """Read a network from a file or folder, or by its name in the library.

    Parameters
    ----------
    network : path or str
        A ``.toml`` file, a folder with ``network.toml``, or a library name such as ``hanzhong``.

    Raises
    ------
    NetworkError
        When nothing is there, or with everything that is wrong in it.
    """
    from . import native

    known = library_names()
    if str(network) in known:
        return native.read(known[str(network)])
    path = Path(network)
    if not path.exists():
        wanted = "a network file or folder, or one of the library's: " + ", ".join(known)
        raise NetworkError([Problem("network", f'"{network}"', wanted, did_you_mean(str(network), list(known)))])
    return native.read(path)


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
