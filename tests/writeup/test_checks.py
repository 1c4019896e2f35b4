"""Adversarial sentences against each check, and honest ones that must pass."""

from __future__ import annotations

import pytest
from small_study import REFERENCES, say, section

from scientist.types import Draft, Evidence, Figure, Paper, Reference, Sentence, Severity, Table
from scientist.writeup.checks import Context, check_draft, check_section, check_sentence, check_title, used_quantities


def failed(context: Context, sentence: Sentence, where: str = "results") -> set[str]:
    return {f.check for f in check_sentence(sentence, where, context) if f.severity is Severity.ERROR}


def test_the_honest_draft_passes(draft: Draft, evidence: Evidence) -> None:
    assert check_draft(draft, evidence) == ()


@pytest.mark.parametrize(
    "text",
    [
        "The accuracy was 0.93.",
        "The accuracy was .93 on average.",
        r"The accuracy was $0.93$.",
        r"The accuracy was $\mathrm{0.93}$.",
        r"We used 3{,}000 steps.",
        r"We used 3\,000 steps.",
        r"An accuracy of 93\% was seen.",
        r"An accuracy of~93 was seen.",
        r"We used \textbf{5} seeds.",
        r"We used \emph{}5 seeds.",
        r"We used L\emph{}5 seeds.",
        r"We used seeds5 and by10.",
        r"An Accuracy-95 was seen.",
        r"With N100 samples.",
        r"A value of L2.5 was seen.",
        r"The rate was 1e-3.",
        r"We used $x_{55}$.",
        r"We used $n_5.2$.",
        r"We used seeds\_{}5.",
        r"We used $n = 1 + x$.",
        r"We used $1 - 0.2$.",
        r"We used $21 - x$.",
        r"We used $x^2$.",
        r"We used $AdamW8$.",
        "It was ½ of it.",
        "It grew as n².",
        "We used three seeds.",
        "We used thr\\emph{ee} seeds.",
        "We used th{}ree seeds.",
        "We used thrée seeds.",
        "Twelve runs were made.",
        "Twenty-one runs were made.",
        "Dozens of runs were made.",
        "A hundred runs were made.",
        "Thousands of steps passed.",
        "It took half the steps.",
        "It took twice the steps.",
        "The steps doubled.",
        "It was a two-fold change.",
        "It was a tenfold change.",
        "It was fifty percent.",
        "It moved by a percentage point.",
        "Two thirds of the runs ended.",
        "It differed by orders of magnitude.",
        "The accuracy was zero point nine.",
        "Condition IV was run.",
        r"The value \val{plan.seeds}0 was used.",
    ],
)
def test_numbers_cannot_be_typed(context: Context, text: str) -> None:
    assert "bare_numeral" in failed(context, say(text))


@pytest.mark.parametrize(
    "text",
    [
        r"We use AdamW with L2 regularisation, GPT-2, CIFAR-10, GPT-3.5 and a 3D grid.",
        r"The value is \val{plan.seeds} with \ci{effect.acc_high}, see Table~\ref{tab:main} \citep{power2022grokking}.",
        r"The $k$-fold estimate on the manifold uses $\lambda \leq \alpha$.",
        r"With $x_0$, $\theta_{1}$ and $\sqrt{1 - \bar\alpha_t}\, x_0$ as usual.",
        r"It is a two-sided test at one level.",
        r"The interval's half-width is of no concern to double descent.",
        r"The gap is \val{effect.acc_high} percentage points.",
    ],
)
def test_names_with_digits_are_no_numbers(context: Context, text: str) -> None:
    assert "bare_numeral" not in failed(context, say(text, "acc_high"))


def test_numbers_are_errors_where_results_are_told_and_warnings_in_the_method(context: Context) -> None:
    sentence = say("We used 5 seeds.")
    strict = (
        "abstract",
        "introduction",
        "results",
        "discussion",
        "conclusion",
        "caption of main",
        "an_unknown_section",
    )
    assert all("bare_numeral" in failed(context, sentence, where) for where in strict)
    findings = check_sentence(sentence, "method", context)
    assert [(f.check, f.severity) for f in findings] == [("bare_numeral", Severity.WARNING)]


