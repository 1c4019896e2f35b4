"""A small study that never took place: a plan, a ledger, floats and a draft to check and typeset."""

from __future__ import annotations

from pathlib import Path

from scientist.types import (
    Claim,
    Condition,
    Contrast,
    Draft,
    Evidence,
    FactorSpec,
    Figure,
    IdeaKind,
    MetricSpec,
    Paper,
    Plan,
    Quantity,
    Reference,
    Section,
    Sentence,
    Table,
    TemplateSpec,
    Verdict,
)
from scientist.writeup.latex import RunFacts

CONDITIONS = {"wd_none": "no weight decay", "wd_mid": "medium weight decay", "wd_high": "high weight decay"}
METRICS = {"test_acc": "test accuracy", "steps_to_fit": "steps until the training set is fitted"}


def _mean(condition: str, metric: str, value: float, low: float, high: float) -> Quantity:
    return Quantity(
        id=f"mean.{condition}.modular.{metric}",
        label=f"mean {METRICS[metric]}, {CONDITIONS[condition]}",
        value=value,
        display=f"{value:g}",
        kind="mean",
        n=5,
        low=low,
        high=high,
        level=0.95,
        display_interval=f"[{low:g}, {high:g}]",
        metric=metric,
        dataset="modular",
        condition=condition,
        seeds=(1, 2, 3, 4, 5),
        sources=tuple(f"nodes/{condition}/seed_{n}/run_0/final_info.json#/modular/means/{metric}" for n in range(1, 6)),
        method="arithmetic mean over seeds with a Student t interval",
    )


def _contrast(id: str, metric: str, value: float, low: float, high: float, p: float) -> list[Quantity]:
    sources = tuple(
        f"nodes/{c}/seed_{n}/run_0/final_info.json#/modular/means/{metric}"
        for c in ("wd_none", "wd_high")
        for n in range(1, 6)
    )
    shared = {"n": 5, "metric": metric, "dataset": "modular", "sources": sources}
    return [
        Quantity(
            id=f"effect.{id}",
            label=f"difference in {METRICS[metric]}, high minus none",
            value=value,
            display=f"{value:g}",
            kind="contrast",
            low=low,
            high=high,
            level=0.95,
            display_interval=f"[{low:g}, {high:g}]",
            method="mean of paired differences over seeds with a Student t interval",
            **shared,
        ),
        Quantity(id=f"padj.{id}", label="Holm-adjusted p-value", value=p, display=f"{p:g}", kind="p_value",
                 method="paired t test, two-sided, Holm-adjusted", **shared),
        Quantity(id=f"g.{id}", label="standardised paired effect", value=1.2, display="1.2", kind="effect_size",
                 method="paired standardised mean difference with the small-sample correction", **shared),
    ]  # fmt: skip


def _setting(id: str, value: float | int | str, label: str, display: str = "", volatile: bool = False) -> Quantity:
    kind = "time" if volatile else "setting"
    source = "events.jsonl" if volatile else f"plan.json#/settings/{id.rpartition('.')[2]}"
    return Quantity(
        id=id, label=label, value=value, display=display or str(value), kind=kind, sources=(source,), volatile=volatile
    )


def _claim(id: str, metric: str, observed: str, verdict: Verdict, *, better: bool | None) -> Claim:
    return Claim(
        id=f"claim.{id}",
        contrast=id,
        statement="high against none",
        metric=metric,
        dataset="modular",
        hypothesised="increase",
        observed=observed,
        verdict=verdict,
        significant=verdict in (Verdict.SUPPORTED, Verdict.REFUTED),
        confirmatory=True,
        better=better,
        test="paired t test",
        quantities=(f"effect.{id}", f"padj.{id}"),
    )


def the_evidence() -> Evidence:
    quantities = [
        *(_mean(c, "test_acc", v, v - 0.02, v + 0.02) for c, v in zip(CONDITIONS, (0.71, 0.82, 0.93), strict=True)),
        *(_mean(c, "steps_to_fit", v, v - 20, v + 20) for c, v in zip(CONDITIONS, (410, 405, 402), strict=True)),
        *_contrast("acc_high", "test_acc", 0.22, 0.19, 0.25, 0.002),
        *_contrast("fit_high", "steps_to_fit", -8, -31, 15, 0.41),
        *_contrast("fit_mid", "steps_to_fit", -1, -4, 2, 0.6),
        _setting("level.wd_none.weight_decay", 0.0, "weight decay in the condition without it", "0"),
        _setting("level.wd_mid.weight_decay", 0.1, "weight decay in the medium condition"),
        _setting("level.wd_high.weight_decay", 1.0, "weight decay in the high condition", "1"),
        _setting("cfg.learning_rate", 0.001, "learning rate"),
        _setting("cfg.hidden_size", 128, "width of the hidden layer"),
        _setting("plan.seeds", 5, "seeds a condition"),
        _setting("plan.alpha", 0.05, "family-wise level"),
        _setting("plan.level", "95%", "level of the intervals", r"95\%"),
        _setting("time.total", 12.5, "wall time of all runs, minutes", volatile=True),
    ]
    claims = (
        _claim("acc_high", "test_acc", "increase", Verdict.SUPPORTED, better=True),
        _claim("fit_high", "steps_to_fit", "decrease", Verdict.INCONCLUSIVE, better=True),
        _claim("fit_mid", "steps_to_fit", "decrease", Verdict.EQUIVALENT, better=True),
    )
    return Evidence(plan_sha256="ab" * 32, look=1, quantities=tuple(quantities), claims=claims)


