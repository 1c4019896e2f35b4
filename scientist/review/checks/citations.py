"""Citations in the text against the reference list, and the list against a library and the calendar."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, counted
from scientist.review.checks.context import Context, listed, note, warning
from scientist.types import CitedWork, Finding

_NUMERIC = re.compile(r"\[(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\]")
_KEYS = re.compile(r"\[((?:[^\]\[@]{0,30}@[\w:./+-]+[^\]\[@]{0,30};?\s*)+)\]|(?<![\w\[;.])@([A-Za-z][\w:-]*\d[\w:-]*)")
_SURNAME = r"(?:(?:van|von|de|der|den|del|di|la|le|al|el|dos|da|ter)\s+){0,3}[^\W\d_a-z][^\W\d_]*(?:[’'-][^\W\d_]+)*"
_NAMED = re.compile(
    rf"\b(?P<name>{_SURNAME})(?:\s+(?:and|&)\s+{_SURNAME}|,?\s+et\s+al\.?|(?:,\s+{_SURNAME})+,?\s+(?:and|"
    rf"&)\s+{_SURNAME})?"
    r"(?:,\s*|\s*[(\[])(?P<year>(?:19|20)\d\d)(?P<suffix>[a-z])?(?=[)\];,])"
)
_LONGEST_ENTRY = 450
_MONTHS = frozenset(
    """January February March April May June July August September October November December Table Figure Section In
    Since Until Version WMT ImageNet Python PyTorch Copyright Conference Accessed Published Retrieved ILSVRC NeurIPS
    ICLR     ICML ACL CVPR""".split()
)


def missing_entries(context: Context) -> Iterator[Finding]:
    """Citations in the text that no entry of the reference list answers."""
    m = context.manuscript
    if not m.references:
        return
    text = all_text(m)
    missing = list(dict.fromkeys(_missing(text, m.references)))
    if missing:
        name, at = missing[0]
        names = list(dict.fromkeys(n for n, _ in missing))
        yield warning(
            context,
            "missing_entries",
            f"{counted(len(names), 'citation has', 'citations have')} no entry in the reference list: {listed(names)}",
            around(text, at, at + len(name)),
            "add the entry, or take the citation out",
        )


def _missing(text: str, entries: tuple[CitedWork, ...]) -> Iterator[tuple[str, int]]:
    labels = {e.label for e in entries}
    numeric = sum(label.isdigit() for label in labels) >= max(2, 0.5 * len(entries))
    if numeric:
        for number, at in _numbers(text):
            if str(number) not in labels:
                yield f"[{number}]", at
    for key, at in _keys(text):
        if key not in labels:
            yield key, at
    if not numeric and not any(True for _ in _keys(text)):
        folded = [plain(e.raw) for e in entries]
        # Where a list was parted wrongly, an entry's year may stand in the next piece.
        raws = [a + b for a, b in zip(folded, [*folded[1:], ""], strict=True)]
        for match in _named(text):
            # A word that only begins the sentence ("Similarly, Kingma & Ba") looks like a name: one fit is enough.
            names = [plain(n) for n in re.findall(_SURNAME, match.group())]
            if not any(_has_word(raw, n) and match["year"] in raw for raw in raws for n in names if len(n) > 1):
                yield f"{match['name']} {match['year']}", match.start()


def uncited_entries(context: Context) -> Iterator[Finding]:
    """Entries that the text never cites; silent where the style of citation is not understood."""
    m = context.manuscript
    cited = _cited(all_text(m), m.references)
    if cited is None:
        return
    uncited = [e for i, e in enumerate(m.references) if i not in cited]
    if uncited:
        names = [e.label if e.label and " " not in e.label else _short(e) for e in uncited]
        yield note(
            context,
            "uncited_entries",
            f"{len(uncited)} of {len(m.references)} entries are never cited: {listed(names)}",
            uncited[0].raw,
            "cite them where they bear on the text, or take them out",
        )


def _cited(text: str, entries: tuple[CitedWork, ...]) -> set[int] | None:
    labels = {e.label: i for i, e in enumerate(entries)}
    found = {labels[k] for k, _ in _keys(text) if k in labels}
    if not found and sum(label.isdigit() for label in labels) >= max(2, 0.5 * len(entries)):
        found = {labels[str(n)] for n, _ in _numbers(text) if str(n) in labels}
    if not found:
        folded = plain(text)
        for i, entry in enumerate(entries):
            surname = _surname(entry)
            near = rf"\b{re.escape(surname)}\b.{{0,80}}?{entry.year or ''}"
            if surname and re.search(near, folded, re.DOTALL):
                found.add(i)
    return found if len(found) >= max(2, len(entries) // 3) else None


def future_references(context: Context) -> Iterator[Finding]:
    """Years that have not come yet, and years before the preprint's own number."""
    for entry in context.manuscript.references:
        if entry.year and entry.year > context.year and len(entry.raw) < _LONGEST_ENTRY:
            yield warning(
                context,
                "future_references",
                f"an entry is dated {entry.year}, which is in the future",
                entry.raw,
                "correct the year",
            )
        preprint = re.search(r"arXiv:\s*(\d\d)(\d\d)\.\d{4,5}", entry.raw, re.IGNORECASE)
        # A list that could not be parted into entries has long ones with several years.
        alone = len(entry.raw) < _LONGEST_ENTRY and len(set(re.findall(r"\b(?:19|20)\d\d\b", entry.raw))) == 1
        if (
            preprint
            and alone
            and entry.year
            and 1 <= int(preprint[2]) <= 12
            and _too_early(entry.year, preprint[1], preprint[2])
        ):
            yield warning(
                context,
                "future_references",
                f"an entry is dated {entry.year} but its arXiv number is of 20{preprint[1]}",
                entry.raw,
                "correct the year or the number",
            )


