"""Families of words that no list exhausts: read by their head and refused where they are not in a form that is known.

A hypothesis, a plan, a universal, a superlative, a metric that "did something": each has few forms that the checks can
hold against the ledger, and those are to be used; any other form of the family is refused, whatever it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from scientist.types import Claim, Verdict
from scientist.writeup.lexicon import directions
from scientist.writeup.meaning import words as w
from scientist.writeup.meaning.moves import moves
from scientist.writeup.meaning.reading import Reading
from scientist.writeup.scan import VALUE

Complaint = tuple[str, str, str]
CLAUSE = re.compile(
    r"[;:]\s|,\s(?:and|but|so|yet|which|while|whereas|though|although|since|because)\b|\.\s|\sand\s(?=the\b"
    r"|this\b|that\b|it\b|we\b|our\b)"
)

_HYPOTHESIS = re.compile(
    r"\b(?:hypothes[ie]s\w*|predict\w*|expect\w*|conjectur\w*|anticipat\w*|foresee\w*|foresaw|foreseen|foretold"
    r"|forecast\w*|presum\w+"
    r"|surmis\w+|(?:our|the) (?:idea|guess|hunch|bet|belief|intuition|thesis|claim)|our (?:theory|account))\b",
    re.I,
)
_HYPOTHESIS_TOLD = re.compile(
    r"""\b(?:null\ hypothesis|hypothes[ie]s\ (?:that|of|is\ that)|(?:we|was|were|is
    |are)\ (?:had\ )?(?:hypothesi[sz]ed|expected|predicted)
    |(?:hypothesi[sz]ed|predicted|expected)\ (?:direction|sign|increase|decrease|route|effect\ of|size|value|change)
    |(?:direction|sign)\ (?:that\ was\ )?(?:hypothesi[sz]ed|predicted|expected)|as\ (?:\w+\ )?(?:hypothesi[sz]ed
    |predicted|expected|anticipated|foreseen)
    |(?:one|way)\ (?:that\ was\ )?predicted|hypothes[ie]s\ (?:\w+\ ){0,2}?(?:supported|refuted|confirmed)
    |survives?\ its\ test|fails\ its\ test
    |against\ (?:the|its)\ (?:\w+\ )?(?:hypothesi[sz]ed\ direction|hypothesis|prediction)
    |opposite\ to\ the\ (?:one\ )?(?:predicted|prediction|hypothesis)|account(?:s)?\ (?:of|by|in|that))\b""",
    re.VERBOSE | re.I,
)
_PLAN = re.compile(
    r"\b(?:plan(?:s|ned)?|protocol\w*|pre-?regist\w+|regist(?:er|ered|ration|ry)|laid down|beforehand|in advance"
    r"|a priori|announc\w+|declar\w+ (?:before|in)"
    r"|set out|clinch\w*|nail\w*|seal\w*|cement\w*|cinch\w*|establish\w*|proof\w*|prov\w+|certif\w+"
    r"|authenticat\w+)\b",
    re.I,
)
_ALL = re.compile(
    r"\b(?:every|any|all|each|whatever|whichever|wherever|whenever|whoever|everyone|everybody|anybody"
    r"|anyone)\b(?:(?: the| of| of the| and every| other| single| its| these"
    r"| such)*)(?: ([a-z\-]+))?(?: ([a-z\-]+))?",
    re.I,
)
_STUDIED = frozenset(
    """seed seeds run runs condition conditions level levels step steps metric metrics comparison comparisons pair pairs
    contrast     contrasts test tests but neighbouring planned single interval intervals difference differences
    repeat repeats model models     reading readings cell cells claim claims means estimates kind kinds
    decays parameter correction adjustment
    settings confirmatory exploratory
    of three two its""".split()
)
_LAW = re.compile(
    r"\bas a (?:\w+ )?(?:class|law|rule|whole|principle|species|matter of course)\b|\b(?:everywhere|anywhere"
    r"|always|evermore|forever|eternal\w*|ubiquit\w+"
    r"|unconditional\w*|categorical\w*|absolute(?:ly)?(?! (?:terms|values?|differences?"
    r"|errors?|sizes?|units?|scale)\b)|wholesale|globally|the world over|by and large"
    r"|across (?:\w+ )?(?:domains|fields|tasks|architectures|scales|the field)"
    r"|(?:other|larger|bigger|different|new|unseen|real|modern|deep|most|many|typical) (?:\w+ )?(?:networks?"
    r"|models?|tasks?|domains?|fields?|architectures?|problems?|worlds?|data ?sets?))\b",
    re.I,
)
_ROUTE = re.compile(
    r"\b(?:produc(?:es|ed|ing)|creat(?:es|ed|ing)|ma(?:kes|de) (?:it|this|that|them) (?:so|happen|possible)"
    r"|ca(?:me|mes|uses) about|comes about|traced? (?:back )?to"
    r"|thank(?:s|ed)?|credit(?:s|ed)?|to blame|blam(?:es|ed)|deriv(?:es|ed)|aris(?:es|en)|arose|originat\w+"
    r"|responsib\w+|govern(?:s|ed)|dictat(?:es|ed)|determin(?:es|ed)"
    r"|the (?:reason|source|origin|root|author|engine|motor|agent|driver)s? (?:of|for|behind|why|is|was)"
    r"|accounts? for (?:this|the|it)|at work here|underneath|behind (?:this|it|the)"
    r"|ow(?:es|ed|ing) (?:this|its|to the (?:change|setting))|(?:a|the) (?:consequence|product|result|outcome"
    r"|fruit|effect) of the (?:change|setting|switch)|follows? from the (?:change|setting))\b",
    re.I,
)
_NOTHING = re.compile(
    r"\bnothing\b(?! (?:is|was) (?:tested|claimed|lost|missing))"
    r"|\b(?:without|of no|with no|to no|no|zero) (?:\w+ )?(?:effects?|avail|consequence|influence|impact|import"
    r"|moment|account|use|difference|change|bearing|movement)\b"
    r"|\bneither here nor there\b|\bas (?:it|they|things) (?:was|were|stood|had been)\b|\ba wash\b"
    r"|\bone and the same\b|\bno \w+ (?:at all|whatsoever)\b",
    re.I,
)
_SAME_THING = re.compile(
    r"\bthe (?:very |exact )?same (?:thing|place|point|figure|number|outcome|result|value|answer|story|level"
    r"|score|spot|end)\b",
    re.I,
)
_CHANCE = re.compile(
    r"\b(?:without (?:\w+ )?(?:question|doubt|dispute)|no doubt|chance|luck|fluke|(?:beyond|outside(?: of)?"
    r"|above|over|than|by|just|mere|from) (?:the |mere )?noise|coincidence|accident\w*|doubt\w*|question"
    r"|statistical\w*|secur\w+|undoubt\w+|decided(?:ly)?|unmistak\w+|certain\w*|sure(?:ly)?"
    r"|confiden(?:t|tly|ce)(?! interval)|proven|convinc\w+|emphatic\w*|resound\w+|categoric\w+|definit\w+"
    r"|positive(?:ly)?|hard evidence|firm\w*|robust\w*|solid\w*|real)\b",
    re.I,
)
_CHANCE_TOLD = re.compile(
    r"\b(?:the|this|open|whether|our|remains?|one|secondary|primary) (?:\w+ )?question|question (?:remains|is"
    r"|of)|label noise|noisy|noise (?:in|that|of|level|schedule|scale)|stays? open",
    re.I,
)
_SUPERLATIVE = re.compile(
    r"\b(?!interest|test|latest|rest|forest|modest|honest|request|suggest|contest|harvest|smallest|protest"
    r"|invest|manifest|nearest|gravest|contrast|earnest|almost|guest|quest|west|digest|ingest|attest"
    r"|largest standard)[a-z]{2,}est\b|\b(?:most|least) (?!of\b|likely\b|sure\b|\ue000)[a-z]+\b|\b(?:maxim"
    r"|minim|optim)(?:um|al|a)\b|\bas far as \ue000|\bone could get\b",
    re.I,
)
_ONE = re.compile(
    r"\b(?:one|a single|a lone|a solitary|that(?! the\b)|this|another|some|a certain|a particular|the (?!plan"
    r"|same|first|whole)(?:[a-z\-]+)|one of the|there was a|an? [a-z\-]+)"
    r"(?: [a-z\-]+){0,1} (?:seeds?|runs?|networks?|models?|replicates?|repeats?|replicas?)\b",
    re.I,
)
_MANY = re.compile(r"\b(?:seeds|runs|networks|models|replicates|repeats|replicas)$", re.I)
_RUN_KIND = re.compile(
    r"\b(?:an?|the|this|that) (?:small|shallow|narrow|plain|linear|wider?|larger?|whole|language|neural"
    r"|trained|recurrent|convolutional"
    r"|gated|denoising|diffusion|deep|such|normal|completed|planned|smaller) (?:\w+ )?(?:networks?"
    r"|models?)\b|\b(?:the|this|our) (?:network|model|classifier)\b(?! (?:that|which|never)\b)"
    r"|\bthat (?:many|few|this)\b|\bmany seeds|per-seed|per run",
    re.I,
)


def check_families(seen: Reading, claims: Sequence[Claim], bare: str) -> Iterator[Complaint]:
    """Complaints about a sentence that rests on claims; ``bare`` is its prose without the labels of what is studied."""
    prose = seen.prose
    yield from _first(
        _forms(_HYPOTHESIS, (w.UPHELD, w.OVERTURNED, _HYPOTHESIS_TOLD), bare),
        "contradicts_claim",
        "tells of a hypothesis in words that cannot be held against its verdict",
        "say that the hypothesis is supported, or is refuted, or that the result is inconclusive",
    )
    if not any(c.confirmatory for c in claims) and not w.EXPLORING.search(prose):
        yield from _first(
            _plain(_PLAN, prose), "exploratory_as_planned", "is a word of a planned test", "say that it is exploratory"
        )
    yield from _first(
        _universals(prose, claims),
        "beyond_scope",
        "goes beyond what was tested",
        "say where it was seen: the data and settings studied",
    )
    yield from _first(_plain(_LAW, prose), "beyond_scope", "goes beyond what was tested", "say where it was seen")
    yield from _first(
        _plain(_ROUTE, prose),
        "beyond_scope",
        "states a cause or a route, which is not shown",
        "say what was compared and how it came out",
    )
    if not any(c.verdict is Verdict.EQUIVALENT for c in claims):
        yield from _first(
            _plain(_NOTHING, w.NOT_SAME.sub(_blank, prose)),
            "false_null",
            "says that there is no difference",
            "say that the result is inconclusive",
        )
        yield from _first(
            _plain(_SAME_THING, prose),
            "false_null",
            "says that there is no difference",
            "say that the result is inconclusive",
        )
    if not any(c.significant for c in claims):
        yield from _first(
            _plain(_CHANCE, _CHANCE_TOLD.sub(_blank, prose)),
            "false_significance",
            "speaks of certainty, and no claim is significant",
            "say that it is not significant",
        )
    if not w.OF_ALL.search(prose):
        yield from _first(
            _plain(_SUPERLATIVE, prose),
            "best_of_n",
            "picks one of several and does not say of how many",
            r"say of how many, as in ``of the \val{plan.seeds} seeds''",
        )
    yield from _unread(seen)


def one_run(prose: str) -> Iterator[re.Match[str]]:
    """Phrases that single out one run, whatever is said of it."""
    text = _RUN_KIND.sub(_blank, prose)
    for match in _plain(_ONE, text):
        if not _MANY.search(match[0]) or match[0].startswith(("one of", "some")):
            yield match


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _forms(family: re.Pattern[str], known: Sequence[re.Pattern[str]], prose: str) -> Iterator[re.Match[str]]:
    """Members of a family outside of the forms that are known."""
    text = prose
    for pattern in known:
        text = pattern.sub(_blank, text)
    return _plain(family, text)


def _plain(pattern: re.Pattern[str], prose: str) -> Iterator[re.Match[str]]:
    """Matches that are neither denied nor supposed within their own clause."""
    for match in pattern.finditer(prose):
        near = re.split(r"[;:,]\s", prose[: match.start()])[-1]
        if not w.DENIED.search(near) and not w.GUESSED.search(near):
            yield match


def _first(found: Iterator[re.Match[str]], check: str, why: str, mend: str) -> Iterator[Complaint]:
    match = next(found, None)
    if match is not None:
        yield check, f"{match[0].strip()!r} {why}", mend


def _universals(prose: str, claims: Sequence[Claim]) -> Iterator[re.Match[str]]:
    several = len({c.dataset for c in claims}) > 1
    for match in _plain(_ALL, prose):
        told = {match[1] or "", match[2] or ""}
        bare = not match[1] and prose[match.end() : match.end() + 1] in ",.;:)"
        if told & _STUDIED or VALUE in prose[match.end() : match.end() + 2] or bare:
            continue
        if several and told & {"data", "task", "tasks", "operation", "operations"}:
            continue
        if match[0].lower().startswith(("whatever", "whoever")) and re.search(r"over this range|uses its", prose):
            continue
        yield match


def _unread(seen: Reading) -> Iterator[Complaint]:
    """A clause on a metric that prints no number and holds no word whose direction or verdict can be read."""
    cuts = [0, *(m.start() for m in CLAUSE.finditer(seen.prose)), len(seen.prose)]
    for first, last in pairwise(cuts):
        clause = seen.prose[first:last]
        subject = next((m for m in seen.metrics if first <= m.start and m.end <= last), None)
        if subject is None or VALUE in clause or not _SAID.match(seen.prose[subject.end : last]):
            continue
        read = directions(clause) or moves(clause) or any(p.search(clause) for p in _READ)
        if not read and not w.GUESSED.search(clause):
            told = seen.prose[subject.start : last].strip(" .,;")
            yield (
                "unread_outcome",
                f"{told!r} tells of a metric in words that cannot be held against the ledger",
                "say that it rose, fell, improved or got worse, or print its numbers",
            )
            return


_SAID = re.compile(
    r" (?:\(|[a-z]+ed\b|was\b|were\b|is\b|are\b|got\b|gets\b|came\b|comes\b|ran\b|runs\b|stood\b|stands\b|had\b"
    r"|has\b|went\b|goes\b|took\b|takes\b|did\b|does\b|never\b"
    r"|saw\b|kept\b|held\b|became\b|becomes\b|grew\b|lay\b|lies\b|sat\b|made\b|gave\b|lost\b|won\b|beat\b"
    r"|stayed\b|[a-z]+s\b)",
    re.I,
)
_READ = (
    w.UPHELD,
    w.OVERTURNED,
    w.UNSETTLED,
    w.SAME,
    w.NOT_SAME,
    re.compile(
        r"significan|equivalen|inconclusive|could not be tested|no test|cannot be tested|differ|depend"
        r"|interval|exploratory|table|figure|asks?|measured|compared|predicted|hypothes|smaller than|chang"
        r"|moves? by|confirms that the",
        re.I,
    ),
)
