"""The numbers that the embedded reviewer takes from a paper's text, each with the words that name it to an author."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import log1p

from scientist.mind.embedded.text import PaperText

RATES: dict[str, tuple[str, str]] = {
    "ablation": (r"\bablat", "mentions of ablations"),
    "baseline": (r"\bbaselines?\b", "mentions of baselines"),
    "theorem": (r"\btheorems?\b", "mentions of theorems"),
    "lemma": (r"\blemmas?\b", "mentions of lemmas"),
    "proof": (r"\bproofs?\b|\bprove[sdn]?\b", "mentions of proofs"),
    "proposition": (r"\bpropositions?\b|\bcorollar", "mentions of propositions"),
    "assumption": (r"\bassum", "stated assumptions"),
    "sota": (r"state-of-the-art|\bsota\b", "claims about the state of the art"),
    "novel": (r"\bnovel\b", "the word “novel”"),
    "first": (r"\b(?:the first|for the first time)\b", "claims to be the first"),
    "outperform": (r"\boutperform|\bsuperior", "claims to outperform"),
    "significant": (r"\bsignifican", "the word “significant”"),
    "spread": (r"standard (?:deviation|error)|±|\bstd\b|error bars?|confidence interval", "reported spreads"),
    "seeds": (r"\bseeds?\b|\b(?:random|independent|different) (?:runs|trials)", "mentions of seeds or repeated runs"),
    "limitation": (r"\blimitations?\b", "mentions of limitations"),
    "future": (r"\bfuture (?:work|research|direction)", "mentions of future work"),
    "convergence": (r"\bconverg", "talk of convergence"),
    "bound": (r"\bbound", "talk of bounds"),
    "optimal": (r"\boptimal", "talk of optimality"),
    "complexity": (r"\bcomplexity\b", "talk of complexity"),
    "robust": (r"\brobust", "talk of robustness"),
    "generalise": (r"\bgenerali[sz]", "talk of generalisation"),
    "appendix": (r"\b(?:appendix|appendices|supplement)", "pointers to the appendix"),
    "however": (r"\bhowever\b|\bnevertheless\b|\balthough\b", "contrasts (“however”, “although”)"),
    "we": (r"\bwe\b", "the authors speaking of themselves (“we”)"),
    "our": (r"\bour\b", "the word “our”"),
    "propose": (r"\bwe (?:propose|introduce|present|develop)\b|\bproposed\b", "the word “proposed”"),
    "show": (r"\bwe (?:show|demonstrate|prove|find|observe|study|investigate)\b", "statements of what was found"),
    "example": (r"\be\.g\.|\bi\.e\.|\bfor (?:example|instance)\b", "examples given"),
    "figure": (r"\bfig(?:ure|\.)s?\s*\d", "pointers to figures"),
    "table": (r"\btables?\s*\d", "pointers to tables"),
    "equation": (r"\beq(?:uation|\.|n)", "pointers to equations"),
    "section": (r"\bsec(?:tion|\.)\s*\d", "pointers to sections"),
    "algorithm": (r"\balgorithms?\b", "talk of algorithms"),
    "imagenet": (r"imagenet", "mentions of ImageNet"),
    "cifar": (r"cifar", "mentions of CIFAR"),
    "mnist": (r"mnist", "mentions of MNIST"),
    "synthetic": (r"\bsynthetic|\btoy\b", "synthetic data"),
    "realworld": (r"real[- ]world", "talk of the real world"),
    "human": (r"\bhumans?\b", "mentions of humans"),
    "hardware": (r"\bgpus?\b|\bcpus?\b|\bhours?\b", "mentions of hardware or time"),
    "hyper": (r"hyper-?param|\btun(?:e|ed|ing)\b", "talk of hyper-parameters"),
    "contribution": (r"\bcontributions?\b|\bcontribute", "talk of contributions"),
    "analysis": (r"\banaly", "talk of analysis"),
    "empirical": (r"\bempirical", "the word “empirical”"),
    "theoretical": (r"\btheor(?:y|etic)", "talk of theory"),
    "discuss": (r"\bdiscuss", "discussion"),
    "question": (r"\?", "questions asked"),
    "colon": (r":", "colons"),
    "quoted": (r"[“\"]", "quotation marks"),
    "intuition": (r"intuit", "talk of intuition"),
    "interesting": (r"\binteresting|\bsurpris", "the words “interesting” or “surprising”"),
    "simple": (r"\bsimpl[ey]", "the word “simple”"),
    "efficient": (r"\befficien", "talk of efficiency"),
    "improve": (r"\bimprov", "claims to improve"),
    "better": (r"\bbetter\b|\bbest\b|\bhigher\b", "the words “better” and “best”"),
    "compare": (r"\bcompar", "comparisons"),
    "effective": (r"\beffective", "claims to be effective"),
    "experiment": (r"\bexperiment", "talk of experiments"),
    "framework": (r"\bframework\b", "the word “framework”"),
    "method": (r"\bmethods?\b", "the word “method”"),
    "approach": (r"\bapproach", "the word “approach”"),
    "transformer": (r"\btransformers?\b", "mentions of transformers"),
    "graph": (r"\bgraphs?\b", "mentions of graphs"),
    "reinforcement": (r"\breinforcement\b|\bpolic(?:y|ies)\b", "reinforcement learning"),
    "adversarial": (r"\badversarial|\bgans?\b", "adversarial methods"),
    "generative": (r"\bgenerative|\bdiffusion\b|\blikelihood", "generative models"),
    "pretrained": (r"\bpre-?train", "pre-training"),
    "large": (r"\blarge-scale|\bscal(?:e|es|ing)\b", "talk of scale"),
    "contrastive": (r"\bcontrastive|self-supervis", "self-supervision"),
    "attention": (r"\battention\b", "attention layers"),
    "medical": (r"medical|clinical|patient|disease", "medical uses"),
    "classic": (r"\b(?:lstm|rnn|cnn|svm|autoencoder)s?\b", "older kinds of model (LSTM, CNN, SVM)"),
    "accuracy": (r"\b(?:accuracy|f1|precision|recall)\b", "talk of accuracy"),
    "loose": (r"\betc\b|\bvery\b|\ba lot\b|\band so on\b", "loose wording (“very”, “etc.”)"),
    "therefore": (r"\b(?:thus|hence|therefore)\b", "conclusions drawn (“thus”, “hence”)"),
    "because": (r"\bbecause\b|\bsince\b|\bdue to\b", "reasons given (“because”)"),
    "hedge": (
        r"\b(?:suggest|seem|appear|likely|perhaps|somewhat|relatively|roughly|arguably|conjectur|hypothes)",
        "hedged statements",
    ),
    "modal": (r"\b(?:can|could|may|might)\b", "the words “can” and “may”"),
    "negation": (r"\bnot\b|\bno\b", "negations"),
    "additive": (r"\b(?:moreover|furthermore|besides|in addition|meanwhile)\b", "“moreover” and “furthermore”"),
    "insight": (
        r"\b(?:insight|understand|expla(?:in|nation)|mechanism|characteri[sz]|reveal|phenomen)",
        "explanations of why",
    ),
    "tradition": (
        r"\b(?:traditional|conventional|existing methods|recent years|great success|widely used)\b",
        "stock phrases (“traditional methods”, “in recent years”)",
    ),
    "this_paper": (r"\bin this (?:paper|work)\b|\bthis (?:paper|work)\b", "the words “this paper”"),
    "open": (r"\b(?:source code|our code|code is|code will|open[- ]source)", "talk of released code"),
    "task": (r"\btasks?\b", "mentions of tasks"),
    "dataset": (r"\bdata ?sets?\b", "mentions of data sets"),
    "prior": (
        r"\b(?:prior|previous|concurrent|recent) (?:work|approach|method)|\brelated work",
        "talk of earlier work",
    ),
}
"""Occurrences per thousand words, on a log scale: name, pattern, wording."""

SIZES: dict[str, str] = {
    "words": "words of main text",
    "vocabulary": "distinct words",
    "abstract_words": "words of abstract",
    "title_words": "words of title",
    "references": "references",
    "reference_words": "words per reference",
    "figures": "figures",
    "tables": "tables",
    "equations": "numbered equations",
    "decimals": "decimal numbers",
    "percents": "percentages",
    "works_cited": "works cited in the text",
    "citations": "citations in the text",
    "appendix_pointers": "pointers to an appendix",
    "reference_characters": "characters of reference list",
}
"""Counts on a log scale: name and wording."""

SHAPES: dict[str, str] = {
    "sentence_mean": "mean length of sentences",
    "sentence_spread": "variety in the length of sentences",
    "sentence_long": "share of very long sentences",
    "sentence_short": "share of short sentences",
    "word_length": "mean length of words",
    "variety": "variety of words",
    "symbols": "mathematical symbols",
    "title_colon": "colon in the title",
    "reference_arxiv": "share of references to preprints",
    "reference_ml": "share of references to machine-learning conferences",
    "reference_journal": "share of references to journals",
    "reference_applied": "share of references to vision and language venues",
    "abstract_numbers": "numbers in the abstract",
}
"""Other measures: name and wording."""

_ABSTRACT = (
    "sota novel first outperform theoretical empirical robust show propose experiment question however bound "
    "generalise improve simple large realworld analysis framework"
).split()
_COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, (pattern, _) in RATES.items()}
_LETTERS = re.compile(r"[A-Za-z][A-Za-z'’-]+")
_VENUES = {
    "arxiv": r"arxiv",
    "ml": r"NeurIPS|NIPS|Neural Information|ICML|International Conference on Machine|ICLR|Learning Representations",
    "journal": r"Journal|Annals|Transactions|Nature|Science",
    "applied": r"Computational Linguistics|\bACL|EMNLP|CVPR|ICCV|Computer Vision",
}


def measures(paper: PaperText) -> dict[str, float]:
    """Every measure by name, in a fixed order."""
    return dict((*_sizes(paper), *_shapes(paper), *_rates(paper)))


def wording(name: str) -> str:
    """A measure in an author's words."""
    if name.startswith("abstract:"):
        return f"{RATES[name.removeprefix('abstract:')][1]} in the abstract"
    if name in RATES:
        return RATES[name][1]
    return SIZES.get(name) or SHAPES[name]


