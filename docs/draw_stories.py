"""Draw breaches and excused duties of a record and print their stories in both languages, to be read.

``python docs/draw_stories.py RECORD [STREAM]``, where RECORD is a folder written by ``heatseason run NAME --record
RECORD`` and STREAM a number that names the draw: ten breaches and three excused duties, each of a part of a clause in
its turn, so that what is rare is met too.
"""

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from heatseason.sim.guide.addresses import address_of
from heatseason.sim.guide.rows import EXCUSED, LATE, MISSED
from heatseason.sim.guide.verdict import Verdicts, judge
from heatseason.sim.record_store import read_record
from heatseason.sim.report.explain import say, story
from heatseason.sim.report.layout import Page
from heatseason.sim.report.words import Words

BREACHES, EXCUSES, WIDTH = 10, 3, 100


def drawn(verdicts: Verdicts, states: tuple[int, ...], rng: np.random.Generator) -> Iterator[str]:
    """Yield addresses of duties in some states: one part of a clause after the other, in an order drawn anew."""
    found = {
        (judged.clause.id, part.id): rng.permutation(np.flatnonzero(np.isin(part.rows.state, states))).tolist()
        for judged in verdicts.clauses
        for part in judged.parts
    }
    turns = rng.permutation(len(found)).tolist()
    while any(found.values()):
        for name in (list(found)[turn] for turn in turns):
            if found[name]:
                yield address_of(*name, found[name].pop())


if __name__ == "__main__":
    rng = np.random.default_rng(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    verdicts = judge(read_record(Path(sys.argv[1])))
    broken, excused = drawn(verdicts, (LATE, MISSED), rng), drawn(verdicts, (EXCUSED,), rng)
    for address in [*islice(broken, BREACHES), *islice(excused, EXCUSES)]:
        for lang in ("en", "zh"):
            page = Page(width=WIDTH)
            say(page, story(verdicts, address), Words(lang))
            print(page)
