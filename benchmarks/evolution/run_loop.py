"""The floor: the same work without an engine. Greedy, one fork per evaluation, no sandbox, no archive."""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import re
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
BLOCK = re.compile(r"<<<<<<< SEARCH\n(.*?)\n=======\n(.*?)\n>>>>>>> REPLACE", re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--task")
    parser.add_argument("--n", type=int)
    parser.add_argument("--port", type=int)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--timeout", type=float, default=30)
    a, _ = parser.parse_known_args()
    sys.path.insert(0, str(HERE / "work"))
    from evaluator import evaluate  # type: ignore[import-not-found]

    context = multiprocessing.get_context("fork")
    file = a.out / "candidate.py"

    def judge(program: str) -> float:
        file.write_text(program)
        reader, writer = context.Pipe(False)
        process = context.Process(target=lambda: writer.send(evaluate(str(file))["combined_score"]))
        process.start()
        score = reader.recv() if reader.poll(a.timeout) else 0.0
        if process.is_alive() and not score:
            process.kill()
        process.join()
        return float(score)

    began = time.time()
    best = (HERE / "work" / a.task / "initial.py").read_text()
    top = judge(best)
    connection = http.client.HTTPConnection("127.0.0.1", a.port)
    for _ in range(a.n):
        prompt = f"# Current Program\n```python\n{best}\n```"
        body = json.dumps({"model": "stub", "messages": [{"role": "user", "content": prompt}]})
        connection.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
        found = BLOCK.search(json.loads(connection.getresponse().read())["choices"][0]["message"]["content"])
        if found is None:
            continue
        program = best.replace(found[1], found[2], 1)
        score = judge(program)
        if score >= top:
            best, top = program, score
    (a.out / "bench.json").write_text(json.dumps({"run_s": time.time() - began, "best": top}))


if __name__ == "__main__":
    main()
