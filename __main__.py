"""``python -m heatseason``, and the command ``heatseason``: a Ctrl-C while modules are read is met here already."""

from __future__ import annotations

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> None:
    """Run the command line; whenever it is interrupted, there is no traceback."""
    try:
        from .cli import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(_INTERRUPTED) from None


if __name__ == "__main__":
    main()
