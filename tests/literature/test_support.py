from __future__ import annotations

from pathlib import Path

import pytest

from scientist.experiments.template import load_template
from scientist.literature.passages import Passage
from scientist.literature.support import Judgement, best_passages, check, cited, curated, objections, questions
from scientist.types import Paper, Reference, Severity

ABSTRACT = "We find that stronger weight decay shortens the delay of generalization on modular addition by 40%."


def reference(key: str = "power", abstract: str = "") -> Reference:
    paper = Paper(
        id=f"p:{key}", title="Grokking on small data sets", authors=("Alethea Power",), year=2022, abstract=abstract,
        source="t",
    )  # fmt: skip
    return Reference(key=key, paper=paper)


TITLE_ONLY, READ = reference(), reference(abstract=ABSTRACT)


@pytest.mark.parametrize(
    "sentence",
    [
        r"Delayed generalization is studied by \citet{power}.",
        r"Grokking~\citep{power} is the subject of this paper.",
        r"We train with the optimiser of \citet{power}, and our accuracy is better than that of the baseline.",
        r"``Grokking shows that more is better''~\citep{power} is near to the question.",
        r"\citet{power} show grokking on small data sets.",
        "Accuracy is higher than before.",
        r"\citet{unknown} show that everything improves by 90\%.",
    ],
)
def test_what_a_title_can_carry_passes(sentence: str) -> None:
    assert check(sentence, [TITLE_ONLY]) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        r"\citet{power} show that weight decay shortens the delay.",
        r"Weight decay is better than dropout~\citep{power}.",
        r"The delay falls by 40\%~\citep{power}.",
        r"It was found that accuracy rises late~\citep{power}, but we do not see it.",
        r"Adam outperforms all other methods \citep[p.~3]{power}.",
    ],
)
def test_findings_need_more_than_a_title(sentence: str) -> None:
    (finding,) = check(sentence, [TITLE_ONLY])
    assert (finding.check, finding.severity) == ("unsupported_claim", Severity.ERROR)
    assert "power" in finding.message and finding.span is not None


def test_an_abstract_carries_its_own_finding_and_no_other() -> None:
    assert check(r"\citet{power} find that weight decay shortens the delay of generalization.", [READ]) == ()
    assert check(r"Weight decay shortens the delay by 40\%~\citep{power}.", [READ]) == ()
    (number,) = check(r"Weight decay shortens the delay by 60\%~\citep{power}.", [READ])
    assert "60" in number.message
    (words,) = check(r"\citet{power} prove that label smoothing improves translation quality.", [READ])
    assert "smoothing" in words.message


def test_passages_carry_what_the_abstract_does_not() -> None:
    sentence = r"\citet{power} report that label smoothing improves translation quality by 2.5 points."
    text = "Label smoothing improves translation quality by 2.5 points."
    passage = Passage(id="p:power#3", paper="p:power", page=4, text=text)
    elsewhere = passage.model_copy(update={"paper": "p:other"})
    assert check(sentence, [READ], [passage]) == ()
    assert len(check(sentence, [READ], [elsewhere])) == 1
    assert best_passages(sentence, READ, [passage, elsewhere])[0] == passage.model_copy(
        update={"score": best_passages(sentence, READ, [passage])[0].score}
    )


def test_each_citation_answers_for_its_own_clause() -> None:
    other = reference("other", "Dropout improves accuracy.")
    sentence = r"\citet{other} show that dropout improves accuracy, whereas \citet{power} show that it improves speed."
    (finding,) = check(sentence, [READ, other])
    assert "power" in finding.message


def test_in_a_list_each_work_answers_for_its_own_item() -> None:
    def titled(key: str, title: str) -> Reference:
        made = reference(key)
        return made.model_copy(update={"paper": made.paper.model_copy(update={"title": title})})

    works = [titled("a", "The step decay schedule"), titled("b", "Accelerating stochastic gradient descent")]
    topics = r"Works treat the step decay schedule \citep{a} and accelerating stochastic gradient descent \citep{b}."
    assert check(topics, works) == ()
    findings = r"It was shown that the step decay schedule \citep{a} and label smoothing \citep{b} help."
    assert [f.message.split()[5] for f in check(findings, works)] == ["b"]


def test_sentences_of_a_templates_author_stand() -> None:
    spec = load_template(Path(__file__).parents[2] / "templates" / "grokking")
    allowed = curated(spec)
    claims = [r.claim.replace("{cite}", r"\citep{power}") for r in spec.related]
    assert any(check(c, [TITLE_ONLY]) for c in claims), "without the list, some would be refused"
    assert not any(check(c, [TITLE_ONLY], curated=allowed) for c in claims)
    changed = claims[0].replace("was", "was not").replace("were", "were not") + " It improves everything."
    assert check(changed, [TITLE_ONLY], curated=allowed) != ()


def test_cited_keys() -> None:
    assert cited(r"As \citet{a} and others~\citep[see][p.~2]{b, c} and \citep{a} say") == ("a", "b", "c")


def test_a_mind_is_asked_about_passages_only() -> None:
    sentences = [
        r"\citet{power} find that weight decay helps generalization.",
        r"\citet{power} find that the delay grows on modular addition.",
        r"\citet{power} find generalization on modular multiplication.",
        r"Grokking \citep{power} is studied.",
        "We find generalization.",
    ]
    asked = questions(sentences, [READ], [])
    assert [q.sentence for q in asked] == sentences[:3]
    assert all(q.key == "power" and ABSTRACT in q.passages[0].text for q in asked)
    assert questions(sentences, [TITLE_ONLY], []) == (), "without a passage there is nothing to show"


def test_what_a_mind_denies_is_an_error_and_what_it_doubts_a_warning() -> None:
    asked = questions([rf"\citet{{power}} find that {what} changes the delay." for what in ("a", "b", "c")], [READ], [])
    answers = [Judgement(verdict=v, reason="it says less") for v in ("supports", "partly", "not")]
    findings = objections(asked, answers)
    assert [f.severity for f in findings] == [Severity.WARNING, Severity.ERROR]
    assert all("it says less" in f.message for f in findings)
    assert objections(asked, answers[:1]) == ()