@pytest.mark.parametrize(
    ("text", "check"),
    [
        (r"It was \val{mean.unknown}.", "unknown_quantity"),
        (r"It was \ci{mean.unknown}.", "unknown_quantity"),
        (r"It was \ci{plan.seeds}.", "no_interval"),
        (r"As said \citep{power2022grokking,made2020up}.", "unknown_citation"),
        (r"As \citet{made2020up} say.", "unknown_citation"),
        (r"See Figure~\ref{fig:none}.", "unknown_float"),
        (r"See \ref{tab:effect}.", "unknown_float"),
    ],
)
def test_names_must_be_known(context: Context, text: str, check: str) -> None:
    assert check in failed(context, say(text))


@pytest.mark.parametrize(
    "text",
    [
        r"\input{/etc/passwd}",
        r"\include{x}",
        r"\immediate\write18{id}",
        r"\openin\file=x",
        r"\catcode`\%=\active",
        r"\def\val{x}",
        r"\usepackage{shellesc}",
        r"\csname input\endcsname{x}",
        r"\special{x}",
        r"^^5cinput{x}",
        r"\begin{verbatim}x\end{verbatim}",
        r"\label{tab:main}",
        r"\footnote{x}",
        r"\char51",
        r"\romannumeral",
        r"\verb|x|",
        r"\val{\input{x}}",
        r"\val plan.seeds",
        r"\citep[p.~x]{power2022grokking}",
        r"\ref{tab:main}{",
        r"an } unbalanced brace",
        r"an open $ formula",
        r"$$x$$",
        r"$\def\x{y}$",
        "a % comment",
        "a & b",
        "a # b",
        "a_b",
        "a\n\nb",
        "ends in \\",
        r"\emph x",
    ],
)
def test_latex_beyond_the_white_list_is_refused(context: Context, text: str) -> None:
    assert "forbidden_latex" in failed(context, say(text))


@pytest.mark.parametrize(
    "text", ["王 wrote it", "a zero\u200bwidth space", "a soft\u00adhyphen", "Кириллица", "a\x07bell"]
)
def test_characters_without_a_glyph_are_refused(context: Context, text: str) -> None:
    assert "unprintable" in failed(context, say(text))


def test_allowed_latex_passes(context: Context) -> None:
    text = r"An \emph{old} \texttt{a\_b} \& $\theta_{t} \leq \hat{x}$, ``so'' – Erdős \ldots{} at \$ \# naïve Łódź."
    assert failed(context, say(text), "method") == set()


@pytest.mark.parametrize(
    "text",
    [
        "High weight decay improves test accuracy.",
        "Test accuracy is higher with weight decay.",
        "Weight decay speeds up generalisation.",
        "Weight decay delays generalisation.",
        "The optimiser outperforms the baseline.",
        "Weight decay has no effect on the steps.",
        "The conditions are equivalent.",
        "The difference is significant.",
        "As hypothesised, weight decay raises accuracy.",
        "The hypothesis that weight decay raises accuracy was confirmed.",
        "We expected that it would be slower, and indeed it was slower.",
        "We ask whether it holds, and weight decay improves accuracy.",
        "A higher score was seen with weight decay.",
        "The lower loss belongs to weight decay.",
        "Weight decay made runs take more steps than training without it.",
        r"The smaller value is \val{effect.acc_high} here.".replace("smaller", "lower"),
    ],
)
@pytest.mark.parametrize("where", ["abstract", "results", "discussion", "conclusion", "caption of main"])
def test_outcomes_need_claims(context: Context, text: str, where: str) -> None:
    assert {"unbound_claim", "unbound_significance"} & failed(context, say(text), where)