def _sizes(paper: PaperText) -> Iterator[tuple[str, float]]:
    main = paper.main
    words = _LETTERS.findall(main)
    listed, length = _listed(paper)
    values = {
        "words": len(words),
        "vocabulary": len({w.lower() for w in words}),
        "abstract_words": len(_LETTERS.findall(paper.abstract)),
        "title_words": len(paper.title.split()),
        "references": listed,
        "reference_words": length,
        "figures": _highest(r"\bFig(?:ure|\.)s?\s*(\d{1,2})\b", main),
        "tables": _highest(r"\bTables?\s*(\d{1,2})\b", main),
        "equations": _run(main),
        "decimals": len(set(re.findall(r"\d+\.\d+", main))),
        "percents": main.count("%"),
        "works_cited": paper.cited,
        "citations": paper.citations,
        "appendix_pointers": len(_COMPILED["appendix"].findall(main)),
        "reference_characters": sum(len(r) for r in paper.references),
    }
    return ((name, log1p(values[name])) for name in SIZES)


def _listed(paper: PaperText) -> tuple[float, float]:
    """References, and words a reference; entries that ran together are told apart by their length."""
    words = sum(len(r.split()) for r in paper.references)
    listed = max(len(paper.references), words / 60)
    return listed, words / max(1.0, listed)


