"""A warm worker inside the sandbox: it has imported what candidates need, and forks a child for each evaluation.

``python -I -S warm.py SPEC`` with SPEC the JSON object that ``pool.py`` writes; run as a file, so it imports nothing of
this package. It is the first process of its namespace, so that no candidate can end, trace or imitate it: signals from
below do not reach it, its memory and descriptors are closed to them, and after each evaluation every other process is
killed and every writable folder emptied. It measures time and memory itself and judges nothing.

It reads requests ``{"files", "entry", "inputs", "seconds", "seed", "cpu_s"}`` as frames on descriptor 0 and answers
each with one frame on descriptor 1: ``{"status", "reason", "outputs", "seconds", "cpu_s", "peak_mb", "log"}``.
In both, ``seconds`` are of wall time and ``cpu_s`` of computing.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import json
import os
import random
import resource
import select
import signal
import sys
import time
import traceback
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PR_SET_DUMPABLE = 4
LOG_BYTES = 4096
FIRST_LOOK_S, LAST_LOOK_S = 0.02, 0.25
MB = 1024 * 1024
NO_ANSWER = "it ended without an answer"
FIRST = os.getpid() == 1
"""Whether this is the first process of a namespace, so that all others in it are the candidate's."""


def main() -> None:
    spec = json.loads(sys.argv[1])
    sys.path[:] = [*spec["path"], *sys.path]
    frames = beside("frames")
    prctl(PR_SET_DUMPABLE, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the first process of a namespace ignores what it does not handle
    rehearse()
    missing = [name for name in spec["preload"] if not imported(name)]
    requests, answers = private(0), private(1)
    worker = Worker(frames, spec)
    gc.collect()
    gc.freeze()  # a collection in a child need not touch, and so copy, what was there before
    send(answers, frames.pack({"ready": True, "missing": missing, "pid": os.getpid()}))
    while (request := receive(requests, frames)) is not None:
        send(answers, frames.pack(worker.evaluate(request)))
        if spec["once"]:
            return


def beside(name: str) -> Any:
    """A module that lies beside this file; of their folder a sandbox may show these two files and nothing else."""
    file = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{name}.py")  # noqa: PTH100, PTH118, PTH120
    module = types.ModuleType(name)
    with open(file, encoding="utf-8") as f:  # noqa: PTH123
        exec(compile(f.read(), file, "exec"), module.__dict__)
    return module


def rehearse() -> None:
    """Do once here what every child does: a first time costs milliseconds, and children inherit what it leaves."""
    folder = os.path.join(os.environ["TMPDIR"], "rehearsal")  # noqa: PTH118
    with contextlib.suppress(ZeroDivisionError):
        loaded({"files": {"p.py": "def run(x=1):\n    return x / 0\n"}, "entry": "p.py:run", "seed": 0}, folder)()
    os.chdir("/")
    sys.path.remove(folder)
    del sys.modules["candidate"]
    empty(os.environ["TMPDIR"])


def imported(name: str) -> bool:
    try:
        __import__(name)
    except ImportError:
        return False
    return True


def private(number: int) -> int:
    """A duplicate of a standard descriptor out of the way of what candidates print and read."""
    kept = os.dup(number)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, number)
    os.close(nothing)
    return kept


class Worker:
    """Evaluates one request at a time, each in a child of its own."""

    def __init__(self, frames: Any, spec: dict[str, Any]) -> None:
        self.frames = frames
        self.folders = [os.environ["TMPDIR"], *(["/dev/shm"] if FIRST else [])]
        self.memory_mb: int = spec["memory_mb"]
        self.processes: int = spec["processes"]
        self.output_bytes: int = spec["output_mb"] * MB

    def evaluate(self, request: dict[str, Any]) -> dict[str, Any]:
        place = os.path.join(self.folders[0], "evaluation")  # noqa: PTH118
        down, up, log = os.pipe(), os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            become(self.frames, request, place, (down[0], up[1], log[1]))
        os.close(down[0])
        os.close(up[1])
        watch = Watch(self, (down[1], up[0], *log), request["seconds"], request["cpu_s"])
        try:
            watch.run(request["inputs"])
        finally:
            watch.close()
            used = end_all(child)
            self.clean()
        return watch.answer(used)

    def clean(self) -> None:
        for folder in self.folders:
            empty(folder)


