"""What can be measured in a manuscript without understanding it: which evidence it reports, how large, how readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from scientist.mind.embedded.text import cited_works
from scientist.mind.marks import find_marks
from scientist.mind.reading import all_text, body_text, is_prose, sentences, words
from scientist.types import Frozen, Manuscript

_DATASETS = re.compile(
    r"\b(?:MNIST|CIFAR-?100?|ImageNet|SVHN|COCO|GLUE|SQuAD|WMT|enwik8|text8|shakespeare\w*|WikiText\S*|Penn Treebank|"
    r"CelebA|"
    r"MuJoCo|Atari|Omniglot|mini-?imagenet|UCI|Cora|Citeseer|PubMed|QM9|ZINC|Kinetics|LibriSpeech|modular \w+|D4RL|"
    r"OpenAI Gym|LSUN|FFHQ|Cityscapes|ModelNet\d*|ShapeNet|SST-?2?|MNLI|IMDB|AG ?News|Digits|Iris|moons?|dino|"
    r"circles?)\b"
    r"|\b((?-i:[A-Z]\w*-?[A-Z0-9]\w*|[A-Z]\w+-[A-Z]\w+|[a-z]+_[a-z_]+))\s+(?:data ?sets?|benchmarks?|corpus|corpora)\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\b[A-Z]{3,7}s?\b")
_COMMON = frozenset(
    """CPU GPU RAM API URL PDF HTML JSON USA DNA RNA GPT BERT MNIST CIFAR SGD ADAM CNN RNN LSTM MLP NLP ICLR ICML NIPS
    ACL CVPR AAAI IEEE ACM GRU ELU SVM PCA MSE AUC ROC BLEU WMT SHA UTC TODO FIXME XXX TBD III VII VIII SVHN COCO GLUE
    ANOVA TOST REFERENCES NOT AND FOR THE ALL ReLU ARXIV IID GAN VAE TPU NVIDIA CUDA UCI ISBN DOI CLS SEP BOS
    EOS""".split()
)


_NO_NAMES = frozenset("of on in and the our all two new own both each these those such other modular".split())
_PLAIN = re.compile(r"digits|iris|moons?|dino|circles?", re.IGNORECASE)
"""Words that name a data set only near the word “data”."""
_OTHERS = re.compile(
    r"related work|prior work|previous work|background|literature|introduction|limitation|future|threats|discussion|"
    r"conclusion|impact",
    re.IGNORECASE,
)
"""Sections that name data sets of others, or those that the paper does without."""


class Features(Frozen):
    """Measurements. ``marks`` holds, for each kind of evidence found, the sentence (or caption) that shows it first."""

    words: int
    references: int
    """Works listed and cited; all that are listed where the style of citation is not understood."""
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
        references=len(cited_works(manuscript)) or len(manuscript.references),
        figures=sum(f.kind == "figure" for f in manuscript.floats),
        tables=sum(f.kind == "table" for f in manuscript.floats),
        equations=manuscript.equations,
        sections=tuple(s.heading.lower() for s in (*manuscript.sections, *manuscript.appendix)),
        datasets=_datasets(manuscript),
        marks=find_marks(_statements(manuscript)),
        numbers=len(set(re.findall(r"\d+\.\d+|\d+(?:\.\d+)?\s*%", text))),
        sentence_words=round(sum(lengths) / len(lengths), 1) if lengths else 0.0,
        long_sentences=round(sum(n > 40 for n in lengths) / len(lengths), 3) if lengths else 0.0,
        undefined_acronyms=_undefined_acronyms(main),
        abstract_words=len(words(manuscript.abstract)),
    )


def _statements(manuscript: Manuscript) -> Iterator[str]:
    yield from sentences(body_text(manuscript))
    yield from (f"{f.label}: {f.caption}" for f in manuscript.floats)
    yield from sentences(manuscript.abstract)
    for section in manuscript.appendix:
        yield from sentences(f"{section.heading}.\n\n{section.text}")


def _datasets(manuscript: Manuscript) -> tuple[str, ...]:
    """Data sets named where the paper tells its own work; one that another's name begins with is the same."""
    found: dict[str, str] = {}
    text = "\n\n".join(_own_parts(manuscript))
    for match in _DATASETS.finditer(text):
        name = (match[1] or match.group()).strip()
        heading = name.isupper() and name.isalpha() and len(name) > 5
        around = text[max(0, match.start() - 40) : match.end() + 40]
        plain = _PLAIN.fullmatch(name) and not re.search(r"\bdata|\btask|\bcorp", around, re.IGNORECASE)
        if not heading and not plain and name.lower() not in _NO_NAMES:
            found.setdefault(re.sub(r"\W", "", name.lower()), name)
    same = {key for key in found if any(other != key and key in other for other in found)}
    if sum(key.startswith("modular") for key in found) > 1:
        same.add("modulararithmetic")
    return tuple(name for key, name in found.items() if key not in same)[:20]


def _own_parts(manuscript: Manuscript) -> Iterator[str]:
    """Abstract, captions, and the sections of the main part that are not about others' work or what was not done."""
    yield manuscript.abstract
    for section in manuscript.sections:
        if not _OTHERS.search(section.heading):
            yield f"{section.heading}\n\n{section.text}"
    yield from (f.caption for f in manuscript.floats)


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
