"""Run TeX on untrusted sources: a private copy, no shell, no file outside it, a clock that stands still, a hard stop.

An exit status of zero is not success: the log is read, and what a reader would stumble over is an error with a place.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from scientist.errors import EnvironmentProblem, TypesettingError

COMMAND = (
    "latexmk",
    "-norc",
    "-pdf",
    "-interaction=nonstopmode",
    "-halt-on-error",
    "-file-line-error",
    "-latexoption=-no-shell-escape",
    "main.tex",
)
PACKAGES = (
    "texlive-latex-base texlive-latex-recommended texlive-fonts-recommended texlive-pictures texlive-science latexmk "
    "lmodern poppler-utils"
)
TIMEOUT_S = 120.0
LARGEST_FILE = 256 * 2**20
OVERFULL_PT = 5.0
"""How far a line may stick out into the margin before it is an error, in points."""


class Built(NamedTuple):
    """A compiled PDF and the log of its last pass."""

    pdf: bytes
    log: str


class Problem(NamedTuple):
    """A defect of a build; ``place`` is ``file:line`` where TeX tells it."""

    message: str
    place: str = ""
    source: str = ""

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{place}{self.message}" + (f"\n    {self.source}" if self.source else "")


class BuildFailed(TypesettingError):
    """TypesettingError with the log, for ``build.log``."""

    def __init__(self, message: str, hint: str, log: str) -> None:
        super().__init__(message, hint)
        self.log = log


def compile_pdf(sources: Mapping[str, bytes], *, epoch: int, timeout_s: float = TIMEOUT_S) -> Built:
    """Compile ``sources`` (path to content; the document is ``main.tex``).

    ``epoch`` (seconds since 1970) is the date that the PDF bears. Raises EnvironmentProblem where TeX is missing and
    BuildFailed, with every problem and its place, where the document is not fit to be read.
    """
    path = tool_path()
    with tempfile.TemporaryDirectory(prefix="scientist-tex-") as private:
        work = Path(private) / "work"
        for name, data in sources.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(data)
        output, code = _run(work, Path(private), _environment(Path(private), path, epoch), timeout_s)
        log = _read(work / "main.log") or output
        problems = list(read_problems(log, sources))
        if code != 0 and not problems:
            problems = [Problem(f"latexmk ended with status {code}: {_last_words(output)}")]
        pdf = work / "main.pdf"
        if not problems and not pdf.exists():
            problems = [Problem("latexmk made no main.pdf")]
        if problems:
            raise _failed(problems, log)
        return Built(pdf.read_bytes(), log)


def tool_path() -> str:
    """The PATH of the compiler: the folders of its tools and the system's. Raises EnvironmentProblem."""
    found = {tool: shutil.which(tool) for tool in ("latexmk", "pdflatex", "bibtex")}
    missing = [tool for tool, where in found.items() if where is None]
    if missing:
        raise EnvironmentProblem(
            f"cannot typeset: {', '.join(missing)} not found", f"install TeX: sudo apt-get install {PACKAGES}"
        )
    folders = [str(Path(where).parent) for where in found.values() if where]
    return os.pathsep.join(dict.fromkeys([*folders, "/usr/bin", "/bin"]))


def read_problems(log: str, sources: Mapping[str, bytes]) -> Iterator[Problem]:
    """What a log of pdflatex (written with ``max_print_line=1000``) holds against its document."""
    lines = log.splitlines()
    for i, line in enumerate(lines):
        error = re.match(r"(?:\./)?([^\s:]+\.\w+):(\d+): (.*)", line)
        if error:
            yield Problem(
                error[3] + _culprit(lines, i), f"{error[1]}:{error[2]}", _source_line(sources, error[1], int(error[2]))
            )
        elif line.startswith("! "):
            yield Problem(line[2:])
        else:
            yield from _warning(line, sources)


