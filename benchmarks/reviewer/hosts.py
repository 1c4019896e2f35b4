"""Papers to plant defects in: our own, as a source that can be changed and written as Markdown, LaTeX or PDF."""

from __future__ import annotations

import copy
import functools
import gzip
import hashlib
import json
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
ICLR = ROOT.parent / "shared" / "data" / "iclr2022" / "train.jsonl.gz"
MANUSCRIPTS = ROOT.parent / "shared" / "data" / "manuscripts"


@dataclass
class Section:
    heading: str
    text: str
    tables: list[list[list[str]]] = field(default_factory=list)


@dataclass
class Source:
    """A paper in parts. ``raw`` is put behind the text as it is, in the source's own language."""

    name: str
    title: str
    abstract: str
    sections: list[Section]
    references: list[str]
    figures: list[tuple[str, str]] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)
    """Of tables whose cells stand in the text."""
    raw: str = ""
    preamble: str = ""

    def copy(self) -> Source:
        return copy.deepcopy(self)

    def section(self, *words: str) -> Section:
        """The first section whose heading has one of the words, else the second."""
        return next((s for s in self.sections if any(w in s.heading.lower() for w in words)), self.sections[1])

    def add(self, sentence: str, *words: str) -> None:
        section = self.section(*(words or ("result", "experiment", "analysis")))
        section.text = f"{section.text.rstrip()} {sentence}"


@functools.cache
def own_papers() -> list[Source]:
    """The sample papers that this package wrote, and a small study with a plain defence for each claim."""
    papers = sorted((ROOT / "papers").glob("sample-*/paper.pdf"))
    return [small_study(), *(from_pdf(path) for path in papers)]


def from_pdf(path: Path) -> Source:
    from scientist.review.manuscript import read_manuscript

    m = read_manuscript(path)
    return Source(
        name=path.parent.name,
        title=m.title,
        abstract=m.abstract,
        sections=[Section(s.heading, s.text) for s in m.sections],
        references=[r.raw for r in m.references],
        figures=[(f"{f.label.lower().replace(' ', '')}.png", f.caption) for f in m.floats if f.kind == "figure"],
        captions=[f.caption for f in m.floats if f.kind == "table"],
    )


def real_papers(first: int, last: int, most: int) -> list[Source]:
    """Real papers whose hash, modulo 100, lies in a range; none where the data are not there."""
    if not ICLR.is_file():
        return []
    found = []
    with gzip.open(ICLR, "rt", encoding="utf-8") as lines:
        for line in lines:
            r = json.loads(line)
            if first <= int(hashlib.sha256(r["id"].encode()).hexdigest(), 16) % 100 < last and len(found) < most:
                found.append(_real(r))
    return found