def the_spec() -> TemplateSpec:
    return TemplateSpec(
        name="modular_arithmetic",
        path="templates/modular_arithmetic",
        contract="scientist",
        title="Generalisation on modular arithmetic",
        keywords=("grokking", "weight decay"),
        metrics=(MetricSpec(name="test_acc", goal="max", label="test accuracy", sesoi=0.02),),
        factors=(
            FactorSpec(name="weight_decay", type="float", levels=(0.0, 0.1, 1.0), baseline=0.0, label="weight decay"),
        ),
    )


def the_plan() -> Plan:
    return Plan(
        idea_id="wd",
        kind=IdeaKind.MAIN_EFFECT,
        template="modular_arithmetic",
        template_hash="cd" * 32,
        preset="cpu",
        question="Does weight decay raise test accuracy?",
        hypothesis="Weight decay raises test accuracy.",
        settings={"learning_rate": 0.001},
        conditions=tuple(Condition(id=c, label=label, baseline=c == "wd_none") for c, label in CONDITIONS.items()),
        datasets=("modular",),
        seeds=(1, 2, 3, 4, 5),
        metric="test_acc",
        metrics=("test_acc",),
        contrasts=(
            Contrast(id="acc_high", label="high against none", weights={"wd_high": 1, "wd_none": -1},
                     metric="test_acc", dataset="modular", direction="increase"),
        ),
        test="paired_t",
        alpha=0.05,
        looks=1,
        sesoi=0.02,
        stopping_rule="all planned seeds are run; no run is added after a look at the data",
        timeout_s=60,
        estimated_minutes=10,
    )  # fmt: skip


def the_facts() -> RunFacts:
    return RunFacts(
        verdict="Not reviewed.",
        run_id="weight-decay-and-grokking-1a2b",
        date="2026-11-22",
        scientist_version="0.1.0",
        python="3.11.2",
        platform="Linux-6.1-x86_64-with-glibc2.36",
        cpu="An Ordinary CPU @ 2.00GHz",
        packages={"torch": "2.13.0", "numpy": "2.4.6"},
        sandbox="bubblewrap",
        wall_minutes=12.5,
        plan_sha256="ab" * 32,
        mind="offline",
    )


def say(text: str, *claims: str) -> Sentence:
    return Sentence(text=text, claims=tuple(f"claim.{c}" for c in claims))


def section(name: str, *paragraphs: tuple[Sentence, ...]) -> Section:
    return Section(name=name, title=name.replace("_", " ").capitalize(), paragraphs=paragraphs)


REFERENCES = (
    Reference(key="power2022grokking", paper=Paper(
        id="a1", title="Grokking: Generalization Beyond Overfitting on Small Algorithmic Datasets",
        authors=("Alethea Power", "Yuri Burda", "Harri Edwards", "Igor Babuschkin", "Vedant Misra"), year=2022,
        arxiv_id="2201.02177", source="arxiv")),
    Reference(key="loshchilov2019decoupled", paper=Paper(
        id="a2", title="Decoupled Weight Decay Regularization", authors=("Ilya Loshchilov", "Frank Hutter"), year=2019,
        venue="International Conference on Learning Representations", arxiv_id="1711.05101", source="arxiv")),
    Reference(key="never2000cited", paper=Paper(id="a3", title="Not cited", authors=("N. One",), year=2000,
                                                 source="x")),
)  # fmt: skip

TABLES = (
    Table(
        id="design",
        caption=(say("The design: one condition for each level of weight decay."),),
        align="lr",
        header=("Condition", "Weight decay"),
        rows=tuple((label, rf"\val{{level.{c}.weight_decay}}") for c, label in CONDITIONS.items()),
    ),
    Table(
        id="main",
        caption=(say(r"Means over seeds with intervals at \val{plan.level}."),),
        align="lrlrl",
        header=("Condition", "Test accuracy", "", "Steps to fit", ""),
        rows=tuple(
            (
                label,
                *(
                    cell
                    for m in METRICS
                    for cell in (rf"\val{{mean.{c}.modular.{m}}}", rf"\ci{{mean.{c}.modular.{m}}}")
                ),
            )
            for c, label in CONDITIONS.items()
        ),
    ),
)