def _warning(line: str, sources: Mapping[str, bytes]) -> Iterator[Problem]:
    for pattern, message in _WARNINGS:
        match = pattern.search(line)
        if match:
            number = re.search(r"on input line (\d+)", line)
            place = f"main.tex:{number[1]}" if number else ""
            source = _source_line(sources, "main.tex", int(number[1])) if number else ""
            yield Problem(message.format(*match.groups()), place, source)
            return
    overfull = re.match(r"Overfull \\hbox \(([\d.]+)pt too wide\)(?:.*?lines? (\d+))?", line)
    if overfull and float(overfull[1]) > OVERFULL_PT:
        place = f"main.tex:{overfull[2]}" if overfull[2] else ""
        source = _source_line(sources, "main.tex", int(overfull[2])) if overfull[2] else ""
        yield Problem(f"a line is {overfull[1]} pt too wide (at most {OVERFULL_PT:g})", place, source)


_WARNINGS = (
    (re.compile(r"Citation [`'](.+?)'.* undefined"), "the citation {0!r} is undefined"),
    (re.compile(r"Reference [`'](.+?)'.* undefined"), "the reference {0!r} is undefined"),
    (re.compile(r"Label [`'](.+?)' multiply defined"), "the label {0!r} is defined twice"),
    (re.compile(r"Missing character: There is no (.+?) in font ([^\s!]+)"), "the font {1} lacks the character {0}"),
    (re.compile(r"File [`'](.+?)' not found"), "the file {0!r} is missing"),
    (
        re.compile(r"pdfTeX warning.*: name\{(.+?)\} has been referenced but does not exist"),
        "the link {0!r} leads nowhere",
    ),
    (re.compile(r"destination with the same identifier \(name\{(.+?)\}\)"), "the link target {0!r} is defined twice"),
)


def _environment(private: Path, path: str, epoch: int) -> dict[str, str]:
    """All that TeX may know of this machine. Paranoid file access: only the working folder and TeX's own tree."""
    home = private / "home"
    home.mkdir()
    folders = {name: str(home / name.lower()) for name in ("TEXMFHOME", "TEXMFVAR", "TEXMFCONFIG", "TMPDIR")}
    (home / "tmpdir").mkdir()
    return {
        **folders,
        "PATH": path,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "openin_any": "p",
        "openout_any": "p",
        "shell_escape": "f",
        "max_print_line": "1000",
        "SOURCE_DATE_EPOCH": str(epoch),
        "FORCE_SOURCE_DATE": "1",
    }


def _run(work: Path, private: Path, env: dict[str, str], timeout_s: float) -> tuple[str, int]:
    """latexmk's output and exit status; the whole process group is killed at the timeout."""
    console = private / "console.log"
    with console.open("wb") as out:
        process = subprocess.Popen(
            COMMAND, cwd=work, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True
        )
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
        try:
            code = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            _kill(process)
            raise _failed(
                [Problem(f"TeX did not end within {timeout_s:g} s and was stopped")], _read(console)
            ) from None
        except BaseException:
            _kill(process)
            raise
    return _read(console), code


def _kill(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failed(problems: list[Problem], log: str) -> BuildFailed:
    unique = list(dict.fromkeys(problems))
    listing = "\n".join(f"- {p}" for p in unique)
    return BuildFailed(
        f"the paper was not typeset, {len(unique)} problem(s):\n{listing}",
        "the log is manuscript/build.log; mend the source named there, then: scientist resume",
        log,
    )


def _culprit(lines: list[str], at: int) -> str:
    """What TeX was reading at an error, from the ``l.42 ...`` line that follows it."""
    for line in lines[at + 1 : at + 12]:
        if re.match(r"l\.\d+ ", line):
            return f" (at {line.split(' ', 1)[1].strip()[-60:]})"
    return ""


def _source_line(sources: Mapping[str, bytes], name: str, number: int) -> str:
    lines = sources.get(name, b"").decode(errors="replace").splitlines()
    return lines[number - 1].strip()[:200] if 0 < number <= len(lines) else ""


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


def _last_words(output: str) -> str:
    return " / ".join(line for line in output.splitlines()[-4:] if line.strip())
