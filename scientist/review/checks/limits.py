"""The venue's limit of pages for the main part."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.review.checks.context import Context, warning
from scientist.types import Finding, Manuscript

_OUTSIDE = re.compile(
    r"[\dA-Z.]*\s*(?:acknowledge?ments?|ethic\w*(?: statement| considerations)?|reproducibility(?: statement)?|"
    r"broader impacts?(?: statement)?|impact statement|author contributions?|funding|competing interests|"
    r"disclosure|provenance|(?:code|data) availability)",
    re.IGNORECASE,
)
"""Sections that venues do not count."""
_LIST = re.compile(r"^\s*(?:\d+\.?\s+)?(?:references|bibliography)\s*$", re.IGNORECASE | re.MULTILINE)


def page_limit(context: Context) -> Iterator[Finding]:
    """A main part that runs over the limit; silent where the format has no pages or the venue no limit."""
    limit = context.page_limit
    used = main_pages(context.manuscript) if limit else None
    if limit and used and used > limit:
        yield warning(
            context,
            "page_limit",
            f"the main part fills {used} pages, the venue allows {limit}",
            context.manuscript.sections[-1].heading if context.manuscript.sections else "",
            "shorten it, or move details to the appendix",
        )


def main_pages(manuscript: Manuscript) -> int | None:
    """Pages from the first to the end of the last section that counts; None where that cannot be told."""
    counted = [s for s in manuscript.sections if not _OUTSIDE.fullmatch(s.heading.strip(" .:"))]
    last = counted[-1] if counted else None
    if last is None or last.page is None or not manuscript.page_texts:
        return None
    after = manuscript.sections[manuscript.sections.index(last) + 1 :]
    heading = after[0].heading if after else None
    for number in range(last.page, len(manuscript.page_texts) + 1):
        text = manuscript.page_texts[number - 1]
        at = text.find(heading) if heading else _start_of_list(manuscript, number)
        if at >= 0:
            # A heading at the top of a page means that the main part ended on the page before.
            return number if len(text[:at].split()) > 25 else max(number - 1, last.page)
    return None


def _start_of_list(manuscript: Manuscript, number: int) -> int:
    match = _LIST.search(manuscript.page_texts[number - 1])
    if match:
        return match.start()
    found = re.search(r"\b(?:References|REFERENCES|Bibliography)\b", manuscript.page_texts[number - 1])
    return found.start() if found else -1
