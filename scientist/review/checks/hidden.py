"""Text that is meant for a machine and not for a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import all_text, around, clip
from scientist.review.checks.context import Context, warning
from scientist.review.lines import invisible_characters
from scientist.types import Finding, Severity, Span

_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|every\s+)*(?:previous|prior|above|"
    r"earlier|"
    r"preceding|other|foregoing)\s+(?:\w+\s+)?(?:instructions?|prompts?|directions?|guidelines?|rules|text|commands?)"
    r"|\b(?:you are|act as|pretend to be)\s+(?:now\s+)?an?\s+(?:\w+\s+){0,3}(?:reviewer|language model|assistant|LLM|"
    r"AI)\b"
    r"|\b(?:LLM|AI|GPT|language model|automated)[- ](?:reviewers?|agents?|models?|systems?|"
    r"assistants?)\s*[:,]\s*(?:please|you|do|give|ignore)"
    r"|<\|?(?:im_start|system|endoftext)\|?>|\[/?INST\]|\bnew (?:system )?(?:prompt|instructions?)\s*:",
    re.IGNORECASE,
)
_PLEA = re.compile(
    r"\b(?:give|write|provide|produce|output|return|generate|submit|assign)\s+(?:only\s+|me\s+|this\s+paper\s+|"
    r"it\s+)*(?:an?\s+|the\s+)?"
    r"(?:very\s+|strongly\s+|highly\s+)?(?:positive|favou?rable|glowing|good|high(?:est)?|perfect|maximum|"
    r"strong accept|accept)\s+"
    r"(?:\w+\s+)?(?:reviews?|ratings?|scores?|recommendations?|evaluation|assessment|decision)"
    r"|\b(?:do not|don['’]t|never)\s+(?:highlight|mention|list|report|point out|include|raise)\s+(?:any\s+)?(?:\w+\s+)?"
    r"(?:negatives?|weakness(?:es)?|limitations|flaws|criticisms?|shortcomings)"
    r"|\b(?:recommend|must|should|please)\s+(?:to\s+)?accept(?:ance(?: of)?|ing)?\s+(?:this|the)\s+(?:paper|"
    r"manuscript|submission)"
    r"|\b(?:rate|score)\s+this\s+(?:paper|work|manuscript|submission)\s+(?:as\s+)?(?:an?\s+)?(?:10|9|8|high|accept)",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\bprompt[- ]injections?\b|\bjailbreak\w*|\bLLM(?:-based)? review\w*|\badversarial prompts?\b", re.IGNORECASE
)
_MEND = "take the text out; a manuscript must say the same to every reader"


def hidden_instructions(context: Context) -> Iterator[Finding]:
    """Orders to a reviewing model: an error where hidden; in plain sight a warning, an error if they ask for praise."""
    m = context.manuscript
    for span in m.hidden:
        if _ORDER.search(span.text) or _PLEA.search(span.text):
            yield Finding(
                check="hidden_instructions",
                severity=Severity.ERROR,
                message="text that a reader does not see gives orders to a reviewing model",
                span=Span(text=clip(span.text), page=span.page),
                mend=_MEND,
            )
    text = f"{m.title}\n{all_text(m)}"
    about = len(_SUBJECT.findall(text)) >= 2
    for pattern, plea in ((_ORDER, False), (_PLEA, True)):
        match = pattern.search(text)
        if match and not about:
            finding = warning(
                context,
                "hidden_instructions",
                "the text addresses a reviewing model",
                around(text, *match.span()),
                _MEND,
            )
            yield finding.model_copy(update={"severity": Severity.ERROR}) if plea else finding


def hidden_text(context: Context) -> Iterator[Finding]:
    """Words in white, tiny or invisible type that carry no order; document metadata does not count."""
    m = context.manuscript
    for span in m.hidden:
        counts = (span.page is not None or m.format != "pdf") and len(span.text.split()) >= 3
        if counts and not _ORDER.search(span.text) and not _PLEA.search(span.text):
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
