"""Pilots, times, errors and second tries."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from loader.errors import JournalError, UsageError
from loader.models.outcome import Outcome
from loader.pipeline import list_all
from loader.source.reading import Reading
from loader.submit.pace import Share

from .conftest import PROJECT, Audience
from .test_submit import loans, outcomes  # noqa: F401  a fixture

LOAN = {
    "displayId": "L1",
    "LoanSetup": {
        "loanClass": "loan.class.consumer",
        "loanType": "loan.type.installment",
        "loanAmount": 5,
        "loanRate": 5,
        "contractDate": "2024-01-01",
        "firstPaymentDate": "2024-02-01",
    },
}
PORTFOLIO = PROJECT / "samples" / "portfolio.csv"


def test_a_pilot_sends_the_first_rows_and_leaves_the_rest(site):
    """`--limit 10` sends ten rows; a resumed run sends the others."""
    audience = Audience()
    ended, rows = site.submit(PORTFOLIO, "portfolio", limit=10, audience=audience)

    assert {Outcome.ACCEPTED} == {row.outcome for row in rows[:10]}
    assert {Outcome.NOT_SENT, Outcome.INVALID, Outcome.SKIPPED} == {row.outcome for row in rows[10:]}
    assert (1, 20) == (ended.exit_code, audience.plans[0].to_send + 1), (
        "the ninth row's borrower is the seventh's"
    )
    assert "only the first 10 rows" in ended.view.run.stopped

    ended, rows = site.resume()
    assert {Outcome.ACCEPTED: 537, Outcome.INVALID: 18, Outcome.HELD: 2, Outcome.SKIPPED: 3} == dict(
        outcomes(rows)
    )


def test_the_time_that_was_set_stops_the_run(site):
    """`--until` in the past sends next to nothing, cleanly."""
    ended, rows = site.submit(
        PORTFOLIO, "portfolio", pace={"until": datetime.now(UTC) - timedelta(seconds=1)}
    )

    assert Outcome.UNKNOWN not in outcomes(rows)
    assert outcomes(rows)[Outcome.NOT_SENT] > 400
    assert "--until" in ended.view.run.stopped
    assert 1 == ended.exit_code


def test_too_many_errors_stop_the_run(site, loans):  # noqa: F811
    """`--max-errors 2` stops after the third refusal; nobody watches a thousand go wrong."""
    path, template = loans(*(f"L{n},,100,2024-01-01" for n in range(60)))
    template.write_text(template.read_text().replace("loan.rateType.annually", "loan.rateType.weekly"))
    site.submit(path, template)
    for rest in site.run_dir.glob("journal.sqlite*"):
        rest.unlink()
    ended, rows = site.submit(path, template, concurrency=1, pace={"max_refused": Share.parse("2")})

    assert {Outcome.HELD: 3, Outcome.NOT_SENT: 57} == dict(outcomes(rows))
    assert "more than 2 of the requests" in ended.view.run.stopped
    assert 1 == ended.exit_code


@pytest.mark.parametrize(("text", "of_200"), [("20", 20), ("5%", 10), ("2.5 %", 5), ("0", 0)])
def test_a_share_is_a_count_or_a_percentage(text, of_200):
    """As the user writes it."""
    assert of_200 == Share.parse(text).of(200)


@pytest.mark.parametrize("text", ["", "five", "-1", "2.5", "%", "1e3", "5%%"])
def test_what_is_no_share_is_refused(text):
    """With what was written."""
    with pytest.raises(ValueError, match="neither"):
        Share.parse(text)


def test_held_rows_are_tried_once_more_on_request(site, loans):  # noqa: F811
    """After the cause was mended in the tenant, `--retry held` sends only those rows, of a finished run too."""
    path, template = loans("L1,,100,2024-01-01", "L2,,x,2024-01-01")
    with httpx.Client(base_url=site.sandbox.base_url, headers=site.headers) as http:
        other = http.post("odata.svc/Loans", json=LOAN).json()["d"]["id"]
        ended, rows = site.submit(path, template)
        assert [Outcome.HELD, Outcome.INVALID] == [row.outcome for row in rows]
        with pytest.raises(JournalError, match="is finished"):
            site.resume(ended.view.run.name)

        assert http.delete(f"odata.svc/Loans({other})").status_code == 200
    ended, rows = site.resume(ended.view.run.name, retry=(Outcome.HELD,))

    assert [Outcome.ACCEPTED, Outcome.INVALID] == [row.outcome for row in rows]
    assert other != rows[0].steps[0].remote_id


def test_a_second_try_that_is_not_confirmed_is_unfinished(site, loans):  # noqa: F811
    """What was planned once more is found by a further `loader resume`."""
    path, template = loans("L1,,100,2024-01-01")
    with httpx.Client(base_url=site.sandbox.base_url, headers=site.headers) as http:
        http.post("odata.svc/Loans", json=LOAN)
    ended, _ = site.submit(path, template)
    site.resume(ended.view.run.name, retry=(Outcome.HELD,), audience=Audience(confirm=False))
    again, rows = site.resume()

    assert ended.view.run.name == again.view.run.name
    assert [Outcome.HELD] == [row.outcome for row in rows]


def test_the_same_file_continues_its_unfinished_run(site):
    """Submitted again, the file goes on where it stopped, in the same run."""
    first, _ = site.submit(PORTFOLIO, "portfolio", limit=10)
    audience = Audience()
    second, rows = site.submit(PORTFOLIO, "portfolio", audience=audience)

    assert first.view.run.name == second.view.run.name == audience.continued
    assert 537 == outcomes(rows)[Outcome.ACCEPTED]


def test_an_unfinished_run_is_not_continued_as_if_it_were_read_otherwise(site, loans):  # noqa: F811
    """Its rows are others then: those that were hidden would never be sent, and nobody would be told."""
    path, template = loans("L1,,100,2024-01-01", "L2,,200,2024-01-01")
    first, _ = site.submit(path, template, limit=1)
    with pytest.raises(UsageError, match="read without such options there") as caught:
        site.submit(path, template, reading=Reading(delimiter="comma"))

    assert f"`loader resume {first.view.run.name}`" in caught.value.hint
    ended, rows = site.submit(path, template)
    assert (first.view.run.name, 2) == (ended.view.run.name, len(rows))


def test_a_file_that_is_complete_says_so(site, loans):  # noqa: F811
    """Submitted again, nothing is left to send: its own run tells, without a further one and without reading a row."""
    files = loans("L1,,100,2024-01-01", "L1,,100.00,2024-01-01")
    first, rows = site.submit(*files)
    listener = Audience()
    listener.reading = pytest.fail
    ended, again = site.submit(*files, audience=listener)

    assert f"all of it that can be sent was sent in run {first.view.run.name}" in ended.note
    assert f"`loader report {first.view.run.name}` writes its reports again" in ended.note
    assert [Outcome.ACCEPTED, Outcome.SKIPPED] == [row.outcome for row in again]
    assert (0, rows, [], []) == (ended.exit_code, again, listener.plans, ended.written)
    assert 1 == len(list_all(site.run_dir))


def test_a_complete_file_gets_the_reports_that_are_wanted(site, loans, tmp_path):  # noqa: F811
    """The copy that is asked for, and the run's own workbook where that is not there any more."""
    files = loans("L1,,100,2024-01-01")
    first, _ = site.submit(*files)
    (own,) = first.written
    before = own.read_bytes()
    own.unlink()
    ended, _ = site.submit(*files)
    assert ([own], before) == (ended.written, own.read_bytes())
    ended, _ = site.submit(*files, results=tmp_path / "copy.xlsx")
    assert [own, tmp_path / "copy.xlsx"] == ended.written
    assert before == (tmp_path / "copy.xlsx").read_bytes()


def test_that_a_file_is_complete_is_said_before_anything_is_written(site, loans):  # noqa: F811
    """The workbook of a large run takes its time; what it came to is known before."""
    files = loans("L1,,100,2024-01-01", "L2,,200,2024-01-01")
    first, _ = site.submit(*files)
    (own,) = first.written
    own.unlink()
    listener, heard = Audience(), []
    listener.complete = lambda summary, words: heard.append((summary, words, own.exists()))
    ended, _ = site.submit(*files, audience=listener)

    assert [(first.summary, ended.note, False)] == heard
    assert [own] == ended.written


def test_the_pace_that_was_found_is_told(site, loans):  # noqa: F811
    """`--rate auto` leaves what it found in the run's record."""
    ended, _ = site.submit(*loans(*(f"L{n},,1,2024-01-01" for n in range(30))), pace={"auto": True})

    assert ended.view.run.rate.startswith("auto: ")
