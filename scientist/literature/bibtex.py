"""Citation keys, and BibTeX entries that print exactly what a record says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from scientist.literature.latex_text import latex_characters, latex_text, segments, squeeze
from scientist.literature.words import ascii_fold, content_words
from scientist.types import Paper, Reference

JOURNALS = {
    "JMLR": "Journal of Machine Learning Research",
    "TMLR": "Transactions on Machine Learning Research",
    "TACL": "Transactions of the Association for Computational Linguistics",
    "PNAS": "Proceedings of the National Academy of Sciences",
    "Nature": "Nature",
    "Science": "Science",
    "Machine Learning": "Machine Learning",
    "Neural Computation": "Neural Computation",
    "Computational Linguistics": "Computational Linguistics",
    "Proceedings of the IEEE": "Proceedings of the IEEE",
    "Transformer Circuits Thread": "Transformer Circuits Thread",
}

CONFERENCES = {
    "NeurIPS": "Advances in Neural Information Processing Systems",
    "ICLR": "International Conference on Learning Representations",
    "ICML": "International Conference on Machine Learning",
    "AISTATS": "International Conference on Artificial Intelligence and Statistics",
    "COLT": "Conference on Learning Theory",
    "UAI": "Conference on Uncertainty in Artificial Intelligence",
    "AAAI": "AAAI Conference on Artificial Intelligence",
    "IJCAI": "International Joint Conference on Artificial Intelligence",
    "CVPR": "Conference on Computer Vision and Pattern Recognition",
    "ICCV": "International Conference on Computer Vision",
    "ECCV": "European Conference on Computer Vision",
    "ACL": "Annual Meeting of the Association for Computational Linguistics",
    "EMNLP": "Conference on Empirical Methods in Natural Language Processing",
    "NAACL": "Conference of the North American Chapter of the Association for Computational Linguistics",
    "KDD": "International Conference on Knowledge Discovery and Data Mining",
    "CoRL": "Conference on Robot Learning",
    "COLM": "Conference on Language Modeling",
    "Findings of ACL": "Findings of the Association for Computational Linguistics",
    "Findings of EMNLP": "Findings of the Association for Computational Linguistics: EMNLP",
    "MLSys": "Machine Learning and Systems",
}

PROPER = frozenset(
    """
    Adam Atari Bayes Bayesian Bellman Bernoulli Besov Boltzmann Boolean Carlo Cholesky Dirichlet English Euclidean
    Fisher Fourier Frobenius Galerkin Gauss Gaussian Gaussians Gibbs Gromov Hamiltonian Hawkes Hebbian Hermitian Hessian
    Hilbert Hopfield Ising Jacobian Kalman Koopman Kronecker Krylov Lagrange Lagrangian Lanczos Langevin Laplace
    Laplacian Lévy Lie Lipschitz Lyapunov Mallows Markov Markovian Mercer Metropolis Monte Nash Nesterov Newton Nyström
    Pareto Pearson Poisson Polyak Potts Procrustes Python Rademacher Rényi Riemann Riemannian Schrödinger Shapley
    Sinkhorn Sobolev Stein Stiefel Thompson Tikhonov Tsallis Turing Tweedie Wasserstein Wiener Wikipedia Wishart
    Chinese French German Japanese Arabic Russian Spanish American Finnish Indic India Paris Oxford Edinburgh
    Amazon Argoverse Barlow Bernstein Bregman Brownian Byzantine Caffe Cayley Cityscapes Cox Dyna Dynabench Erdos Erdős
    Euler Eulerian Facebook Feynman Fokker Fréchet Google Gumbel Helmholtz Hessians Huffman Hyperband Informer Ito
    Jaccard Jensen Johnson Leman Lehman Levenshtein Librispeech Llama Lovász Mahalanobis Mapillary Microsoft Minecraft
    Minkowski Mish Montezuma Moreau Nyströmformer Ornstein Parseval Penn Planck Poincaré Poolingformer Rao Reluplex
    Renyi Rosetta Rubik Shannon Stackelberg Swin Sylvester Tacotron Taylor Twitter Uhlenbeck Watson Weisfeiler Winograd
    Woodbury Xception Zeno
    """.split()
)
"""Names that keep their capital when a bibliography style lowers titles.

