"""Fault injection: what share of planted defects the checks find, and what share of sound papers they blame.

    python benchmarks/reviewer/faults.py [--set dev|reported] [--repeats 4] [--real 12] [--no-pdf] [--json FILE]

Each defect is planted alone into one of our own papers (Markdown, LaTeX, PDF), and into real papers where there are
any; its sound twin, the same sentence without the defect, stands in the same place of the clean copy. A defect is
found where a finding of its kind is there that the clean copy does not have; an alarm is a finding of that kind in
the clean copy. The two sets differ in seed, wording and real papers. Exit status 1 where a kind misses a target.
"""

from __future__ import annotations

import argparse
import functools
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import concealed
from hosts import MANUSCRIPTS, ROOT, Source, own_papers, real_papers, small_study, write
from plants import KINDS, Kind

from scientist.review.checks.context import Lookup

SETS = {"dev": (11, 0, (0, 30)), "reported": (97, 1, (30, 100))}
"""Seed, wording, and the real papers' range of hashes."""
DETECTED, BLAMED = 0.95, 0.05
YEAR = 2026


@dataclass
class Tally:
    kind: str
    planted: int = 0
    found: int = 0
    clean: int = 0
    blamed: int = 0
    missed: str = ""

    def count(self, found: bool, blamed: bool, where: str) -> None:
        self.planted += 1
        self.clean += 1
        self.found += found
        self.blamed += blamed
        self.missed += "" if found else f" {where}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--set", choices=SETS, default="dev", dest="name")
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--real", type=int, default=12, help="real papers to plant in as well")
    parser.add_argument("--no-pdf", action="store_true")
    parser.add_argument("--only", help="part of the name of a kind")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    pdf = not args.no_pdf and shutil.which("pdflatex") is not None
    kinds = [k for k in KINDS if not args.only or args.only in k.name]
    with tempfile.TemporaryDirectory() as folder:
        own = list(_own(Path(folder), args.name, args.repeats, pdf, kinds))
        own += list(_concealed(Path(folder), args.name, args.only, pdf)) if pdf or not args.no_pdf else []
        real = list(_real(Path(folder), args.name, args.real, kinds))
    print(f"Own papers, set {args.name}, seed {SETS[args.name][0]}\n")
    missed = _table(own)
    if real:
        print(f"\nThe same planted in {args.real} real papers; alarms are those that the sound twin causes\n")
        missed += _table(real)
    if args.json:
        args.json.write_text(json.dumps({"own": [asdict(t) for t in own], "real": [asdict(t) for t in real]}, indent=1))
    return 1 if missed else 0


# ------------------------------------------------------------------------------------------- planting


def _own(folder: Path, name: str, repeats: int, pdf: bool, kinds: list[Kind]) -> Iterator[Tally]:
    seed, wording, _ = SETS[name]
    for kind in kinds:
        tally = Tally(kind.name)
        hosts = [h for h in own_papers() if kind.hosts in ("any", h.name)]
        for host in hosts:
            for format in kind.formats:
                for r in range(repeats if format != "pdf" else 1):
                    if format == "pdf" and (not pdf or host.name != "small-study"):
                        continue
                    key = f"{seed} {kind.name} {host.name} {format} {r}"
                    clean = _findings(_made(host, kind, key, wording, False), format, folder, kind.checks)
                    faulty = _findings(_made(host, kind, key, wording, True), format, folder, kind.checks)
                    tally.count(bool(faulty - clean), bool(clean), f"{host.name}.{format}.{r}")
        yield tally


def _real(folder: Path, name: str, most: int, kinds: list[Kind]) -> Iterator[Tally]:
    seed, wording, (first, last) = SETS[name]
    hosts = real_papers(first, last, most)
    for kind in (k for k in kinds if k.hosts == "any" and hosts):
        tally = Tally(kind.name)
        for host in hosts:
            before = _findings(host, "markdown", folder, kind.checks)
            key = f"{seed} {kind.name} {host.name}"
            clean = _findings(_made(host, kind, key, wording, False), "markdown", folder, kind.checks)
            faulty = _findings(_made(host, kind, key, wording, True), "markdown", folder, kind.checks)
            tally.count(bool(faulty - clean), bool(clean - before), host.name)
        yield tally


def _made(host: Source, kind: Kind, key: str, wording: int, faulty: bool) -> Source:
    paper = host.copy()
    (kind.faulty if faulty else kind.sound)(paper, random.Random(key), wording)
    return paper