def empty(folder: str) -> None:
    """Remove what is in a folder, as far as it can be removed; links are not followed."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)  # noqa: PTH101 (pathlib loads slowly)
        with os.scandir(folder) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        empty(entry.path)
                        os.rmdir(entry.path)  # noqa: PTH106
                    else:
                        os.unlink(entry.path)  # noqa: PTH108


class Stopped(Exception):
    """Why an evaluation ended early: a status and a reason."""


class Watch:
    """Stays with one child: hands it its inputs one by one, takes its outputs, and stops it at the first limit."""

    def __init__(self, worker: Worker, pipes: tuple[int, int, int, int], seconds: float, cpu_s: float) -> None:
        """``pipes``: to the child, from it, and both ends of its log, so that the log never ends before the child."""
        self.worker, self.pipes = worker, pipes
        self.down, self.up, self.log, _ = pipes
        self.began = time.monotonic()
        self.deadline = self.began + seconds
        self.limit, self.cpu_s = seconds, cpu_s
        self.look, self.next_look = FIRST_LOOK_S, self.began + FIRST_LOOK_S
        self.printed, self.words = 0, b""
        self.outputs: list[tuple[bytes, bytes]] = []
        self.seconds: list[float] = []
        self.status, self.reason = "ok", ""
        self.peak_mb = 0.0
        for fd in pipes[:3]:
            os.set_blocking(fd, False)

    def run(self, inputs: list[Any]) -> None:
        try:
            self.expect()  # the program has been loaded
            for value in inputs:
                data = self.worker.frames.pack(value)
                begin = time.monotonic()
                self.write(data)
                output = self.expect()
                self.seconds.append(time.monotonic() - begin)
                self.outputs.append(output)
        except Stopped as e:
            self.status, self.reason = e.args

    def expect(self) -> tuple[bytes, bytes]:
        """The next frame of the child: its JSON text and its arrays, unread. Raises Stopped if it reports an error."""
        text_size, tail_size = self.worker.frames.HEADER.unpack(self.read(8))
        if text_size + tail_size > self.worker.output_bytes:
            raise Stopped("output_limit", f"returned more than {self.worker.output_bytes // MB} MiB")
        text, tail = self.read(text_size), self.read(tail_size)
        if text.startswith(b'{"error":'):
            raise Stopped("crashed", self.error(text))
        return text, tail

    def error(self, text: bytes) -> str:
        try:
            return str(self.worker.frames.unpack(text)["error"])
        except (ValueError, KeyError, TypeError):
            return "it reported an error that cannot be read"

    def read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            self.wait(self.up, write=False)
            try:
                piece = os.read(self.up, min(size - len(data), 1 << 20))
            except BlockingIOError:
                continue
            if not piece:
                raise Stopped("crashed", NO_ANSWER)
            data += piece
        return bytes(data)

    def write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            self.wait(self.down, write=True)
            try:
                left = left[os.write(self.down, left) :]
            except BlockingIOError:
                continue
            except BrokenPipeError:
                raise Stopped("crashed", NO_ANSWER) from None

    def wait(self, fd: int, *, write: bool) -> None:
        """Until ``fd`` is ready; meanwhile what is printed is taken and the limits are looked at."""
        while True:
            now = time.monotonic()
            if now >= self.deadline:
                raise Stopped("timeout", f"took longer than {self.limit:g} s")
            if now >= self.next_look:
                self.check_use()
                self.look = min(2 * self.look, LAST_LOOK_S)
                self.next_look = now + self.look
            patience = min(self.deadline, self.next_look) - now
            reading = [self.log] if write else [fd, self.log]
            readable, writable, _ = select.select(reading, [fd] if write else [], [], max(0.0, patience))
            if self.log in readable:
                self.take_log()
            if fd in readable or fd in writable:
                return

    def take_log(self) -> None:
        with contextlib.suppress(BlockingIOError):
            data = os.read(self.log, 65536)
            self.printed += len(data)
            self.words = (self.words + data)[-LOG_BYTES:]
        if self.printed > self.worker.output_bytes:
            raise Stopped("output_limit", f"printed more than {self.worker.output_bytes // MB} MiB")

    def check_use(self) -> None:
        if not FIRST:
            return
        count, resident = processes_use()
        self.peak_mb = max(self.peak_mb, resident / MB)
        if count > self.worker.processes:
            raise Stopped("crashed", f"started more than {self.worker.processes} processes")
        if resident > self.worker.memory_mb * MB:
            raise Stopped("out_of_memory", f"used more than {self.worker.memory_mb} MiB of memory")

    def close(self) -> None:
        with contextlib.suppress(Stopped, OSError):
            self.take_log()
        for fd in self.pipes:
            os.close(fd)

    def answer(self, used: tuple[int, float, float]) -> dict[str, Any]:
        code, cpu_s, peak_mb = used
        status, reason = self.status, self.reason
        if status == "crashed" and (code == -signal.SIGXCPU or cpu_s >= self.cpu_s):
            status, reason = "timeout", f"computed for more than {self.cpu_s:g} s"
        if status == "crashed" and "MemoryError" in reason:
            status = "out_of_memory"
        outputs: list[Any] = []
        try:
            outputs = [self.worker.frames.unpack(text, tail) for text, tail in self.outputs]
        except ValueError as e:
            status, reason = "crashed", f"its answer cannot be read: {e}"
        return {
            "status": status,
            "reason": reason,
            "outputs": outputs if status == "ok" else [],
            "seconds": self.seconds,
            "cpu_s": cpu_s,
            "peak_mb": max(peak_mb, self.peak_mb),
            "log": self.words.decode(errors="replace"),
        }


def processes_use() -> tuple[int, int]:
    """How many processes there are beside this one, which all are the candidate's, and their resident bytes."""
    count = resident = 0
    page = resource.getpagesize()
    for name in os.listdir("/proc"):  # noqa: PTH208
        if name.isdigit() and int(name) != os.getpid():
            with contextlib.suppress(OSError, IndexError, ValueError), open(f"/proc/{name}/statm", "rb") as f:  # noqa: PTH123
                resident += int(f.read().split()[1]) * page
                count += 1
    return count, resident


