"""What can be measured in a manuscript without understanding it: which evidence it reports, how large, how readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from scientist.mind.reading import all_text, body_text, is_prose, sentences, words
from scientist.types import Frozen, Manuscript

_NUMBER_WORDS = (
    "two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred|several|multiple"
)
_COUNT = rf"(?:[2-9]|[1-9]\d+|{_NUMBER_WORDS})"

MARKS: dict[str, str] = {
    "repeats": rf"\b{_COUNT}\s+(?:(?:random|independent|different|separate|paired|fresh|training|common|matched)\s+)*"
    rf"(?:seeds?|runs|trials|repetitions|repeats|replicates|replications|restarts|initiali[sz]ations|folds)\b"
    rf"|\brandom seeds\b|\bseeds? (?:per|for each|in each)\b|\bcross-validation\b|\bn\s*=\s*(?:[3-9]|[1-9]\d+)\s+(?:seeds|runs)",
    "uncertainty": r"±\s*\d|\+/-\s*\d|\berror bars?\b|\b(?:confidence|credible|prediction|bootstrap|t)[ -]intervals?\b|"
    r"\b(?:9[059]|68)\s*% (?:CI|confidence|intervals?|credible)|\bstandard (?:errors?|deviations?)\b|\bstd\.?(?: dev)?\b|"
    r"\binterquartile\b|\bshaded (?:area|region|band)s?\b|\bs\.?e\.?m\.?\b(?=\W)|\bCIs?\b\s*[\[=:(]|\bconfidence\) on\b",
    "test": r"\b(?:t|z|F|sign|rank|permutation|randomi[sz]ation|sign-flip|significance|hypothesis|equivalence|Welch|"
    r"Wilcoxon|Mann[-–]Whitney|McNemar|Kruskal[-–]Wallis|chi-squared?|log-rank|Friedman|Nemenyi)(?:'s|’s)?[- ]"
    r"(?:t[- ]|U[- ]|signed[- ]rank )?tests?\b|\bANOVA\b|\bTOST\b|\btwo one-sided tests\b|\bp\s*[<>=≤]\s*0?\.\d|\bp-values?\b|"
    r"\b(?:Wilcoxon|Mann[-–]Whitney|Bonferroni|Holm|Benjamini)\b|\bt-tests?\b",
    "correction": r"\b(?:Holm|Bonferroni|Benjamini|family-?wise|false discovery rate|multiple (?:comparisons|testing))\b",
    "equivalence": r"\bequivalence (?:test|bound|margin|region)s?\b|\bTOST\b|\btwo one-sided\b|\bsmallest effect(?: size)? of interest\b|"
    r"\bstatistically equivalent\b|\b(?:equivalent|equivalence) within\b",
    "effect_size": r"\beffect sizes?\b|\bCohen['’]s d\b|\bHedges['’]? ?g\b|\bstandardi[sz]ed (?:mean )?(?:difference|effect)\b",
    "preregistration": r"\bpre-?regist\w+|\bregistered report\b|\banalysis plan (?:was )?(?:fixed|hashed|written|frozen) before\b",
    "baseline": r"\bbaselines?\b|\bcontrol (?:condition|group|arm|runs?)\b|\bcompar(?:ed|ing|ison) (?:with|to|against)\b|"
    r"\bstate[- ]of[- ]the[- ]art (?:methods|models|approaches)\b|\breference condition\b|\bprevious(?:ly)? (?:best|published|reported)\b",
    "ablation": r"\bablat\w+|\bsensitivity (?:analysis|study)\b|\bfactorial\b|\bdose[- ]response\b|"
    r"\bwe (?:var(?:y|ied)|remove[d]?|replace[d]?|disable[d]?) (?:the (?:number|size|type|choice|level|depth|width)|each|our|one)\b|"
    r"\bvariants? of (?:our|the)\b|\bwith and without\b|\blevels of\b",
    "theory": r"\b(?:Theorem|Lemma|Proposition|Corollary)\s+\d|\bProof\b",
    "release": r"\b(?:code|scripts?|implementation|bundle)\b[^.]{0,60}\b(?:available|released?|open[- ]sourced?|provided|"
    r"published|accompan\w+|re-?execut\w+)\b|\bgithub\.com\b|\bwe (?:release|open-source|publish) (?:our|the|all)\b",
    "reproducibility": r"\bhyper-?parameters?\b|\blearning rate\b|\bbatch size\b|\boptimi[sz]er\b|\bGPUs?\b|\bCPUs?\b|\bhardware\b",
    "held_out": r"\b(?:held-?out|test|validation) (?:set|split|data|accuracy|loss|error|partition)s?\b|\bnewstest\w*\b|\bmeta-test\w*",
    "negative": r"\bnull results?\b|\bno (?:\w+ )?(?:evidence|difference|effect|benefit)\b|\binconclusive\b|\brefut(?:ed|es)\b|"
    r"\b(?:is|are|was|were) not supported\b|\bdid not (?:improve|help|differ)\b",
    "limitation": r"\blimitations? of (?:our|this|these|the (?:present|proposed|current)) \w+|\bour \w+ (?:\w+ )?has (?:\w+ )?limitations\b|"
    r"\b(?:some|several|its|main|one|following) limitations?\b|\blimitations (?:include|and areas)|\bthreats to validity\b",
    "contrast": r"\bunlike\b|\bin contrast (?:to|with)\b|\bdiffers? from\b|\bto (?:the best of )?our knowledge\b|"
    r"\bhas not been (?:studied|tested|measured|reported)\b|\bour work (?:differs|extends|builds)",
}
"""Evidence that a paper may report: a name and what it looks like in text."""

_PATTERNS = {name: re.compile(p, re.IGNORECASE) for name, p in MARKS.items()}
_DENIED = re.compile(
    r"\b(?:no|not|without|lack(?:s|ed|ing)?|missing|absent|neither|never|did not|do not|does not|cannot|future work|instead of"
    r"|should|would)\b[^.;:]{0,60}$",
    re.IGNORECASE,
)
_DENIABLE = frozenset(
    {"repeats", "uncertainty", "test", "baseline", "ablation", "preregistration", "release", "equivalence"}
)
_UNFINISHED = re.compile(
    r"\b(?:TODO|FIXME|TBD|XXX)\b|lorem ipsum|\binsert \w+|\bwill be (?:added|reported|run)\b", re.IGNORECASE
)
_DATASETS = re.compile(
    r"\b(?:MNIST|CIFAR-?100?|ImageNet|SVHN|COCO|GLUE|SQuAD|WMT|enwik8|text8|shakespeare\w*|WikiText\S*|Penn Treebank|CelebA|"
    r"MuJoCo|Atari|Omniglot|mini-?imagenet|UCI|Cora|Citeseer|PubMed|QM9|ZINC|Kinetics|LibriSpeech|modular \w+|D4RL|"
    r"OpenAI Gym|LSUN|FFHQ|Cityscapes|ModelNet\d*|ShapeNet|SST-?2?|MNLI|IMDB|AG ?News|Digits|Iris|moons?|dino|circles?)\b"
    r"|\b((?-i:[A-Z]\w*-?[A-Z0-9]\w*|[A-Z]\w+-[A-Z]\w+|[a-z]+_[a-z_]+))\s+(?:data ?sets?|benchmarks?|corpus|corpora)\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\b[A-Z]{3,7}s?\b")
_COMMON = frozenset(
    """CPU GPU RAM API URL PDF HTML JSON USA DNA RNA GPT BERT MNIST CIFAR SGD ADAM CNN RNN LSTM MLP NLP ICLR ICML NIPS
    ACL CVPR AAAI IEEE ACM GRU ELU SVM PCA MSE AUC ROC BLEU WMT SHA UTC TODO FIXME XXX TBD III VII VIII SVHN COCO GLUE
    ANOVA TOST REFERENCES NOT AND FOR THE ALL ReLU ARXIV IID GAN VAE TPU NVIDIA CUDA UCI ISBN DOI CLS SEP BOS EOS""".split()
)


class Features(Frozen):
    """Measurements. ``marks`` holds, for each kind of evidence found, the sentence (or caption) that shows it first."""

    words: int
    references: int
    figures: int
    tables: int
    equations: int
    sections: tuple[str, ...]
    datasets: tuple[str, ...]
    marks: dict[str, str]
    numbers: int
    sentence_words: float
    long_sentences: float
    undefined_acronyms: tuple[str, ...]
    abstract_words: int

    def has(self, mark: str) -> bool:
        return mark in self.marks

    def section(self, *names: str) -> bool:
        return any(name in heading for heading in self.sections for name in names)

    @property
    def empirical(self) -> bool:
        """Whether measured results are reported at all."""
        return self.numbers >= 8 and (
            self.tables + self.figures > 0 or self.section("result", "experiment", "evaluation")
        )


@lru_cache(maxsize=8)
def measure(manuscript: Manuscript) -> Features:
    """Measure a manuscript. The same sentence twice counts once, so that padding by repetition gains nothing."""
    main = f"{manuscript.abstract}\n\n{body_text(manuscript)}"
    prose = list(dict.fromkeys(s for s in sentences(main) if is_prose(s)))
    lengths = [len(words(s)) for s in prose]
    text = all_text(manuscript)
    return Features(
        words=sum(lengths),
        references=len(manuscript.references),
        figures=sum(f.kind == "figure" for f in manuscript.floats),
        tables=sum(f.kind == "table" for f in manuscript.floats),
        equations=manuscript.equations,
        sections=tuple(s.heading.lower() for s in (*manuscript.sections, *manuscript.appendix)),
        datasets=_datasets(text),
        marks=dict(_marks(manuscript)),
        numbers=len(set(re.findall(r"\d+\.\d+|\d+(?:\.\d+)?\s*%", text))),
        sentence_words=round(sum(lengths) / len(lengths), 1) if lengths else 0.0,
        long_sentences=round(sum(n > 40 for n in lengths) / len(lengths), 3) if lengths else 0.0,
        undefined_acronyms=_undefined_acronyms(main),
        abstract_words=len(words(manuscript.abstract)),
    )


def _marks(manuscript: Manuscript) -> Iterator[tuple[str, str]]:
    lines = list(_statements(manuscript))
    for name, pattern in _PATTERNS.items():
        for line in lines:
            match = pattern.search(line)
            if match and not (name in _DENIABLE and _denied(name, line, match)):
                yield name, line
                break


def _denied(name: str, line: str, match: re.Match[str]) -> bool:
    """ "We report no error bars" reports none, and noise with a standard deviation is no spread of results."""
    noise = (
        name == "uncertainty"
        and "deviation" in match.group()
        and re.search(r"nois|Gaussian|initiali|drawn|prior", line)
    )
    return bool(noise) or _DENIED.search(line[: match.start()]) is not None or _UNFINISHED.search(line) is not None


def _statements(manuscript: Manuscript) -> Iterator[str]:
    yield from sentences(body_text(manuscript))
    yield from (f"{f.label}: {f.caption}" for f in manuscript.floats)
    yield from sentences(manuscript.abstract)
    for section in manuscript.appendix:
        yield from sentences(f"{section.heading}.\n\n{section.text}")


def _datasets(text: str) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for match in _DATASETS.finditer(text):
        name = (match[1] or match.group()).strip()
        if not (name.isupper() and name.isalpha() and len(name) > 5):  # a heading in capitals
            found.setdefault(re.sub(r"\W", "", name.lower()), name)
    return tuple(found.values())[:20]


def _undefined_acronyms(text: str) -> tuple[str, ...]:
    """Acronyms used three times or more that no bracket defines, neither "(ABC)" nor "ABC (a b c)"."""
    prose = "\n".join(line for line in text.splitlines() if line.upper() != line)
    counts: dict[str, int] = {}
    for match in _ACRONYM.finditer(prose):
        name = match.group().rstrip("s")
        counts[name] = counts.get(name, 0) + 1
    return tuple(
        sorted(
            name
            for name, n in counts.items()
            if n >= 3
            and name not in _COMMON
            and not re.search(
                rf"\(\s*(?:[^()]*\W)?{name}s?\b[^()]*\)|\b{name}s?\s*\(|\b{name}s?,? (?:stands|is short) for", text
            )
        )
    )
