"""What greets whoever unpacks a bundle: ``README.md`` and ``reproduce.sh``."""

from __future__ import annotations

from scientist.bundle.environment import Environment
from scientist.bundle.study import Study
from scientist.types import Plan

CONTENTS = (
    ("paper/", "the paper (its PDF carries `evidence.json` too) and the automated review of it"),
    (
        "plan.json, plan.sha256",
        "the pre-registration and its hash from before the first run; `amendments.json` if any",
    ),
    ("nodes/CONDITION/code/", "the code that each condition ran; `change.diff` says how it differs from the baseline"),
    ("nodes/CONDITION/seed_N/", "what each run left: settings, log, `final_info.json`; `run.json` has hash and cost"),
    ("evidence.json", "every number and claim of the paper, each with the files and places that it comes from"),
    ("journal.jsonl, events.jsonl", "what was run and what happened, in order, with times"),
    ("literature.jsonl, citations.json", "the cited records and how they were checked"),
    ("template/", "the experiment template, as the plan was made for it"),
    ("environment.json, requirements.txt", "Python, packages and machine"),
    ("study.json", "which run this is, and its seeds"),
    ("manifest.json", "sha256 of every file here"),
    ("ro-crate-metadata.json", "the same, for archives (RO-Crate 1.1)"),
)


def readme(study: Study, plan: Plan, environment: Environment, *, calls: bool, searched: bool = False) -> str:
    """``README.md`` of the bundle."""
    runs = len(plan.conditions) * len(study.seeds)
    contents = [*CONTENTS, *([("calls.jsonl", "every call of a language model, with its reply")] if calls else [])]
    if searched:
        contents.append(("search/", "the search before the plan: every step (`archive.sqlite`) and what came of it"))
    rows = "\n".join(f"* `{name}`: {text}" for name, text in contents)
    frozen = f", frozen at {study.plan_frozen_at}" if study.plan_frozen_at else ""
    brought = (
        "* THE RESULTS WERE BROUGHT, NOT RUN by the system that wrote the paper: nothing is recorded of how they were "
        "made. `nodes/CONDITION/code/` is the template that they are said to come from.\n"
        if study.brought
        else ""
    )
    return f"""# {study.title}

The bundle of run `{study.run_id}`: all that is needed to check the paper, and to run its experiments again.

* Question asked: {study.topic}
* Plan: `{study.plan_sha256}`{frozen}; first run at {study.first_run_at or "an unknown time"}
* {len(plan.conditions)} conditions, {len(study.seeds)} seeds each, {runs} runs; planned as about \
{plan.estimated_minutes:.1f} minutes of one worker
* Made with scientist {study.scientist}, Python {environment.python}, on {environment.cpu}, {environment.os}
{brought}* Verdict of the automated review: {study.decision}

## Check it

    scientist verify paper/paper.pdf --bundle .

says whether any file here was altered, whether the paper's numbers are those of the raw results, and whether the plan
was there before the runs.

## Run it again

    sh reproduce.sh            # every run; add --quick for one seed of each condition

makes the runs again in a folder beside this one, builds the evidence by the same analysis, and prints each quantity as
published and as reproduced. Exit status 0 says that the paper stands, 11 that it does not, 8 that a file was altered.
With `--fresh-env` the recorded package versions are installed first. A single run needs nothing but Python and the
packages in `requirements.txt`: copy `nodes/CONDITION/code/` and `nodes/CONDITION/seed_N/config.json` into a folder, and

    python experiment.py --out_dir=run_0 --config config.json --seed N

## What is here

{rows}

Paths that the paper names are relative to this folder. What follows a `#` in them is a JSON pointer into the file.
The text of other people's papers that was read for the study is not here, and folders of the machine that it ran on
are called `<run>`, `<home>` and so on in the records.
"""


def script(study: Study) -> str:
    """``reproduce.sh``: runs the study again, beside the unpacked bundle."""
    return f"""#!/bin/sh
# Runs the experiments of this paper again and compares; options (--quick, --fresh-env, --json) are handed on.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
if ! command -v scientist >/dev/null 2>&1; then
    echo "scientist {study.scientist} is not on the PATH; README.md says how to make a single run without it" >&2
    exit 4
fi
exec scientist reproduce "$here" --folder "$here-reproduced" "$@"
"""
