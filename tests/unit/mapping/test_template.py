import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from loader.errors import TemplateError
from loader.mapping.template import load_template, parse_template, shipped_templates
from loader.mapping.written import ColumnRef

HEAD = "template: 1\nsteps:\n  - operation: loans.create\n    key: displayId\n    fields:\n"


def problems(text):
    with pytest.raises(TemplateError) as caught:
        parse_template(text.encode(), "t.yaml")
    return caught.value.message.splitlines()


def field_problem(field):
    [problem] = problems(HEAD + "      f: " + field)
    return problem


def field(text):
    return parse_template((HEAD + "      f: " + text).encode(), "t.yaml").template.steps[0].fields["f"]


def test_a_bare_name_is_a_column():
    """The commonest case is the shortest."""
    assert field("Borrower No").column == (ColumnRef("Borrower No"),)


def test_a_list_is_the_first_of_several_columns():
    """Files of several origins."""
    assert field("[A, B]").column == field("{column: [A, B]}").column == (ColumnRef("A"), ColumnRef("B"))


def test_a_column_by_its_letter():
    """For columns without a header."""
    assert field("{column: {letter: ab}}").column == (ColumnRef(letter="AB"),)


def test_a_constant_keeps_its_exact_number():
    """Never by way of a binary float."""
    assert str(field("{value: 12.0210}").value) == str(Decimal("12.0210"))


def test_blank_null_needs_no_quotes():
    """YAML reads null as nothing, and the template means the word."""
    assert field("{column: A, blank: null}").blank == field("{column: A, blank: 'null'}").blank == "null"


def test_null_can_be_a_constant_and_a_default():
    """What is written is told from what is not."""
    assert field("{value: null}").constant
    assert field("{column: A, default: null}").has_default
    assert not field("A").has_default


def test_all_problems_are_told_at_once_each_with_its_line():
    """In the order of the lines."""
    text = "template: 2\ntitel: x\nsteps:\n  - operation: loans.create\n    key: k\n    fields:\n      a: {columm: A}\n      b: {column: B, as: mony}\n      a: C\n"

    assert problems(text)[:4] == [
        "t.yaml, line 1, template: is 2; this version reads templates of version 1",
        "t.yaml, line 2, titel: is no key here; did you mean 'title'?",
        "t.yaml, line 7, steps[1].fields.a: stands twice (again on line 9)",
        "t.yaml, line 7, steps[1].fields.a.columm: is no key here; did you mean 'column'?",
    ]
    assert problems(text)[4].startswith("t.yaml, line 8, steps[1].fields.b.as: 'mony' is not one of text, ")
    assert problems(text)[4].endswith("did you mean 'money'?")
    assert len(problems(text)) == 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("36", "write a constant as {value: 36}"),
        ("", "nothing is given"),
        ("[]", "list of columns is empty"),
        ("{default: 3}", "needs one of `column`, `join` and `value`"),
        ("{column: A, value: 3}", "only one can be"),
        ("{value: 3, as: money}", "as: does not belong to a constant"),
        ("{value: [1]}", "expected one value"),
        ("{column: A, as: date, pad: true}", "pad: does not belong to `as: date`; it is an option of digits"),
        ("{column: A, format: YYYY-MM}", "format: does not belong to `as: text`"),
        ("{column: A, as: date, format: mm-YYYY}", "holds 'mm'"),
        ("{column: A, as: digits, pad: true}", "needs `length`"),
        ("{column: A, as: choice}", "needs `choices`"),
        ("{column: A, as: choice, choices: {M: a, ' m': b}}", "are the same"),
        ("{column: A, as: choice, choices: {'': a}}", "blank cell is no choice"),
        ("{column: A, default: 1, blank: null}", "already says"),
        ("{column: A, blank: omitt}", "did you mean 'omit'?"),
        ("{column: A, optional: true, blank: error}", "contradicts"),
        ("{join: {columns: [A]}}", "at least two"),
        ("{join: {columns: [A, B], by: x}}", "is no key here"),
        ("{column: A, split: {by: '', part: 1}}", "is empty"),
        ("{column: A, split: {by: x, part: 0}}", "at least 1"),
        ("{column: A, as: date, plus_months: 0}", "at least 1"),
        ("{column: A, as: money, decimal: ';'}", "not one of"),
        ("{column: A, as: money, group: .}", '"." is the decimal mark already'),
        ("{column: A, as: money, decimal: ',', group: ','}", '"," is the decimal mark already'),
        ("{column: A, as: money, group: ';'}", "not one of"),
        ("{column: A, as: decimal, currency: EUR}", "it is an option of money"),
        ("{column: A, as: money, currency: euro}", "not a currency's code"),
        ("{column: A, as: date, pivot: 30}", "needs a `format` with the token YY"),
        ("{column: A, as: date, format: YYYY-MM-DD, pivot: 30}", "needs a `format` with the token YY"),
        ("{column: A, as: date, format: M/D/YY, pivot: 101}", "at most 100"),
        ("{column: A, as: date, format: []}", "is empty"),
        ("{column: A, as: date, format: [YYYY-MM, YYYY-MM]}", "names a format twice"),
        ("{column: A, as: date, format: [YYYY-MM, DD]}", "does not name the month and the year"),
        ("{column: A, null: ['']}", "blank cell is blank without being declared"),
        ("{column: A, null: [true]}", "expected a word"),
        ("{column: {letter: '1'}}", "not a column's letter"),
        ("{column: A, optional: yes}", "must be true or false"),
        ("{column: A, as: digits, length: 9.5}", "whole number"),
    ],
)
def test_options_that_make_no_sense_are_refused(text, words):
    """With the line of the field, in words of the template."""
    found = field_problem(text)

    assert found.startswith("t.yaml, line 6, steps[1].fields.f")
    assert words in found


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sheets: []\n" + HEAD + "      f: A", "sheets"),
        (HEAD.replace("    key", "    path: x\n    key") + "      f: A", "steps[1].path"),
    ],
)
def test_reserved_keys_are_told_as_such(text, place):
    """A later version will know them."""
    [problem] = problems(text)

    assert problem.endswith(f"{place}: not supported by this version")


