"""Numbers of the wrong row: of another condition, data set, metric or comparison than the one that the words name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from scientist.writeup.meaning.names import Names
from scientist.writeup.meaning.reading import ROWS, Mention, Print, Reading
from scientist.writeup.scan import VALUE

Complaint = tuple[str, str, str]
Event = Mention | str
PAIR = re.compile(rf"\bfrom\b[^;.]*?{VALUE}[^;.]*?\bto\b[^;.]*?{VALUE}")


def check_rows(seen: Reading, names: Names) -> Iterator[Complaint]:
    yield from _conditions(seen, names)
    yield from _aspect("data set", seen, seen.datasets, lambda p: p.quantity.dataset, names.datasets)
    yield from _aspect("metric", seen, seen.metrics, lambda p: p.quantity.metric, names.metrics)
    yield from _owners(seen)
    yield from _ends(seen, names)


def _conditions(seen: Reading, names: Names) -> Iterator[Complaint]:
    rows = [p for p in seen.prints if p.quantity.condition and (p.family in ROWS or p.id.startswith("runs.ok."))]
    if not rows:
        return
    if not seen.conditions:
        yield from _unnamed(seen, rows, names)
        return
    told = [m for m in seen.conditions if m.factor]
    if len(told) < len({p.quantity.condition for p in rows}) and _ladder(rows, names, least=3):
        return
    events = _events(rows, _as_told(seen), lambda p: p.quantity.condition, repeats=True)
    if not _agree(events):
        printed = ", ".join(dict.fromkeys(p.id for p in rows))
        yield (
            "wrong_row",
            f"the conditions that the words name are not, in their order, those of {printed}",
            "print the row of the condition that the sentence names, next to its name",
        )


def _unnamed(seen: Reading, rows: Sequence[Print], names: Names) -> Iterator[Complaint]:
    """Rows of a sentence that names no condition: all of them in their order, or the ends of their range."""
    if _ladder(rows, names, least=2):
        return
    if (
        len([p for p in rows if not p.interval]) == 2
        and re.search(rf"between {VALUE}[^;]*? and {VALUE}", seen.prose)
        and _extremes(rows, names)
    ):
        return
    if len(names.conditions) > 1 and not re.search(r"\b(?:largest|smallest) standard deviation\b", seen.prose):
        yield (
            "wrong_row",
            f"it prints {rows[0].id} and names no condition",
            "say of which condition the number is, by its level or by name",
        )


def _ladder(rows: Sequence[Print], names: Names, least: int) -> bool:
    """Whether the rows of each metric are those of several conditions in the order of the plan, none of them twice."""
    by_metric: dict[str, list[int]] = {}
    for p in rows:
        if not p.interval:
            place = names.conditions.index(str(p.quantity.condition))
            by_metric.setdefault(f"{p.family} {p.quantity.metric}", []).append(place)
    return all(len(at) >= least and at == sorted(set(at)) for at in by_metric.values())


def _as_told(seen: Reading) -> Sequence[Mention]:
    """The conditions in the order in which a change leads through them: "b instead of a" goes from a to b."""
    mentions = list(seen.conditions)
    for i, (first, second) in enumerate(pairwise(tuple(mentions))):
        between = seen.prose[first.end : second.start]
        joined = between + seen.prose[second.start : second.end]
        instead = re.search(r"\b(?:instead of|rather than|in place of)\b|^ +$", joined)
        if instead and re.search(rf"\bfrom {VALUE}.*\bto {VALUE}", seen.prose[second.end :]):
            mentions[i] = Mention(second.ids, first.start, first.end)
            mentions[i + 1] = Mention(first.ids, second.start, second.end)
    return mentions


def _extremes(rows: Sequence[Print], names: Names) -> bool:
    first, last = (p.quantity for p in rows if not p.interval)
    values = [
        float(q.value)
        for q in names.quantities.values()
        if q.kind == "mean" and (q.dataset, q.metric) == (first.dataset, first.metric)
    ]
    return (float(first.value), float(last.value)) == (min(values), max(values))


def _aspect(
    what: str,
    seen: Reading,
    mentions: Sequence[Mention],
    of: Callable[[Print], str | None],
    known: dict[str, str],
) -> Iterator[Complaint]:
    """Whether the data sets (or the metrics) that the words name are those of the numbers, in their order."""
    prints = [p for p in seen.prints if of(p) in known and p.family != "n"]
    if not prints or not mentions or len(known) < 2:
        return
    if not _agree(_events(prints, mentions, of, repeats=False)):
        wrong = ", ".join(dict.fromkeys(f"{p.id} ({known[str(of(p))]})" for p in prints))
        yield (
            "wrong_row",
            f"the {what} that the words name is not that of {wrong}",
            f"print the number of the {what} that the sentence names",
        )


def _events(
    prints: Sequence[Print], mentions: Sequence[Mention], of: Callable[[Print], str | None], *, repeats: bool
) -> list[Event]:
    """Mentions and numbers in the order of the text; runs of the same are one, but for a number that stands twice."""
    placed: list[tuple[int, Event, str]] = [(m.start, m, "") for m in mentions]
    placed += [(p.at, str(of(p)), f"{p.id}{p.interval}") for p in prints]
    events: list[Event] = []
    printed: set[str] = set()
    for _, event, key in sorted(placed, key=lambda x: x[0]):
        last = events[-1] if events else None
        if isinstance(event, Mention):
            if not (isinstance(last, Mention) and last.ids == event.ids):
                events.append(event)
            continue
        again = repeats and key in printed
        printed.add(key)
        if again or event != last:
            events.append(event)
    return events


def _agree(events: Sequence[Event]) -> bool:
    named = [e for e in events if isinstance(e, Mention)]
    rows = [e for e in events if isinstance(e, str)]
    union = frozenset(i for m in named for i in m.ids)
    if not set(rows) <= union:
        return False
    if len(rows) == len(named):
        return all(r in m.ids for r, m in zip(rows, named, strict=True)) or _beside(events, -1) or _beside(events, 1)
    if len(rows) > len(named):
        folded = [m for m in named for _ in range(len(rows) // len(named))] if len(rows) % len(named) == 0 else []
        cycled = named * (len(rows) // len(named))
        orders = [o for o in (folded, cycled) if len(o) == len(rows)]
        return any(all(r in m.ids for r, m in zip(rows, o, strict=True)) for o in orders) or _beside(events, -1)
    return _beside(events, -1) or _beside(events, 1) or _in_order(rows, named)


def _in_order(rows: Sequence[str], named: Sequence[Mention]) -> bool:
    """Whether several rows follow the mentions in their order, with mentions left over."""
    rest = iter(named)
    return len(rows) > 1 and all(any(r in m.ids for m in rest) for r in rows)


def _beside(events: Sequence[Event], side: int) -> bool:
    """Whether each row is of the mention that stands nearest before it (side -1) or after it (side 1)."""
    ordered = events if side < 0 else list(reversed(events))
    last: Mention | None = None
    for event in ordered:
        if isinstance(event, Mention):
            last = event
        elif last is None or event not in last.ids:
            return False
    return True


def _owners(seen: Reading) -> Iterator[Complaint]:
    """An interval or a test behind an estimate must be that estimate's own."""
    last: Print | None = None
    for p in seen.prints:
        if p.interval:
            if last is not None and _own(p) != _own(last):
                yield "wrong_row", rf"\ci{{{p.id}}} follows \val{{{last.id}}}", "print the interval of that estimate"
        elif p.family in ("mean", "effect"):
            last = p
        elif p.contrast and p.family != "n" and last is not None and last.contrast and p.contrast != last.contrast:
            yield (
                "wrong_row",
                f"{p.id} is a test of another comparison than {last.id} before it",
                "print the test of the comparison that the sentence estimates",
            )


