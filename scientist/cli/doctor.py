"""``scientist doctor``: what is installed, what is missing, and the command that mends it."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from scientist.cli.options import Json
from scientist.cli.output import out, print_json
from scientist.errors import EnvironmentProblem, TemplateError

TEX_PACKAGES = (
    "texlive-latex-base texlive-latex-recommended texlive-fonts-recommended texlive-pictures texlive-science "
    "latexmk lmodern"
)


@dataclass(frozen=True)
class Check:
    """One thing that a run needs (or that helps it), whether it is there, and how to get it."""

    name: str
    ok: bool
    needed: bool
    found: str
    mend: str = ""


def doctor(as_json: Json = False) -> None:
    """Say what this machine lacks, and how to get it."""
    checks = all_checks()
    if as_json:
        print_json([asdict(c) for c in checks])
    else:
        _print(checks)
    if any(c.needed and not c.ok for c in checks):
        raise typer.Exit(EnvironmentProblem.exit_code)


def all_checks() -> list[Check]:
    return [
        _python(), *(_package(n) for n in ("langgraph", "tantivy", "pylatex", "scipy", "statsmodels", "matplotlib")),
        _torch(), *(_program(n) for n in ("pdflatex", "latexmk")), _style_files(), *_venues(), _pdftoppm(),
        _sandbox(), _gpu(), *_executors(), _templates(), _library(), _folder(Path.cwd()),
    ]  # fmt: skip


def _python() -> Check:
    ok = sys.version_info >= (3, 11)
    return Check(name="python", ok=ok, needed=True, found=sys.version.split()[0], mend="install Python 3.11 or later")


def _package(name: str) -> Check:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Check(name=name, ok=True, needed=True, found=version(name))
    except PackageNotFoundError:
        return Check(name=name, ok=False, needed=True, found="missing", mend=f"pip install {name}")


def _torch() -> Check:
    from importlib.metadata import version
    from importlib.util import find_spec

    ok = find_spec("torch") is not None
    found = version("torch") if ok else "missing"
    return Check(
        name="torch", ok=ok, needed=True, found=found, mend='pip install "scientist[torch]" (for the templates)'
    )


def _program(name: str) -> Check:
    path = shutil.which(name)
    mend = f"apt-get install --no-install-recommends {TEX_PACKAGES}"
    return Check(name=name, ok=path is not None, needed=True, found=path or "missing", mend=mend)


def _style_files() -> Check:
    needed = ("lmodern.sty", "booktabs.sty", "natbib.sty", "hyperref.sty", "siunitx.sty")
    kpsewhich = shutil.which("kpsewhich")
    missing = [f for f in needed if not kpsewhich or not _tex_has(kpsewhich, f)]
    mend = f"apt-get install --no-install-recommends {TEX_PACKAGES}"
    found = f"missing: {', '.join(missing)}" if missing else "all there"
    return Check(name="TeX packages", ok=not missing, needed=True, found=found, mend=mend)


def _venues() -> list[Check]:
    """One line for each style that not every TeX has the files of."""
    from scientist.writeup.venue import lacking, load_venue, venues

    checks = []
    for name in venues():
        missing = lacking(load_venue(name))
        if not load_venue(name).needs and not missing:
            continue
        packages = " ".join(dict.fromkeys(p for p in missing.values() if p))
        found = f"missing: {', '.join(missing)}" if missing else "all there"
        mend = f"apt-get install --no-install-recommends {packages} (only for --venue {name})"
        checks.append(Check(name=f"venue {name}", ok=not missing, needed=False, found=found, mend=mend))
    return checks


def _tex_has(kpsewhich: str, file: str) -> bool:
    import subprocess

    return subprocess.run([kpsewhich, file], capture_output=True, timeout=20, check=False).returncode == 0


def _pdftoppm() -> Check:
    path = shutil.which("pdftoppm")
    return Check(
        name="pdftoppm", ok=path is not None, needed=False, found=path or "missing",
        mend="apt-get install poppler-utils (to look at pages as pictures)",
    )  # fmt: skip


def _sandbox() -> Check:
    from scientist.sandbox import choose

    try:
        level = choose(allow_unsandboxed=False).level
    except EnvironmentProblem as e:
        return Check(name="sandbox", ok=False, needed=True, found=e.message, mend=e.hint)
    mend = "" if level == "bubblewrap" else "apt-get install bubblewrap (the stronger sandbox)"
    return Check(name="sandbox", ok=True, needed=True, found=f"{level}, proven by a canary", mend=mend)


def _gpu() -> Check:
    import subprocess

    nvidia = shutil.which("nvidia-smi")
    if nvidia is None:
        return Check(name="gpu", ok=False, needed=False, found="none", mend="not needed; experiments run on the CPU")
    listed = subprocess.run([nvidia, "-L"], capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    return Check(name="gpu", ok=bool(listed), needed=False, found=listed or "nvidia-smi lists no GPU")


def _executors() -> list[Check]:
    """Where experiments can run. A cluster is not joined: that its package is here is all that is said."""
    from importlib.metadata import version

    from scientist.execution import EXECUTORS, check_executor

    checks = []
    for name in EXECUTORS.names():
        package = getattr(EXECUTORS.load(name), "package", "")
        try:
            check_executor(name)
        except EnvironmentProblem as e:
            checks.append(Check(name=f"executor {name}", ok=False, needed=False, found=e.message, mend=e.hint))
            continue
        found = f"{package} {version(package)}" if package else "this machine"
        if name == "slurm" and shutil.which("sbatch") is None:
            found += "; no sbatch here, so only --executor slurm:local"
        checks.append(Check(name=f"executor {name}", ok=True, needed=False, found=found))
    return checks


def _templates() -> Check:
    from scientist.experiments.template import find_templates

    try:
        names = [t.name for t in find_templates()]
    except TemplateError as e:
        return Check(name="templates", ok=False, needed=True, found=e.message, mend=e.hint)
    return Check(name="templates", ok=bool(names), needed=True, found=", ".join(names) or "none", mend="reinstall")


def _library() -> Check:
    from scientist.literature.library import Library

    library = Library()
    return Check(name="library", ok=library.count() > 0, needed=True, found=f"{library.count():,} papers")


def _folder(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free / 2**30
    ok = os.access(folder, os.W_OK) and free > 0.5
    found = f"{folder}: {free:.1f} GiB free" + ("" if os.access(folder, os.W_OK) else ", not writable")
    return Check(name="current folder", ok=ok, needed=True, found=found, mend="change to a writable folder with room")


def _print(checks: list[Check]) -> None:
    from rich.markup import escape
    from rich.table import Table

    table: Any = Table("", "what", "found", "to mend")
    for c in checks:
        mark = "[green]✓[/]" if c.ok else ("[red]✗[/]" if c.needed else "[yellow]–[/]")
        table.add_row(mark, c.name, escape(c.found), "" if c.ok and not c.mend else escape(c.mend if not c.ok else ""))
    out().print(table)
