"""Lines of a document, cleaned: running heads, page and line numbers dropped, ligatures resolved, hyphens mended."""

from __future__ import annotations

import re
import statistics
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise

from scientist.review.extract import Line, counts_up

_LIGATURES = {
    "\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st",
    "\u00ad": "", "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\u2009": " ", "\u200a": " ", "\u2010": "-",
    "\u2011": "-",     "\x00": "", "\ufffd": "", "\r": "",
}  # fmt: skip
_TABLE = str.maketrans(_LIGATURES)
_ACCENTS = {"´": "\u0301", "`": "\u0300", "¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "ˇ": "\u030c", "¸": "\u0327",
            "˚": "\u030a", "˘": "\u0306", "¯": "\u0304"}  # fmt: skip
_ACCENT = re.compile(r"([´`¨ˆ˜ˇ˚˘¯])\s?([A-Za-zı])")
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]")
_COMPOUND_ENDS = frozenset(
    """based free aware agnostic specific shot wise like dependent driven level scale order art learner learning trained
    tuned tuning training supervised dimensional independent invariant efficient theoretic world quality sized term
    time parameter attention source end only and or to of the""".split()
)
_HYPHEN_END = re.compile(r"([A-Za-z]{2,})-$")


def clean(text: str) -> str:
    """One line of text with ligatures, odd spaces, spacing accents and invisible characters resolved."""
    text = _ZERO_WIDTH.sub("", text.translate(_TABLE))
    text = _ACCENT.sub(lambda m: _accented(m.group(2), _ACCENTS[m.group(1)]), text)
    return "".join(c for c in text if c >= " " or c == "\t").rstrip()


def invisible_characters(text: str) -> list[str]:
    """Zero-width, direction and tag characters in a text; tag characters are decoded into the text they smuggle."""
    found = _ZERO_WIDTH.findall(text)
    smuggled = "".join(chr(ord(c) - 0xE0000) for c in found if 0xE0020 <= ord(c) <= 0xE007E)
    return [smuggled] if smuggled else found


def _accented(letter: str, mark: str) -> str:
    return unicodedata.normalize("NFC", ("i" if letter == "ı" else letter) + mark)


def drop_furniture(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Pages without line numbers, running heads and feet, watermarks and page numbers."""
    pages = [_without_line_numbers(page) for page in pages]
    repeated = _repeated(pages)
    return [[line for line in page if _key(line) not in repeated and not _is_page_number(line, page)] for page in pages]


def _key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", line.text.lower()), round(line.y / 6)


def _repeated(pages: Sequence[Sequence[Line]]) -> set[tuple[str, int]]:
    """Lines that stand at the same height on at least three pages and a third of all (left and right heads differ)."""
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        counts.update({_key(line) for line in page})
    least = max(3, len(pages) // 3)
    return {key for key, n in counts.items() if n >= least and key[1] != 0 and len(key[0]) > 1}


def _is_page_number(line: Line, page: Sequence[Line]) -> bool:
    if not re.fullmatch(r"(?:page\s+)?[\divxlc]{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", line.text.strip(), re.IGNORECASE):
        return False
    heights = [other.y for other in page if not other.drawn]  # a drawing has its own coordinates
    return len(heights) > 1 and line.y in (min(heights), max(heights))


def _without_line_numbers(page: Sequence[Line]) -> list[Line]:
    """Drop the numbers that review styles print in the margin, on lines of their own or before each line."""
    alone = [i for i, line in enumerate(page) if re.fullmatch(r"\d{1,4}", line.text)]
    if counts_up([int(page[i].text) for i in alone]):
        drop = set(alone)
        page = [line for i, line in enumerate(page) if i not in drop]
    leading = [(i, m) for i, line in enumerate(page) if (m := re.match(r"(\d{1,4})(?=\D|$)\s*", line.text))]
    if len(leading) >= 0.6 * len(page) and counts_up([int(m.group(1)) for _, m in leading]):
        numbered = {i: m.end() for i, m in leading}
        page = [line._replace(text=line.text[numbered.get(i, 0) :]) for i, line in enumerate(page)]
    return [line for line in page if line.text]


def body_size(lines: Iterable[Line]) -> float:
    """The size of most characters, in points."""
    weights: dict[float, int] = defaultdict(int)
    for line in lines:
        weights[line.size] += len(line.text)
    return max(weights, key=lambda s: weights[s]) if weights else 0.0


def leading(lines: Sequence[Line]) -> float:
    """The usual distance between two lines of a paragraph, in points (0 where lines have no place)."""
    gaps = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and 4 < a.y - b.y < 40]
    return statistics.median(gaps) if gaps else 0.0


def join(lines: Sequence[Line], vocabulary: frozenset[str], usual: float) -> str:
    """Lines to paragraphs (parted by a blank line); words broken at a line's end are joined."""
    paragraphs: list[str] = []
    current = ""
    previous: Line | None = None
    for line in lines:
        if previous is not None and current and _parted(previous, line, usual):
            paragraphs.append(current)
            current = ""
        current = _joined(current, line.text.strip(), vocabulary) if current else line.text.strip()
        previous = line
    if current:
        paragraphs.append(current)
    return "\n\n".join(p for p in paragraphs if p)


def _parted(a: Line, b: Line, usual: float) -> bool:
    if not b.text.strip() or not a.text.strip():
        return True
    if usual and a.page == b.page and a.y - b.y > 1.35 * usual:
        return True
    if a.page == b.page and abs(a.size - b.size) > 0.6 and min(len(a.text), len(b.text)) > 25:
        return True
    return b.text.lstrip().startswith("•")


def _joined(left: str, right: str, vocabulary: frozenset[str]) -> str:
    match = _HYPHEN_END.search(left)
    if not match or not right[:1].isalpha():
        return f"{left} {right}"
    head, tail = match.group(1), re.match(r"[A-Za-z]+", right)
    tail_word = tail.group() if tail else ""
    if head.isupper() and tail_word.isupper():
        return left[:-1] + right
    if f"{head}-{tail_word}".lower() in vocabulary or right[:1].isupper() or tail_word.lower() in _COMPOUND_ENDS:
        return left + right
    return left[:-1] + right


def vocabulary_of(lines: Iterable[Line]) -> frozenset[str]:
    """The hyphenated words that stand inside lines: at a line's end their hyphen is kept."""
    text = "\n".join(line.text for line in lines).lower()
    return frozenset(re.findall(r"\b[a-z]{2,}-[a-z]{2,}\b(?!-?\n)", text))
