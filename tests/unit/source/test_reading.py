"""What is known of a file, kept for a later command."""

import json

from loader.source.reading import Reading, StopAt


def test_what_the_user_said_is_kept_by_the_names_of_the_options():
    reading = Reading(delimiter="tab", encoding="cp850", member="a.csv", sensitive=frozenset({"ssn"}))
    said = json.loads(json.dumps(reading.as_settings()))

    assert {"delimiter": "tab", "encoding": "cp850", "member": "a.csv"} == said
    assert Reading(delimiter="tab", encoding="cp850", member="a.csv") == Reading.of_settings(said)


def test_all_of_it_is_kept_for_a_command_without_a_template():
    reading = Reading(
        delimiter=";",
        header_row=2,
        header_rows=2,
        stop_at=StopAt((("Loan", ""), ("", "C")), frozenset({"total"})),
        letters_used=frozenset("AB"),
        headers_wanted=frozenset({"Loan"}),
        sensitive=frozenset({"ssn"}),
    )

    assert reading == Reading.of_record(json.loads(json.dumps(reading.as_record())))
