"""The provenance appendix: for every number that the paper prints, what it is and where it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scientist.types import Evidence, Frozen, Quantity
from scientist.workspace import sha256_file
from scientist.writeup.scan import escape

GROUPS = (
    ("Settings and counts", frozenset({"setting", "count"})),
    ("Measurements over seeds", frozenset({"mean", "sd", "rate"})),
    ("Contrasts and tests", frozenset({"contrast", "p_value", "effect_size"})),
    ("Times and other", frozenset({"time", "other"})),
)

HASH_SHOWN = 12
SAME = r"\textrm{as above}"


class Row(Frozen):
    """One row, ready to print: LaTeX text but for ``id``."""

    id: str
    n: str
    label: str
    source: str
    method: str
    interval: bool
    seeds: str
    used: str
    """Where it is printed: references to the sections, "abs." for the abstract."""


class Group(Frozen):
    title: str
    rows: tuple[Row, ...]


class Appendix(Frozen):
    """The rows by kind, and the methods that their letters stand for."""

    groups: tuple[Group, ...]
    methods: tuple[tuple[str, str], ...]


def appendix(evidence: Evidence, used: Mapping[str, Sequence[str]]) -> Appendix:
    """The appendix for the quantities ``used`` (with the sections that print each), in the order of their first use.

    Quantities of one contrast or one cell stand together, and a source that the row above names is not named again.
    """
    quantities = [evidence.quantity(id) for id in used]
    texts = list(dict.fromkeys(q.method for q in quantities if q.method))
    letters = {text: letter(i) for i, text in enumerate(texts)}
    groups = []
    for title, kinds in GROUPS:
        members = _together([q for q in quantities if q.kind in kinds])
        if members:
            groups.append(Group(title=title, rows=tuple(_rows(members, letters, used))))
    return Appendix(groups=tuple(groups), methods=tuple((letters[t], escape(t)) for t in texts))


def file_hashes(evidence: Evidence, root: Path) -> dict[str, str]:
    """What is printed of the hashes of the result files: one line of ``seed: hash`` for each condition and file.

    The keys are paths in which the seed is ``*``. Of each sha256 the first characters are printed; the whole ones are
    attached to the PDF. Files that grow while the run goes on are left out, as are missing ones.
    """
    names = sorted({s.partition("#")[0] for q in evidence.quantities if not q.volatile for s in q.sources})
    lines: dict[str, list[str]] = {}
    for name in names:
        if not name.endswith(".json") or not (root / name).is_file():
            continue
        seed = re.search(r"\bseed_(\d+)\b", name)
        folded = re.sub(r"\bseed_\d+\b", "seed_*", name)
        short = sha256_file(root / name)[:HASH_SHOWN]
        lines.setdefault(folded, []).append(f"{seed[1]}:~{short}" if seed else short)
    return {name: ", ".join(found) for name, found in lines.items()}


def ranges(seeds: Sequence[int]) -> str:
    """Seeds as "1001–1003, 1007"."""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and seed == runs[-1][-1] + 1:
            runs[-1].append(seed)
        else:
            runs.append([seed])
    return ", ".join(f"{r[0]}--{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


def letter(index: int) -> str:
    """a, b, …, z, aa, ab, …"""
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(ord("a") + rest) + name
    return name


def collapse(sources: Sequence[str]) -> tuple[str, ...]:
    """Paths with the seeds folded into ``*``, and conditions that differ in nothing else into ``{a,b}``."""
    folded = list(dict.fromkeys(re.sub(r"\bseed_\d+\b", "seed_*", s) for s in sources))
    by_rest: dict[tuple[str, str], list[str]] = {}
    for path in folded:
        match = re.fullmatch(r"nodes/([^/]+)(/.*)", path)
        by_rest.setdefault(("nodes/", match[2]) if match else (path, ""), []).append(match[1] if match else "")
    out = []
    for (head, rest), names in by_rest.items():
        which = names[0] if len(names) == 1 else "{" + ",".join(names) + "}" if len(names) <= 4 else "*"
        out.append(f"{head}{which}{rest}")
    return tuple(out)


def breakable(path: str) -> str:
    r"""A path as LaTeX that may break after its separators, with ``#`` printed."""
    return re.sub(r"(/|\.|\\_|\\#|,)(?=.)", r"\1\\allowbreak{}", escape(path))


def _together(quantities: Sequence[Quantity]) -> list[Quantity]:
    """Quantities of one subject one after the other, its estimate first; subjects by first use."""
    subjects = list(dict.fromkeys(_subject(q) for q in quantities))
    return sorted(quantities, key=lambda q: (subjects.index(_subject(q)), q.kind not in ("contrast", "mean")))


def _subject(quantity: Quantity) -> str:
    """The contrast, cell or setting that a quantity is about: its id without the first part."""
    return quantity.id.partition(".")[2]


def _rows(quantities: Sequence[Quantity], letters: dict[str, str], used: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    """Rows in which a source, and the subject of a label, are not repeated from the row above."""
    above: Quantity | None = None
    for quantity in quantities:
        row = _row(quantity, letters, used[quantity.id])
        if above is not None and quantity.sources and quantity.sources == above.sources:
            row = row.model_copy(update={"source": SAME, "seeds": ""})
        if above is not None and _subject(quantity) == _subject(above):
            row = row.model_copy(update={"label": escape(quantity.label.partition(": ")[0])})
        yield row
        above = quantity


def _row(quantity: Quantity, letters: dict[str, str], used: Sequence[str]) -> Row:
    return Row(
        id=quantity.id,
        n="" if quantity.n is None else str(quantity.n),
        label=escape(quantity.label),
        source="; ".join(breakable(s) for s in collapse(quantity.sources)),
        method=letters.get(quantity.method, ""),
        interval=bool(quantity.display_interval),
        seeds=ranges(quantity.seeds),
        used=", ".join("abs." if name == "abstract" else rf"\ref*{{sec:{name}}}" for name in used),
    )
