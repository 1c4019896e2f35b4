"""Text that is meant for a machine and not for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, clip, squeeze
from scientist.review.checks.context import Context, warning
from scientist.review.checks.reported import is_reported
from scientist.review.lines import invisible_characters
from scientist.review.orders import ORDER, PLEA, gives_orders_unseen
from scientist.review.tongues import FOREIGN_PLEA, FOREIGN_REVERSAL
from scientist.types import Finding, Severity, Span

_SUBJECT = re.compile(
    r"\bprompt[- ]inject\w+|\binject(?:ed|ing) (?:\w+ )?(?:instructions?|prompts?|commands?|orders?)\b|\bjailbreak\w*|"
    r"\bLLM(?:-based)? review\w*|\badversarial prompts?\b|\b(?:instruction|indirect) injections?\b",
    re.IGNORECASE,
)
_INJECTIONS = re.compile(r"\binjections?\b", re.IGNORECASE)
_ONE_PASSAGE = 300
"""Characters within which an order and a plea are one passage."""
_MEND = "take the text out; a manuscript must say the same to every reader"


def hidden_instructions(context: Context) -> Iterator[Finding]:
    """Orders to a reviewing model: an error where hidden; in plain sight a warning, an error if they ask for praise."""
    m = context.manuscript
    concealed = [span for span in m.hidden if gives_orders_unseen(span.text)]
    for span in concealed:
        yield Finding(
            check="hidden_instructions",
            severity=Severity.ERROR,
            message="text that a reader does not see gives orders to a reviewing model",
            span=Span(text=clip(span.text), page=span.page),
            mend=_MEND,
        )
    yield from _in_sight(context, " ".join(span.text for span in concealed))


def _in_sight(context: Context, concealed: str) -> Iterator[Finding]:
    """Orders in the text itself, each passage once: a source's white words are read as its text too."""
    text = f"{context.manuscript.title}\n{all_text(context.manuscript)}"
    if _is_subject(text):
        return
    told: list[int] = []
    for pattern, plea in ((PLEA, True), (FOREIGN_PLEA, True), (ORDER, False), (FOREIGN_REVERSAL, False)):
        spoken = (x for x in pattern.finditer(text) if not is_reported(text, x))
        match = next((x for x in spoken if squeeze(x.group()) not in squeeze(concealed)), None)
        if match is None or any(abs(match.start() - at) < _ONE_PASSAGE for at in told):
            continue
        told.append(match.start())
        quoted = around(text, *match.span())
        finding = warning(context, "hidden_instructions", "the text addresses a reviewing model", quoted, _MEND)
        yield finding.model_copy(update={"severity": Severity.ERROR}) if plea else finding


def _is_subject(text: str) -> bool:
    """Whether the paper is about such orders: they are named twice, or once and often called injections."""
    named = len(_SUBJECT.findall(text))
    return named >= 2 or (named == 1 and len(_INJECTIONS.findall(text)) >= 3)


def hidden_text(context: Context) -> Iterator[Finding]:
    """Words in white, tiny or invisible type that carry no order; document metadata does not count."""
    m = context.manuscript
    for span in m.hidden:
        counts = (span.page is not None or m.format != "pdf") and len(span.text.split()) >= 3
        if counts and not gives_orders_unseen(span.text):
            yield Finding(
                check="hidden_text",
                severity=Severity.NOTE if m.format == "markdown" else Severity.WARNING,
                message="the file holds text that a reader does not see",
                span=Span(text=clip(span.text), page=span.page),
                mend="make it visible or take it out",
            )


def invisible_text(context: Context) -> Iterator[Finding]:
    """Runs of zero-width and direction characters, which can carry a message."""
    for span in context.manuscript.hidden:
        found = invisible_characters(span.text)
        if len(found) > 4 and not re.search(r"\w{3}", span.text):
            yield Finding(
                check="invisible_text",
                severity=Severity.WARNING,
                message=f"{len(found)} invisible characters stand in the text",
                span=Span(text=" ".join(f"U+{ord(c):04X}" for c in found[:8]), page=span.page),
                mend="remove zero-width and direction characters",
            )