def _findings(paper: Source, format: str, folder: Path, checks: tuple[str, ...]) -> set[tuple[str, str]]:
    key = f"{format} {checks} {paper}"
    if key not in _SEEN:
        place = Path(tempfile.mkdtemp(dir=folder))
        _SEEN[key] = _checked(write(paper, format, place), checks)
        shutil.rmtree(place)
    return _SEEN[key]


def _checked(path: Path, checks: tuple[str, ...], page_limit: int | None = None) -> set[tuple[str, str]]:
    """The findings of some checks, each under the name of its function."""
    from scientist.review.checks.context import Context
    from scientist.review.integrity import CHECKS
    from scientist.review.manuscript import read_manuscript

    context = Context(read_manuscript(path), YEAR, _lookup(), page_limit)
    found = [f for check in CHECKS if check.__name__ in checks for f in check(context)]  # type: ignore[attr-defined]
    return {(f.check, f"{f.message} {f.span.text if f.span else ''}") for f in found}


@functools.cache
def _lookup() -> Lookup:
    from scientist.review.lookup import library_lookup

    find = library_lookup()
    return functools.cache(find)


_SEEN: dict[str, set[tuple[str, str]]] = {}


# ------------------------------------------------------------------------------------------- hidden text, pages


def _concealed(folder: Path, name: str, only: str | None, pdf: bool) -> Iterator[Tally]:
    wording = SETS[name][1]
    orders = concealed.ORDERS[wording]
    for format, make in (("markdown", concealed.in_markdown), ("latex", concealed.in_latex)):
        clean = _findings(small_study(), format, folder, _HIDDEN)
        for place in concealed.PLACES[format]:
            tally = Tally(f"hidden order, {format}: {place}")
            for n, order in enumerate(orders if not only or only in tally.kind else ()):
                paper = small_study()
                make(place, paper, order)
                tally.count(bool(_findings(paper, format, folder, _HIDDEN) - clean), bool(clean), str(n))
            yield tally
    if pdf:
        yield from _in_pdfs(folder, orders, only)


def _in_pdfs(folder: Path, orders: tuple[str, ...], only: str | None) -> Iterator[Tally]:
    originals = [
        write(small_study(), "pdf", folder / "original"),
        *sorted((ROOT / "papers").glob("sample-*/paper.pdf")),
    ]
    clean = {path: _checked(path, _HIDDEN) for path in originals}
    for place in concealed.PLACES["pdf"]:
        tally = Tally(f"hidden order, pdf: {place}")
        for n, order in enumerate(orders if not only or only in tally.kind else ()):
            for path in originals[: 2 if n == 0 else 1]:
                made = concealed.in_pdf(place, path, folder / "made.pdf", order)
                tally.count(bool(_checked(made, _HIDDEN) - clean[path]), bool(clean[path]), f"{path.parent.name}.{n}")
        yield tally
    if not only or only in "too many pages":
        yield _pages()


_HIDDEN = ("hidden_instructions",)
_MAIN_PAGES = {"sample-grokking/paper.pdf": 5, "attention.pdf": 9, "132_automated_relational.pdf": 10}
"""Pages of the main part, counted by eye."""


def _pages() -> Tally:
    tally = Tally("too many pages")
    for path in (*sorted((ROOT / "papers").glob("sample-*/paper.pdf")), *sorted(MANUSCRIPTS.glob("*.pdf"))):
        for name, pages in _MAIN_PAGES.items():
            if path.as_posix().endswith(name):
                over = _checked(path, ("page_limit",), pages - 1)
                within = _checked(path, ("page_limit",), pages)
                tally.count(bool(over), bool(within), name)
    return tally


def _table(tallies: list[Tally]) -> int:
    """Prints a row for each kind and one for all; the number of kinds that miss a target."""
    counted = [t for t in tallies if t.planted]
    print("| defect | found | of | alarms | of | missed |\n|---|---|---|---|---|---|")
    for t in counted:
        print(f"| {t.kind} | {t.found} | {t.planted} | {t.blamed} | {t.clean} |{t.missed[:60]} |")
    planted, clean = sum(t.planted for t in counted), sum(t.clean for t in counted)
    found, blamed = sum(t.found for t in counted), sum(t.blamed for t in counted)
    print(f"| **all** | **{found}** ({found / max(planted, 1):.1%}) | {planted} | "
          f"**{blamed}** ({blamed / max(clean, 1):.1%}) | {clean} | |")  # fmt: skip
    return sum(t.found < DETECTED * t.planted or t.blamed > BLAMED * t.clean for t in counted)


if __name__ == "__main__":
    sys.exit(main())
