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


def read_foreign(network: Path | str, *, crs: str | None = None) -> Foreign:
    """Read a network in any format, with the state it was saved in where its format tells one.

    By its ending: ``.json`` pandapipes or GeoJSON (which of them, the file says), ``.geojson``, ``.xlsx`` a
    workbook. A folder with ``consumers.csv`` and ``producers.csv`` is DHNx's, any other our own.

    Parameters
    ----------
    network : path or str
        As in :func:`read_network`.
    crs : {"wgs84", "gcj02", "bd09", "local"}, optional
        What the coordinates of a GeoJSON file refer to, where it does not say so.

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
        ending = path.suffix.lower()
        if ending == ".geojson" or (ending == ".json" and _is_map(path)):
            from . import geojson

            return Foreign(geojson.read(path, crs))
        if ending == ".json":
            from . import pandapipes

            return pandapipes.read(path)
        if ending in (".xlsx", ".xlsm"):
            from . import excel

            return Foreign(excel.read(path))
        if path.is_dir() and not (path / "network.toml").exists():
            from . import dhnx

            if dhnx.is_folder(path):
                return dhnx.read(path)
        return Foreign(native.read(path))
    except NetworkError:
        raise
    except InputError as error:
        raise NetworkError(error.problems) from error


def write_network(network: Network, path: Path | str) -> None:
    """Write a network: GeoJSON (``.geojson``), one TOML file (``.toml``), or else a folder with CSV tables."""
    from . import geojson, native

    (geojson if Path(path).suffix.lower() == ".geojson" else native).write(network, Path(path))


def _is_map(path: Path) -> bool:
    """Return whether a JSON file begins like GeoJSON."""
    with path.open("rb") as file:
        return b'"FeatureCollection"' in file.read(4096)


def library_names() -> dict[str, Path]:
    """Return the library's networks: name -> file or folder, in alphabetical order."""
    library = Path(str(files(__package__.rpartition(".")[0] + ".library")))
    found = {entry.stem: entry for entry in library.glob("*.toml")}
    found |= {entry.parent.name: entry.parent for entry in library.glob("*/network.toml")}
    return dict(sorted(found.items()))
