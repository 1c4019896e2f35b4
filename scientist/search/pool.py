"""Warm sandboxed workers: a program is run on inputs in a fork of an interpreter that has imported what it needs.

Each worker is one sandbox that lives as long as the pool (see ``warm.py``) and a thread here that talks to it. Where a
sandbox gives no namespace of processes of its own, what one program leaves behind could reach the next: there, each
evaluation gets a new worker.
"""

from __future__ import annotations

import json
import os
import select
import site
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Literal

from scientist.errors import EnvironmentProblem
from scientist.sandbox.base import Box, Limits, Sandbox
from scientist.search import frames

HERE = Path(__file__).parent
CODE = (str(HERE / "warm.py"), str(HERE / "frames.py"))
START_S = 60.0
GRACE_S = 1.0
"""A worker that has not answered this long after an evaluation's end is itself in trouble, and is replaced."""
PATIENCE = 4.0
"""Seconds of wall time that a program may take for each of computing, for it may share its core or sleep."""
ORDERLY_S = 2.0
FOREVER_S = 10**8

TrialStatus = Literal["ok", "crashed", "timeout", "out_of_memory", "output_limit"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of a program: one output and the wall seconds of each call, in order, if the status is ok.

    ``cpu_s`` counts the program's processes, ``peak_mb`` the interpreter that they began as, too. ``log`` is the end of
    what was printed.
    """

    status: TrialStatus
    reason: str = ""
    outputs: tuple[Any, ...] = ()
    seconds: tuple[float, ...] = ()
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    log: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Run the function ``entry`` ("file.py:function") of ``files`` once per input, within ``seconds`` for all of it.

    They are seconds of computing, rounded up, so that what a busy machine does decides nothing; PATIENCE times as many
    may pass meanwhile.
    """

    files: Mapping[str, str]
    entry: str
    inputs: Sequence[Mapping[str, Any]]
    seconds: float
    seed: int = 0


class Pool:
    """``workers`` warm workers; ``run`` may be called from any thread. Close it, or use it as a context.

    ``memory_mb`` and ``processes`` bound one evaluation, ``output_mb`` what it returns and what it prints. Modules
    named in ``preload`` are imported once per worker.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        workers: int,
        *,
        preload: Sequence[str] = (),
        memory_mb: int = 1024,
        processes: int = 16,
        output_mb: int = 64,
    ) -> None:
        self.sandbox = sandbox
        self.limits = Limits(
            wall_s=FOREVER_S, cpu_s=FOREVER_S, memory_mb=memory_mb, file_mb=64, output_mb=output_mb, processes=processes
        )
        self.preload = tuple(preload)
        self._queue: SimpleQueue[tuple[Request, Future[Trial]] | None] = SimpleQueue()
        self._threads = [
            threading.Thread(target=self._serve, name=f"warm-{i}", daemon=True) for i in range(max(1, workers))
        ]
        for thread in self._threads:
            thread.start()

    def run(self, request: Request) -> Trial:
        """Run the request on the next free worker and wait for it. Raises EnvironmentProblem if no worker starts."""
        answer: Future[Trial] = Future()
        self._queue.put((request, answer))
        return answer.result()

    def close(self) -> None:
        for _ in self._threads:
            self._queue.put(None)
        for thread in self._threads:
            thread.join()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _serve(self) -> None:
        worker: _Worker | None = None
        try:
            while (item := self._queue.get()) is not None:
                request, answer = item
                try:
                    worker = worker or _Worker(self.sandbox, self.limits, self.preload)
                    trial, alive = worker.evaluate(request)
                except BaseException as e:  # handed to the caller, which raises it
                    answer.set_exception(e)
                    alive = False
                else:
                    answer.set_result(trial)
                if not alive and worker is not None:
                    worker.end()
                    worker = None
        finally:
            if worker is not None:
                worker.end()


class _Worker:
    """One sandbox with a warm interpreter; must be used and ended by the thread that made it."""

    def __init__(self, sandbox: Sandbox, limits: Limits, preload: Sequence[str]) -> None:
        self.once = sandbox.level != "bubblewrap"
        self.folder = tempfile.TemporaryDirectory(prefix="scientist-warm-")
        spec = {
            "preload": list(preload),
            "path": _module_folders(),
            "memory_mb": limits.memory_mb,
            "processes": limits.processes,
            "output_mb": limits.output_mb,
            "once": self.once,
        }
        threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
        box = Box(work=self.folder.name, limits=limits, readonly=CODE, env=threads, first_process=True,
                  work_readonly=True)  # fmt: skip
        argv = [sys.executable, "-I", "-S", CODE[0], json.dumps(spec)]
        self.errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed in end)
        self.process = subprocess.Popen(
            sandbox.command(argv, box), bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            env={}, cwd="/", start_new_session=True,
        )  # fmt: skip
        hello = self._receive(time.monotonic() + START_S)
        if hello is None:
            words = self._last_words()
            self.end()
            raise EnvironmentProblem(
                f"a sandboxed worker did not start: {words or 'it printed nothing'}", "try scientist doctor"
            )
        if hello["missing"]:
            self.end()
            raise EnvironmentProblem(
                f"programs of this task need {', '.join(hello['missing'])}, which this Python does not have",
                f"pip install {' '.join(hello['missing'])}",
            )

    def evaluate(self, request: Request) -> tuple[Trial, bool]:
        """What became of the request, and whether this worker can take another one."""
        data = frames.pack(
            {"files": dict(request.files), "entry": request.entry, "inputs": [dict(i) for i in request.inputs],
             "seconds": PATIENCE * request.seconds, "seed": request.seed, "cpu_s": request.seconds}
        )  # fmt: skip
        assert self.process.stdin is not None
        try:
            _write(self.process.stdin, data)
            answer = self._receive(time.monotonic() + PATIENCE * request.seconds + GRACE_S + len(data) / 10**8)
        except BrokenPipeError:
            answer = None
        except TimeoutError:
            self.process.terminate()
            limit = PATIENCE * request.seconds
            return Trial("timeout", f"took longer than {limit:g} s, and had to be ended from outside"), False
        if answer is None:
            return Trial("crashed", f"it ended its worker: {self._last_words()}"), False
        answer["outputs"], answer["seconds"] = tuple(answer["outputs"]), tuple(answer["seconds"])
        return Trial(**answer), not self.once

    def end(self) -> None:
        """End the sandbox: an idle worker ends with its input, so that what it used is accounted for; else by force."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            self.process.wait(ORDERLY_S)
        except subprocess.TimeoutExpired:
            self.process.terminate()  # the launcher ends all below it
            self.process.wait()
        for stream in (self.process.stdout, self.errors):
            if stream is not None:
                stream.close()
        self.folder.cleanup()

    def _receive(self, deadline: float) -> dict[str, Any] | None:
        """The worker's next frame, None if it ended. Raises TimeoutError."""
        header = self._read(frames.HEADER.size, deadline)
        if header is None:
            return None
        sizes = frames.HEADER.unpack(header)
        text, tail = (self._read(size, deadline) for size in sizes)
        if text is None or tail is None:
            return None
        value: dict[str, Any] = frames.unpack(text, tail)
        return value

    def _read(self, size: int, deadline: float) -> bytes | None:
        assert self.process.stdout is not None
        fd, data = self.process.stdout.fileno(), bytearray()
        while len(data) < size:
            patience = deadline - time.monotonic()
            if patience <= 0 or not select.select([fd], [], [], patience)[0]:
                raise TimeoutError
            piece = os.read(fd, min(size - len(data), 1 << 20))
            if not piece:
                return None
            data += piece
        return bytes(data)

    def _last_words(self) -> str:
        self.errors.seek(0, os.SEEK_END)
        self.errors.seek(max(0, self.errors.tell() - 2000))
        return self.errors.read().decode(errors="replace").strip()


def _write(stream: IO[bytes], data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[stream.write(left) or 0 :]


def _module_folders() -> list[str]:
    """Where this interpreter finds installed packages: the worker starts without ``site``, which is slow."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()]
    return [f for f in dict.fromkeys(folders) if Path(f).is_dir()]
