"""Figures and tables: those the text names must exist, those that exist should be named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, counted
from scientist.review.checks.context import Context, listed, note, warning
from scientist.review.images import missing_images
from scientist.types import Finding, ManuscriptImage, Span

_MENTION = re.compile(
    r"\b(?P<kind>Fig(?:ure|s|ures)?|Tab(?:le|les|s)?)\b\.?\s*"
    r"(?P<first>[A-Z]?\.?\d{1,2}(?:\.\d{1,2})?(?!\d|\.\d|e[-−]))[a-h]?(?P<more>(?:\s*(?:,|and|&|to|–|-|"
    r",\s*and)\s*\d{1,3}[a-h]?(?![\d.%-]))*)"
)
_ELSEWHERE = re.compile(
    r"\s*(?:\([a-z]\)\s*)?(?:of|in|from)\s+(?:\[|\(?[A-Z][a-z]+(?:\s+(?:et al|and|&)|\s*[(\[]?(?:19|20)|\s*\[\d)|their|"
    r"(?:the |an? )?(?:\w+ )?(?:original|supplement\w*|protocol)|the appendix of (?:the|their|an?) )"
)


def missing_floats(context: Context) -> Iterator[Finding]:
    """Figures and tables that the text refers to but that no caption introduces."""
    labels = {f.label for f in context.manuscript.floats}
    text = all_text(context.manuscript)
    pages = "\n".join(context.manuscript.page_texts) or text
    missing: dict[str, str] = {}
    for label, match in _mentions(text):
        elsewhere = _ELSEWHERE.match(text, match.end())
        if label in labels or label in missing or elsewhere or _has_caption(pages, label):
            continue
        missing[label] = around(text, *match.span())
    if missing:
        first = next(iter(missing))
        yield warning(
            context,
            "missing_floats",
            f"the text refers to {listed(list(missing))}, which the manuscript does not have",
            missing[first],
            "add it or correct the reference",
        )


def unmentioned_floats(context: Context) -> Iterator[Finding]:
    """Figures and tables that nothing refers to."""
    m = context.manuscript
    text = all_text(m)
    named = {label for label, match in _mentions(text)}
    unnamed = [f for f in m.floats if f.label not in named]
    if unnamed and len(unnamed) < len(m.floats) + (len(m.floats) < 3):
        yield note(
            context,
            "unmentioned_floats",
            f"{listed([f.label for f in unnamed])}: the text never refers to it",
            f"{unnamed[0].label}: {unnamed[0].caption}",
            "refer to it where it supports the text, or take it out",
        )


def doubled_images(context: Context) -> Iterator[Finding]:
    """The same image or drawing twice; what stands on a third of the pages is a mark of the publisher."""
    shown: dict[str, list[ManuscriptImage]] = {}
    for image in context.manuscript.images:
        shown.setdefault(image.digest, []).append(image)
    furniture = max(3, (context.manuscript.pages or 0) // 3)
    doubled = [images for images in shown.values() if 2 <= len(images) <= furniture]
    for images in doubled:
        name = f" “{images[0].name}”" if images[0].name else ""
        pages = [str(i.page) for i in images if i.page]
        where = f", on pages {' and '.join(dict.fromkeys(pages))}" if pages else ""
        finding = warning(
            context,
            "doubled_images",
            f"the same image{name} stands {len(images)} times{where}",
            mend="show it once, or put in the figure that belongs there",
        )
        span = Span(text=images[1].name or "(image)", page=images[1].page)
        yield finding.model_copy(update={"span": span})


def lost_images(context: Context) -> Iterator[Finding]:
    """Images that the source names and its folder lacks, though it holds others."""
    missing = missing_images(context.manuscript.images)
    if missing:
        yield warning(
            context,
            "lost_images",
            f"{counted(len(missing), 'image file is', 'image files are')} missing: {listed(missing)}",
            missing[0],
            "add the file, or correct its name",
        )


def _mentions(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    for match in _MENTION.finditer(text):
        kind = "Table" if match["kind"].startswith("Tab") else "Figure"
        yield f"{kind} {match['first']}", match
        last = match["first"]
        for joint, number in re.findall(r"(,|and|&|to|–|-)\s*(\d{1,3})", match["more"]):
            if joint in ("to", "–", "-") and last.isdigit() and 0 < int(number) - int(last) < 12:
                for n in range(int(last) + 1, int(number) + 1):
                    yield f"{kind} {n}", match
            elif joint not in ("–", "-"):
                yield f"{kind} {number}", match
            last = number


def _has_caption(pages: str, label: str) -> bool:
    """A caption that the reading of the pages may have missed: "Figure 3:" in a line's beginning."""
    kind, number = label.split()
    short = {"Figure": r"(?:Figure|Fig\.)", "Table": r"(?:Table|Tab\.)"}[kind]
    return re.search(rf"\b{short}\s*{re.escape(number)}\s*(?::|\||\.\s+[A-Z])", pages) is not None