Most were found by use: words of the packaged titles that 50,000 abstracts write with a capital inside a sentence.
"""

SUFFIX = re.compile(r"^(Jr|Sr|II|III|IV)\.?$")


def bibliography(references: Sequence[Reference]) -> str:
    """A ``.bib`` file of the references in the order of their keys."""
    return "\n".join(bibtex_entry(r.key, r.paper) for r in sorted(references, key=lambda r: r.key))


def bibtex_entry(key: str, paper: Paper) -> str:
    """One entry: @article for journals, @misc for preprints, books and reports, else @inproceedings."""
    kind, fields = _venue(paper)
    entry = {"author": _authors(paper), "title": protected_title(paper.title), **fields}
    if paper.year is not None:
        entry["year"] = str(paper.year)
    if eprint := _plain_id(paper.arxiv_id or ""):
        entry |= {"eprint": eprint, "archivePrefix": "arXiv"}
    if paper.doi:
        entry["doi"] = _plain_id(paper.doi)
    if url := _url(paper):
        entry["url"] = url
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in entry.items() if value)
    return f"@{kind}{{{key},\n{lines}}}\n"


def assign_keys(papers: Sequence[Paper]) -> tuple[str, ...]:
    """A unique key for each paper, ``surnameYEARword``; the same set of papers gets the same keys in any order.

    Papers whose keys would be equal take further title words until they differ, and letters where titles end.
    """
    order = sorted(range(len(papers)), key=lambda i: papers[i].id)
    keys = [cite_key(p) for p in papers]
    for words in range(2, 6):
        count = Counter(keys)
        keys = [cite_key(p, words) if count[k] > 1 else k for p, k in zip(papers, keys, strict=True)]
    used: set[str] = set()
    for i in order:
        letters = iter("bcdefghijklmnopqrstuvwxyz")
        stem, number = keys[i], 0
        while keys[i] in used:
            letter = next(letters, None)
            number += 1
            keys[i] = stem + (letter or f"z{number}")
        used.add(keys[i])
    return tuple(keys)


def cite_key(paper: Paper, title_words: int = 1) -> str:
    """``surnameYEARword`` in lower-case ASCII, with the first ``title_words`` content words of the title."""
    words = content_words(paper.title) or ["untitled"]
    year = str(paper.year) if paper.year is not None else "nd"
    return f"{surname(paper)}{year}{''.join(words[:title_words])}"[:60]


def surname(paper: Paper) -> str:
    """The first author's last name in lower-case ASCII letters; "anon" where there is none that ASCII can spell."""
    for part in reversed(paper.authors[0].split() if paper.authors else []):
        letters = re.sub(r"[^a-z]", "", ascii_fold(part).lower())
        if letters and not SUFFIX.match(part):
            return letters
    return "anon"


def protected_title(title: str) -> str:
    """A title in LaTeX, with braces around acronyms, names and all else whose capitals a style must not lower."""
    return squeeze("".join(maths or _protect_words(plain) for plain, maths in segments(title)))


def _protect_words(text: str) -> str:
    pieces = re.split(r"([\w'’]+)", text)
    return "".join(f"{{{latex_characters(p)}}}" if _keeps_capitals(p) else latex_characters(p) for p in pieces)


def _keeps_capitals(word: str) -> bool:
    name = re.sub(r"['’]s?$", "", word)
    return name in PROPER or any(c.isupper() for c in word[1:]) or (len(name) == 1 and name.isupper() and name != "A")


def _authors(paper: Paper) -> str:
    names = [_name(a) for a in paper.authors]
    complete = paper.authors_complete and all(names)
    return " and ".join([n for n in names if n] + ([] if complete else ["others"]))


def _name(name: str) -> str:
    """A name as BibTeX divides it; empty if no letter of it can be set."""
    parts = name.split()
    if len(parts) > 2 and SUFFIX.match(parts[-1]):
        return latex_text(f"{parts[-2].rstrip(',')}, {parts[-1]}, {' '.join(parts[:-2])}")
    latex = latex_text(name)
    # A comma or an "and" inside a name would divide it: braces make it one word.
    return f"{{{latex}}}" if re.search(r",|\band\b", latex) else latex


def _venue(paper: Paper) -> tuple[str, dict[str, str]]:
    venue = paper.venue.strip()
    if venue in JOURNALS or re.search(r"\b(journal|transactions|letters|magazine|review|annals)\b", venue, re.I):
        return "article", {"journal": latex_text(JOURNALS.get(venue, venue))}
    if venue.endswith("Press"):
        return "book", {"publisher": latex_text(venue)}
    if not venue or venue.lower().startswith("arxiv"):
        eprint = _plain_id(paper.arxiv_id or "")
        return "misc", {"howpublished": f"arXiv preprint arXiv:{eprint}" if eprint else latex_text(venue)}
    if venue.lower().endswith(("report", "blog", "thesis")):
        return "misc", {"howpublished": latex_text(venue)}
    return "inproceedings", {"booktitle": latex_text(CONFERENCES.get(venue, venue))}


def _url(paper: Paper) -> str:
    if paper.doi:
        return ""
    url = f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else paper.url or ""
    return _plain_id(url) if url.startswith(("https://", "http://")) else ""


def _plain_id(text: str) -> str:
    """An identifier or address as it is; empty if it holds a character that LaTeX could read as a command."""
    return text if re.fullmatch(r"[A-Za-z0-9._;:()/\-+=?@]+", text) else ""
