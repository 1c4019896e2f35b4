"""The token benchmark: what it counts of a run, and how it computes v1's prompts."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from paper_maker import GOOD, make_pdf, paper_pages
from reviewing_replies import form, line

from benchmarks.tokens import FACTS, STAGES, Study, as_text, compare, conversation, read_calls, read_study, v1_prompts
from scientist.config import RunConfig
from scientist.review.desk import review_file
from scientist.workspace import write_json, write_text


def words(text: str) -> int:
    return len(text.split())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a run leaves it, with the real record of a scripted panel."""
    folder = tmp_path_factory.mktemp("run")
    write_text(folder / "paper.md", GOOD)
    lines = [line(form(), repeat=True), line(form(), purpose="review/weigh", repeat=True)]
    rows = [{k: v for k, v in row.items() if v is not None} for row in lines]
    script = folder / "script.jsonl"
    script.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = RunConfig(model=f"scripted:{script}", ensemble=3, reflections=1)
    review = review_file(folder / "paper.md", config, venue="neurips", record=folder).review
    write_json(folder / "reviews" / "round_0.json", review)
    write_json(folder / "plan.json", {"conditions": [{}, {}, {}]})
    write_json(folder / "ideas.json", {"ranked": [{"idea": {"id": "one", "title": "a b c"}}]})
    write_text(folder / "manuscript" / "refs.bib", "@article{a,\n}\n\n@article{b,\n}\n")
    make_pdf(folder / "manuscript" / "main.pdf", paper_pages())
    return folder


def facts() -> dict[str, Any]:
    return tomllib.loads(FACTS.read_text(encoding="utf-8"))


def test_the_study_is_read_from_the_run(run: Path) -> None:
    study = read_study(run, read_calls(run / "calls.sqlite"), words)
    assert (study.experiments, study.reviews, study.citations, study.ideas) == (2, 1, 2, 1)
    assert (study.reviewers, study.review_rounds) == (3, 2)
    assert study.review == words(read_calls(run / "calls.sqlite")[0].reply)
    assert 50 < study.paper < 200


def test_every_attempt_is_counted_with_its_schema(run: Path) -> None:
    calls = read_calls(run / "calls.sqlite")
    report = compare(calls, read_study(run, calls, words), facts(), words)
    assert report["ours"]["review"]["calls"] == 7
    sent = sum(words(c.request) for c in calls)
    assert report["prompt_tokens"] == sent + 7 * facts()["assumptions"]["schema"]
    text = as_text(report)
    assert all(f"| {stage} | " in text for stage in (*STAGES, "sum"))


def study(**changes: Any) -> Study:
    numbers: dict[str, Any] = {
        "ideas": 2, "idea": 100, "experiments": 3, "reviews": 1, "review": 500, "citations": 5, "paper": 4000,
        "idea_rounds": 2, "review_rounds": 2, "reviewers": 3,
    }  # fmt: skip
    return Study(**{**numbers, **changes})


def test_a_conversation_sends_itself_again() -> None:
    assert conversation(100, 10, 20, 3) == 100 + 130 + 160


def test_v1_review_is_the_sum_of_its_prompts() -> None:
    f = facts()
    first = 43 + 1901 + 53 + 17125 + 630 + 14 + 4000
    meta = 66 + 1901 + 5 * 500
    assert v1_prompts(study(), f)["review"] == conversation(first, 170, 500, 5) + meta


@pytest.mark.parametrize("more", [{"ideas": 3}, {"experiments": 4}, {"reviews": 2}, {"citations": 9}, {"paper": 5000}])
def test_more_work_costs_v1_more(more: dict[str, int]) -> None:
    assert sum(v1_prompts(study(**more), facts()).values()) > sum(v1_prompts(study(), facts()).values())


def test_citations_are_capped_as_in_v1() -> None:
    assert v1_prompts(study(citations=20), facts()) == v1_prompts(study(citations=50), facts())


def test_a_folder_without_calls_is_said(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="that had a model"):
        read_calls(tmp_path / "calls.sqlite")