@pytest.mark.parametrize(
    "text",
    [
        "We ask whether weight decay raises accuracy.",
        "The hypothesis is that weight decay improves accuracy.",
        "We hypothesised that accuracy would increase.",
        "Higher is better for test accuracy.",
        "Larger models may improve further.",
        "All tests share one significance level.",
        "The equivalence test uses the smallest effect of interest.",
        "The lower bound of the interval is given too.",
        "Differences are paired by seed.",
        "We test whether within its stable range, a higher learning rate reduces the steps.",
    ],
)
def test_questions_and_plans_need_no_claims(context: Context, text: str) -> None:
    assert failed(context, say(text)) == set()


def test_others_results_may_be_told_with_a_citation(context: Context) -> None:
    theirs = say(r"Earlier work reports that weight decay improves generalisation \citep{power2022grokking}.")
    assert failed(context, theirs, "discussion") == set()
    assert "unbound_claim" in failed(context, theirs, "results")
    ours = say(r"Here weight decay improves generalisation \citep{power2022grokking}.")
    assert "unbound_claim" in failed(context, ours, "discussion")


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("High weight decay lowers test accuracy.", "acc_high"),
        ("Test accuracy was worse with high weight decay.", "acc_high"),
        ("Test accuracy dropped with high weight decay.", "acc_high"),
        ("High weight decay did not improve test accuracy.", "acc_high"),
        ("High weight decay increased the steps to fit.", "fit_high"),
        ("High weight decay delayed the fit.", "fit_high"),
        ("Accuracy increased and then the accuracy was lower.", "acc_high"),
        ("The hypothesis is refuted.", "acc_high"),
        ("On none of the tasks is the hypothesis supported.", "acc_high"),
        ("The worse test accuracy belongs to weight decay.", "acc_high"),
        ("The hypothesis is supported.", "fit_high"),
        (r"Accuracy decreased by \val{effect.acc_high}.", "acc_high"),
    ],
)
def test_directions_must_be_the_ledgers(context: Context, text: str, claim: str) -> None:
    assert "contradicts_claim" in failed(context, say(text, claim))


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("High weight decay raised test accuracy.", "acc_high"),
        ("Lower weight decay gave the opposite of the increase in accuracy.", "acc_high"),
        ("Increasing weight decay improves test accuracy.", "acc_high"),
        ("With a higher level of weight decay the accuracy improved.", "acc_high"),
        ("The hypothesised decrease was not seen: accuracy increased.", "acc_high"),
        ("The hypothesis that accuracy decreases is contradicted, since accuracy increased.", "acc_high"),
        ("The fit was faster in the sample, though not significantly so.", "fit_high"),
        ("High weight decay did not significantly delay the fit.", "fit_high"),
        ("The steps were equivalent within the smallest effect of interest.", "fit_mid"),
        ("There is no evidence of a difference in steps.", "fit_high"),
        ("Accuracy rose where the network was told what does not matter.", "acc_high"),
        ("The change falls between the levels, and accuracy rose.", "acc_high"),
        ("A faster fit and raised accuracy came together.", "acc_high"),
        ("The faster fit came with raised accuracy.", "acc_high"),
        ("On none of the tasks is the hypothesis refuted.", "acc_high"),
        ("The advice that weight decay hurts does not carry over, since accuracy increased.", "acc_high"),
        ("The estimate is smaller than the smallest effect of interest.", "acc_high"),
    ],
)
def test_true_directions_pass(context: Context, text: str, claim: str) -> None:
    assert failed(context, say(text, claim)) == set()


@pytest.mark.parametrize(
    ("text", "claim", "check"),
    [
        ("The steps to fit decreased significantly.", "fit_high", "false_significance"),
        ("The difference in steps is significant.", "fit_high", "false_significance"),
        ("The difference in accuracy is not significant.", "acc_high", "false_significance"),
        ("Weight decay had no effect on the steps.", "fit_high", "false_null"),
        ("Weight decay does not affect the steps.", "fit_high", "false_null"),
        ("The steps were equivalent.", "fit_high", "false_null"),
        ("The steps were unaffected.", "fit_high", "false_null"),
        ("Weight decay reduces the steps.", "fit_high", "overclaim"),
        ("Weight decay proves to be of use.", "acc_high", "praise"),
        ("Accuracy rose.", "nothing", "unknown_claim"),
        (r"The steps decreased by \val{effect.fit_high}.", "acc_high", "claim_mismatch"),
    ],
)
def test_strength_must_be_the_ledgers(context: Context, text: str, claim: str, check: str) -> None:
    assert check in failed(context, say(text, claim))


