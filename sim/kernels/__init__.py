"""Numbers: arrays in, arrays out. No SimPy, no pydantic, no pandas.

Kernels are compiled on first use and cached on disk. Numba refuses to be imported at all where it can write no cache
(read-only site-packages and no home directory), so a writable folder is made sure of here, before any kernel module
imports it.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["compiled"]

_HERE = Path(__file__).parent


def compiled() -> bool:
    """Return whether the season's two marches, into which most kernels are compiled, are in the cache and up to date.

    By date: numba itself looks at the contents, so that files only touched may be called out of date here.
    """
    folder = os.environ.get("NUMBA_CACHE_DIR")
    root, version = Path(folder) if folder else _HERE, f"py{sys.version_info.major}{sys.version_info.minor}"
    for module in ("people", "step"):
        written = [file.stat().st_mtime for file in root.rglob(f"{module}.march-*.{version}*.nbi")]
        if not written or max(written) < (_HERE / f"{module}.py").stat().st_mtime:
            return False
    return True


def _is_writable(folder: Path) -> bool:
    """Return whether files can be written there, by this user alone (what is cached is code, and will be run)."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
            return os.getuid() == 0
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _make_sure_of_a_cache() -> None:
    if os.environ.get("NUMBA_CACHE_DIR") or _is_writable(_HERE / "__pycache__"):
        return
    candidates = [Path(tempfile.gettempdir()) / f"heatseason-kernels-{os.environ.get('USER', 'cache')}"]
    with contextlib.suppress(RuntimeError):  # no home directory
        candidates.insert(0, Path.home() / ".cache" / "heatseason" / "kernels")
    folder = next(filter(_is_writable, candidates), None) or Path(tempfile.mkdtemp(prefix="heatseason-kernels-"))
    os.environ["NUMBA_CACHE_DIR"] = str(folder)
    if "numba" in sys.modules:  # imported earlier by somebody else: it has read its settings already
        sys.modules["numba"].config.CACHE_DIR = str(folder)


_make_sure_of_a_cache()
