import pytest

from loader.errors import TemplateError


def problems(bound, *args, **more):
    with pytest.raises(TemplateError) as caught:
        bound(*args, **more)
    return caught.value.message.splitlines()


def test_headers_match_without_regard_to_case_and_white_space(bound):
    """As people vary them."""
    assert bound("title: Loan  Title", "LOAN", "loan title ").place_of(0, "title") == ("loan title ", "B")


def test_a_column_by_letter_needs_no_header(bound):
    """The letter is the file's."""
    assert bound("title: {column: {letter: b}}", "Loan", "").place_of(0, "title") == ("", "B")


def test_the_first_of_several_columns_that_the_file_has(bound):
    """In the order of the template, not of the file."""
    assert bound("title: [X, B, A]", "Loan", "A", "B").place_of(0, "title") == ("B", "C")


def test_all_that_the_file_lacks_is_told_at_once(bound):
    """With the nearest headers and their letters."""
    assert problems(bound, "title: Titel\nloanAlert: {column: {letter: D}}", "Loan", "Title", "Zq") == [
        't.yaml, line 7, steps[1].fields.title: the file has no column "Titel"; nearest: "Title" (B)',
        "t.yaml, line 8, steps[1].fields.loanAlert: the file has no column D; its last column is C",
    ]


def test_every_alternative_is_named(bound):
    """Where none is there."""
    assert 'no column "A" or column "B"' in problems(bound, "title: [A, B]", "Loan")[0]


def test_a_used_header_that_stands_twice_is_refused_with_both_letters(bound):
    """Which one is meant cannot be told."""
    [found] = problems(bound, "title: Name", "Loan", "Name", "x", " name")

    assert found.endswith('the header "Name" stands twice in the file (B and D)')


def test_an_unused_header_may_stand_twice(bound):
    """It is nobody's concern."""
    assert bound("title: Name", "Loan", "Name", "x", "x")


def test_a_column_with_a_default_is_still_required(bound):
    """A misspelt header would else fill the default into every row."""
    assert problems(bound, "title: {column: T, default: x}", "Loan")


def test_an_optional_column_may_be_missing(bound):
    """And then has no place."""
    assert bound("title: {column: T, optional: true}", "Loan").place_of(0, "title") is None


def test_skip_if_and_links_need_their_columns(bound):
    """Left out silently, rows would be sent that must not be."""
    found = problems(
        bound,
        "title: Loan",
        "Loan",
        more="rows: {skip_if: {column: Status, is: x}}\n",
        links="{Customers: {to: customers, by: customId, column: Borrower, role: primary}}",
    )

    assert sorted(line.split(": ")[0].split(", ")[2].removeprefix("steps[1].") for line in found) == [
        "links.Customers",
        "rows.skip_if.column",
    ]


def test_a_template_that_does_not_fit_loanpro_is_not_bound(bound):
    """Whoever forgets to check it first is safe."""
    assert "LoanSetup.loanAmount" in problems(bound, "loanAmount: {column: A, as: money}", "Loan", "A")[0]


def test_unused_columns_are_told(bound):
    """In the order of the file; what skips rows is used."""
    mapper = bound("title: T", "x", "Loan", "T", "S", "y", more="rows: {skip_if: {column: S, is: z}}\n")

    assert [header.name for header in mapper.unused] == ["x", "y"]


def test_the_key_column_is_known(bound):
    """Reports show it beside each outcome."""
    assert [(h.name, h.letter, h.index) for h in bound("title: T", "T", "Loan").key_columns] == [
        ("Loan", "B", 1)
    ]


def test_columns_of_personal_data_are_known(bound):
    """By the models, or because the template says so."""
    mapper = bound("title: {column: T, sensitive: true}\nloanAlert: A", "Loan", "T", "A")

    assert frozenset({1}) == mapper.sensitive_columns


def test_a_links_column_has_a_place(bound):
    """By the field that holds it."""
    links = "{Customers: {to: customers, by: customId, column: Borrower, role: primary}}"

    assert bound("title: Loan", "Loan", "Borrower", links=links).place_of(0, "Customers") == ("Borrower", "B")


@pytest.mark.parametrize("path", ["loanAlert", "LoanSetup.loanClass"])
def test_constants_and_what_is_not_filled_have_no_place(bound, path):
    """There is no cell to show."""
    assert bound("LoanSetup.loanClass: {value: loan.class.other}", "Loan").place_of(0, path) is None


def test_a_row_that_may_be_no_headers_is_not_shown(bound):
    """The template names none of it: it may hold a person's name and address."""
    text = "title: Street\nloanAlert: {column: {letter: A}}"

    assert [
        't.yaml, line 6, steps[1].fields.displayId: the file has no column "Loan"',
        't.yaml, line 7, steps[1].fields.title: the file has no column "Street"',
    ] == problems(bound, text, "Loans", "11 Hazel Street")