def _shapes(paper: PaperText) -> Iterator[tuple[str, float]]:
    lengths = [n for s in paper.sentences if (n := len(s.split())) > 3]
    words = [w.lower() for w in _LETTERS.findall(paper.main)]
    mean = _mean(lengths)
    spread = _mean([(n - mean) ** 2 for n in lengths]) ** 0.5
    head = words[:3000]
    listed = max(1, len(paper.references))
    values = {
        "sentence_mean": min(mean, 60.0),
        "sentence_spread": min(spread, 60.0),
        "sentence_long": _mean([float(n > 40) for n in lengths]),
        "sentence_short": _mean([float(n < 10) for n in lengths]),
        "word_length": _mean([len(w) for w in words]),
        "variety": len(set(head)) / max(1, len(head)),
        "symbols": log1p(1000 * len(re.findall(r"[=∈≤≥∑∀∥αβγδεθλμπσφω∇]", paper.main)) / max(1, len(words))),
        "title_colon": float(":" in paper.title),
        "abstract_numbers": log1p(len(re.findall(r"\d+(?:\.\d+)?", paper.abstract))),
    }
    for name, pattern in _VENUES.items():
        found = sum(re.search(pattern, r, re.IGNORECASE) is not None for r in paper.references)
        values[f"reference_{name}"] = found / listed
    return ((name, values[name]) for name in SHAPES)


def _rates(paper: PaperText) -> Iterator[tuple[str, float]]:
    thousands = max(0.3, len(_LETTERS.findall(paper.main)) / 1000)
    for name, pattern in _COMPILED.items():
        yield name, log1p(len(pattern.findall(paper.main)) / thousands)
    for name in _ABSTRACT:
        yield f"abstract:{name}", float(min(3, len(_COMPILED[name].findall(paper.abstract))))


def _mean(values: list[float] | list[int]) -> float:
    return sum(values) / len(values) if values else 0.0


def _highest(pattern: str, text: str) -> int:
    """The highest number that a text points to: 30 at most, since others are misread."""
    return max((n for m in re.finditer(pattern, text, re.IGNORECASE) if (n := int(m[1])) <= 30), default=0)


def _run(text: str) -> int:
    """How far the run (1), (2), (3), … goes, with gaps of two at most."""
    found = {int(n) for n in re.findall(r"\((\d{1,2})\)", text)}
    last = 0
    for n in range(1, 100):
        if n in found:
            last = n
        elif n - last > 2:
            break
    return last