def _real(record: dict[str, str]) -> Source:
    """These texts keep headings only as lines of their own, which the reader finds; the main part is one text."""
    main = record["main"]
    at = main.find("\n", len(main) * 2 // 3)
    parts = [Section("1 Introduction", main[:at]), Section("", main[at:])]
    return Source(record["id"], record["title"], record["abstract"], parts, [record["references"]])


SMALL = {
    "1 Introduction": (
        "Warm-up raises the learning rate slowly at the start of training [1]. It is used widely, but whether it "
        "changes the result of small networks is seldom measured with repeated runs. We compare it with a baseline "
        "that has no warm-up. Unlike earlier work, our comparison is paired by seed [2, 3].\n\nThe question matters "
        "because small networks are trained often and cheaply, and a habit that costs a few hundred steps should have "
        "a reason. We fix the question, the conditions and the test first, then train every network, and report each "
        "result whichever way it points."
    ),
    "2 Related Work": (
        "Early studies introduced warm-up for very large batches [1]. Later work explained it by the variance of "
        "adaptive step sizes [2], and by decoupling the decay of weights from the gradient [3]. Residual networks are "
        "trained with it as a matter of course [4]. None of these studies asks about networks as small as ours."
    ),
    "3 Method": (
        "We train multilayer perceptrons on MNIST, CIFAR-10, SVHN and the UCI digits. The learning rate rises over a "
        "fraction of the training steps and stays constant afterwards. The batch size is the same in every condition. "
        "The test set is read once. All settings were chosen on the validation part in short trials, and none was "
        "changed afterwards. Every condition is trained with the same seeds, so that two conditions differ in nothing "
        "else. We vary the number of warm-up steps in a sensitivity analysis. The optimiser is AdamW, with momentum "
        "coefficients as they are given by its authors, and the networks have two hidden layers of equal width."
    ),
    "4 Results": (
        "Figure 1 shows the loss by condition and Figure 2 the accuracy. The mean loss is 0.412 ± 0.008 without and "
        "0.399 ± 0.007 with warm-up, a paired difference of 0.013 with a 95% confidence interval from 0.002 to 0.024. "
        "A paired t-test over 10 random seeds agrees, t(9) = 2.68, p = 0.025, and Holm's correction leaves the verdict "
        "as it is. The validation accuracy is 87.3% and 87.9%. The losses by data set are 0.118, 0.231, 0.388 and "
        "0.911 without warm-up, and 0.112, 0.224, 0.371 and 0.889 with it. Longer warm-up gives 0.401, 0.403 and 0.409."
    ),
    "5 Limitations": (
        "Only small networks on four data sets were examined, so the effect in large networks is not known from this "
        "study. The learning rate was not tuned for each condition, and one that prefers another value is put at a "
        "disadvantage."
    ),
    "6 Conclusion": (
        "Warm-up lowers the final loss of small networks by a small amount. Our code is available with the paper."
    ),
}


def small_study() -> Source:
    return Source(
        name="small-study",
        title="Does warm-up change the final loss of small networks?",
        abstract=(
            "We ask whether warm-up of the learning rate changes the final validation loss of small networks. Over ten "
            "random seeds on four data sets the paired difference is 0.013 with a 95% confidence interval from 0.002 "
            "to 0.024. The effect is small, was planned before the data were seen, and holds on every data set."
        ),
        sections=[Section(heading, text) for heading, text in SMALL.items()],
        references=[
            "[1] Priya Goyal and Piotr Dollar. Accurate, large minibatch training. arXiv:1706.02677, 2017.",
            "[2] Diederik P. Kingma and Jimmy Ba. Adam: A method for stochastic optimization. In ICLR, 2015.",
            "[3] Ilya Loshchilov and Frank Hutter. Decoupled weight decay regularization. In ICLR, 2019.",
            "[4] Kaiming He, Xiangyu Zhang, Shaoqing Ren, and Jian Sun. Deep residual learning for image recognition. "
            "In CVPR, 2016.",
        ],
        figures=[
            ("loss.png", "Final validation loss by condition with error bars."),
            ("accuracy.png", "Validation accuracy by condition, with one point for each seed."),
        ],
    )


# ------------------------------------------------------------------------------------------- writing


def write(source: Source, format: str, folder: Path) -> Path:
    """The paper as a file; its figures are small pictures of their own. Raises where LaTeX does not finish."""
    folder.mkdir(parents=True, exist_ok=True)
    for n, name in enumerate(dict.fromkeys(name for name, _ in source.figures)):
        if not name.startswith("lost"):
            _picture(folder / name, n)
    path = folder / ("paper.md" if format == "markdown" else "paper.tex")
    path.write_text(markdown(source) if format == "markdown" else latex(source), encoding="utf-8")
    if format != "pdf":
        return path
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", path.name]
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False, text=True)
        if done.returncode:
            raise RuntimeError(f"LaTeX failed on {source.name}: {done.stdout[-600:]}")
    return path.with_suffix(".pdf")


