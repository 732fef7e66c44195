"""
Every failure that stops the program, with its exit code.

Bad cells and refused rows are values (`models.issue`, `models.outcome`) and never raise. What is raised here
ends the command: the command line prints the message and the hint, and exits with the code.

    LoaderError
      UsageError             2   the options do not fit together
      SettingsError          3   a setting is missing or wrong
      SourceError            4   the file cannot be read
      TemplateError          5   the template is wrong, or does not fit the file
      ServiceError           6   the service cannot be used
        NotAuthorisedError       the token or the tenant id is wrong: stop at once
      JournalError           7   locked, damaged, or made for another file
      ReportError            8   a workbook cannot be written
"""

INTERRUPTED = 130
"""Exit code of what the user ended: 128 and the number of SIGINT, as shells have it."""


class LoaderError(Exception):
    """
    A failure with a message for the user and, where there is one, a remedy.

    Args:
        message: What is wrong and where, in one sentence without a final stop.
        hint: What to do about it, or "".
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LoaderError):
    """The options do not fit together, or a confirmation is needed where nothing can be asked."""

    exit_code = 2


class SettingsError(LoaderError):
    """A setting is missing or wrong; the message names it and says where it is set."""

    exit_code = 3


class SourceError(LoaderError):
    """The source cannot be read; the message names the file, and the sheet where there is one."""

    exit_code = 4


class TemplateError(LoaderError):
    """The template is wrong, or does not fit the source; the message names the line or the column."""

    exit_code = 5


class ServiceError(LoaderError):
    """LoanPro cannot be used: unreachable, unwilling, or answering in a way that must not be guessed at."""

    exit_code = 6


class NotAuthorisedError(ServiceError):
    """LoanPro refused the token or the tenant id (401 or 403)."""


class JournalError(LoaderError):
    """The journal is locked, damaged, too new, or cannot be written."""

    exit_code = 7


class ReportError(LoaderError):
    """A report cannot be written; the run itself is safe in the journal."""

    exit_code = 8