@pytest.mark.parametrize(
    "words",
    ["This proves it", "a state-of-the-art result", "a state of the art result", "groundbreaking", "a breakthrough",
     "remarkably so", "a dramatic change", "an unprecedented result", "it undoubtedly holds", "vastly so", "SOTA"],
)  # fmt: skip
@pytest.mark.parametrize("where", ["results", "method", "disclosure"])
def test_praise_is_refused(context: Context, words: str, where: str) -> None:
    assert "praise" in failed(context, say(f"{words}."), where)


def test_modest_words_are_no_praise(context: Context) -> None:
    assert failed(context, say("This does not prove a mechanism.")) == set()


def test_repeated_sentences_are_refused_within_and_across_sections(context: Context) -> None:
    first = say("We fix the design and the tests before the first run of all of the conditions.")
    again = say("We fix the design, and the tests, before the first run of all the conditions.")
    within = check_section(section("method", (first,), (again,)), context)
    assert [f.check for f in within] == ["duplicate_sentence"]
    across = check_section(section("setup", (again,)), context.model_copy(update={"earlier": (("method", first),)}))
    assert [f.check for f in across] == ["duplicate_sentence"]
    assert "method" in across[0].message


def test_one_phrase_with_other_numbers_is_no_repetition(context: Context) -> None:
    said = r"At weight decay \val{level.%s.weight_decay} the mean was \val{mean.%s.modular.test_acc} at the end."
    sentences = tuple(say(said % (c, c)) for c in ("wd_none", "wd_high"))
    assert check_section(section("results", sentences), context) == ()


def test_near_repetitions_on_other_claims_are_none_but_exact_ones_are(context: Context) -> None:
    texts = [
        f"The comparison of steps to fit on modular {x} could not be tested for want of seeds." for x in ("a", "b")
    ]
    near = (say(texts[0], "fit_high"), say(texts[1], "fit_mid"))
    exact = (say(texts[0], "fit_high"), say(texts[0], "fit_mid"))
    assert check_section(section("results", near), context) == ()
    assert [f.check for f in check_section(section("results", exact), context)] == ["duplicate_sentence"]


def test_long_and_empty_sentences_are_warnings(context: Context) -> None:
    long = check_sentence(say("word " * 61), "method", context)
    empty = check_sentence(say(" "), "method", context)
    assert [(f.check, f.severity) for f in long] == [("long_sentence", Severity.WARNING)]
    assert [(f.check, f.severity) for f in empty] == [("empty_sentence", Severity.WARNING)]


def test_an_empty_section_is_refused(context: Context) -> None:
    assert [f.check for f in check_section(section("method"), context)] == ["empty_section"]


@pytest.mark.parametrize(
    ("title", "check"),
    [
        ("Weight decay over 5 seeds", "bare_numeral"),
        ("Weight decay over five seeds", "bare_numeral"),
        ("A breakthrough in weight decay", "praise"),
        ("Weight decay lowers accuracy", "unbound_claim"),
        ("Weight decay has no effect at all on loss", None),
        (r"On \input{x}", "forbidden_latex"),
        (" ", "empty_section"),
    ],
)
def test_titles_are_checked(evidence: Evidence, title: str, check: str | None) -> None:
    found = {f.check for f in check_title(title, evidence)}
    assert found == ({check} if check else set())


@pytest.mark.parametrize(
    "title", ["Does weight decay lower accuracy?", "Weight decay raises accuracy", "On L2 and weight decay in GPT-2"]
)
def test_honest_titles_pass(evidence: Evidence, title: str) -> None:
    assert check_title(title, evidence) == ()


def _draft_checks(draft: Draft, evidence: Evidence, **update: object) -> set[str]:
    return {f.check for f in check_draft(draft.model_copy(update=update), evidence)}