def _own(p: Print) -> str:
    return f"effect.{p.contrast}" if p.family == "boot" else p.id


def _ends(seen: Reading, names: Names) -> Iterator[Complaint]:
    """ "From a to b" beside an estimate must be the comparison of b with a."""
    pairs = ends_of(seen)
    printed = list(dict.fromkeys(p.contrast for p in seen.prints if p.family == "effect"))
    known = [c for c in printed if names.weights(c)]
    if not pairs or not known or len(known) != len(printed):
        return
    matched = zip(pairs, known, strict=False) if len(pairs) == len(known) else ((pair, None) for pair in pairs)
    for (first, second), contrast in matched:
        if not any(fits(first, second, names.weights(c)) for c in ([contrast] if contrast else known)):
            yield (
                "wrong_row",
                f"what it moves from and to is not what {', '.join(known)} compares",
                "name the conditions in the order of the comparison: from the one with the negative weight",
            )
            return


def ends_of(seen: Reading) -> list[tuple[Mention, Mention]]:
    """Pairs of conditions that the words join by "from … to", "between … and" (in the plan's order) or "… to …"."""
    pairs = []
    for first, second in pairwise(seen.conditions):
        between = seen.prose[first.end : second.start]
        levels = first.factor and second.factor
        if not levels and not re.search(r"\bfrom\b[^.;:]{0,30}$", seen.prose[: first.start]):
            continue
        if re.fullmatch(r"[^.;:()]{0,40}?\bto\b[^.;:()]{0,40}", between) and not re.search(r"\bdue to\b", between):
            pairs.append((first, second))
    return pairs


def fits(first: Mention, second: Mention, weights: dict[str, float]) -> bool:
    """Whether a comparison leads from the conditions of ``first`` to those of ``second``."""
    low = {c for c, w in weights.items() if w < 0}
    high = {c for c, w in weights.items() if w > 0}
    return bool(first.ids & low and second.ids & high)
