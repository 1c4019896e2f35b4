from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest
from pybtex.database import parse_string

from scientist.literature import formats
from scientist.literature.agreement import differences
from scientist.literature.bibtex import assign_keys, bibliography, bibtex_entry, cite_key, protected_title
from scientist.literature.latex_text import latex_text, safe_maths
from scientist.literature.records import packaged_papers
from scientist.literature.words import normal_title
from scientist.types import Paper, Reference


def paper(**facts: object) -> Paper:
    return Paper.model_validate({"id": "x:1", "title": "A title", "source": "test", **facts})


@pytest.fixture(scope="module")
def everything() -> tuple[tuple[Reference, ...], str]:
    papers = list(packaged_papers())
    references = tuple(Reference(key=k, paper=p) for k, p in zip(assign_keys(papers), papers, strict=True))
    return references, bibliography(references)


def test_every_packaged_record_survives_a_bibtex_parser(everything: tuple[tuple[Reference, ...], str]) -> None:
    references, text = everything
    parsed = parse_string(text, "bibtex")
    assert len(parsed.entries) == len(references)
    assert text.isascii()
    for reference in references:
        entry = parsed.entries[reference.key]
        people = [str(p) for p in entry.persons["author"]]
        complete = len(reference.paper.authors) + (not reference.paper.authors_complete)
        assert len(people) == complete, reference
        assert entry.fields["year"] == str(reference.paper.year)
        assert entry.fields.get("eprint") == reference.paper.arxiv_id
        assert plain(entry.fields["title"]) == letters(reference.paper.title)
        assert letters(reference.paper.authors[0].split()[0]) in plain(people[0])


def plain(latex: str) -> str:
    """The letters and digits of LaTeX text whose accents are commands."""
    named = re.sub(r"\\(aa|AA|ae|AE|oe|OE|o|O|l|L|ss|i|j)(?![a-zA-Z])", r"\1", latex)
    return re.sub(r"[^a-z0-9]", "", re.sub(r"\\(?:[a-zA-Z]{2,}|[ucvHrdb](?=\{))", "", named).lower())


def letters(text: str) -> str:
    """The same of the original, with the letters that have commands of their own spelt like those."""
    spelt = {"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "å": "aa", "ı": "i", "đ": "d", "ð": "d", "þ": "th", "œ": "oe"}
    low = re.sub(r"\\[a-zA-Z]+", "", unicodedata.normalize("NFC", text)).lower()
    for letter, name in spelt.items():
        low = low.replace(letter, name)
    return re.sub(r"[^a-z0-9]", "", unicodedata.normalize("NFKD", low))


def test_keys_are_unique_identifiers_and_do_not_depend_on_order(
    everything: tuple[tuple[Reference, ...], str],
) -> None:
    references, _ = everything
    keys = [r.key for r in references]
    assert len(set(keys)) == len(keys)
    assert all(re.fullmatch(r"[a-z]+\d{4}[a-z0-9]+", k) for k in keys)
    papers = [r.paper for r in references[:500]]
    assert assign_keys(papers) == assign_keys(papers[::-1])[::-1]
    assert assign_keys([]) == ()


def test_keys() -> None:
    assert cite_key(paper(title="Adam: A Method", authors=("Diederik P. Kingma",), year=2015)) == "kingma2015adam"
    assert cite_key(paper(title="The Łódź thing", authors=("Hal Daumé III",), year=2020)) == "daume2020lodz"
    assert cite_key(paper(title="漢字", authors=("行 郑",))) == "anonnduntitled"
    twins = [paper(id=f"x:{i}", title="Same title", authors=("A B",), year=2000) for i in range(30)]
    assert len(set(assign_keys(twins))) == 30


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        (
            "100% of R&D #1 in C_x {a} ~ <b>",
            r"100\% of R\&D \#1 in C\_x \{a\} \textasciitilde{} \textless{}b\textgreater{}",
        ),
        (r"\input{/etc/passwd} \write18", r"\textbackslash{}input\{/etc/passwd\} \textbackslash{}write18"),
        ("$\\input{x}$", r"\$\textbackslash{}input\{x\}\$"),
        ("$\\ell_1$ norm", r"{$\ell_1$} norm"),
        ("costs $5 and $6", r"costs \$5 and \$6"),
        (
            "Jégou, Ł, ß, ñ, ç, ğ, ş, ı, í, Å",
            r"J{\'e}gou, {\L}, {\ss}, {\~n}, {\c{c}}, {\u{g}}, {\c{s}}, {\i}, {\'\i}, {\AA}",
        ),
        ("ọ ạ", r"{\d{o}} {\d{a}}"),
        ("ε-net 🐍 漢字 ok", r"{$\epsilon$}-net ok"),
        ("“quoted” – it’s", "``quoted'' -- it's"),
    ],
)
def test_text_becomes_latex(text: str, latex: str) -> None:
    assert latex_text(text) == latex


