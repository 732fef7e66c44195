"""A result on its way to its outcome."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from loader.models.outcome import Outcome, StepResult

RESULTS = st.builds(
    StepResult,
    st.just("loans.create"),
    st.just("POST"),
    st.just("odata.svc/Loans"),
    st.text(max_size=4),
    st.sampled_from(Outcome),
    st.none() | st.integers(100, 599),
    st.none() | st.integers(1, 99),
    st.integers(0, 9),
    st.none() | st.just(datetime(2026, 1, 1, tzinfo=UTC)),
    st.none() | st.floats(0, 1e6),
    st.text(max_size=4),
    st.text(max_size=4),
    st.none() | st.integers(1, 99),
)
SENT_AT = datetime(2026, 3, 1, tzinfo=UTC)


@given(RESULTS, st.none() | st.just(503))
def test_an_answer_changes_what_it_is_about_and_nothing_else(result, status):
    """Whatever else a result holds stays; the tries are counted."""
    wanted = replace(result, status=status, sent_at=SENT_AT, elapsed_ms=7.5, attempts=result.attempts + 1)

    assert wanted == result.answered(status, SENT_AT, 7.5)


@given(RESULTS, st.sampled_from(Outcome), st.none() | st.just(4))
def test_an_outcome_changes_what_it_is_about_and_nothing_else(result, outcome, remote_id):
    """Status, tries and times are those of the last request."""
    wanted = replace(result, outcome=outcome, message="m", advice="a", remote_id=remote_id)

    assert wanted == result.ended(outcome, "m", "a", remote_id)
