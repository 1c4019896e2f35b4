"""The domain: the values that stages hand to one another, all frozen.

Nothing here reads a file, runs a process or knows a library; a type that is "filled in later" is two types.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

Setting = bool | int | float | str
"""One value of a template's configuration, as JSON can hold it."""

Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.\-]*$")]
"""A lower-case id, safe in file names, JSON pointers and LaTeX ``\\csname``."""


class Frozen(BaseModel):
    """Base of every domain type: immutable, and unknown fields are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# ------------------------------------------------------------------------------------------- literature


class Paper(Frozen):
    """A bibliographic record as a source gave it; ``source`` says which.

    ``authors_complete`` is False where the source's list of authors ends early. ``retracted`` and ``withdrawn`` say
    that the publisher, or the authors, took the work back. ``pdf_url`` is where a source says that it may be read.
    """

    id: str
    title: str
    authors: tuple[str, ...] = ()
    authors_complete: bool = True
    year: int | None = None
    venue: str = ""
    abstract: str = ""
    arxiv_id: str | None = None
    doi: str | None = None
    url: str | None = None
    pdf_url: str | None = None
    retracted: bool = False
    withdrawn: bool = False
    source: str


class Reference(Frozen):
    """A record kept for this run, with the BibTeX key it is cited by and how it was found.

    ``score`` is the retrieval score of the query that found it (engine units, larger is better), 0 for a record
    that the template names; ``related`` is the id of that template entry; ``reason`` says why it was kept.
    """

    key: Identifier
    paper: Paper
    query: str = ""
    score: float = 0.0
    related: str | None = None
    reason: str = ""


class SearchRecord(Frozen):
    """What one source answered to one query, for the paper's account of its literature search.

    ``cached`` is the day (ISO) of an answer that was kept on disk; with an ``error`` too, the source failed and its
    earlier answer stood in.
    """

    source: str
    query: str
    hits: int
    seconds: float
    error: str | None = None
    cached: str | None = None


class Aspect(Frozen):
    """How a neighbour stands to one side of an idea: which of the idea's words it has, and which it does not.

    ``unknown`` where only the neighbour's title is known, and that does not hold the words.
    """

    name: Literal["problem", "method", "data", "finding"]
    verdict: Literal["same", "partly", "different", "unknown"]
    same: tuple[str, ...] = ()
    differs: tuple[str, ...] = ()


class Neighbour(Frozen):
    """A paper or an earlier idea near to an idea, with an overlap in [0, 1] and the words they share.

    ``read`` says whether more than a title was compared with; ``found_by`` where a paper came from.
    """

    title: str
    key: str | None = None
    overlap: float
    shared: tuple[str, ...] = ()
    kind: Literal["paper", "idea"] = "paper"
    read: bool = False
    found_by: str = ""
    aspects: tuple[Aspect, ...] = ()


class NoveltyReport(Frozen):
    """How near the nearest known work is. ``undecided`` is an answer.

    ``probability`` is the chance that the idea has been studied, where it is equally likely before looking; ``low``
    and ``high`` are its bounds, which are wide where little could be read: (0, 1) is "nothing is known".
    ``compared`` counts the papers that were held against the idea, ``abstracts`` those of them with an abstract.
    """

    verdict: Literal["novel", "close", "known", "undecided"]
    score: float = Field(ge=0, le=1)
    nearest: tuple[Neighbour, ...] = ()
    reason: str
    probability: float | None = Field(default=None, ge=0, le=1)
    low: float = Field(default=0.0, ge=0, le=1)
    high: float = Field(default=1.0, ge=0, le=1)
    compared: int = 0
    abstracts: int = 0


# ------------------------------------------------------------------------------------------- templates


class MetricSpec(Frozen):
    """A metric that a template measures.

    ``sesoi`` is the smallest effect size of interest in the metric's own unit, the bound of equivalence tests.
    ``censored`` says that a value equal to the setting named by ``budget`` means "not reached"; its mean is then a
    *restricted* mean and is called so. ``minimum`` and ``maximum`` bound what the metric can be at all.
    """

    name: Identifier
    goal: Literal["max", "min"]
    label: str
    unit: str = ""
    description: str = ""
    primary: bool = False
    sesoi: float = Field(gt=0)
    decimals: int = 3
    censored: bool = False
    budget: Identifier | None = None
    minimum: float | None = None
    maximum: float | None = None


class FactorSpec(Frozen):
    """A setting that may be varied, with the levels at which it may be studied.

    Levels of an ordered factor (``float``, ``int``) ascend. ``baseline`` is the level of ordinary practice.
    """

    name: Identifier
    type: Literal["float", "int", "categorical", "bool"]
    levels: tuple[Setting, ...] = Field(min_length=2)
    baseline: Setting
    label: str
    unit: str = ""
    description: str = ""
    log_scale: bool = False

    @property
    def ordered(self) -> bool:
        return self.type in ("float", "int")


class DatasetSpec(Frozen):
    """A data set (or task) on which a template can run: a top-level key of ``final_info.json``."""

    name: Identifier
    label: str
    description: str = ""


class HypothesisSpec(Frozen):
    """A testable statement: moving ``factor`` from ``control`` to ``treatment`` moves ``metric`` in ``direction``."""

    id: Identifier
    statement: str
    factor: Identifier
    control: Setting
    treatment: Setting
    metric: Identifier
    direction: Literal["increase", "decrease"]
    because: str
    keywords: tuple[str, ...] = ()
    moderator: Identifier | None = None
    moderator_because: str = ""
    cites: tuple[str, ...] = ()


class PresetSpec(Frozen):
    """A scale: what the template is set to, how many seeds, and how long one run takes on one data set."""

    name: Identifier
    seeds: int = Field(ge=1)
    seconds_per_run: float = Field(gt=0)
    settings: dict[str, Setting | tuple[Setting, ...]] = {}


class RelatedSpec(Frozen):
    """A known paper that bears on a template, and the one sentence that may be said of it.

    The sentence is used only if the record is found in a source. It holds ``{cite}`` where the citation goes.
    """

    id: Identifier
    title: str
    arxiv_id: str | None = None
    doi: str | None = None
    claim: str
    group: str = ""
    bears_on: tuple[Identifier, ...] = ()


class CurveSpec(Frozen):
    """A series of ``curves.json`` that is worth drawing; ``minimum`` and ``maximum`` bound what it can be at all."""

    series: Identifier
    label: str
    x_label: str
    log_x: bool = False
    log_y: bool = False
    minimum: float | None = None
    maximum: float | None = None


class SlotSpec(Frozen):
    """A function of an editable file that a change of code may replace whole, keeping its name and parameters."""

    name: Identifier
    file: str
    function: str
    purpose: str


class TemplateText(Frozen):
    """Domain prose that only the template's author can write; sentences, without numbers.

    ``{cfg.name}`` stands for a setting of the run and is printed from the ledger; ``{cite.id}`` cites a related paper;
    a sentence that begins with ``{only.name}`` is for studies that vary that factor or run on that data set.
    """

    background: tuple[str, ...] = ()
    problem: tuple[str, ...] = ()
    method: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    measurement: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    implications: dict[str, str] = {}


class TemplateSpec(Frozen):
    """Everything a template declares. ``contract`` is "v1" for a folder of the published AI Scientist contract.

    ``gpus`` is what a run takes on a GPU machine: a share of one device or a number of them, None for one whole.
    ``oom_batch`` names the setting that may be halved once for a run that runs out of memory.
    """

    name: Identifier
    path: str
    contract: Literal["scientist", "v1"]
    title: str
    summary: str = ""
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    licence: str = ""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    timeout_factor: float = 10.0
    memory_mb: int = 4096
    gpus: float | None = Field(default=None, gt=0)
    oom_batch: Identifier | None = None
    editable: tuple[str, ...] = ("experiment.py",)
    locked: tuple[str, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    factors: tuple[FactorSpec, ...] = ()
    datasets: tuple[DatasetSpec, ...] = ()
    hypotheses: tuple[HypothesisSpec, ...] = ()
    presets: tuple[PresetSpec, ...] = ()
    related: tuple[RelatedSpec, ...] = ()
    curves: tuple[CurveSpec, ...] = ()
    slots: tuple[SlotSpec, ...] = ()
    text: TemplateText = TemplateText()

    def metric(self, name: str) -> MetricSpec:
        return next(m for m in self.metrics if m.name == name)

    def factor(self, name: str) -> FactorSpec:
        return next(f for f in self.factors if f.name == name)

    def dataset(self, name: str) -> DatasetSpec:
        return next(d for d in self.datasets if d.name == name)

    def preset(self, name: str) -> PresetSpec:
        return next(p for p in self.presets if p.name == name)


class TemplateChoice(Frozen):
    """Which template was matched to a topic, why, and how sure: ``confidence`` in [0, 1]."""

    template: str
    confidence: float = Field(ge=0, le=1)
    reason: str
    alternatives: tuple[tuple[str, float], ...] = ()


# ------------------------------------------------------------------------------------------- ideas and plans


class IdeaKind(StrEnum):
    """The shapes of question that a factorial design can answer."""

    MAIN_EFFECT = "main_effect"
    DOSE_RESPONSE = "dose_response"
    INTERACTION = "interaction"
    ROBUSTNESS = "robustness"
    TRADE_OFF = "trade_off"
    INTERVENTION = "intervention"
    REPLICATION = "replication"
    SEARCH = "search"
    """Not proposed by a mind: the baseline against the configuration that a search found."""


class Scores(Frozen):
    """Ranking of an idea, each in [0, 1], with the reason for each.

    ``preference`` is what the mind that proposed it makes of it, None where it did not say.
    """

    feasibility: float = Field(ge=0, le=1)
    information: float = Field(ge=0, le=1)
    novelty: float = Field(ge=0, le=1)
    relevance: float = Field(ge=0, le=1)
    preference: float | None = Field(default=None, ge=0, le=1)
    total: float = Field(ge=0, le=1)
    reasons: dict[str, str] = {}


class Intervention(Frozen):
    """A change of the template's code that an idea wants to try: what it is called and what the coder is told.

    ``label`` reads like a factor's ("sharpness-aware update"); the study compares it off and on.
    """

    label: str
    description: str
    slot: Identifier | None = None


class Merit(Frozen):
    """What a mind makes of its own idea, each from 1 to 10, and why; ranking weighs it against what is measured."""

    interestingness: int = Field(ge=1, le=10)
    feasibility: int = Field(ge=1, le=10)
    novelty: int = Field(ge=1, le=10)
    reason: str


class Idea(Frozen):
    """A question with a measurable hypothesis on one template.

    ``hypothesis_id`` is None where the hypothesis is not one that the template declares; ``cites`` are keys of records
    that its reason rests on.
    """

    id: Identifier
    template: Identifier
    kind: IdeaKind
    title: str
    question: str
    hypothesis: str
    hypothesis_id: Identifier | None = None
    factor: Identifier | None = None
    control: Setting | None = None
    treatment: Setting | None = None
    levels: tuple[Setting, ...] = ()
    moderator: Identifier | None = None
    moderator_levels: tuple[Setting, ...] = ()
    datasets: tuple[Identifier, ...]
    metric: Identifier
    second_metric: Identifier | None = None
    direction: Literal["increase", "decrease", "none"]
    because: str = ""
    cites: tuple[Identifier, ...] = ()
    merit: Merit | None = None
    intervention: Intervention | None = None
    runs: int = 0
    minutes: float = 0.0


class RankedIdea(Frozen):
    """An idea with its scores and its novelty report; ``feasible`` is the budget's verdict."""

    idea: Idea
    scores: Scores
    novelty: NoveltyReport
    feasible: bool