def end_all(child: int) -> tuple[int, float, float]:
    """Kill all other processes of the namespace. The child's exit code, CPU seconds with its children's, peak MiB."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1 if FIRST else child, signal.SIGKILL)
    used = (0, 0.0, 0.0)
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            return used
        if pid == child:
            used = (os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


# ------------------------------------------------------------------------------------------- in the child


def become(frames: Any, request: dict[str, Any], place: str, descriptors: tuple[int, int, int]) -> None:
    """Load the program and answer its inputs; never returns."""
    down, up, log = descriptors
    try:
        os.dup2(log, 1)
        os.dup2(log, 2)
        low, high = sorted((down, up))
        os.closerange(3, low)
        os.closerange(low + 1, high)
        os.closerange(high + 1, 1024)
        prctl(PR_SET_DUMPABLE, 1)  # a program may look at itself
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        cpu = -int(-request["cpu_s"] // 1)  # rounded up: the limit is in whole seconds
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
        call = loaded(request, place)
        send(up, frames.pack(None))
        while (value := receive(down, frames)) is not None:
            result = call(**value)
            send(up, frames.pack(result))
    except BaseException as e:  # whatever it was, it is the candidate's
        with contextlib.suppress(BaseException):
            send(up, frames.pack({"error": told(e, place)}))
    finally:
        os._exit(0)


def loaded(request: dict[str, Any], place: str) -> Any:
    """The entry of the candidate, its module executed in a folder of its own and its random numbers seeded."""
    os.mkdir(place)  # noqa: PTH102
    os.chdir(place)
    for name, text in request["files"].items():
        folder = os.path.dirname(name)  # noqa: PTH120
        if folder:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        with open(name, "w", encoding="utf-8") as f:  # noqa: PTH123
            f.write(text)
    sys.path.insert(0, place)
    seed(request["seed"])
    file, _, function = request["entry"].partition(":")
    module = types.ModuleType("candidate")
    module.__file__ = os.path.join(place, file)  # noqa: PTH118
    sys.modules["candidate"] = module
    exec(compile(request["files"][file], module.__file__, "exec", dont_inherit=True), module.__dict__)
    return getattr(module, function)


def seed(number: int) -> None:
    random.seed(number)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(number % 2**32)


def told(error: BaseException, place: str) -> str:
    """The last lines of the traceback that lie in the candidate, then the error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith(place)]
    lines = [f"line {f.lineno} in {f.name}: {f.line}" for f in frames[-3:]]
    return "; ".join([*lines, "".join(traceback.format_exception_only(error)).strip()])[-2000:]


# ------------------------------------------------------------------------------------------- descriptors


def send(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def receive(fd: int, frames: Any) -> Any:
    """The next frame's value, or None at the end."""
    header = exactly(fd, 8)
    if header is None:
        return None
    text_size, tail_size = frames.HEADER.unpack(header)
    text, tail = exactly(fd, text_size), exactly(fd, tail_size)
    return None if text is None or tail is None else frames.unpack(text, tail)


def exactly(fd: int, size: int) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        piece = os.read(fd, min(size - len(data), 1 << 20))
        if not piece:
            return None
        data += piece
    return bytes(data)


LIBC = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    if LIBC.prctl(option, ctypes.c_ulong(value), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option}")


if __name__ == "__main__":
    main()
