"""Our search engine on the work of the stub server: the archive, strategies, loop and sandboxed workers of the product.

The client that asks the stub is a few lines of the standard library: what is measured is the engine, not LangChain.
"""

from __future__ import annotations

import argparse
import http.client
import importlib.util
import json
import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BEGAN = time.time()

from scientist.sandbox.bubblewrap import Bubblewrap  # noqa: E402
from scientist.search.archive import Archive, Work  # noqa: E402
from scientist.search.candidate import Candidate  # noqa: E402
from scientist.search.edit import Edit, Replacement, Rules  # noqa: E402
from scientist.search.evaluator import Call, Cascade, Score, Stage  # noqa: E402
from scientist.search.loop import ProposalFailed, Request, Search, Settings  # noqa: E402
from scientist.search.pool import Pool  # noqa: E402
from scientist.search.strategies import STRATEGIES, Scope  # noqa: E402

BLOCK = re.compile(r"<<<<<<< SEARCH\n(.*?)\n=======\n(.*?)\n>>>>>>> REPLACE", re.DOTALL)


class Stub:
    """Asks the stub server for an edit of the parent; one connection a thread."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.local = threading.local()

    def propose(self, request: Request) -> Edit:
        program = request.parents[0].candidate.files["program.py"]
        prompt = f"# Current Program\n```python\n{program}\n```"
        body = json.dumps({"model": "stub", "messages": [{"role": "user", "content": prompt}]})
        if not hasattr(self.local, "connection"):
            self.local.connection = http.client.HTTPConnection("127.0.0.1", self.port)
        self.local.connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        reply = json.loads(self.local.connection.getresponse().read())
        found = BLOCK.search(reply["choices"][0]["message"]["content"])
        if found is None:
            raise ProposalFailed("the reply holds no SEARCH/REPLACE block")
        return Edit(replacements=(Replacement(path="program.py", search=found[1], replace=found[2]),))


def scorer(task: Path) -> Callable[[int, Sequence[Call]], Score]:
    """The trusted half of a task: the peers' own arithmetic on what the program returned."""
    spec = importlib.util.spec_from_file_location("scoring", task / "scoring.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda seed, calls: Score(module.judge(calls[0].output))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--task", default="null")
    arguments.add_argument("--n", type=int, default=100)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--out", type=Path, required=True)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument("--window", type=int, default=0)
    arguments.add_argument("--strategy", default="portfolio")
    arguments.add_argument("--timeout", type=float, default=30.0)
    arguments.add_argument("--seed", type=int, default=0)
    a, _ = arguments.parse_known_args()
    folder = Path(__file__).parent / "work" / a.task
    score = scorer(folder)
    log = os.environ.get("EVAL_LOG")

    def listen(step: Any) -> None:
        if log and step.number:
            with Path(log).open("a") as f:
                f.write(json.dumps({"t": time.time(), "s": step.score or 0.0}) + "\n")

    program = (folder / "initial.py").read_text()
    window = a.window or max(1, a.workers)
    with (
        Pool(Bubblewrap(), min(a.workers, os.cpu_count() or 1)) as pool,
        Archive(a.out / "archive.sqlite", {"task": a.task, "seed": a.seed}) as archive,
    ):
        work = Work(a.out / "work.sqlite")
        search = Search(
            archive=archive, work=work, strategy=STRATEGIES.load(a.strategy)(Scope(a.n + 1, ("improve",))),
            proposers={"stub": Stub(a.port)},
            evaluator=Cascade(pool, "program.py:run", [Stage("full", lambda seed: [{}], score, a.timeout)]),
            rules=Rules(editable=("program.py",)), settings=Settings(a.n + 1, a.seed, window, attempts=1),
            listener=listen,
        )  # fmt: skip
        ending = search.run(Candidate(files={"program.py": program}))
        work.close()
    best = ending.view.best
    admitted = sum(s.candidate is not None for s in ending.view.steps[1:])
    figures = {"run_s": time.time() - BEGAN, "best": best.score if best else None, "admitted": admitted}
    (a.out / "bench.json").write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
