"""The exceptions that a user can meet, each with what to do next and the exit code of the command line.

::

    ScientistError                1   something failed that has no better name
    ├── UsageError                2   a flag, file or configuration key that cannot be used
    │   └── TemplateError         2   a template folder that breaks its contract
    ├── CannotStudyError          3   no template can study the topic, or no idea fits the budget
    ├── EnvironmentProblem        4   something is missing on this machine (TeX, a sandbox, a package)
    ├── RunInterrupted            5   the run stopped and can be resumed (disk full, all runs failed, interrupted)
    │   ├── TypesettingError      5   LaTeX failed
    │   ├── DraftRejected         5   the draft did not pass the checks before typesetting
    │   └── ModelError            5   a language model gave no usable answer
    │       ├── ModelUnavailable  5   it could not be reached, was too busy, or refused, after every retry
    │       ├── ReplyInvalid      5   its reply still broke the schema after it was told how, twice
    │       ├── BudgetSpent       5   the next call might cost more than is left of the budget
    │       └── RecordingEnds     5   a replayed run asks what its recording does not answer
    ├── RunLocked                 6   another process works on this run folder
    ├── ManuscriptError           7   a manuscript cannot be read
    └── BundleError               8   a bundle or a paper was altered, is incomplete, or is none

Two exit codes are no exceptions. 10: the paper was written, but the review gate did not pass it. 11: a paper was run
again, and does not stand.
"""

from __future__ import annotations


class ScientistError(Exception):
    """Base of all errors for users. ``message`` says what failed and where; ``hint`` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class UsageError(ScientistError):
    exit_code = 2


class TemplateError(UsageError):
    pass


class CannotStudyError(ScientistError):
    exit_code = 3


class EnvironmentProblem(ScientistError):
    exit_code = 4


class RunInterrupted(ScientistError):
    exit_code = 5


class TypesettingError(RunInterrupted):
    pass


class DraftRejected(RunInterrupted):
    pass


class ModelError(RunInterrupted):
    pass


class ModelUnavailable(ModelError):
    pass


class ReplyInvalid(ModelError):
    pass


class BudgetSpent(ModelError):
    pass


class RecordingEnds(ModelError):
    pass


class RunLocked(ScientistError):
    exit_code = 6


class ManuscriptError(ScientistError):
    exit_code = 7


class BundleError(ScientistError):
    exit_code = 8