SECTIONS = (
    section("abstract", (
        say("Networks trained on modular arithmetic may fit the training set long before they generalise."),
        say(r"We ask whether weight decay raises the test accuracy that is reached within a fixed budget of steps, in "
            r"a pre-registered comparison over \val{plan.seeds} seeds a condition."),
        say(r"High weight decay raised test accuracy by \val{effect.acc_high} \ci{effect.acc_high} over training "
            r"without it, a significant difference after correction.", "acc_high"),
        say(r"Whether the training set is fitted sooner stays open, since the test of that secondary question was "
            r"inconclusive.", "fit_high"),
    )),
    section("introduction", (
        say(r"Small networks on algorithmic tasks can reach perfect training accuracy and generalise only much later "
            r"\citep{power2022grokking}."),
        say(r"Regularisation is a natural suspect, and decoupled weight decay is its most common form "
            r"\citep{loshchilov2019decoupled}."),
        say("The question of this paper is whether the strength of weight decay alone moves the accuracy at the end of "
            "a fixed budget."),
    ), (
        say("We fix the design, the tests and the level before the first run, and report every planned comparison, "
            "whichever way it came out."),
    )),
    section("method", (
        say(r"Let $\theta$ be the parameters and $\lambda$ the weight decay; each step replaces $\theta$ by "
            r"$\theta - \eta (g + \lambda \theta)$, where $g$ is the preconditioned gradient and $\eta$ the learning "
            "rate."),
        say("All conditions share data, initialisation and order of batches at a given seed, so that comparisons are "
            "paired."),
    )),
    section("setup", (
        say(r"The learning rate is \val{cfg.learning_rate} and the hidden layer has \val{cfg.hidden_size} units; "
            r"Table~\ref{tab:design} lists the conditions."),
        say(r"Each condition was run with \val{plan.seeds} seeds, and all runs took \val{time.total} minutes."),
    )),
    section("results", (
        say(r"Table~\ref{tab:main} gives the means of both metrics, and Figure~\ref{fig:effect} the differences."),
        say(r"With high weight decay the mean test accuracy was \val{mean.wd_high.modular.test_acc} "
            r"\ci{mean.wd_high.modular.test_acc}, against \val{mean.wd_none.modular.test_acc} "
            r"\ci{mean.wd_none.modular.test_acc} without it."),
        say(r"The difference of \val{effect.acc_high} is an increase and significant (adjusted $p$ = "
            r"\val{padj.acc_high}, standardised effect \val{g.acc_high}).", "acc_high"),
    ), (
        say(r"The steps needed to fit the training set differed by \val{effect.fit_high} \ci{effect.fit_high}, which "
            r"is not significant ($p$ = \val{padj.fit_high}).", "fit_high"),
        say(r"For medium weight decay the difference in steps was equivalent to none within the smallest effect of "
            r"interest (\val{effect.fit_mid}).", "fit_mid"),
    )),
    section("discussion", (
        say("The hypothesis is supported: stronger weight decay improved accuracy within the budget.", "acc_high"),
        say("It did so without a significant change in how fast the training set was fitted, which speaks against an "
            "account in terms of optimisation alone.", "fit_high"),
    )),
    section("limitations", (
        say("One task and one architecture were studied; larger models may behave otherwise."),
    )),
    section("conclusion", (
        say(r"On modular arithmetic, high weight decay raised the accuracy within budget by \val{effect.acc_high}.",
            "acc_high"),
    )),
    section("disclosure", (
        say("This paper was planned, run and written by an automated system, and no human has checked it."),
    )),
)  # fmt: skip


def the_draft() -> Draft:
    figure = Figure(
        id="effect",
        file="figures/effect.pdf",
        data_file="figures/effect.json",
        kind="effect",
        caption=(say("Test accuracy of each condition; points are seeds and bars are intervals."),),
    )
    return Draft(
        title="Does weight decay raise accuracy on modular arithmetic within a fixed budget?",
        sections=SECTIONS,
        tables=TABLES,
        figures=(figure,),
        references=REFERENCES,
        placement={"setup": ("design",), "results": ("main", "effect")},
        terms=("arithmetic", "modular"),
    )


def draw(path: Path) -> None:
    """Draw a small vector figure, as the analysis would."""
    import matplotlib

    matplotlib.use("pdf")
    import matplotlib.pyplot as plt

    with plt.rc_context({"pdf.fonttype": 42, "font.size": 8}):
        fig, axes = plt.subplots(figsize=(6.0, 2.2))
        axes.errorbar([0, 1, 2], [0.71, 0.82, 0.93], yerr=0.02, fmt="o")
        axes.set_xticks([0, 1, 2], ["none", "medium", "high"])
        axes.set_ylabel("test accuracy")
        fig.tight_layout()
        fig.savefig(path, metadata={"CreationDate": None})
        plt.close(fig)
