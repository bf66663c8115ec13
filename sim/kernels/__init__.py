"""Numbers: arrays in, arrays out. No SimPy, no pydantic, no pandas.

Kernels are compiled on first use and cached on disk. Numba refuses to be imported at all where it can write no cache
(read-only site-packages and no home directory), so a writable folder is made sure of before any kernel module imports
it. And it looks only at the file in which a kernel stands, not at those whose kernels are compiled into it: when any
source has changed, what was compiled before is forgotten.
"""

import contextlib
import hashlib
import os
import sys
import tempfile
from pathlib import Path

__all__ = ["compiled", "load_numba"]

_HERE = Path(__file__).absolute().parent  # not resolved: as numba names it


def compiled() -> bool:
    """Return whether the two marches of a season, into which most kernels are compiled, are in the cache."""
    version = f"py{sys.version_info.major}{sys.version_info.minor}"
    return all(any(_cache().glob(f"{module}.march-*.{version}*.nbi")) for module in ("people", "step"))


def load_numba() -> None:
    """Load numba without SciPy's linear algebra, which it fetches for matrix products: a fifth of a second.

    Only where the kernels are compiled already, and for a process that calls no others: a function of the user's own
    that multiplies matrices could not be compiled there any more.
    """
    if not compiled() or "numba" in sys.modules or "scipy.linalg" in sys.modules:
        return
    sys.modules["scipy.linalg"] = None  # type: ignore[assignment]  # as if it were not installed
    try:
        import numba.np.arraymath  # noqa: F401  # asks for it here, once, when it is loaded
    finally:
        del sys.modules["scipy.linalg"]


def _cache() -> Path:
    """Return the folder in which numba keeps these kernels: their own part of one that serves several packages."""
    root = os.environ.get("NUMBA_CACHE_DIR")
    return (
        Path(root, f"{_HERE.name}_{hashlib.sha1(str(_HERE).encode()).hexdigest()}") if root else _HERE / "__pycache__"
    )


def _forget_stale() -> None:
    """Take away what was compiled from other sources than these."""
    sources = hashlib.blake2b(digest_size=16)
    for file in sorted(_HERE.glob("*.py")):
        sources.update(file.read_bytes())
    stamp, digest = _cache() / "sources.digest", sources.hexdigest()
    with contextlib.suppress(OSError):  # nothing can be written there: then nothing was compiled there either
        if stamp.is_file() and stamp.read_text("ascii") == digest:
            return
        stamp.parent.mkdir(parents=True, exist_ok=True)
        for index in stamp.parent.glob("*.nbi"):
            index.unlink(missing_ok=True)
        stamp.write_text(digest, "ascii")


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
_forget_stale()