def markdown(source: Source) -> str:
    out = [f"# {source.title}\n", f"## Abstract\n\n{source.abstract}\n"]
    for i, section in enumerate(source.sections):
        out += [f"## {section.heading}\n" if section.heading else "", f"{section.text}\n"]
        for n, table in enumerate(section.tables, len(source.captions) + 1):
            rows = ["| " + " | ".join(row) + " |" for row in table]
            rows.insert(1, "|" + "---|" * len(table[0]))
            out += [f"Table {n}: Results in the units of the text.\n", "\n".join(rows), ""]
        if i == len(source.sections) - 1:
            out += [f"![Figure {n}: {text}]({name})\n" for n, (name, text) in enumerate(source.figures, 1)]
            out += [f"Table {n}: {text}\n" for n, text in enumerate(source.captions, 1)]
    out += (
        [source.raw, "## References\n", *(f"{r}\n" for r in source.references)] if source.references else [source.raw]
    )
    return "\n".join(out)


_LETTERS = {"−": "$-$", "–": "--", "—": "---", "“": "``", "”": "''", "’": "'", "±": "$\\pm$", "×": "$\\times$",
            "≤": "$\\le$", "≥": "$\\ge$", "χ": "$\\chi$", "◦": "$\\circ$", "∑": "$\\sum$", "…": "...",
            "•": "$\\bullet$", "‘": "`"}  # fmt: skip
_HEAD = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage{graphicx,xcolor}
"""


def latex(source: Source) -> str:
    out = [_HEAD + source.preamble, f"\\title{{{escaped(source.title)}}}\\begin{{document}}\\maketitle"]
    out += [f"\\begin{{abstract}}\n{escaped(source.abstract)}\n\\end{{abstract}}"] if source.abstract else []
    for i, section in enumerate(source.sections):
        heading = re.sub(r"^[\d.]+\s+", "", section.heading)
        out += [f"\\section{{{escaped(heading)}}}" if heading else "", escaped(section.text)]
        out += [_tabular(table) for table in section.tables]
        if i == len(source.sections) - 1:
            out += [_figure(name, text) for name, text in source.figures]
            out += [f"\\begin{{table}}\\caption{{{escaped(text)}}}\\end{{table}}" for text in source.captions]
    out += [source.raw, *(_bibliography(source.references) if source.references else []), "\\end{document}"]
    return "\n\n".join(out)


def _tabular(table: list[list[str]]) -> str:
    rows = " \\\\\n".join(" & ".join(escaped(cell) for cell in row) for row in table)
    begin = "\\begin{table}\\caption{Results in the units of the text.}\n\\begin{tabular}{l" + "c" * (len(table[0]) - 1)
    return f"{begin}}}\n{rows}\\\\\n\\end{{tabular}}\\end{{table}}"


def _figure(name: str, caption: str) -> str:
    shown = f"\\includegraphics[width=4cm]{{{name}}}"
    return f"\\begin{{figure}}[h]{shown}\\caption{{{escaped(caption)}}}\\end{{figure}}"


def _bibliography(references: list[str]) -> list[str]:
    """As typeset text under a heading, since the citations in the text are typeset too."""
    entries = [re.sub(r"^\[\d+\]\s*", "", r) for r in references]
    items = [f"\\bibitem{{r{n}}} {escaped(r)}" for n, r in enumerate(entries, 1)]
    return ["\\begin{thebibliography}{99}", *items, "\\end{thebibliography}"]


def escaped(text: str) -> str:
    text = re.sub(r"([%&#_{}$])", r"\\\1", text.replace("\\", " ")).replace("~", " ").replace("^", " ")
    text = re.sub(
        r"\[(\d[\d, ]*)\]", lambda m: "\\cite{" + ",".join(f"r{n.strip()}" for n in m[1].split(",")) + "}", text
    )
    text = "".join(_LETTERS.get(c, c) for c in text)
    return "".join(c for c in text if ord(c) < 0x180)


def _picture(path: Path, kind: int) -> None:
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(100 + kind).integers(0, 255, size=(96, 128), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