@pytest.mark.parametrize(
    "text",
    ["", "just text", "[1, 2]", "template: 1", "template: 1\nsteps: []", "template: 1\nsteps: [3]", HEAD],
)
def test_other_files_are_refused_without_a_traceback(text):
    """An empty file, a list, a template without steps or fields."""
    assert problems(text)


def test_bytes_that_are_no_text_are_told_with_their_line():
    """A workbook given as template, or an old encoding."""
    with pytest.raises(TemplateError, match="line 2: is not UTF-8"):
        parse_template(b"template: 1\ntitle: Caf\xe9\n", "t.yaml")


def test_a_path_is_read_from_disk(tmp_path):
    """With the digest of its very bytes."""
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "      f: A").encode())
    loaded = load_template(str(path))

    assert hashlib.sha256(path.read_bytes()).hexdigest() == loaded.digest
    assert str(path) == loaded.name


@pytest.mark.parametrize("make", [lambda path: path / "none.yaml", lambda path: path])
def test_a_missing_file_and_a_folder_are_told(tmp_path, make):
    """As errors of the template, with the path."""
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    with pytest.raises(TemplateError, match=r"\.yaml"):
        load_template(make(folder))


def test_an_unknown_name_is_told_the_shipped_ones():
    """The nearest first."""
    with pytest.raises(TemplateError, match="did you mean 'loan'") as caught:
        load_template("laon")

    assert "customer, loan" in caught.value.hint


def test_a_file_of_another_kind_is_no_template(tmp_path):
    """The two files of a command are easily swapped."""
    (tmp_path / "loans.csv").write_text("Loan No\n", "utf-8")
    with pytest.raises(TemplateError, match="is no template") as caught:
        load_template(str(tmp_path / "loans.csv"))

    assert "after -t" in caught.value.hint


def test_shipped_templates_are_found_by_name():
    """In a checkout they lie beside the package."""
    names = [loaded.name for loaded in shipped_templates()]

    assert {"customer", "loan"} <= set(names)
    assert all(load_template(name).digest for name in names)
    assert all(Path(name).name == name for name in names)
