"""Reference lists: lines to entries, an entry to label, authors, year and title where they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from scientist.review.extract import Line
from scientist.review.lines import join, vocabulary_of
from scientist.types import CitedWork

_LABEL = re.compile(r"\s*(?:\[(?P<square>[^\[\]]{1,40})\]|(?P<plain>\d{1,3})\.)\s+(?=\S)")
_YEAR = re.compile(r"(?<![\d.:/\-–])((?:19|20)\d\d)([a-z])?(?![\d:/]|\.\d|[-–]\d)")
_QUOTED = re.compile(r"[“\"]([^”\"]{8,300}?)[,.]?[”\"]")
_NAME_END = re.compile(r"(?:\b[A-Z]|\bJr|\bSr|\bSt)\.$")
_OPENS = re.compile(
    r"(?:[-*•]\s|[^\W\d_a-z][\w'’.-]*(?:\s+[^\W\d_][\w'’.-]*){0,4}(?:,|\s+and\s|\s*\(|\.\s+[^\W\d_a-z]))", re.UNICODE
)
"""How an entry begins: one or more names, then a comma, "and", a bracket or the full stop before the title."""
_SPLIT = re.compile(r"[.?!](?:[”\"])?\s+")


def parse_references(lines: Sequence[Line], vocabulary: frozenset[str] = frozenset()) -> list[CitedWork]:
    """The entries of a reference list in their order. ``vocabulary``: hyphenated words of the rest of the document."""
    vocabulary |= vocabulary_of(lines)
    entries = (" ".join(join(entry, vocabulary, 0.0).split()) for entry in _entries(lines))
    return [parse_entry(e) for e in entries if len(e) > 12 and re.search(r"[A-Za-z]{3}", e)]


def parse_entry(raw: str) -> CitedWork:
    """One entry; what cannot be read is None or empty."""
    match = _LABEL.match(raw)
    label = (match["square"] or match["plain"]) if match else ""
    text = raw[match.end() :] if match else raw
    authors, title = _authors_and_title(text)
    return CitedWork(raw=raw, label=label, title=title, authors=authors, year=_year(text, title))


def title_readings(entry: CitedWork) -> list[str]:
    """What an entry's title may be: as parsed, without the year behind it, and each piece after an initial's stop.

    In "Ba, J. Adam: A method. ICLR, 2015." nothing tells the title from a name but what a library knows.
    """
    text = entry.raw[match.end() :] if (match := _LABEL.match(entry.raw)) else entry.raw
    found = [re.sub(r",?\s*(?:19|20)\d\d[a-z]?$", "", entry.title)] if entry.title else []
    for start in re.finditer(r"\b[A-Z]\.\s+(?=[^\W_][^\s,]*\s)", text[:400]):
        rest = text[start.end() :]
        first = re.match(r"[^.?!]{8,250}(?:[.?!]|$)", rest)
        if first:
            found.append(first.group().rstrip("."))
            if first.group().endswith(("?", "!")):
                found += [m.group().rstrip(".") for m in [re.match(r"[^.]{8,300}", rest)] if m]
    return list(dict.fromkeys(found))


def arxiv_number(raw: str) -> str | None:
    """The arXiv number that an entry bears, without its version."""
    match = re.search(r"(?:arxiv[:.\s]*(?:org/)?(?:abs/|pdf/)?|abs/)\s*(\d{4}\.\d{4,5})", raw, re.IGNORECASE)
    return match[1] if match else None


# ------------------------------------------------------------------------------------------- lines to entries


def _entries(lines: Sequence[Line]) -> Iterator[list[Line]]:
    lines = [line for line in lines if line.text.strip()]
    starts = _labelled(lines) or _hanging(lines) or _spaced(lines) or _by_ending(lines)
    current: list[Line] = []
    for i, line in enumerate(lines):
        if i in starts and current:
            yield current
            current = []
        current.append(line)
    if current:
        yield current


def _labelled(lines: Sequence[Line]) -> set[int]:
    starts = {i for i, line in enumerate(lines) if _LABEL.match(line.text)}
    return starts if len(starts) >= 2 and 0 in starts and len(starts) >= len(lines) / 12 else set()


def _hanging(lines: Sequence[Line]) -> set[int]:
    """First lines stand further left than the rest of their entry; each column of each page has its own margin."""
    starts: set[int] = set()
    indented = 0
    for column in _columns(lines):
        left = min(lines[i].x for i in column)
        for i in column:
            if lines[i].x - left < 3.0:
                starts.add(i)
            else:
                indented += 1
    return starts if indented >= 0.15 * len(lines) and starts else set()


def _columns(lines: Sequence[Line]) -> list[list[int]]:
    """Runs of lines going down one column of one page."""
    columns: list[list[int]] = []
    for i, line in enumerate(lines):
        new = not columns or line.page != lines[i - 1].page or line.y > lines[i - 1].y + 40 or line.x == 0
        if new and not (columns and line.x == 0 and lines[i - 1].x == 0):
            columns.append([])
        columns[-1].append(i)
    return columns


def _spaced(lines: Sequence[Line]) -> set[int]:
    """Entries parted by more space than their lines, where there is no indent."""
    gaps = [a.y - b.y for a, b in pairwise(lines) if a.page == b.page and a.y > b.y]
    if not gaps or max(gaps) < 1.25 * min(gaps):
        return set()
    limit = (min(gaps) + sorted(gaps)[int(0.95 * (len(gaps) - 1))]) / 2
    if limit < 1.12 * min(gaps):
        return set()
    return {0} | {
        i for i in range(1, len(lines)) if lines[i - 1].y - lines[i].y > limit or lines[i - 1].page != lines[i].page
    }


def _by_ending(lines: Sequence[Line]) -> set[int]:
    """Plain text: an entry begins with a name after a line that ends with a full stop, or with "- "."""
    starts = {0} if lines else set()
    dated = False
    for i, line in enumerate(lines):
        before = lines[i - 1].text.rstrip(" _*`") if i else ""
        ended = before.endswith((".", ")", "]", "URL")) and dated  # a title's full stop does not end an entry
        if i and ((ended and _OPENS.match(line.text.strip())) or line.text.startswith(("- ", "* "))):
            starts.add(i)
            dated = False
        dated = dated or _YEAR.search(line.text) is not None
    return starts


# ------------------------------------------------------------------------------------------- an entry's fields


def _authors_and_title(text: str) -> tuple[tuple[str, ...], str | None]:
    text = re.sub(r"^[-*•]\s+", "", text)
    quoted = _QUOTED.search(text)
    if quoted:
        return _names(text[: quoted.start()]), _title(quoted[1])
    bracketed = re.match(r"(?P<names>.{3,400}?)\s*[(\[](?P<year>(?:19|20)\d\d)[a-z]?[)\]][.,:]?\s+(?P<rest>.+)", text)
    if bracketed and "." not in _without_initials(bracketed["names"]).rstrip("."):
        return _names(bracketed["names"]), _title(_first_piece(bracketed["rest"]))
    pieces = _pieces(text)
    if len(pieces) < 2:
        return _names(pieces[0]) if pieces and _looks_like_names(pieces[0]) else (), None
    if _YEAR.fullmatch(pieces[1].strip()) and len(pieces) > 2:
        return _names(pieces[0]), _title(pieces[2])
    return _names(pieces[0]), _title(pieces[1])


def _pieces(text: str) -> list[str]:
    """Sentences of an entry; the full stop of an initial or of "et al." does not end one."""
    pieces: list[str] = []
    start = 0
    for match in _SPLIT.finditer(text):
        before = text[start : match.start() + 1]
        if not pieces and _NAME_END.search(before):
            continue
        pieces.append(before.rstrip(".").strip())
        start = match.end()
    pieces.append(text[start:].strip().rstrip("."))
    return [p for p in pieces if p]


def _first_piece(text: str) -> str:
    match = _SPLIT.search(text)
    return text[: match.start() + 1] if match else text


def _without_initials(text: str) -> str:
    return re.sub(r"\b[A-Z]\.|\bet al\.|\b(?:Jr|Sr)\.", "", text)


def _looks_like_names(text: str) -> bool:
    return bool(re.match(r"[A-Z][\w'’.-]*,?\s", text)) and len(text) < 400


def _names(text: str) -> tuple[str, ...]:
    text = re.sub(r"\(?\b(?:19|20)\d\d[a-z]?\)?", "", text).strip(" ,;:([")
    text = re.sub(r",?\s+(?:and|&)\s+", "; ", text)
    text = re.sub(r"[,\s]+et al\.?$", "; et al.", text)
    if re.match(r"[\w'’-]+,\s*(?:[A-Z]\.[\s-]*)+(?:$|[,;])", text):
        parts = re.split(r";\s*|(?<=\.),\s*(?=[^\W\d_])", text)
    else:
        parts = re.split(r";\s*|,\s+", text)
    names = [re.sub(r"(?<=[a-z]{2})\.$", "", p.strip(" ,")) for p in parts]
    return tuple(n for n in names if n and not n.startswith("et al") and len(n) < 80)[:100]


def _title(text: str) -> str | None:
    text = " ".join(text.split()).strip(" .,")
    return text if len(text) > 3 else None


def _year(text: str, title: str | None) -> int | None:
    """The year of publication: the last one, outside the title where there is a choice."""
    outside = text.replace(title, " ") if title else text
    found = [int(m[1]) for m in _YEAR.finditer(outside)] or [int(m[1]) for m in _YEAR.finditer(text)]
    likely = [year for year in found if year < 2040]  # later ones are page numbers
    return likely[-1] if likely else None