@pytest.mark.parametrize("body", [r"\input x", r"\def\x", "a^", "}{", "{", "a%b", "a\\", r"\csname x", "é", "", "_}"])
def test_only_harmless_mathematics_is_kept(body: str) -> None:
    assert not safe_maths(body)


@pytest.mark.parametrize("body", ["f", r"\ell_1", "O(1/n)", r"\mathcal{H}^{2}", "Q", r"\nabla"])
def test_ordinary_mathematics_is_kept(body: str) -> None:
    assert safe_maths(body)


@pytest.mark.parametrize(
    ("title", "latex"),
    [
        ("BERT: Pre-training of Deep Transformers", "{BERT}: Pre-training of Deep Transformers"),
        ("What Makes GPT-3 Work? A Bayesian's View", "What Makes {GPT}-3 Work? A {Bayesian's} View"),
        ("Q-Learning with Rényi Divergence", r"{Q}-Learning with {R{\'e}nyi} Divergence"),
        ("Learning through L_0 Regularization", "Learning through {L}{$_{0}$} Regularization"),
        ("ImageNet and mixup", "{ImageNet} and mixup"),
    ],
)
def test_titles_keep_the_capitals_that_matter(title: str, latex: str) -> None:
    assert protected_title(title) == latex


def test_names_are_divided_as_they_should() -> None:
    authors = ("Hal Daumé III", "Laurens van der Maaten", "OpenAI", "Robots, Inc. and Friends", "行 郑")
    text = bibtex_entry("k", paper(authors=authors, year=2020))
    people = parse_string(text, "bibtex").entries["k"].persons["author"]
    assert people[0].lineage_names == ["III"]
    assert people[1].prelast_names == ["van", "der"]
    assert len(people) == 5 and str(people[-1]) == "others", "a name that cannot be set is not passed over in silence"


def test_an_incomplete_author_list_says_so() -> None:
    known = [p for p in packaged_papers() if not p.authors_complete]
    assert len(known) == 13
    assert all(" and others}" in bibtex_entry("k", p) for p in known)


@pytest.mark.parametrize(
    ("facts", "kind", "field"),
    [
        ({"venue": "NeurIPS"}, "inproceedings", "booktitle = {Advances in Neural Information Processing Systems}"),
        ({"venue": "JMLR"}, "article", "journal = {Journal of Machine Learning Research}"),
        ({"venue": "IEEE Transactions on X & Y"}, "article", r"journal = {IEEE Transactions on X \& Y}"),
        ({"venue": "arXiv", "arxiv_id": "2201.02177"}, "misc", "howpublished = {arXiv preprint arXiv:2201.02177}"),
        ({"venue": "MIT Press"}, "book", "publisher = {MIT Press}"),
        ({"venue": "", "doi": "10.1/x_y"}, "misc", "doi = {10.1/x_y}"),
    ],
)
def test_kind_of_entry_follows_the_venue(facts: dict[str, str], kind: str, field: str) -> None:
    text = bibtex_entry("k", paper(authors=("A B",), year=2020, **facts))
    assert text.startswith(f"@{kind}{{k,")
    assert field in text


def test_identifiers_cannot_carry_commands() -> None:
    text = bibtex_entry("k", paper(doi="10.1/x}\\input{y", url="javascript:{x}", arxiv_id="2201.1}\\x", title="T"))
    assert "input" not in text and "javascript" not in text and "eprint" not in text


@pytest.mark.parametrize(
    ("title", "latex"),
    [
        (
            "Towards Deeper Understanding of Byzantine Robustness",
            "Towards Deeper Understanding of {Byzantine} Robustness",
        ),
        ("Solving Rubik's Cube", "Solving {Rubik's} Cube"),
        ("How Powerful Are Weisfeiler-Lehman Tests?", "How Powerful Are {Weisfeiler}-{Lehman} Tests?"),
    ],
)
def test_proper_nouns_keep_their_capitals(title: str, latex: str) -> None:
    assert protected_title(title) == latex


def test_what_is_printed_is_read_back_as_the_same_work(tmp_path: Path) -> None:
    """Written, read by our own reader and held against the record: nothing is lost that the verifier looks at."""
    papers = [p for p in packaged_papers() if p.title.isascii()][::40]
    references = [Reference(key=k, paper=p) for k, p in zip(assign_keys(papers), papers, strict=True)]
    file = tmp_path / "refs.bib"
    file.write_text(bibliography(references), encoding="utf-8")
    read = {e.paper.title: e.paper for e in formats.read(file, known=lambda **_: None) if e.paper is not None}
    assert len(read) == len(references)
    printed = {normal_title(t): p for t, p in read.items()}
    wrong = [(p.title, differences(printed[normal_title(p.title)], p)) for p in papers]
    assert [(title, d) for title, d in wrong if d] == []
