"""Small records written by hand as TOML, for the guide's cases and for a few pages of an operator's log.

::

    origin = "observed"           # a log of what really happened; else a story, in which all that happened is told
    logged = ["pipe_failed"]      # of a log: the kinds that it keeps, ["all"] for all; left out, those that are in it

    [season]
    start = 2025-11-15            # first day of heat; everything here has a default
    end = 2026-03-15              # last day of heat
    record_end = 2026-05-01       # nothing is known after 24:00 of this day, which may be in the middle of the season

    [[entry]]
    at = "2025-11-20 03:10"
    what = "fault_discovered"     # a kind of happening
    subject = "荔枝路"             # who or what it is about; a dwelling is "estate/number"
    case = "burst"                # any word or number: entries with the same one belong together; what has none is
                                  # answered by nothing: a complaint and its response need the same one

    [[substation]]                # optional: who is who
    name = "荔枝园"
    households = 200
    source = "热源甲"              # the one it is nearest to; also operator, district, manager

    [[room]]                      # optional: hourly temperatures; the first and last value hold before and after;
                                  # of estates without one nobody measured anything, and their rooms are not judged
    estate = "荔枝园"
    from = "2025-11-15 00:00"
    hourly_c = [18.5, 18.0, 17.2]
    offsets_k = [0.0, -1.0]       # one per dwelling, by its number; dwellings beyond are like the estate
Whatever an entry is about need not be listed first: it becomes a subject of the kind that the happening asks for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..network_models.documents import Document, read_toml, show_value, within_floats
from ..network_models.problems import InputError, Problem, RecordError, did_you_mean
from .record import KIND_CODE, KINDS, OBSERVED, SIMULATED, TRACKS, Record, Subjects
from .record_builder import RecordBuilder
from .record_shape import MOST_DWELLINGS, shape_problems
from .record_values import value_wanted

__all__ = ["read_text_record", "record_from"]

_DAY_S, _HOUR_S = 86400, 3600
_MOVING = ("early_start_decided", "extension_decided")
_ALL = "all"  # stands in `logged` for every kind of happening
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_LONGEST_D, _FARTHEST_D = 1_100, 20_000  # three years of record; what went before it is counted in 32 bits
_TABLES = ("format", "title", "season", "entry", "operator", "source", "substation", "room", "outdoor", "series",
           "guide", "logged", "origin", "expect")  # fmt: skip
_ENTRY_KEYS = ("at", "what", "subject", "case", "value", "cause", "name", "detail")


def read_text_record(path: Path) -> Record:
    """Read a hand-written record.

    Raises
    ------
    RecordError
        With everything that is wrong in it.
    """
    try:
        document = read_toml(path)
    except InputError as error:
        raise RecordError(error.problems) from error
    return record_from(document.data, document)


def record_from(data: Mapping[str, Any], document: Document | None = None) -> Record:
    """Return a record from the tables of a hand-written one; `document` gives places for the messages.

    Raises
    ------
    RecordError
        With everything that is wrong in it.
    """
    if problems := shape_problems(data, document):
        raise RecordError(problems)
    return _Writer(data, document).record()


class _Writer:
    """Turns the tables into a record, collecting every problem on the way."""

    def __init__(self, data: Mapping[str, Any], document: Document | None) -> None:
        self.data, self.document = data, document
        self.problems: list[Problem] = []
        for key in data:
            if key not in _TABLES:
                self._wrong((key,), "", f"one of {', '.join(_TABLES)}", did_you_mean(key, _TABLES))
        season = data.get("season", {})
        start = self._day(season, "start", dt.date(2025, 11, 15))
        end = self._day(season, "end", dt.date(start.year + (start.month > 6), 3, 15))
        self.first = self._day(season, "origin", start - dt.timedelta(days=60))
        last = self._day(season, "record_end", end + dt.timedelta(days=45))
        self.start_s, self.end_s = self._seconds_of(start), self._seconds_of(end) + _DAY_S
        self.last, self.record_end_s = last, self._seconds_of(last) + _DAY_S
        self._keys(("season",), season, ("start", "end", "origin", "record_end"))
        if not (self.first <= start <= end and self.first <= last):
            self._wrong(("season",), f"{start} – {end}, record to {last}", "start <= end, origin <= record_end")
        if (max(end, last) - self.first).days > _LONGEST_D:
            self._wrong(
                ("season",), f"{self.first} – {max(end, last)}", f"at most {_LONGEST_D} days from origin to the end"
            )
        for place, name in enumerate(data.get("logged", [])):
            if name not in KIND_CODE and name != _ALL:
                known = [kind.name for kind in KINDS]
                wanted = 'a kind of happening, or "all" for all of them'
                self._wrong(("logged", place), show_value(name), wanted, did_you_mean(name, known))
        # subjects: kind and name -> row
        self.kind: list[str] = []
        self.names: list[str] = []
        self.more: list[dict[str, Any]] = []
        self.row: dict[tuple[str, str], int] = {}
        self.dwellings: dict[str, int] = {}  # estate -> dwellings it needs
        self.may_be: dict[str, list[str]] = {}  # name -> kinds that its entries allow

    def record(self) -> Record:
        """Return the record, or raise with everything that is wrong."""
        for kind, name in (("city", "汉中"), ("authority", "主管部门")):
            self._subject(kind, name)
        for kind in ("operator", "source", "substation"):
            for place, table in enumerate(self._list(kind)):
                self._subject(kind, str(table.get("name", "")), table)
                self._keys(
                    (kind, place), table, ("name", "operator", "district", "source", "households", "manager", "paying")
                )
        told: set[str] = set()
        for place, table in enumerate(self._list("room")):
            self._keys(("room", place), table, ("estate", "from", "hourly_c", "offsets_k"))
            estate = str(table.get("estate", ""))
            if estate in told:
                self._wrong(("room", place, "estate"), show_value(estate), "an estate once")
            told.add(estate)
            self._estate(estate, len(table.get("offsets_k", [0.0])))
        self.may_be = self._may_be()
        self._each_once()
        entries = [self._entry(place, table) for place, table in enumerate(self._list("entry"))]
        subjects = self._subjects()
        builder = RecordBuilder()
        origin = OBSERVED if self.data.get("origin", "simulated") == "observed" else SIMULATED
        cases: dict[Any, int] = {}
        seqs: dict[Any, int] = {}
        for place, entry in enumerate(entries):
            if entry is None:
                continue
            case = cases.setdefault(entry["case"], len(cases)) if entry["case"] is not None else -1
            cause = -1
            if entry["cause"] is not None:
                cause = seqs.get(entry["cause"], -1)
                if cause < 0:
                    self._wrong(
                        ("entry", place, "cause"),
                        show_value(entry["cause"]),
                        "the name or number (from 1) of an entry above",
                    )
            seq = builder.note(entry["at"], entry["what"], self._dwelling_row(entry["subject"], subjects), case=case,
                               cause=cause, value=entry["value"], detail=entry["detail"], origin=origin)  # fmt: skip
            seqs[place + 1] = seq
            if entry["name"] is not None:
                seqs[entry["name"]] = seq
        tracks = self._tracks(subjects)
        if self.problems:
            raise RecordError(self.problems)
        columns: dict[str, Any] = builder.columns()
        stamp: dict[str, Any] = {"title": self.data.get("title", "")}
        if "logged" in self.data:
            stamp["logged"] = list(KIND_CODE) if _ALL in self.data["logged"] else list(self.data["logged"])
        elif origin == OBSERVED:  # nobody says what was kept: what is in it was
            stamp["logged"] = list(dict.fromkeys(str(table["what"]) for table in self._list("entry")))
        return Record(
            **columns,
            details=tuple(builder.details),
            tracks=tracks,
            subjects=subjects,
            scenario={"name": self.data.get("title", ""), "guide": self.data.get("guide", {})},
            calendar={
                "origin": self.first.isoformat(),
                "season_start": self.start_s,
                "season_end": self.end_s,
                "decided_start": self.start_s,
                "decided_end": self.end_s,
                "horizon": self.record_end_s,
                "end": self.record_end_s,
            },
            ended={"code": "complete", "at": self.record_end_s, "where": "", "why": ""},
            stamp=stamp,
        )

    # ------------------------------------------------------------ reading

    def _entry(self, place: int, table: Mapping[str, Any]) -> dict[str, Any] | None:
        path = ("entry", place)
        self._keys(path, table, _ENTRY_KEYS)
        what = table.get("what", "")
        if what not in KIND_CODE:
            known = [kind.name for kind in KINDS]
            self._wrong((*path, "what"), show_value(what), "a kind of happening", did_you_mean(str(what), known))
        value, as_time = table.get("value", float("nan")), False
        if isinstance(value, (str, dt.datetime, dt.date)):
            value, as_time = self._instant((*path, "value"), value), True  # a promised or expected time
        elif isinstance(value, bool) or not isinstance(value, (int, float)):
            self._wrong((*path, "value"), show_value(value), "a number, or a time as text")
            value = float("nan")
        value = within_floats(value)
        if what in KIND_CODE and (wanted := value_wanted(what, float(value), as_time=as_time)):
            self._wrong((*path, "value"), show_value(table["value"]) if "value" in table else "", wanted)
        elif what in _MOVING and not 0 <= value <= _LONGEST_D * _DAY_S:
            self._wrong(
                (*path, "value"), show_value(table["value"]), f"at most {_LONGEST_D} days from origin to the end"
            )
        at = self._instant((*path, "at"), table.get("at"))
        if at > self.record_end_s and not any(problem.path.startswith("season") for problem in self.problems):
            wanted = f"a time not after 24:00 of {self.last}, the record's last day"
            hint = "nothing is known of later: leave it out, or give a later season.record_end"
            self._wrong((*path, "at"), show_value(table.get("at")), wanted, hint)
        if what not in KIND_CODE:
            return None
        return {
            "at": at,
            "what": what,
            "subject": self._about(path, what, table.get("subject")),
            "case": table.get("case"),
            "value": float(value),
            "cause": table.get("cause"),
            "name": table.get("name"),
            "detail": table.get("detail"),
        }

    def _about(self, path: tuple[str | int, ...], what: str, subject: Any) -> tuple[int, int]:
        """Return (subjects row, dwelling of that cohort or -1)."""
        kinds = KINDS[KIND_CODE[what]].subject.split("|")
        if kinds[0] in ("city", "authority") and subject is None:
            return self._subject(kinds[0], self.names[self.kind.index(kinds[0])]), -1
        if not isinstance(subject, str) or not subject:
            example = "荔枝园/3" if kinds[0] == "dwelling" else "荔枝园"
            self._wrong(
                (*path, "subject"),
                "" if subject is None else show_value(subject),
                f'the name of a {" or ".join(kinds)}, e.g. "{example}"',
            )
            return 0, -1
        if kinds[0] == "dwelling":
            estate, _, number = subject.rpartition("/")
            if not estate or not number.isdecimal() or len(number) > 9 or not 1 <= int(number) <= MOST_DWELLINGS:
                self._wrong((*path, "subject"), show_value(subject), 'a dwelling as "estate/number", numbers from 1')
                return 0, -1
            return self._estate(estate, int(number)), int(number) - 1
        for kind in kinds:
            if (kind, subject) in self.row:
                return self.row[kind, subject], -1
        kind = next((kind for kind in self.may_be[subject] if kind in kinds), kinds[0])
        return self._estate(subject, 1) if kind == "cohort" else self._subject(kind, subject), -1

    def _each_once(self) -> None:
        """Note entries of a case that are written twice: the second would begin, or ask for, something of its own."""
        seen: dict[str, int] = {}
        for place, table in enumerate(self._list("entry")):
            first = seen.setdefault(str(sorted((key, str(value)) for key, value in table.items())), place)
            if first != place and "case" in table:
                self._wrong(("entry", place), f"the same as entry[{first}]", "every happening once")

    def _may_be(self) -> dict[str, list[str]]:
        """Return of which kinds each name may be by everything that the entries say of it, the likeliest first."""
        found: dict[str, list[str]] = {}
        for table in self._list("entry"):
            what, name = table.get("what"), table.get("subject")
            if what in KIND_CODE and isinstance(name, str):
                kinds = KINDS[KIND_CODE[what]].subject.split("|")
                if kinds == ["dwelling"]:
                    name, kinds = name.rpartition("/")[0], ["substation"]
                before = found.get(name, kinds)
                narrow, wide = sorted((kinds, before), key=len)
                found[name] = [kind for kind in narrow if kind in wide] or before
        return found

    def _subject(self, kind: str, name: str, table: Mapping[str, Any] | None = None) -> int:
        key = (kind, name)
        if key not in self.row:
            self.row[key] = len(self.kind)
            self.kind.append(kind)
            self.names.append(name)
            self.more.append({})
        self.more[self.row[key]].update(table or {})
        return self.row[key]

    def _estate(self, name: str, dwellings: int) -> int:
        """Return the row of an estate's one cohort, made with its substation when it is new."""
        self._subject("substation", name)
        self.dwellings[name] = max(self.dwellings.get(name, 0), dwellings)
        return self._subject("cohort", name)

    def _subjects(self) -> Subjects:
        """Return the table; every substation has one cohort of its own name, operators and districts by name."""
        for row, kind in list(enumerate(self.kind)):
            if kind == "substation":
                self._estate(self.names[row], int(self.more[row].get("households", 1)))
        if "operator" not in self.kind:
            self._subject("operator", "供热公司")
        first_operator = self.names[self.kind.index("operator")]
        owner, area = [], []
        for row in range(len(self.kind)):
            kind, name = self.kind[row], self.names[row]
            more = self.more[self.row["substation", name]] if kind == "cohort" else self.more[row]
            owned = kind not in ("city", "authority", "operator", "district", "crew")
            own = str(more.get("operator", first_operator)) if owned else name if kind == "operator" else ""
            owner.append(self._subject("operator", own) if own else -1)
            area.append(self._subject("district", str(more["district"])) if "district" in more else -1)
        count = len(self.kind)
        owner += [row if self.kind[row] == "operator" else -1 for row in range(len(owner), count)]
        area += [row if self.kind[row] == "district" else -1 for row in range(len(area), count)]
        households = np.zeros(count, np.int32)
        substation = np.full(count, -1, np.int32)
        first = np.full(count, -1, np.int32)
        offsets: list[float] = []
        paying: list[bool] = []
        rooms = {str(table.get("estate", "")): table for table in self._list("room")}
        for row in range(count):
            name = self.names[row]
            if self.kind[row] == "substation":
                substation[row], households[row] = row, self.dwellings[name]
            if self.kind[row] == "cohort":
                given = [float(offset) for offset in rooms.get(name, {}).get("offsets_k", [])]
                number = self.dwellings[name]
                first[row], households[row] = len(offsets), number
                substation[row] = self.row["substation", name]
                offsets += (given + [0.0] * number)[:number]
                pays = int(self.more[substation[row]].get("paying", number))
                paying += [k < pays for k in range(number)]
        return Subjects(
            kind=tuple(self.kind),
            id=tuple(self.names),
            name=tuple(self.names),
            operator=np.array(owner, np.int32),
            district=np.array(area, np.int32),
            substation=substation,
            manager=tuple(str(more.get("manager", "")) for more in self.more),
            households=households,
            floor_area_m2=np.asarray(households, np.float64) * 100.0,
            first_dwelling=first,
            offset_k=np.array(offsets, np.float32),
            paying=np.array(paying, np.bool_),
            source=np.array([self._source(row) for row in range(count)], np.int32),
        )

    def _source(self, row: int) -> int:
        """Return the source that a table names for a substation, and a source's own row."""
        if self.kind[row] == "source":
            return row
        place = self.row.get(("substation", self.names[row]), -1) if self.kind[row] in ("cohort", "substation") else -1
        named = str(self.more[place].get("source", "")) if place >= 0 else ""
        return self.row.get(("source", named), -1)

    def _dwelling_row(self, about: tuple[int, int], subjects: Subjects) -> int:
        row, dwelling = about
        return row if dwelling < 0 else len(subjects) + int(subjects.first_dwelling[row]) + dwelling

    def _tracks(self, subjects: Subjects) -> dict[str, Any]:
        hours = self.record_end_s // _HOUR_S
        tracks: dict[str, Any] = {}
        rooms = {str(table.get("estate", "")): (place, table) for place, table in enumerate(self._list("room"))}
        if rooms:
            cohorts = subjects.rows("cohort")
            room_c = np.full((hours + 1, len(cohorts)), np.nan, np.float32)
            for column, row in enumerate(cohorts):
                if subjects.name[row] in rooms:
                    place, table = rooms[subjects.name[row]]
                    self._fill(room_c[:, column], ("room", place), table.get("from"), table.get("hourly_c", []))
            tracks["room_c"] = room_c
        if "outdoor" in self.data:
            table = self.data["outdoor"]
            self._keys(("outdoor",), table, ("from", "hourly_c", "daily_mean_c"))
            hourly = table.get("hourly_c", np.repeat(table.get("daily_mean_c", []), 24).tolist())
            outdoor = np.zeros(hours, np.float32)
            self._fill(outdoor, ("outdoor",), table.get("from"), hourly)
            tracks["outdoor_c"] = outdoor
        for place, table in enumerate(self._list("series")):
            self._keys(("series", place), table, ("track", "subject", "from", "hourly"))
            name = str(table.get("track", ""))
            kind = TRACKS.get(name, "")
            rows = [row for row in range(len(subjects)) if subjects.kind[row] == kind]
            mine = [i for i, row in enumerate(rows) if subjects.name[row] == table.get("subject")]
            if not kind or not mine:
                known = [track for track, of in TRACKS.items() if of]
                found = f'"{name}" of "{table.get("subject", "")}"'
                self._wrong(("series", place), found, "a track and one of its subjects", did_you_mean(name, known))
                continue
            if name == "room_c":
                self._wrong(("series", place, "track"), show_value(name), "a [[room]] for rooms")
                continue
            track = tracks.setdefault(name, np.full((hours, len(rows)), np.nan, np.float32))
            self._fill(track[:, mine[0]], ("series", place), table.get("from"), table.get("hourly", []))
        for name, track in tracks.items():
            if track.ndim == 2 and name != "room_c" and np.isnan(track).any():
                lacking = np.flatnonzero(np.isnan(track).any(axis=0))
                names = [subjects.name[row] for row in subjects.rows(TRACKS[name])[lacking].tolist()]
                found = f"no {name} of {', '.join(names)}"
                hint = "where there was none of it the series is 0"
                self._wrong(("series",), found, "a series of every one of its kind, or of none", hint)
        return tracks

    def _fill(self, series: Any, path: tuple[str | int, ...], since: Any, values: Sequence[float]) -> None:
        """Lay values into an hourly series; the first and the last hold before and after."""
        if not len(values):
            self._wrong(path, "no values", "at least one hourly value")
            return
        first = self._instant((*path, "from"), since) // _HOUR_S if since is not None else 0
        position = np.clip(np.arange(len(series)) - first, 0, len(values) - 1)
        series[:] = np.asarray(values, np.float32)[position]

    # ------------------------------------------------------------ small things

    def _list(self, key: str) -> list[Mapping[str, Any]]:
        tables = self.data.get(key, [])
        return list(tables) if isinstance(tables, list) else []

    def _keys(self, path: tuple[str | int, ...], table: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in table:
            if key not in known:
                self._wrong((*path, key), "", f"one of {', '.join(known)}", did_you_mean(key, known))

    def _day(self, table: Mapping[str, Any], key: str, default: dt.date) -> dt.date:
        value = table.get(key, default)
        if isinstance(value, str):
            try:
                value = dt.date.fromisoformat(value)
            except ValueError:
                value = None
        if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
            self._wrong(("season", key), show_value(table.get(key)), "a day such as 2025-11-15")
            return default
        if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            self._wrong(
                ("season", key), show_value(table.get(key)), f"a day of the years {_FIRST_YEAR} to {_LAST_YEAR}"
            )
            return default
        return value

    def _instant(self, path: tuple[str | int, ...], value: Any) -> int:
        """Return seconds from the origin of a local time, as text or as TOML's own."""
        found = value
        if isinstance(value, str):
            try:
                day_over = value.endswith(" 24:00")
                value = dt.datetime.fromisoformat(value.replace(" 24:00", " 00:00"))
                value += dt.timedelta(days=int(day_over))
            except ValueError:
                value = None
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            value = dt.datetime(value.year, value.month, value.day)
        if not isinstance(value, dt.datetime):
            self._wrong(path, "" if found is None else show_value(found), 'a local time such as "2025-11-20 03:10"')
            return 0
        shown = show_value(found)
        if value.tzinfo is not None:
            self._wrong(path, shown, 'a local time such as "2025-11-20 03:10"', "without an offset from UTC")
            return 0
        if abs((value.date() - self.first).days) > _FARTHEST_D:
            self._wrong(path, shown, f"a time within {_FARTHEST_D} days of the record's first day, {self.first}")
            return 0
        return round((value - dt.datetime.combine(self.first, dt.time())).total_seconds())

    def _seconds_of(self, day: dt.date) -> int:
        return (day - self.first).days * _DAY_S

    def _wrong(self, path: tuple[str | int, ...], found: str, wanted: str, hint: str = "") -> None:
        place = self.document.place(path) if self.document else None
        shown = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
        where = (place.file, place.line, place.column) if place else ("", 0, 0)
        self.problems.append(Problem(shown, found, wanted, hint, *where))
