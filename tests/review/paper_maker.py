"""Papers made for the tests: a sound Markdown paper to plant defects in, and PDFs written operator by operator."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

GOOD = """# Does warm-up change the final loss of small networks?

## Abstract

We ask whether warm-up of the learning rate changes the final validation loss of small networks. Over ten random seeds
on four data sets the paired difference is 0.013 with a 95% confidence interval from 0.002 to 0.024. The effect is
small, was planned before the data were seen, and holds on every data set that we examined in this study.

## 1 Introduction

Warm-up raises the learning rate slowly at the start of training [1]. It is used widely, but whether it changes the
result of small networks is seldom measured with repeated runs. We compare it with a baseline that has no warm-up.
Unlike earlier work, our comparison is paired by seed, and its analysis was pre-registered in full [2, 3].

The question matters because small networks are trained often and cheaply, and a habit that costs a few hundred steps
should have a reason. We fix the question, the conditions and the test first, then train every network, and report
each result whichever way it points.

## 2 Related Work

Early studies introduced warm-up for very large batches [1]. Later work explained it by the variance of adaptive
step sizes [2], and by the curvature of the loss at the beginning of training [3].

## 3 Method

We train multilayer perceptrons on MNIST, CIFAR-10, SVHN and the UCI digits. The learning rate rises over a fraction
of the training steps and stays constant afterwards. The batch size is the same in every condition. Table 1 lists the
conditions, and the test set is read once. All settings were chosen on the validation part in short trials, and none
was changed afterwards. Every condition is trained with the same seeds, so that two conditions differ in nothing else.
We vary the number of warm-up steps in a sensitivity analysis.

Table 1: Conditions of the experiment and the number of steps in each.

| condition | steps |
|---|---|
| baseline | 0 |
| warm-up | 200 |

## 4 Results

Figure 1 shows the loss by condition. The mean loss is 0.412 ± 0.008 without and 0.399 ± 0.007 with warm-up, a paired
difference of 0.013 with a 95% confidence interval from 0.002 to 0.024. A paired t-test over 10 random seeds agrees,
t(9) = 2.68, p = 0.025, and Holm's correction leaves the verdict as it is. The validation accuracy is 87.3% and 87.9%.

![Figure 1: Final validation loss by condition with error bars.](loss.png)

## 5 Limitations

Only small networks on four data sets were examined, so the effect in large networks is not known from this study.
The learning rate was not tuned for each condition, and one that prefers another value is put at a disadvantage.

## 6 Conclusion

Warm-up lowers the final loss of small networks by a small amount. Our code is available with the paper.

## References

[1] Priya Goyal and Piotr Dollar. Accurate, large minibatch training. arXiv preprint arXiv:1706.02677, 2017.

[2] Liyuan Liu and Haoming Jiang. On the variance of the adaptive learning rate. In ICLR, 2020.

[3] Justin Gilmer and Behrooz Ghorbani. A loss curvature perspective on training instability. In ICLR, 2022.
"""


def planted(after: str, text: str) -> str:
    """The good paper with ``text`` set after a piece of it."""
    assert GOOD.count(after) >= 1, after
    return GOOD.replace(after, after + text, 1)


def replaced(old: str, new: str) -> str:
    assert old in GOOD, old
    return GOOD.replace(old, new)


class Text(NamedTuple):
    """One line of text on a page: place and size in points, and what else its drawing is set to."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 10
    font: str = "F1"
    before: str = ""
    after: str = ""


def make_pdf(path: Path, pages: list[list[Text]]) -> Path:
    """A PDF of Helvetica (F1) and Helvetica-Bold (F2) text."""
    objects: list[bytes] = []
    kids = " ".join(f"{5 + 2 * i} 0 R" for i in range(len(pages)))
    objects.append(b"<< /Type /Catalog /Pages 2 0 R >>")
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    for name in ("Helvetica", "Helvetica-Bold"):
        encoding = "/Encoding /WinAnsiEncoding"
        objects.append(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} {encoding} >>".encode())
    for i, page in enumerate(pages):
        resources = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
        box = "/MediaBox [0 0 612 792]"
        content = f"/Contents {6 + 2 * i} 0 R"
        objects.append(f"<< /Type /Page /Parent 2 0 R {box} /Resources {resources} {content} >>".encode())
        stream = "\n".join(_operators(t) for t in page).encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    path.write_bytes(_file(objects))
    return path


def _operators(t: Text) -> str:
    text = t.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"q {t.before} BT /{t.font} {t.size} Tf 1 0 0 1 {t.x} {t.y} Tm ({text}) Tj ET {t.after} Q"


def _file(objects: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def lines(text: str, *, x: float = 72, top: float = 700, step: float = 12) -> list[Text]:
    return [Text(line, x=x, y=top - i * step) for i, line in enumerate(text.strip().splitlines())]


def paper_pages() -> list[list[Text]]:
    """Three pages with a running head, page numbers, a hyphenated word, captions, a list of references, an appendix."""
    head = [Text("Under review at a venue", y=760, size=8)]
    first = [
        Text("A Study of Small Networks", x=150, y=720, size=17),
        Text("Jane Doe, John Roe", x=200, y=695),
        Text("Abstract", x=270, y=660, size=12, font="F2"),
        *lines(
            """
We study small networks over five seeds. The error falls from 0.20 to 0.15 in the
mean, and we give intervals for it. The finding holds on both data sets exam-
ined here and is reported with its uncertainty.
""",
            top=640,
        ),
        Text("1 Introduction", y=580, size=12, font="F2"),
        *lines(
            """
Networks that are small are cheap to train, and so their study can rest on many
repeated runs. We follow earlier work on state-of-
the-art training (Doe and Roe, 2019). It is a state-of-the-art baseline for this.
""",
            top=560,
        ),
    ]
    second = [
        Text("2 Results", y=700, size=12, font="F2"),
        *lines("The error is 0.15 with warm-up, as Figure 1 shows, and 0.20 without it.", top=680),
        Text("Figure 1: Error by condition, with intervals over", y=600, size=9),
        Text("five seeds.", y=590, size=9),
        Text("References", y=500, size=12, font="F2"),
        Text("Jane Doe and John Roe. A careful title about training. Journal of Things,", y=480),
        Text("12(3):1-20, 2019.", x=84, y=468),
        Text("Ann Other. Another work on networks. In Proceedings of Things, 2020.", y=450),
        Text("pages 1-9.", x=84, y=438),
    ]
    third = [
        Text("A Further Details", y=700, size=12, font="F2"),
        *lines("These details are set apart from the main part of the paper.", top=680),
    ]
    pages = [first, second, third]
    return [head + page + [Text(str(i), x=300, y=40)] for i, page in enumerate(pages, 1)]
