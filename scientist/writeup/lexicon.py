"""Words that the checks look for: numbers written out, praise, and words that state a direction or an outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from scientist.writeup.scan import CITATION, EDGE, FORMULA, POINTER, VALUE

_UNITS = "three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen"
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_SMALL = rf"one|two|{_UNITS}"
NUMBER_WORDS = re.compile(
    rf"""\b(?:{_UNITS}|{_TENS}|dozens?|hundreds?|thousands?|[mbtr]+illions?|half|halves|halv(?:ed|ing)
    |twice|thrice|(?:doubl|tripl|quadrupl|quintupl)(?:e|es|ed|ing|y)?
    |(?:{_SMALL}|{_TENS}|hundred|thousand|many|several)[-\ ]?fold|orders?\ of\ magnitude
    |(?:{_SMALL}|an?)[-\ ](?:third|fourth|quarter|fifth|sixth|eighth|tenth|hundredth)s?
    |quarters?|(?:zero|{_SMALL})\ point\ (?:zero|{_SMALL}))\b
    |(?<!{VALUE})(?<!{VALUE}[-\ ])\b(?:percent|per\ cent|percentage[-\ ]points?)\b""",
    re.VERBOSE | re.IGNORECASE,
)
ROMAN_NUMBERS = re.compile(r"(?<!Type )(?<!type )\b(?:II|III|IV|VI{1,3}|IX|XI{1,3}|XIV|XV|XX)\b")
TERMS = re.compile(
    r"\b(?:double[- ](?:blind|descent|precision)|half[- ](?:precision|width|life|normal)|three[- ]dimensional)\b"
)
"""Terms of the field in which a number word counts nothing."""

_NAME_WITH_DIGITS = re.compile(r"(?<![A-Za-z0-9.,\-+/=<>])([A-Za-z]+)(-?)(\d+(?:\.\d+)?)([A-Za-z]*)(?![\w%.,]*\d|%)")
_ATTACHED = frozenset(
    """a about accuracy an approximately around at between by error errors from gain gains in level loss losses mean of
    on over p rate ratio score scores sd seed seeds step steps the to under value values with""".split()
)
"""Words that make no name with the number that sticks to them."""


_M = rf"[{FORMULA}{EDGE}]*"
_GAP = rf"[{FORMULA}{EDGE} ]*"
_INDEX = re.compile(rf"(?<=[A-Za-z])(?=\W)\s*{_M}{FORMULA}_{_M}{FORMULA}\d(?!{_M}[.,]?{_M}\d)")
"""A subscript of one digit in mathematics, which names a symbol: x_0."""
_ONE_MINUS = re.compile(rf"(?<![\w.,])([=<>]{_GAP})?{FORMULA}1(?={_GAP}[-+]{_GAP}[A-Za-z])")
"""The one of a complement in mathematics: 1 - alpha."""


def numerals(strict: str, prose: str) -> Iterator[str]:
    """Numbers that a text states by itself: digits that are no part of a name, and numbers in words."""
    formal = _ONE_MINUS.sub(lambda m: m[0] if m[1] else EDGE, _INDEX.sub(EDGE, strict.replace("\xa0", " ")))
    text = _NAME_WITH_DIGITS.sub(lambda m: EDGE if _is_name(m) else m[0], formal)
    text = re.sub(r"(?<![\w.,\-])[1-3]D\b", EDGE, text)
    for match in re.finditer(r"[\w.,]*", text):
        if any(c.isnumeric() for c in match[0]):
            yield match[0].strip(".,")
    words = TERMS.sub(" ", prose.lower())
    yield from (m[0] for m in NUMBER_WORDS.finditer(words))
    yield from (m[0] for m in ROMAN_NUMBERS.finditer(prose))


def _is_name(match: re.Match[str]) -> bool:
    """Whether letters and digits are a name (AdamW, L2, GPT-2, Llama-2) and not a word with a number stuck to it."""
    letters, hyphen, digits, _ = match.groups()
    if not any(c.isupper() for c in letters) or letters.lower() in _ATTACHED:
        return False
    if len(letters) == 1:
        return not hyphen and len(digits) == 1
    return True


PRAISE = re.compile(
    r"""\b(?:prov(?:e|es|ed|en|ing)|proof\ (?:that|of)|state[-\ ]of[-\ ]the[-\ ]art|sota|ground[-\ ]?breaking
    |unprecedented|remarkabl[ey]|revolution(?:ary|i[sz]\w+)|break[-\ ]?through|dramatic(?:ally)?|impressive(?:ly)?
    |outstanding(?:ly)?|striking(?:ly)?|superb(?:ly)?|excellent|amazing(?:ly)?|extraordinar(?:y|ily)|stunning(?:ly)?
    |game[-\ ]chang\w+|paradigm[-\ ]shift\w*|cutting[-\ ]edge|world[-\ ]class|best[-\ ]in[-\ ]class|second\ to\ none
    |undeniabl[ey]|undoubtedly|unquestionabl[ey]|without\ (?:a\ )?doubt|definitive(?:ly)?|conclusive(?:ly)?
    |drastic(?:ally)?|massive(?:ly)?|vast(?:ly)?|tremendous(?:ly)?|unparalleled|unrivall?ed|exceptional(?:ly)?
    |spectacular(?:ly)?|phenomenal(?:ly)?|seminal|trail[-\ ]?blaz\w+|vital\ breakthrough|huge(?:ly)?)\b""",
    re.VERBOSE | re.IGNORECASE,
)
DENIED_PROOF = re.compile(
    r"(?:\bnot|n't|\bcannot|\bnor|\bnever)(?: \w+)? (?:prov\w+|proof|definitive\w*|conclusive\w*)", re.I
)


class Sense(StrEnum):
    """What a word says of a metric: that it moved up or down, or that things became better or worse."""

    UP = "increase"
    DOWN = "decrease"
    BETTER = "better"
    WORSE = "worse"


_A_MARGIN = r"(?! (?:the|its|our|this|that) (?:\w+ )?(?:margin|bound|threshold|smallest effect)\b)"
"""What exceeds a margin has a size, and no direction."""
_SENSES = {
    Sense.UP: r"increas(?:e|es|ed|ing)|rais(?:e|es|ed|ing)|ris(?:e|es|en|ing)|rose|grow(?:s|n|ing)?|grew|higher"
    rf"|exceed(?:s|ed|ing)?{_A_MARGIN}|climb(?:s|ed|ing)?|lengthen(?:s|ed|ing)?|prolong(?:s|ed|ing)?",
    Sense.DOWN: r"decreas(?:e|es|ed|ing)|reduc(?:e|es|ed|ing|tions?)|lower(?:s|ed|ing)?|drop(?:s|ped|ping)?"
    r"|fall(?:s|en|ing)?|fell|declin(?:e|es|ed|ing)|shrink(?:s|ing)?|shrank|shorten(?:s|ed|ing)?"
    r"|diminish(?:es|ed|ing)?|curb(?:s|ed)?",
    Sense.BETTER: r"improv(?:e|es|ed|ing|ements?)|better|outperform(?:s|ed|ing)?|beat(?:s|en)?|surpass(?:es|ed|ing)?"
    r"|superior|help(?:s|ed)|enhanc(?:e|es|ed|ing|ements?)|boost(?:s|ed|ing)?|faster|quicker|sped up"
    r"|speed(?:s|ed|ing)?[ -]up|accelerat(?:e|es|ed|ing)|benefit(?:s|ed)",
    Sense.WORSE: r"worse|worsen(?:s|ed|ing)?|degrad(?:e|es|ed|ing|ation)|hurt(?:s|ing)?|harm(?:s|ed|ing)|inferior"
    r"|deteriorat(?:e|es|ed|ing|ion)|underperform(?:s|ed|ing)?|slower|slow(?:s|ed|ing)(?: down)?"
    r"|delay(?:s|ed|ing)|hinder(?:s|ed|ing)?|impair(?:s|ed|ing)?|imped(?:e|es|ed|ing)",
}
_WEAK = {
    Sense.UP: "larger|greater|longer|bigger|more",
    Sense.DOWN: "smaller|shorter|fewer|less",
    Sense.BETTER: "sooner|earlier",
    Sense.WORSE: "later",
}
"""Comparatives of everyday use: they state an outcome only beside "than" or a number of a contrast."""

_ALL = {s: re.compile(rf"(?<![\w-])(?:{p})(?![\w-])", re.I) for s, p in _SENSES.items()}
_COMPARED = {
    s: re.compile(rf"(?<![\w-])(?:{p})(?![\w-])(?=(?: [^\s.;,]+){{0,3}}?(?<! rather)(?<! other) than\b)", re.I)
    for s, p in _WEAK.items()
}
_FIXED = re.compile(
    r"""\b(?:(?:higher|lower)\ (?:is|are|means?)\ (?:better|worse)
    |(?:high|low)er[-\ ](?:bounds?|limits?|end|order|case|layers?|dimensional)|no\ longer
    |(?:a\ )?better\ (?:understand\w*|suited)|(?:for\ )?better\ (?:and|or)\ (?:for\ )?worse
    |(?:more|less|rather|other|later|earlier)\ than\ (?:one|two)
    |fall(?:s|ing)?\ (?:between|within|outside|inside|into|short|on|under)|earlier\ (?:work|studies|reports?)
    |(?:whether|if)\ (?:higher|lower|larger|smaller))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_VERBS = re.compile(
    r"(?<![\w-])(?:increases|raises|reduces|decreases|lowers|shortens|lengthens|improves|outperforms|beats|surpasses"
    r"|enhances|boosts|worsens|degrades|hurts|harms|slows|delays|speeds|accelerates|helps|hinders"
    r"|impairs|exceeds)(?![\w-])",
    re.IGNORECASE,
)
"""Verbs in the present tense, which state a law and not an observation."""


