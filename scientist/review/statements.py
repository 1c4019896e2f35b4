"""The statements that a venue asks authors for."""

from __future__ import annotations

import re

from scientist.types import Finding, Manuscript, ReviewForm, Severity

_OPENING = re.compile(r"(?:^|\n)\s*(?:\d+\.?\s+)?([A-Z][A-Za-z’' -]{3,60})[.:\n]")


def missing_statements(manuscript: Manuscript, form: ReviewForm) -> tuple[Finding, ...]:
    """One finding for each statement of the form that no heading or paragraph's opening announces: a warning where the
    venue requires it, a note where it only asks for it."""
    headings = _announced(manuscript)
    return tuple(
        Finding(
            check="missing_statement",
            severity=Severity.WARNING if statement.required else Severity.NOTE,
            message=f"{form.venue} {'requires' if statement.required else 'asks for'} {_article(statement.name)} "
            f"{statement.name}, and none was found",
            mend=f"add a section “{statement.name.capitalize()}”",
        )
        for statement in form.statements
        if not any(_names(heading, wanted) for heading in headings for wanted in statement.headings)
    )


def _announced(manuscript: Manuscript) -> list[str]:
    """Headings, and words that open a paragraph as a run-in heading does, in small letters."""
    sections = (*manuscript.sections, *manuscript.appendix)
    opened = [m[1] for s in sections for m in _OPENING.finditer(s.text)]
    return [h.lower() for h in (*(s.heading for s in sections), *opened)]


def _names(heading: str, wanted: str) -> bool:
    return re.search(rf"\b{re.escape(wanted)}", heading) is not None


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"
