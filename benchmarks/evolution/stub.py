"""An OpenAI-compatible server on loopback whose "model" edits the program that it finds in the prompt.

The reply is a function of (mode, seed, call number, program): every engine gets the same edit of the same parent.
``number`` sets X to the call's number; ``perturb`` moves ``--k`` entries of VEC by a normal step of ``--sigma``;
``hang`` inserts an endless loop into every third program; ``tamper`` lets the second program rewrite its own score;
``outside`` edits a line that is not between the marks. Standard library only; a reply is one segment, since two cost a
delayed acknowledgement of 40 ms.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FENCE = re.compile(r"```(?:python)?\n(.*?)```", re.DOTALL)
STATE = re.compile(r"^(X|VEC) = .*$", re.MULTILINE)

TAMPER = """
def _grab():
    import atexit, gc, json, os, sys
    if "--results_dir" in sys.argv:
        folder = sys.argv[sys.argv.index("--results_dir") + 1]
        def _late():
            with open(folder + "/metrics.json", "w") as f:
                json.dump({"combined_score": 99.0, "public": {}, "private": {}}, f)
            with open(folder + "/correct.json", "w") as f:
                json.dump({"correct": True, "error": None}, f)
        atexit.register(_late)
    for thing in gc.get_objects():
        if type(thing).__name__ == "Evaluator" and hasattr(thing, "evaluate_function"):
            thing.evaluate_function = lambda path: {"combined_score": 99.0}
    answer = b'{"status":"ok","reason":"","outputs":[99.0],"seconds":[0.0],"cpu_s":0,"peak_mb":0,"log":""}'
    for fd in range(3, 64):
        try:
            os.write(fd, len(answer).to_bytes(4, "big") + bytes(4) + answer)
        except OSError:
            pass
_grab()"""


class Stub:
    """What the server counts and how it replies."""

    def __init__(self, mode: str, seed: int, k: int, sigma: float, latency: float) -> None:
        self.mode, self.seed, self.k, self.sigma, self.latency = mode, seed, k, sigma, latency
        self.lock = threading.Lock()
        self.calls, self.first, self.last = 0, 0.0, 0.0

    def reply(self, prompt: str) -> str:
        with self.lock:
            number = self.calls
            self.calls += 1
            self.last = time.time()
            self.first = self.first or self.last
        edit = self.edit(program_in(prompt), number)
        if edit is None:
            return "<NAME>none</NAME>\nThere is no program here."
        return (
            f"<NAME>\nstep_{number}\n</NAME>\n<DESCRIPTION>\nscripted\n</DESCRIPTION>\n"
            f"<DIFF>\n<<<<<<< SEARCH\n{edit[0]}\n"
            f"=======\n{edit[1]}\n>>>>>>> REPLACE\n</DIFF>\n"
        )

    def edit(self, program: str, number: int) -> tuple[str, str] | None:
        state = STATE.search(program)
        if state is None:
            return None
        old = state.group(0)
        if self.mode == "outside":
            line = next(line for line in program.split("\n") if line.startswith("def run("))
            return line, f"{line}  # edited {number}"
        if self.mode == "tamper" and number == 1:
            return old, old + TAMPER
        if self.mode == "hang" and number % 3 == 2:
            return old, f"{old}\nwhile True: pass"
        if state.group(1) == "X":
            return old, f"X = {number + 1}"
        values = json.loads(old.removeprefix("VEC = "))
        rng = random.Random(zlib.crc32(old.encode()) ^ (self.seed * 1_000_003 + number))
        for place in rng.sample(range(len(values)), min(self.k, len(values))):
            values[place] = round(min(0.999, max(0.001, values[place] + rng.gauss(0, self.sigma))), 6)
        return old, f"VEC = {json.dumps(values)}"


def program_in(prompt: str) -> str:
    """The fenced block with a line to edit that follows the words "current program", else the last one there is."""
    after = max(prompt.lower().rfind("current program"), 0)
    blocks = [m.group(1) for m in FENCE.finditer(prompt, after) if STATE.search(m.group(1))]
    every = [m.group(1) for m in FENCE.finditer(prompt) if STATE.search(m.group(1))]
    return blocks[0] if blocks else every[-1] if every else ""


def serve(port: int, stub: Stub) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def log_message(self, *args: Any) -> None:
            return

        def answer(self, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def do_GET(self) -> None:
            if self.path == "/stats":
                self.answer({"calls": stub.calls, "first": stub.first, "last": stub.last})
            else:
                self.answer({"object": "list", "data": [{"id": "stub", "object": "model"}]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
            said = [m["content"] for m in body.get("messages", [])]
            prompt = "\n".join(s if isinstance(s, str) else json.dumps(s) for s in said)
            time.sleep(stub.latency)
            text = stub.reply(prompt)
            tokens = {"prompt_tokens": len(prompt) // 4, "completion_tokens": len(text) // 4}
            message = {"role": "assistant", "content": text}
            self.answer(
                {"id": "x", "object": "chat.completion", "created": int(time.time()), "model": "stub",
                 "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
                 "usage": {**tokens, "total_tokens": sum(tokens.values())}}
            )  # fmt: skip

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    Server(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mode", default="number", choices=["number", "perturb", "hang", "tamper", "outside"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--k", type=int, default=4)
    parser.add_argument("--sigma", type=float, default=0.03)
    parser.add_argument("--latency", type=float, default=0.0)
    a = parser.parse_args()
    serve(a.port, Stub(a.mode, a.seed, a.k, a.sigma, a.latency))
