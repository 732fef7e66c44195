from decimal import Decimal

import pytest

from loader.mapping.yaml_lines import YamlProblem, parse_yaml


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "no",
        "on",
        "off",
        "NO",
        "y",
        "2024-01-31",
        "007",
        "1e5",
        "0x1F",
        "1_000",
        "12:30:00",
        "-07",
        ".5",
        "5.",
    ],
)
def test_text_that_looks_like_something_else_stays_text(text):
    """Only the core schema's own words and plain numbers are more than text."""
    assert {"a": text} == parse_yaml(f"a: {text}").value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12.50", Decimal("12.50")),
        ("0.1", Decimal("0.1")),
        ("12345678901234567.89", Decimal("12345678901234567.89")),
        ("36", 36),
        ("-3", -3),
        ("true", True),
        ("~", None),
        ("", None),
        ('"36"', "36"),
    ],
)
def test_numbers_are_exact_and_quotes_make_text(text, value):
    """A number with a point is the Decimal that is written."""
    found = parse_yaml(f"a: {text}").value["a"]

    assert (type(value), str(value)) == (type(found), str(found))


def test_keys_are_always_text():
    """The words of a choice may look like numbers, flags or null."""
    assert list(parse_yaml("{1: a, yes: b, ~: c, 1.50: d, 007: e}").value) == ["1", "yes", "~", "1.50", "007"]


def test_every_value_knows_its_line():
    """Lines count from 1; a value under a key has the key's line."""
    lines = parse_yaml("a:\n  - b: 1\n    c:\n      2\n").lines

    assert lines == {(): 1, ("a",): 1, ("a", 0): 2, ("a", 0, "b"): 2, ("a", 0, "c"): 3}


def test_a_doubled_key_is_told_with_its_second_line():
    """The first one stands, and the second is not silently laid over it."""
    document = parse_yaml("a: 1\nb: 2\na: 3\n")

    assert document.doubled == ((("a",), 3),)
    assert document.value == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: [1", 1, "not YAML"),
        ("a: 1\nb: c: d", 2, "quotes"),
        ("a:\n\t- 1", 2, "tab"),
        ("a: 1\n---\nb: 2", 2, "several"),
        ("a: !!python/object:os.system x", 1, "not supported"),
        ("a: &x [*x]", 1, "repeats itself"),
        ("a: 1\nb: \x00", 2, "does not allow"),
        ("? [1]\n: 2", 1, "key must be text"),
    ],
)
def test_what_is_not_a_template_is_told_with_its_line(text, line, words):
    """Damage, several documents, tags and endless aliases never pass, nor do they end in a traceback."""
    with pytest.raises(YamlProblem) as caught:
        parse_yaml(text)

    assert line == caught.value.line
    assert words in caught.value.message


def test_many_aliases_of_aliases_do_not_fill_the_memory():
    """A small text cannot stand for a billion values."""
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )

    with pytest.raises(YamlProblem, match="too large"):
        parse_yaml(bomb)
