"""What an empirical paper is expected to report and this one does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.features import measure
from scientist.mind.reading import all_text, around, counted, is_prose, sentences
from scientist.review.checks.context import Context, error, note, warning
from scientist.types import Finding

_SIGNIFICANT = re.compile(
    r"\bstatistical(?:ly)? significan\w+|\bsignificantly\s+(?:\w+\s+)?(?:better|worse|higher|lower|faster|slower|"
    r"outperform\w*|improv\w*|"
    r"reduc\w*|increas\w*|decreas\w*|exceed\w*|larger|smaller|more|less|fewer)\b|\bsignificant\s+(?:improvement|"
    r"increase|decrease|reduction|gain|"
    r"difference|effect|advantage|speed-?up)s?\b|\b(?:difference|gap|gain|improvement|drop|lead|advantage|increase|"
    r"decrease|reduction)s?(?: \w+){0,3}? (?:is|are|was|were) (?:highly |also )?significant(?= at |[.,;])",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\b(?:whether|if|not test\w*)\b[^.;]*$", re.IGNORECASE)

_ACHIEVED = re.compile(
    r"\b(?:achiev|reach|obtain|attain|yield|improv|outperform|surpass|exceed|increas|decreas|reduc|drop|fell|falls|rises|"
    r"score|accurac|error|loss|bleu|f1|auc|perplexit|precision|recall|reward|return|faster|better|worse|higher|lower)",
    re.IGNORECASE,
)
_SETTING = re.compile(
    r"\blearning rates?\b|\bdropout\b|\bbatch size\b|\bweight decay of\b|\binitiali[sz]ed\b|\boptimi[sz]er\b",
    re.IGNORECASE,
)


def missing_parts(context: Context) -> Iterator[Finding]:
    """No title, abstract, reference list or main text."""
    m = context.manuscript
    if not m.abstract:
        yield warning(
            context, "missing_parts", "no abstract was found", mend="add an abstract under the heading “Abstract”"
        )
    if not m.references:
        listed = any(re.search(r"(?:^|\n)\s*(?:references|bibliography)\b", p, re.IGNORECASE) for p in m.page_texts)
        if listed:
            yield warning(
                context,
                "missing_parts",
                "the reference list could not be read",
                mend="use one common style of references",
            )
        else:
            yield error(
                context, "missing_parts", "no reference list was found", mend="cite the work that this builds on"
            )
    if not m.title:
        yield note(context, "missing_parts", "no title was found", mend="give the paper a title")
    if len(m.body.split()) < 300:
        yield warning(
            context,
            "missing_parts",
            f"the main text has only {len(m.body.split())} words",
            mend="give the whole manuscript",
        )


def no_uncertainty(context: Context) -> Iterator[Finding]:
    """Measured results without seeds, intervals, error bars or deviations."""
    f = measure(context.manuscript)
    if not f.empirical:
        return
    if not f.has("uncertainty"):
        repeats = "repeated runs are mentioned, but" if f.has("repeats") else "neither repeated runs nor"
        rest = "no spread over them is reported" if f.has("repeats") else "any uncertainty are reported"
        yield warning(
            context,
            "no_uncertainty",
            f"{repeats} {rest}: a difference cannot be told from chance",
            f.marks["repeats"] if f.has("repeats") else _first_result(context),
            "run several seeds and report an interval or a standard deviation with each result",
        )
    elif not f.has("repeats") and not f.has("test"):
        yield note(
            context,
            "no_uncertainty",
            "intervals or deviations are given, but not over how many runs",
            f.marks["uncertainty"],
            "say how many seeds, runs or samples each number rests on",
        )


def no_comparison(context: Context) -> Iterator[Finding]:
    """Measured results without a baseline, or without an ablation or varied condition."""
    f = measure(context.manuscript)
    if not f.empirical:
        return
    if not f.has("baseline"):
        yield warning(
            context,
            "no_comparison",
            "no baseline or control condition is named",
            mend="compare with the simplest reasonable alternative",
        )
    if not f.has("ablation"):
        yield note(
            context,
            "no_comparison",
            "no ablation or sensitivity analysis was found",
            mend="vary the parts of the method one at a time, or say which comparison does it",
        )


def no_limitations(context: Context) -> Iterator[Finding]:
    """No section or sentence says where the results end."""
    f = measure(context.manuscript)
    if f.words > 300 and not f.has("limitation") and not f.section("limitation"):
        yield note(
            context,
            "no_limitations",
            "the limitations of the work are not discussed",
            mend="add a section that says where the results end",
        )


def untested_significance(context: Context) -> Iterator[Finding]:
    """Differences called significant where no test is reported anywhere."""
    f = measure(context.manuscript)
    if f.has("test") or not f.empirical:
        return
    text = all_text(context.manuscript)
    found = [m for m in _SIGNIFICANT.finditer(text) if not _ASKED.search(text[: m.start()][-60:])]
    if not found:
        return
    claimed = next((m for m in found if m.group().lower().startswith("statistical")), None)
    message = f"differences are called significant {counted(len(found), 'time')}, but no test is reported"
    mend = "report the test, or say “large” or “clear” and give the size"
    if claimed:
        yield warning(context, "untested_significance", message, around(text, *claimed.span()), mend)
    else:
        yield note(context, "untested_significance", message, around(text, *found[0].span()), mend)


def _first_result(context: Context) -> str:
    """The first sentence of the results that holds a measured number."""
    sections = sorted(context.manuscript.sections, key=lambda s: "result" not in s.heading.lower())
    for section in sections:
        if re.search(r"result|experiment|evaluation|comparison", section.heading, re.IGNORECASE):
            for sentence in sentences(section.text):
                measured = re.search(r"\d\.\d|\d\s*%", sentence) and _ACHIEVED.search(sentence)
                if measured and not _SETTING.search(sentence) and is_prose(sentence):
                    return sentence
    return ""