def test_floats_must_be_cited_and_placed_once(draft: Draft, evidence: Evidence) -> None:
    extra = Figure(id="curves", file="f.pdf", data_file="f.json", kind="curves", caption=(say("Curves of training."),))
    figures = (*draft.figures, extra)
    assert _draft_checks(draft, evidence, figures=figures) == {"uncited_float", "misplaced_float"}
    assert _draft_checks(draft, evidence, placement={"setup": ("design",)}) == {"misplaced_float"}
    assert "misplaced_float" in _draft_checks(draft, evidence, placement={**draft.placement, "nowhere": ("main",)})


@pytest.mark.parametrize("cell", ["0.5", "five", r"\val{none}", r"\ci{plan.seeds}", r"\input{x}", "a & b"])
def test_cells_are_checked(draft: Draft, evidence: Evidence, cell: str) -> None:
    table = draft.tables[0]
    bad = table.model_copy(update={"rows": (*table.rows, ("label", cell))})
    assert _draft_checks(draft, evidence, tables=(bad, *draft.tables[1:])) & {
        "bare_numeral", "unknown_quantity", "no_interval", "forbidden_latex"
    }  # fmt: skip


@pytest.mark.parametrize("align", [r"l@{\input{x}}", "l", "lrr", "l|r"])
def test_table_preambles_are_checked(draft: Draft, evidence: Evidence, align: str) -> None:
    bad = draft.tables[0].model_copy(update={"align": align})
    assert "table_shape" in _draft_checks(draft, evidence, tables=(bad, *draft.tables[1:]))


def test_captions_are_checked(draft: Draft, evidence: Evidence) -> None:
    figure = draft.figures[0].model_copy(update={"caption": (say("Accuracy improves by 0.2."),)})
    assert _draft_checks(draft, evidence, figures=(figure,)) == {"bare_numeral", "unbound_claim"}


def test_what_the_ledger_displays_is_checked(draft: Draft, evidence: Evidence) -> None:
    evil = tuple(
        q.model_copy(update={"display": r"\input{/etc/passwd}"}) if q.id == "plan.seeds" else q
        for q in evidence.quantities
    )
    assert _draft_checks(draft, evidence) == set()
    findings = check_draft(draft, evidence.model_copy(update={"quantities": evil}))
    assert [f.check for f in findings] == ["unsafe_display"]


def test_records_are_checked(draft: Draft, evidence: Evidence) -> None:
    twin = Reference(
        key="twin", paper=Paper(id="t", title="T", authors=("A",), year=1, arxiv_id="2201.02177v2", source="s")
    )
    sections = (*draft.sections[:-1], section("disclosure", (say(r"See also \citep{twin}."),)))
    references = (*REFERENCES, twin)
    assert _draft_checks(draft, evidence, references=references, sections=sections) == {"duplicate_record"}


def test_used_quantities_come_from_cells_too(draft: Draft) -> None:
    used = used_quantities(draft)
    assert used[0] == "plan.seeds"
    assert "level.wd_mid.weight_decay" in used
    assert "plan.alpha" not in used


def test_a_table_type_keeps_its_findings_apart(draft: Draft, evidence: Evidence) -> None:
    table = Table(id="x", caption=(say("A table of five things."),), align="l", header=("A",), rows=(("b",),))
    findings = check_draft(draft.model_copy(update={"tables": (*draft.tables, table)}), evidence)
    numeral = next(f for f in findings if f.check == "bare_numeral")
    assert numeral.message.startswith("caption of x") and numeral.span is not None and numeral.mend


def test_a_direct_question_states_nothing(evidence: Evidence, context: Context) -> None:
    asked = Sentence(text="Does more decay lower the delay?")
    assert not [f for f in check_sentence(asked, "discussion", context) if f.check == "unbound_claim"]
    stated = Sentence(text="More decay lowers the delay?")
    assert [f for f in check_sentence(stated, "discussion", context) if f.check == "unbound_claim"]
