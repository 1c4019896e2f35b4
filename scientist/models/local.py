"""A GGUF file on this machine as a model: a llama.cpp server on loopback, which ends when this process does."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from scientist.errors import EnvironmentProblem, UsageError
from scientist.models.endpoint import Answer, Fault, FaultKind, Method, Request
from scientist.models.providers import LangChainModel, open_provider
from scientist.models.schemas import bounded

START_S = 180.0
"""Seconds for a server to load its model."""
CALL_S = 1800.0
"""Wall time of one reply: a model on one core reads and writes slowly."""
CONTEXT = 8192
"""Tokens of prompt and reply together."""
STOP_S = 10.0


class LocalModel:
    """The model in a file: the server starts with this object and ends with ``close``, or when this process dies.

    The server holds a pipe from this process and ends when that breaks, so that no crash leaves it behind.
    """

    methods: tuple[Method, ...] = ("json_schema", "json")
    call_s: float | None = CALL_S

    def __init__(self, path: Path, *, temperature: float | None = None, seed: int = 0, threads: int = 1) -> None:
        _check(path)
        self._path = path
        self._process = subprocess.Popen(
            [sys.executable, "-m", "scientist.models.serve", str(path.resolve()), str(threads), str(CONTEXT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            address, context = self._started()
            self.context: int | None = context
            self._model: LangChainModel = open_provider(
                "openai:local", base_url=f"{address}/v1", temperature=temperature, seed=seed
            )
        except BaseException:
            self.close()
            raise

    def send(self, request: Request, seconds: float) -> Answer:
        if self._process.poll() is not None:
            raise Fault(FaultKind.DENIED, f"the server of {self._path} ended with code {self._process.returncode}")
        if request.number:  # a small model that wandered is held to what fits: else it wanders again
            request = replace(request, schema=bounded(request.schema, request.max_tokens))
        return self._model.send(request, seconds)

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _started(self) -> tuple[str, int]:
        """The server's address and context, from the one line that it prints when it is ready."""
        late = threading.Timer(START_S, self._process.kill)
        late.start()
        try:
            assert self._process.stdout is not None
            line = self._process.stdout.readline()
        finally:
            late.cancel()
        if not line:
            code = self._process.wait()
            raise EnvironmentProblem(
                f"{self._path} could not be loaded (the server ended with code {code})",
                "is it a whole GGUF file of a chat model, and is there memory for it?",
            )
        ready = json.loads(line)
        return str(ready["address"]), int(ready["context"])


def _check(path: Path) -> None:
    if not path.is_file():
        raise UsageError(f"there is no model file {path}", "name a GGUF file: local:path/to/model.gguf")
    with path.open("rb") as f:
        if f.read(4) != b"GGUF":
            raise UsageError(f"{path} is not a GGUF file", "name a GGUF file: local:path/to/model.gguf")
    for package in ("xllamacpp", "langchain", "langchain_openai"):
        if find_spec(package) is None:
            raise EnvironmentProblem(f"local models need the package {package}", 'pip install "scientist[local]"')
