"""Venues: what a style declares in its ``venue.toml``, which files it brings, and which of TeX's it needs."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator

from scientist.errors import EnvironmentProblem, UsageError
from scientist.types import Frozen

VENUES = Path(__file__).parent / "venues"
SHARED = VENUES / "shared"
FILE = "venue.toml"
SHIPPED = (".sty", ".cls", ".bst", ".clo", ".bbx", ".cbx", ".def")
"""Files of a venue's folder that go beside ``main.tex``."""
SLOTS = (
    "abstract", "introduction", "related_work", "method", "setup", "results", "discussion", "limitations", "conclusion",
    "reproducibility", "disclosure",
)  # fmt: skip
STAYING = frozenset({"abstract", "introduction", "results", "limitations", "conclusion", "disclosure"})
"""Sections that no page limit moves: without them a paper's first pages would not say what was found, or its limits."""


class Venue(Frozen):
    """A venue's folder, as ``venue.toml`` declares it; ``docs/venues.md`` explains each key.

    ``needs`` maps files of TeX to the Debian packages that bring them. ``movable`` names what goes to the appendix, in
    this order, while the main text is longer than ``page_limit`` pages: sections by slot, floats as ``table:<id>``
    and ``figure:<id>``.
    """

    name: str
    folder: Path
    title: str
    documentclass: str
    options: tuple[str, ...] = ()
    columns: Literal[1, 2] = 1
    style: str = ""
    style_options: tuple[str, ...] = ()
    bibliography_style: str
    citations: Literal["author-year", "numbers"] = "author-year"
    abstract_first: bool = False
    notice: str = ""
    anonymous: bool = False
    anonymous_options: tuple[str, ...] = ()
    page_limit: int | None = Field(None, ge=1)
    movable: tuple[str, ...] = ("table:design", "related_work", "setup", "discussion")
    uncounted: tuple[str, ...] = ("reproducibility", "disclosure")
    headings: dict[str, str] = Field({})
    needs: dict[str, str] = Field({})

    @field_validator("movable")
    @classmethod
    def _may_move(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        for item in items:
            kind, colon, id = item.partition(":")
            if not (colon and kind in ("table", "figure") and id) and (item not in SLOTS or item in STAYING):
                may = ", ".join(s for s in SLOTS if s not in STAYING)
                raise ValueError(f"{item!r} cannot be moved; what can: {may}, table:<id>, figure:<id>")
        return items

    @field_validator("uncounted")
    @classmethod
    def _are_sections(cls, items: tuple[str, ...]) -> tuple[str, ...]:
        return _known_slots(items)

    @field_validator("headings")
    @classmethod
    def _of_sections(cls, headings: dict[str, str]) -> dict[str, str]:
        _known_slots(tuple(headings))
        return headings

    @property
    def files(self) -> dict[str, Path]:
        """The files that compile with ``main.tex``: the shared ones, and the venue's own, by name."""
        folders = (SHARED, self.folder)
        return {p.name: p for folder in folders for p in sorted(folder.iterdir()) if p.suffix in SHIPPED}


def venues() -> list[str]:
    return sorted(p.parent.name for p in VENUES.glob(f"*/{FILE}"))


def load_venue(name: str, folder: str | Path | None = None) -> Venue:
    """The venue called ``name``, or the one in ``folder`` if that is given.

    Raises UsageError, naming the key that is wrong and what is expected, or listing the venues there are.
    """
    if folder is not None:
        place = Path(folder).resolve()
        return _read(place, place.name)
    if name not in venues():
        raise UsageError(
            f"no venue is called {name!r}", f"known: {', '.join(venues())}; a style of your own: --venue-dir FOLDER"
        )
    return _read(VENUES / name, name)


def lacking(venue: Venue) -> dict[str, str]:
    """The files of TeX that the venue needs and this machine lacks, with the Debian package of each ("" if unknown)."""
    wanted = {f"{venue.documentclass}.cls": "", f"{venue.bibliography_style}.bst": "", **venue.needs}
    own = venue.files
    return {file: package for file, package in wanted.items() if file not in own and not tex_has(file)}


def require(venue: Venue) -> None:
    """Raise EnvironmentProblem, naming the packages to install, where TeX lacks a file that the venue needs."""
    missing = lacking(venue)
    if not missing:
        return
    packages = " ".join(dict.fromkeys(p for p in missing.values() if p))
    install = f"sudo apt-get install --no-install-recommends {packages}" if packages else ""
    own = f"put {', '.join(f for f, p in missing.items() if not p) or 'them'} into {venue.folder}"
    raise EnvironmentProblem(
        f"the venue {venue.name!r} needs {', '.join(missing)}, which TeX does not find here",
        f"{install or own}; or write for --venue preprint, which needs nothing more",
    )


def tex_has(file: str) -> bool:
    """Whether TeX finds a file; False without TeX, which is reported where it is needed."""
    kpsewhich = shutil.which("kpsewhich")
    if kpsewhich is None:
        return False
    return subprocess.run([kpsewhich, file], capture_output=True, timeout=30, check=False).returncode == 0


def _read(folder: Path, name: str) -> Venue:
    file = folder / FILE
    try:
        table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as e:
        raise UsageError(f"{file} cannot be read: {e.strerror}", "a venue is a folder with a venue.toml") from e
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
        raise UsageError(f"{file} is not TOML: {e}", "docs/venues.md shows a whole one") from e
    known = sorted(set(Venue.model_fields) - {"name", "folder"})
    for key in table:
        if key not in known:
            raise UsageError(f"{file}: unknown key {key!r}", f"known keys: {', '.join(known)}")
    try:
        venue = Venue(**{**table, "name": name, "folder": folder})
    except ValidationError as e:
        told = "; ".join(f"{'.'.join(map(str, x['loc']))}: {x['msg']}" for x in e.errors())
        raise UsageError(f"{file}: {told}", "docs/venues.md says what each key may hold") from e
    if venue.style and venue.style not in venue.files:
        raise UsageError(f"{file}: style: there is no {venue.style} in {folder}", "put the file there, or name another")
    return venue


def _known_slots(items: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [i for i in items if i not in SLOTS]:
        raise ValueError(f"{unknown[0]!r} is no section; sections: {', '.join(SLOTS)}")
    return items
