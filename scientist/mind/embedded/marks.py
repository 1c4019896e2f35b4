"""Words and turns of phrase that the embedded reviewer counts, each with the words that name it to an author."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import accumulate

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
    "first": (r"\b(?:the first|for the first time)\b", "the words “the first”"),
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
    "question": (r"(?<=[^\s?(\[])\?(?!\?)", "questions asked"),  # no “Figure ??”, no “(?)”
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

_UNRATED = {"appendix": r"\b(?:appendix|appendices|supplement)"}
"""Earns nothing, since nothing of an appendix counts, but crowds a sentence."""
_PATTERNS = {name: pattern for name, (pattern, _) in RATES.items()} | _UNRATED
COMPILED = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _PATTERNS.items()}


def occurrences(sentences: Sequence[str]) -> dict[str, list[int]]:
    """For each mark the places of the sentences that hold it, one for each time that they do."""
    starts = list(accumulate((len(s) + 1 for s in sentences), initial=0))
    text = "\n".join(sentences)
    return {n: [bisect(starts, m.start()) - 1 for m in p.finditer(text)] for n, p in COMPILED.items()}