class RefusedIdea(Frozen):
    """An idea that a template cannot carry, and why."""

    idea: Idea
    reasons: tuple[str, ...] = Field(min_length=1)


class Condition(Frozen):
    """One cell of the design: the settings that differ from the preset.

    ``code_sha256`` is the hash of the changed code that the cell runs; None, and not written, where it runs the
    template's own.
    """

    id: Identifier
    label: str
    settings: dict[str, Setting] = {}
    baseline: bool = False
    code_sha256: str | None = None

    @model_serializer(mode="wrap")
    def _without_absent_code(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A plan without a change of code keeps the bytes, and so the hash, that it always had."""
        value: dict[str, Any] = write(self)
        return {k: v for k, v in value.items() if k != "code_sha256" or v is not None}


class Contrast(Frozen):
    """A linear contrast of condition means, computed per seed and tested over seeds (a paired analysis).

    ``weights`` maps condition ids to coefficients that sum to zero. ``direction`` is the hypothesised sign of the
    contrast. ``confirmatory`` contrasts are in the pre-registered plan and share the Holm correction.
    """

    id: Identifier
    label: str
    weights: dict[str, float]
    metric: Identifier
    dataset: Identifier
    direction: Literal["increase", "decrease", "none"]
    role: Literal["primary", "secondary"] = "primary"
    confirmatory: bool = True


class Plan(Frozen):
    """The pre-registration. Its canonical JSON is hashed before the first confirmatory run.

    ``alpha`` is the family-wise level of the whole study; ``looks`` the greatest number of analyses (an extension
    after review is a second look), over which ``alpha`` is split evenly. ``estimated_minutes`` are those of all its
    runs one after another, so that no plan depends on a machine's workers (older plans divided by theirs).
    """

    idea_id: Identifier
    kind: IdeaKind
    template: Identifier
    template_hash: str
    preset: Identifier
    question: str
    hypothesis: str
    settings: dict[str, Setting | tuple[Setting, ...]]
    conditions: tuple[Condition, ...]
    datasets: tuple[Identifier, ...]
    seeds: tuple[int, ...]
    extension_seeds: tuple[int, ...] = ()
    metric: Identifier
    metrics: tuple[Identifier, ...]
    contrasts: tuple[Contrast, ...]
    test: Literal["paired_t", "none"]
    alpha: float = Field(gt=0, lt=1)
    looks: int = Field(ge=1)
    correction: Literal["holm"] = "holm"
    sesoi: float | None = Field(gt=0)
    stopping_rule: str
    timeout_s: float
    estimated_minutes: float

    @property
    def baseline(self) -> Condition:
        return next(c for c in self.conditions if c.baseline)


class Shortfall(Frozen):
    """The time budget ended the runs of a look before the plan did."""

    look: int
    budget_minutes: float
    spent_minutes: float
    seeds_planned: int
    runs_planned: int
    runs_finished: int


Cause = Literal["inconclusive", "wide_interval"]
"""Why a review asked for more seeds: a primary result is open, or less well known than the smallest effect matters."""


class Piloted(Frozen):
    """A configuration of a search and the mean of its pilot runs, which are on validation data.

    ``node`` is the step that made it first. ``score`` is larger-is-better, the mean over ``seeds``; ``values`` holds
    the mean of the metric on each data set.
    """

    node: int
    candidate: str
    score: float
    seeds: tuple[int, ...]
    values: dict[str, float]


class Moved(Frozen):
    """A factor whose level the found configuration changes."""

    factor: Identifier
    baseline: Setting
    found: Setting


class Explored(Frozen):
    """What a search over configurations tried before anything was registered, and what it found.

    Exploratory: every score is of pilot runs on validation data. ``nodes`` counts the steps made of ``asked``, and
    ``candidates`` the distinct configurations among them that were run. ``idea_id`` is the idea that the search serves,
    ``found_id`` that of the study of what it found, None where nothing scored better than the baseline.
    """

    strategy: Identifier
    idea_id: Identifier
    found_id: Identifier | None
    metric: Identifier
    datasets: tuple[Identifier, ...]
    preset: Identifier
    asked: int
    nodes: int
    candidates: int
    failed: int
    refused: int
    duplicates: int
    replications: int
    ending: str
    baseline: Piloted
    best: Piloted
    moved: tuple[Moved, ...] = ()
    code_files: tuple[str, ...] = ()
    code_sha256: str | None = None


class Amendment(Frozen):
    """A written change of the plan, made before the runs or the analysis that it bears on.

    ``seeds`` are those that it adds after a look at the data; with a ``shortfall``, those that are analysed.
    """

    round: int
    reason: str
    seeds: tuple[int, ...]
    plan_sha256: str
    shortfall: Shortfall | None = None
    cause: Cause | None = None


# ------------------------------------------------------------------------------------------- runs


class RunStatus(StrEnum):
    OK = "ok"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    MEMORY = "out_of_memory"
    NO_OUTPUT = "no_output"
    INVALID = "invalid_output"


class Run(Frozen):
    """One execution of one condition at one seed; written last into its folder, so its presence means finished.

    ``peak_gpu_mb`` is the largest GPU memory of its processes together, in MiB, as sampled; None where it is not known.
    ``adjusted`` holds the settings that differ from the plan's, because the run ran out of memory with those.
    ``brought`` says that somebody brought the result, which then was not run here: nothing is known of how it was made.
    None of these is written where there is nothing to say.
    """

    condition: Identifier
    seed: int
    status: RunStatus
    reason: str = ""
    exit_code: int | None = None
    wall_s: float
    cpu_s: float = 0.0
    peak_rss_mb: float = 0.0
    sandbox: str
    device: str = "cpu"
    started_at: str
    brought: bool = False
    files: dict[str, str] = {}
    """sha256 of each file that the run left, by its path relative to the run's folder."""
    peak_gpu_mb: float | None = None
    adjusted: dict[str, Setting] = {}

    @model_serializer(mode="wrap")
    def _without_what_is_absent(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """A run on the CPU as planned keeps the bytes that its record always had."""
        value: dict[str, Any] = write(self)
        return {
            k: v
            for k, v in value.items()
            if k not in ("peak_gpu_mb", "adjusted", "brought") or (v not in (None, {}) and v is not False)
        }


class DatasetResult(Frozen):
    """One data set's entry of ``final_info.json``, checked: finite numbers only."""

    means: dict[str, float]
    stderrs: dict[str, float] = {}


class RunResult(Frozen):
    """A run and what it measured (``results`` is empty unless the status is ok)."""

    run: Run
    folder: str
    results: dict[str, DatasetResult] = {}


# ------------------------------------------------------------------------------------------- evidence


class Quantity(Frozen):
    """A number that the paper may print, and where it comes from.

    ``display`` is what is typeset (plain text or maths-free LaTeX). ``low``/``high`` bound the interval at ``level``.
    ``sources`` are ``path#json-pointer`` relative to the run folder. ``volatile`` marks measured times and dates,
    which may differ between two runs of the same seed.
    """

    id: Identifier
    label: str
    value: float | int | str
    display: str
    unit: str = ""
    kind: Literal["setting", "count", "mean", "sd", "contrast", "p_value", "effect_size", "rate", "time", "other"]
    n: int | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = None
    display_interval: str = ""
    metric: str | None = None
    dataset: str | None = None
    condition: str | None = None
    seeds: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()
    method: str = ""
    volatile: bool = False


class Verdict(StrEnum):
    SUPPORTED = "supported"
    REFUTED = "refuted"
    EQUIVALENT = "equivalent"
    INCONCLUSIVE = "inconclusive"


class Claim(Frozen):
    """What one contrast allows to be said.

    ``observed`` is the sign of the estimate; ``verdict`` relates the test to the hypothesis: supported (significant,
    as hypothesised), refuted (significant, opposite), equivalent (within the smallest effect of interest by two
    one-sided tests), inconclusive (neither).
    """

    id: Identifier
    contrast: Identifier
    statement: str
    metric: str
    dataset: str
    hypothesised: Literal["increase", "decrease", "none"]
    observed: Literal["increase", "decrease", "none"]
    verdict: Verdict
    significant: bool
    confirmatory: bool
    better: bool | None
    test: str
    quantities: tuple[str, ...]
    weights: dict[str, float] = {}
    """The contrast's, by condition: what is compared with what. Empty where a ledger was written without them."""


class Evidence(Frozen):
    """The ledger: every quantity and claim that the paper may name."""

    plan_sha256: str
    look: int
    quantities: tuple[Quantity, ...]
    claims: tuple[Claim, ...]
    warnings: tuple[str, ...] = ()

    def quantity(self, id: str) -> Quantity:
        return next(q for q in self.quantities if q.id == id)

    def claim(self, id: str) -> Claim:
        return next(c for c in self.claims if c.id == id)


class Figure(Frozen):
    """A vector figure on disk, the data it was drawn from, and what it shows.

    One that is placed in the appendix has a ``pointer``, the sentence that refers to it there.
    """

    id: Identifier
    file: str
    data_file: str
    kind: Literal[
        "effect", "paired", "dose", "interaction", "trade_off", "curves", "samples", "runs", "reached", "contrasts"
    ]
    caption: tuple[Sentence, ...]
    width: Literal["column", "full"] = "full"
    place: Literal["main", "appendix"] = "main"
    pointer: Sentence | None = None


# ------------------------------------------------------------------------------------------- the manuscript we write


class Sentence(Frozen):
    r"""One sentence of LaTeX text. Numbers are ``\val{id}`` or ``\ci{id}``, citations ``\citep{key}``/``\citet{key}``,
    floats ``\ref{fig:id}``/``\ref{tab:id}``. ``claims`` are the ledger claims that a comparison rests on."""

    text: str
    claims: tuple[str, ...] = ()


class Section(Frozen):
    """A section: paragraphs of sentences. ``name`` is the slot ("abstract", "results", …)."""

    name: Identifier
    title: str
    paragraphs: tuple[tuple[Sentence, ...], ...]


class Table(Frozen):
    r"""A booktabs table whose cells are LaTeX text (numbers as ``\val{id}``); ``align`` is the tabular preamble."""

    id: Identifier
    caption: tuple[Sentence, ...]
    align: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Draft(Frozen):
    """All that typesetting needs; ``placement`` maps a section name to the float ids set in it.

    ``stood_in`` names the parts ("title" or a section) that were written in place of the mind that was asked, and
    ``cut`` the sections from which refused sentences were struck. ``authored`` holds, in the form that the checks
    compare, the sentences that the template's author answers for, and ``terms`` the words of the topic, the plan and
    the template, in which a result may be told, while the sentences of ``composed`` were written by rule.
    """

    title: str
    sections: tuple[Section, ...]
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()
    references: tuple[Reference, ...] = ()
    placement: dict[str, tuple[str, ...]] = {}
    stood_in: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    authored: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    composed: tuple[str, ...] = ()


# ------------------------------------------------------------------------------------------- manuscripts we read


class Span(Frozen):
    """A quoted piece of a manuscript; ``page`` counts from 1, None where the format has no pages."""

    text: str
    page: int | None = None


class ManuscriptSection(Frozen):
    heading: str
    text: str
    page: int | None = None


class Float(Frozen):
    """A figure or table of a manuscript, by its caption."""

    kind: Literal["figure", "table"]
    label: str
    caption: str
    page: int | None = None


class CitedWork(Frozen):
    """An entry of a manuscript's reference list; fields that could not be read are None or empty."""

    raw: str
    label: str = ""
    title: str | None = None
    authors: tuple[str, ...] = ()
    year: int | None = None


class PagePicture(Frozen):
    """A page of a manuscript as a PNG file, for a reviewer that sees; ``page`` counts from 1."""

    page: int
    file: str


class ManuscriptImage(Frozen):
    """An image that a manuscript shows: a digest of its content (of its name where there is no file to read).

    ``found`` says whether its file was there; None where that was not, or cannot be, looked up.
    """

    digest: str
    name: str = ""
    page: int | None = None
    found: bool | None = None


class Manuscript(Frozen):
    """A paper as it was read from a file, with the page of each part where the format has pages."""

    file: str
    format: Literal["pdf", "latex", "markdown", "docx", "text"]
    title: str
    abstract: str
    sections: tuple[ManuscriptSection, ...]
    appendix: tuple[ManuscriptSection, ...] = ()
    floats: tuple[Float, ...] = ()
    references: tuple[CitedWork, ...] = ()
    equations: int = 0
    pages: int | None = None
    page_texts: tuple[str, ...] = ()
    hidden: tuple[Span, ...] = ()
    """Text that a reader would not see (white, tiny, invisible, zero-width)."""
    images: tuple[ManuscriptImage, ...] = ()
    pictures: tuple[PagePicture, ...] = ()
    """Pages with figures, drawn; empty unless somebody is to look at them."""

    @property
    def body(self) -> str:
        return "\n\n".join(f"{s.heading}\n{s.text}" for s in self.sections)


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Finding(Frozen):
    """A defect that a deterministic check found: what, where, the words it rests on, and how to mend it."""

    check: Identifier
    severity: Severity
    message: str
    span: Span | None = None
    mend: str = ""


class Point(Frozen):
    """A strength or a weakness of a manuscript and the span or measurement that it rests on."""

    text: str
    span: Span | None = None
    check: str = ""


class FormField(Frozen):
    """One scored field of a review form: its scale and what each score on it means; only scores with a meaning exist.

    ``basis`` is the score of the NeurIPS form that says the most about this one, for whoever judges by that form.
    """

    name: Identifier
    low: int
    high: int
    meaning: dict[int, str]
    basis: Identifier | None = None


class Statement(Frozen):
    """A statement that a venue asks authors for, and the headings, in small letters, that one has."""

    name: str
    headings: tuple[str, ...]
    required: bool


class ReviewExample(Frozen):
    """A short made-up manuscript and the form as a good reviewer fills it, as JSON, for a model to learn from."""

    manuscript: str
    review: str


class ReviewForm(Frozen):
    """A venue's form: the scored fields and the score that accepts, and how a model is to fill it.

    ``reviewers`` of different stances judge, each with ``reflections`` second looks at its own review; more than one
    are weighed in a meta-review. A mind that measures and does not read ignores these and the examples.
    """

    name: Identifier
    venue: str
    fields: tuple[FormField, ...]
    accept_at: float
    page_limit: int | None = None
    statements: tuple[Statement, ...] = ()
    reviewers: int = Field(default=1, ge=1, le=9)
    reflections: int = Field(default=1, ge=0, le=5)
    examples: tuple[ReviewExample, ...] = ()


class PanelMember(Frozen):
    """One reviewer of a panel: what it looked at most, its scores, and how many of its points quoted nothing."""

    stance: str
    scores: dict[str, int]
    summary: str
    dropped: int = 0


class Expected(Frozen):
    """The mean rating, on 1-10, that a venue's reviewers are expected to give; ``low`` and ``high`` hold nine in ten
    such means. ``told`` says in words what it rests on."""

    rating: float
    low: float
    high: float
    told: str


class Review(Frozen):
    """A review form, filled. ``scores`` are the form's, by field, on its own scales.

    ``overall`` is on 1-10 for every form, 6 where the form accepts; soundness, presentation, contribution,
    originality, quality, clarity and significance are on 1-4 and None where the form does not ask for them.
    ``accept_probability`` is None where the reviewer has not been calibrated.
    """

    summary: str
    strengths: tuple[Point, ...]
    weaknesses: tuple[Point, ...]
    questions: tuple[str, ...] = ()
    limitations: str = ""
    ethical_concerns: bool = False
    soundness: int | None = Field(default=None, ge=1, le=4)
    presentation: int | None = Field(default=None, ge=1, le=4)
    contribution: int | None = Field(default=None, ge=1, le=4)
    originality: int | None = Field(default=None, ge=1, le=4)
    quality: int | None = Field(default=None, ge=1, le=4)
    clarity: int | None = Field(default=None, ge=1, le=4)
    significance: int | None = Field(default=None, ge=1, le=4)
    overall: float = Field(ge=1, le=10)
    confidence: int = Field(ge=1, le=5)
    decision: Literal["accept", "reject"]
    accept_probability: float | None = None
    reviewer: str
    findings: tuple[Finding, ...] = ()
    rationale: dict[str, str] = {}
    """For each score, the sentence that says why it is what it is."""
    panel: tuple[PanelMember, ...] = ()
    """Who judged, where models did."""
    dispersion: dict[str, float] = {}
    """For each score, its standard deviation over the panel; empty for fewer than two."""
    dropped: int = 0
    """Points left out because what they quoted does not stand in the manuscript."""
    form: str = "neurips"
    scores: dict[str, float] = {}
    expected: Expected | None = None

    def score(self, field: str) -> float:
        """A field's score on the form's own scale."""
        return self.scores[field] if field in self.scores else float(getattr(self, field))


class Action(StrEnum):
    """Where the gate sends a draft."""

    PUBLISH = "publish"
    REVISE = "revise"
    EXTEND = "extend"
    STOP = "stop"


class Decision(Frozen):
    """The gate's verdict on a round and its reason."""

    round: int
    action: Action
    score: float
    reason: str
    best_round: int
    cause: Cause | None = None
    """What more evidence is asked for, where the action is to extend."""


class Usage(Frozen):
    """What something cost. The offline mind costs nothing, and says so with zeros."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float = 0.0
    seconds: float = 0.0
