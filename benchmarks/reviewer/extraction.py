"""What reading a PDF costs in time and errors: ``python benchmarks/reviewer/extraction.py [FOLDER]``.

Words are compared with those that poppler's ``pdftotext``, which shares no code with the reader, finds on the same
pages; lines that stand on a third of the pages or more (running heads, watermarks), which the reader drops, are left
out of both. Sections, references, figures, tables and equations are compared with the marks that LaTeX left in the file
(outline and link targets), which the reader does not use; a file without them has no truth for these.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pypdf import PdfReader

from scientist.review.manuscript import read_manuscript
from scientist.types import Manuscript

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "manuscripts"
KINDS = ("sections", "references", "figures", "tables", "equations")
_PREFIX = {"references": "cite.", "figures": "figure.", "tables": "table.", "equations": "equation."}


class Row(NamedTuple):
    """Errors of one file: shares of words, and for each kind what was read and what is true (None: not known)."""

    name: str
    pages: int
    seconds: float
    bare_seconds: float
    missed: float
    added: float
    counts: dict[str, tuple[int, int | None]]
    headings: float | None


def measure(pdf: Path) -> Row:
    """Read one PDF; times are CPU seconds, the better of two."""
    bare = min(_timed(lambda: [page.extract_text() for page in PdfReader(pdf).pages])[0] for _ in range(2))
    seconds, m = min((_timed(lambda: read_manuscript(pdf)) for _ in range(2)), key=lambda t: t[0])
    ours, theirs = _words("\n".join(m.page_texts)), _words(_pdftotext(pdf))
    reader = PdfReader(pdf)
    return Row(
        name=pdf.stem,
        pages=m.pages or 0,
        seconds=seconds,
        bare_seconds=bare,
        missed=(theirs - ours).total() / theirs.total(),
        added=(ours - theirs).total() / ours.total(),
        counts={kind: (_read(m, kind), _true(reader, kind)) for kind in KINDS},
        headings=_headings(m, reader),
    )


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| manuscript | pages | s | × bare | words missed | words added | headings | " + " | ".join(KINDS) + " |"]
    lines.append("|---|" + "---:|" * (6 + len(KINDS)))
    for r in rows:
        counts = " | ".join(f"{read} of {'?' if true is None else true}" for read, true in r.counts.values())
        headings = "?" if r.headings is None else f"{r.headings:.0%}"
        lines.append(
            f"| {r.name} | {r.pages} | {r.seconds:.2f} | {r.seconds / r.bare_seconds:.1f} | {r.missed:.2%} | "
            f"{r.added:.2%} | {headings} | {counts} |"
        )
    return "\n".join(lines)


def _timed(work: Any) -> tuple[float, Any]:
    begun = time.process_time()
    result = work()
    return time.process_time() - begun, result


def _pdftotext(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", str(pdf), "-"], check=True, capture_output=True, timeout=120)
    pages = done.stdout.decode("utf-8", "replace").split("\f")
    counts = Counter(line for page in pages for line in {_masked(line) for line in page.splitlines()})
    least = max(3, len(pages) // 3)
    return "\n".join(line for page in pages for line in page.splitlines() if counts[_masked(line)] < least)


def _masked(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _words(text: str) -> Counter[str]:
    """Words of three letters or more, with no hyphens: each extractor joins broken words in its own way."""
    text = unicodedata.normalize("NFKC", re.sub(r"(?<=\w)[-‐\u00ad]\s*(?=\w)", "", text)).casefold()
    return Counter(re.findall(r"[^\W\d_]{3,}", text))


def _read(m: Manuscript, kind: str) -> int:
    if kind == "sections":
        return len(m.sections) + len(m.appendix)
    if kind in ("figures", "tables"):
        return sum(f.kind == kind[:-1] for f in m.floats)
    return m.equations if kind == "equations" else len(m.references)


def _true(reader: PdfReader, kind: str) -> int | None:
    titles = list(_outline(reader.outline))
    if not titles:
        return None
    if kind == "sections":
        return len(titles)
    return len({n for n in reader.named_destinations if str(n).startswith(_PREFIX[kind])})


def _outline(items: Any) -> Iterator[str]:
    for item in items:
        if isinstance(item, list):
            yield from _outline(item)
        else:
            yield str(item.title)


def _headings(m: Manuscript, reader: PdfReader) -> float | None:
    """The share of the outline's titles that are headings as they were read, letter for letter."""
    true = [_letters(t) for t in _outline(reader.outline)]
    read = {_letters(s.heading) for s in (*m.sections, *m.appendix)}
    return sum(t in read for t in true) / len(true) if true else None


def _letters(heading: str) -> str:
    heading = re.sub(r"^(?:\d+(?:\.\d+)*|[A-Z](?:\.\d+)*)\.?\s+(?=\S)", "", heading)
    return "".join(c for c in heading.casefold() if c.isalnum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER)
    folder = parser.parse_args().folder
    if shutil.which("pdftotext") is None:
        raise SystemExit("pdftotext is needed (poppler-utils)")
    files = sorted(folder.glob("*.pdf"))
    if not files:
        raise SystemExit(f"no PDF in {folder}")
    print(table([measure(pdf) for pdf in files]))


if __name__ == "__main__":
    main()