class Word(NamedTuple):
    """A directional word, where it stands in the prose, and whether it is one that states a law."""

    text: str
    sense: Sense
    start: int
    end: int
    law: bool


def directions(prose: str) -> list[Word]:
    """Words of a sentence that say that something went up, down, better or worse."""
    text = _FIXED.sub(lambda m: " " * len(m[0]), prose)
    found = [
        Word(m[0].lower(), sense, m.start(), m.end(), bool(_VERBS.fullmatch(m[0].split()[0])))
        for patterns in (_ALL, _COMPARED)
        for sense, pattern in patterns.items()
        for m in pattern.finditer(text)
    ]
    return sorted(found, key=lambda w: w.start)


_SUBJECT_NULL = r"effect|difference|influence|impact|change|benefit|improvement|gain|increase|decrease|reduction"
NO_EFFECT = re.compile(
    r"""\b(?:(?:no|without|zero|neither)\ (?:\w+\ )?(?:effect|difference|influence|impact|change)s?
    |(?:do(?:es)?|did)(?:\ not|n't)\ (?:affect|matter|influence|change|differ|alter)
    |(?:is|are|was|were|remains?|remained)\ (?:unchanged|unaffected)
    |indistinguishable|equivalent|on\ par|irrelevant)\b""",
    re.VERBOSE | re.IGNORECASE,
)
NOT_NO_EFFECT = re.compile(
    rf"""\b(?:what\ (?:does|did)\ not\ \w+
    |equivalen(?:t|ce)\ (?:tests?|testing|bounds?|margins?|regions?|procedures?|question)
    |neither\ (?:\w+\ )?(?:an?\ )?(?:effect|difference)\ (?:[^,;.]*?\ )?nor
    \ (?:(?:its|their|an?|the)\ absence|equivalence)
    |no\ evidence\ (?:of|for|that|against)|(?:null\ )?hypothesis\ (?:of|that\ there\ is)\ no\ (?:{_SUBJECT_NULL})
    |no\ (?:change|difference)s?\ (?:to|in)\ the\ (?:code|plan|protocol|set-?up|settings)
    |no\ significant\ (?:{_SUBJECT_NULL})|no\ statistically\ significant\ (?:{_SUBJECT_NULL})
    |(?:not|n't|cannot|nor|never|neither|far\ from)\ [^,;.]*?
    (?:no\ (?:effect|difference)|equivalent|indistinguishable))\b""",
    re.VERBOSE | re.IGNORECASE,
)
SIGNIFICANT = re.compile(r"\b(?:in|non-?)?significan(?:t|tly|ce)\b", re.I)
SIGNIFICANCE_TERMS = re.compile(
    r"\b(?:significance (?:level|threshold|test\w*|criterion)|(?:level|threshold|test)s? (?:of|for) significance"
    r"|(?:absence|lack|want) of (?:statistical )?significance"
    r"|significan(?:t|ce) (?:is|was|means|required)|(?:declared|called|deemed|counted(?: as)?) significant)\b",
    re.I,
)
FRAMES = re.compile(
    r"""\b(?:whether|if|may|might|could|would|should|to\ (?:test|ask|see|learn|find\ out)
    |(?:hypothes[ie]s|hypothesi[sz]ed?|predict(?:s|ed|ion)?|expect(?:s|ed|ation)?|conjectured?|assum(?:es|ed|ption)
    |asks?|asked|opposite|contrary|question|plan|planned|pre-?registered|registered|direction)(?:\ \w+){0,3}?
    (?:\ (?:that|of|to|is|was|how|in\ which))?
    |(?:the|an?|one|another)\ (?:rival\ |other\ )?
    (?:observation|belief|advice|rule|idea|view|intuition|argument|report|notion|account|suspicion|rival|reading)s?
    \ (?:is\ |was\ )?that)\b""",
    re.VERBOSE | re.IGNORECASE,
)
OUTCOME = re.compile(
    r"\b(?:supported|refuted|confirm(?:s|ed)|rejected|we (?:find|found|observe|observed|show|see|saw)|indeed"
    r"|inconclusive|as (?:predicted|expected|hypothesi[sz]ed)|results? (?:show|indicate|demonstrate|reveal)\w*"
    r"|demonstrat\w+)\b",
    re.I,
)
HEDGES = re.compile(
    r"\b(?:observed|estimated?|estimates|sample|in these runs|not significant|inconclusive|numerically|tend(?:s|ed)"
    r"|did not|no evidence|not enough|cannot|suggest(?:s|ed|ive)?|appear(?:s|ed)?|seem(?:s|ed)?|uncertain|interval"
    r"|trend|if|whether|hypothes[ie]s|expected|predicted)\b",
    re.I,
)
NEGATION = re.compile(
    r"(?:(?:\bnot|n't|\bno|\bnever|\bneither|\bnor|\bcannot|\bfail(?:s|ed)? to|\brather than|\binstead of)"
    r"(?: (?!but\b)[\w-]+){0,3}|\bwithout(?: (?!but\b|and\b)[\w-]+){0,3})\s*$",
    re.I,
)
PLACEHOLDERS = (VALUE, CITATION, POINTER)
