"""Hints that what was tested on had been seen in training, or that choices were made by the test set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scientist.mind.reading import sentences
from scientist.review.checks.context import Context, warning
from scientist.types import Finding

_TEST = (
    r"(?:the |our |each |its )?(?:held-?out |official )?test(?:ing)?[- ](?:set|data|split|examples|images|accuracy|"
    r"loss|error|performance|score|results?|rows|nodes|questions|sentences|documents|part|portion)"
)
_TEST_ITEMS = (
    r"test (?:set|data|split|part|portion|images|files|rows|items|examples|sentences|documents|questions|nodes)"
)
_CHOSEN = (
    r"(?:hyper-?parameters?|learning rates?|check-?points?|models?|architectures?|thresholds?|epochs?|configurations?|"
    r"settings?|number of (?:steps|epochs|layers)|best model|coefficients?|temperatures?)"
)
_CHOOSE = r"(?:tuned?|selected|chosen|picked|optimi[sz]ed|determined|early[- ]stopp\w+|grid[- ]search\w*|searched|set)"
_HINTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            rf"\b{_CHOSEN}\b[^.;]{{0,60}}\b{_CHOOSE}\b[^.;]{{0,40}}\b(?:on|by|using|with|according to|from|based on) "
            rf"{_TEST}\b|\b(?:we|then|and) (?:tune|select|choose|pick|optimi[sz]e)d?\b[^.;]{{0,60}}\b{_CHOSEN}\b"
            rf"[^.;]{{0,40}}\b(?:on|by|using|with|according to|based on) {_TEST}\b",
            re.IGNORECASE,
        ),
        "choices seem to have been made by the test set",
    ),
    (
        re.compile(
            rf"\b{_TEST} (?:is|was|are|were|serves?|served)(?: also)? (?:used )?(?:for|as)(?: the| our| a)? "
            r"(?:validation|model selection|early stopping|(?:hyper-?parameter )?tuning|check-?point selection)|"
            rf"\b(?:use|used|using|treat\w*) {_TEST} (?:as|for)(?: the| our| a)? (?:validation|model selection|early "
            r"stopping|(?:hyper-?parameter )?tuning|check-?point selection)|"
            rf"\b(?:early stopping|model selection|check-?point selection)\b[^.;]{{0,30}}\b(?:on|by|uses?|using|with) "
            rf"{_TEST}\b",
            re.IGNORECASE,
        ),
        "the test set seems to serve for validation",
    ),
    (
        re.compile(
            r"\b(?:choices|decisions)\b[^.;]{0,120}\b(?:were|was|are|is) (?:all )?(?:made|taken) (?:on|by|"
            rf"using|with|from|after looking at) {_TEST}\b",
            re.IGNORECASE,
        ),
        "choices seem to have been made by the test set",
    ),
    (
        re.compile(
            r"\b(?:check-?point|epoch|seed|run|value|setting|threshold|configuration)s? (?:with|that (?:has|had|gave|"
            r"gives|reached|reaches)|of|having|giving) (?:the )?(?:best|highest|lowest|greatest|smallest) "
            r"test(?:ing)?[- ]\w+[^.;]{0,30}\b(?:is|was|are|were) (?:reported|kept|used|chosen|selected|taken)\b|"
            r"\b(?:set|fixed|report\w*|kept?|chose|cho+sen?|select\w*|picked|took) (?:to )?(?:the |that )(?:\w+ )?"
            r"(?:check-?point|epoch|seed|run|value|setting|threshold|configuration) (?:with|that (?:has|had|gave|gives|"
            r"reached|reaches)|of) (?:the )?(?:best|highest|lowest|greatest|smallest) test(?:ing)?[- ]\w+",
            re.IGNORECASE,
        ),
        "choices seem to have been made by the test set",
    ),
    (
        re.compile(
            r"\b(?:occur|appear|are (?:contained|found|included|present)|stand|recur)\w* in both (?:the )?train\w*"
            r"(?: \w+)? and (?:the |in the )?test\b|\btest (?:sentences|examples|images|documents|items|questions|rows|"
            r"samples|pages|pairs)\b[^.;]{0,20}\b(?:are|were|is|was) (?:also |already )?(?:contained|included|present|"
            r"found|seen) in the training (?:data|set|part|corpus)",
            re.IGNORECASE,
        ),
        "training and test data seem to overlap",
    ),
    (
        re.compile(
            rf"\b(?:the one|the (?:value|setting|check-?point|epoch|configuration|width|rate)s?|values?|"
            rf"settings?|whichever|those)\b"
            rf"[^.;]{{0,40}}\b(?:that|which|whichever|whose)\b[^.;]{{0,25}}\b(?:(?:best|highest|"
            rf"lowest)\b[^.;]{{0,30}}\bon "
            rf"(?:the )?(?:[\d,]+ )?{_TEST_ITEMS}|test[- ]\w+ (?:is|was|were|are) (?:the )?(?:best|highest|lowest))\b|"
            rf"\b(?:settled|decided|chosen|picked|selected|set|tuned)\b[^.;]{{0,60}}\b(?:best|highest|lowest|looking)\b[^.;]{{0,40}}"
            rf"\bon (?:the )?(?:[\d,]+ )?{_TEST_ITEMS}\b|"
            rf"\bearly stopping (?:\w+ )?(?:watch\w*|monitor\w*|look\w* at|follow\w*|"
            rf"track\w*)\s+(?:the )?{_TEST_ITEMS}\b",
            re.IGNORECASE,
        ),
        "choices seem to have been made by the test set",
    ),
    (
        re.compile(
            rf"\b(?:fitted?|trained|estimated|learned)\b[^.;]{{0,60}}\b(?:{_TEST_ITEMS}) (?:is |are |were |"
            rf"was )?(?:included|as well|too)\b|"
            rf"\b(?:fitted?|trained|estimated|learned) (?:to|on|with|over|from)\b[^.;]{{0,40}}\b(?:all|whole|"
            rf"every)\b[^.;]{{0,40}}"
            rf"\bincluding (?:the |those of the )?{_TEST_ITEMS}\b",
            re.IGNORECASE,
        ),
        "something was fitted to the test data too",
    ),
    (
        re.compile(
            r"\b(?:report|take|give|keep)\w*\s+(?:the )?(?:best|highest|maximum|lowest|minimum) test[- ](?:accuracy|"
            r"error|"
            r"loss|score|performance)\b[^.;]{0,30}\b(?:over|across|among|during|of|in) (?:all |the |any )?(?:epochs?|"
            r"training|steps|iterations|check-?points)",
            re.IGNORECASE,
        ),
        "the best test result in the course of training is reported",
    ),
    (
        re.compile(
            r"\b(?:evaluat\w+|test(?:ed|ing)?|final (?:accuracy|results?)|generali[sz]ation)\b[^.;]{0,50}\b(?:on|with) "
            r"(?:the )?(?:same (?:training )?(?:data|examples|samples|images|set)(?: that| which| as| we)?[^.;]{0,30}"
            r"\btrain\w*|training (?:set|data|examples) (?:itself|again|as well as test))",
            re.IGNORECASE,
        ),
        "the evaluation seems to use the training data",
    ),
    (
        re.compile(
            r"\b(?:train\w*(?: set| data| split)?|training) and (?:the )?(?:test|evaluation|"
            r"held-?out)(?:ing)?(?: sets?| data|"
            r" splits?| examples)?\b[^.;]{0,40}\b(?:overlap\w*|share (?:some |many |several )?(?:examples|samples|"
            r"images|"
            r"subjects|patients|users|speakers|documents)|(?:contain|include)s? the same|are (?:identical|the same))",
            re.IGNORECASE,
        ),
        "training and test data seem to overlap",
    ),
    (
        re.compile(
            r"\b(?:normali[sz]\w+|standardi[sz]\w+|imput\w+|feature selection|features? (?:are|were|is|was) selected|"
            r"oversampl\w+|SMOTE|augment\w+|PCA|scal(?:ed|ing))\b[^.;]{0,80}\b(?:before|prior to) (?:the )?(?:"
            r"(?:train\w*[-/ ]?(?:and |/)?test(?:ing)? )?split\w*|(?:data |dataset |they |it )?"
            r"(?:is|was|were|are|being) (?:split|divided|partitioned)|"
            r"splitting|"
            r"dividing|partition\w*|cross-validation)",
            re.IGNORECASE,
        ),
        "a step that learns from the data seems to come before the split",
    ),
    (
        re.compile(
            r"\b(?:fitted?|computed|estimated|learned|calculated) (?:on|from|over|using) (?:the )?(?:entire|whole|full|"
            r"complete) (?:data ?set|data|corpus),? (?:including|with|test and train|both) [^.;]{0,30}\btest\b",
            re.IGNORECASE,
        ),
        "something was fitted to the test data too",
    ),
)
_DENIED = re.compile(
    r"\b(?:not?|never|without|avoid\w*|prevent\w*|rather than|instead of|unlike|neither|nor|none|n['’]t|cannot|"
    r"remov\w+|"
    r"exclud\w+|dropped|deleted|discard\w*|filter\w*|dedup\w*|whether|if|ensur\w*|"
    r"disjoint|problem\w*|wrong\w*|leak\w*|cheat\w*|would|should|oracle|transductive|prior works?|et al|"
    r"previous\w*|their|they)\b",
    re.IGNORECASE,
)

_VALIDATED = re.compile(
    r"\b(?:on|by|with|using|according to|from) (?:the |our |a )?(?:held-?out )?(?:validation|development|dev)\b"
    r"[^.;]{0,60}\b(?:measured|evaluated|reported|assessed|computed|tested|results?|performance)\b",
    re.IGNORECASE,
)
"""The choice was made by other data than those of the final measurement."""
_OWN_THEY = re.compile(r"\b(?:before|until|after) they (?:were|are)\b", re.IGNORECASE)
"""Here “they” are the data, not other authors."""


def leaking_split(context: Context) -> Iterator[Finding]:
    """Sentences that say, of the paper's own work, that test and training were not kept apart; each hint once."""
    seen: set[str] = set()
    m = context.manuscript
    for text in (m.abstract, *(s.text for s in (*m.sections, *m.appendix))):
        if "test" not in text.lower() and "split" not in text.lower() and "evaluat" not in text.lower():
            continue
        for sentence in sentences(text):
            hint = next((words for pattern, words in _HINTS if pattern.search(sentence)), None)
            if (
                hint
                and hint not in seen
                and not _VALIDATED.search(sentence)
                and not _DENIED.search(_OWN_THEY.sub("", sentence))
            ):
                seen.add(hint)
                yield warning(
                    context,
                    "leaking_split",
                    hint,
                    sentence,
                    "keep a test set that nothing was chosen or fitted by, or say why this does no harm",
                )