def _too_early(year: int, arxiv_year: str, arxiv_month: str) -> bool:
    """A paper of December may get its number in January."""
    return 2000 + int(arxiv_year) - (int(arxiv_month) <= 2) > year


# ------------------------------------------------------------------------------------------- reading citations


def _numbers(text: str) -> Iterator[tuple[int, int]]:
    """Numbers cited in square brackets; a bracket with a zero is an interval or an index."""
    for match in _NUMERIC.finditer(text):
        numbers: list[int] = []
        for part in re.split(r"[,;]", match[1]):
            ends = [int(n) for n in re.findall(r"\d+", part)]
            numbers += list(range(ends[0], ends[-1] + 1)) if len(ends) == 2 and ends[-1] - ends[0] < 40 else ends
        before = text[max(0, match.start() - 12) : match.start()]
        if numbers and 0 not in numbers and not re.search(r"[∈=×\w]$|\b(?:interval|range|in)\s*$", before):
            yield from ((n, match.start()) for n in numbers)


def _keys(text: str) -> Iterator[tuple[str, int]]:
    for match in _KEYS.finditer(text):
        for key in re.findall(r"@([\w:./+-]+)", match.group()):
            yield key.rstrip(".:"), match.start()


def _named(text: str) -> Iterator[re.Match[str]]:
    return (m for m in _NAMED.finditer(text) if m["name"] not in _MONTHS and len(m["name"]) > 1)


def _surname(entry: CitedWork) -> str:
    if not entry.authors:
        return ""
    first = entry.authors[0]
    name = first.split(",")[0] if "," in first else first.split()[-1]
    return plain(name).strip()


def _short(entry: CitedWork) -> str:
    first = entry.authors[0] if entry.authors else entry.raw[:30]
    name = first.split(",")[0] if "," in first or not entry.authors else first.split()[-1]
    return f"{name} {entry.year or ''}".strip()


def plain(text: str) -> str:
    """Lower case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("ø", "o").replace("Ł", "L"))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).lower().replace("’", "'")


def _has_word(text: str, word: str) -> bool:
    last = word.split()[-1]
    return re.search(rf"(?<![a-z]){re.escape(last)}(?![a-z])", text) is not None
