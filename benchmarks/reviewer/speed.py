"""How fast manuscripts are reviewed without a model: ``python benchmarks/reviewer/speed.py [FOLDER] [--many N]``.

Each PDF is extracted bare (pypdf's text of every page, which is the least that any reader must do), read, and reviewed
as the command does it; CPU seconds, so that other work on the machine does not count. ``--many`` reviews N copies with
one process a core, wall time.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from pypdf import PdfReader

from scientist.config import RunConfig
from scientist.review.batch import Order, carry_out, cores, review_many
from scientist.review.manuscript import read_manuscript

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "manuscripts"


class Row(NamedTuple):
    """CPU seconds of one file."""

    name: str
    pages: int
    bare: float
    read: float
    review: float


def measure(pdf: Path, repeats: int) -> Row:
    """The median of ``repeats`` measurements; a first one warms what is opened once a process."""
    order = Order(pdf, pdf.stem, RunConfig(), "general")
    carry_out(order)

    def bare() -> Any:
        return [page.extract_text() for page in PdfReader(pdf).pages]

    timed = [_median(work, repeats) for work in (bare, lambda: read_manuscript(pdf), lambda: carry_out(order))]
    return Row(pdf.stem, len(PdfReader(pdf).pages), *timed)


def _median(work: Callable[[], Any], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return sorted(taken)[len(taken) // 2]


def table(rows: list[Row]) -> str:
    """The rows and their sum, as Markdown."""
    total = Row("all", *(sum(column) for column in zip(*(r[1:] for r in rows), strict=True)))
    lines = [
        "| manuscript | pages | bare s | read s | review s | review / bare | pages/s/core |",
        "|---|" + "---:|" * 6,
    ]
    lines += [
        f"| {r.name} | {r.pages} | {r.bare:.2f} | {r.read:.2f} | {r.review:.2f} | {r.review / r.bare:.2f} | "
        f"{r.pages / r.review:.1f} |"
        for r in [*rows, total]
    ]
    return "\n".join(lines)


def command_seconds(pdf: Path) -> tuple[float, float]:
    """CPU seconds of ``scientist review`` of one file, and of starting it on a file that it refuses at once."""
    with tempfile.NamedTemporaryFile(suffix=".md") as empty:
        return _child(str(pdf)), _child(empty.name)


def _child(file: str) -> float:
    def used() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = used()
    command = [sys.executable, "-m", "scientist.cli.main", "review", file]
    subprocess.run(command, capture_output=True, timeout=300, check=False, env={**os.environ, "OMP_NUM_THREADS": "1"})
    return used() - before


def many(files: list[Path], count: int) -> str:
    """One sentence on ``count`` manuscripts at the same time."""
    orders = [Order(files[i % len(files)], f"m{i}", RunConfig(), "general") for i in range(count)]
    begun = time.monotonic()
    outcomes = list(review_many(orders))
    seconds = time.monotonic() - begun
    pages = sum(o.pages or 0 for o in outcomes)
    failed = sum(o.review is None for o in outcomes)
    return (
        f"{count} manuscripts, {pages} pages, in {seconds:.0f} s on {cores()} cores ({pages / seconds:.1f} pages/s, "
        f"{failed} failed); load of the machine meanwhile {os.getloadavg()[0]:.1f}."
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--many", type=int, default=0, metavar="N")
    given = parser.parse_args()
    files = sorted(given.folder.glob("*.pdf"))
    if not files:
        raise SystemExit(f"no PDF in {given.folder}")
    rows = [measure(pdf, given.repeats) for pdf in files]
    print(table(rows))
    whole, start = command_seconds(files[0])
    ratio = (whole - start) / rows[0].bare
    print(f"\nThe command on {rows[0].name}: {whole:.2f} s, start-up {start:.2f} s, the rest {ratio:.2f} × bare.")
    if given.many:
        print("\n" + many(files, given.many))


if __name__ == "__main__":
    main()
