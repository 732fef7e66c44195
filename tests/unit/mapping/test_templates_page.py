import re
from pathlib import Path
from typing import get_args

import pytest

from loader.mapping import field_spec, rows, spec
from loader.mapping.conversions import GIVES
from loader.mapping.date_formats import SERIALS, TOKENS
from loader.mapping.fit import check_fields
from loader.mapping.template import parse_template

PAGE = Path(__file__).parents[3] / "docs" / "templates.md"
MODELS = (
    spec.Template,
    rows.Rows,
    rows.SkipIf,
    rows.StopAt,
    spec.Step,
    field_spec.FieldSpec,
    field_spec.LinkSpec,
    field_spec.KeySpec,
    field_spec.Join,
    field_spec.Split,
)
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = {part.split("\n", 1)[0].strip("# "): part for part in re.split(r"\n(?=##)", TEXT)}


@pytest.mark.parametrize(
    "key", sorted({field.alias or name for model in MODELS for name, field in model.model_fields.items()})
)
def test_every_key_is_on_the_page(key):
    """What the model takes, the page names."""
    assert f"`{key}`" in TEXT


@pytest.mark.parametrize("conversion", get_args(field_spec.ConversionName))
def test_every_conversion_has_its_row(conversion):
    """In the table of conversions; and the program's own list is complete."""
    assert f"\n| `{conversion}` | " in SECTIONS["Conversions"]
    assert conversion in GIVES


@pytest.mark.parametrize("option", sorted(field_spec.OWN_OPTIONS))
def test_every_option_names_the_conversions_that_it_belongs_to(option):
    """No more and no fewer."""
    [row] = [
        line
        for line in SECTIONS["Options of conversions"].splitlines()
        if line.startswith(f"| `{option}` | ")
    ]
    owners = {name for name, options in field_spec.OPTIONS.items() if option in options}

    assert owners == set(re.findall(r"`(\w+)`", row.split(" | ")[1]))


def test_every_date_token_is_explained():
    """As the formats read them."""
    assert set(TOKENS) | set(SERIALS) <= set(re.findall(r"`([\w-]+)`", SECTIONS["Date formats"]))


@pytest.mark.parametrize("word", ["omit", "null", "empty", "error"])
def test_every_way_of_a_blank_cell_is_explained(word):
    """What `blank` takes."""
    assert f"`{word}`" in SECTIONS["A field"]


def test_the_example_of_the_page_is_a_template():
    """It is read, and fits LoanPro."""
    example = re.search(r"```yaml\n(template: 1.*?)```", TEXT, re.DOTALL)

    assert check_fields(parse_template(example[1].encode(), "page")) == []


def test_keys_of_later_versions_are_named():
    """So that nobody searches for them."""
    reserved = {key for keys in spec.RESERVED.values() for key in keys}

    assert reserved <= set(re.findall(r"`(\w+)`", SECTIONS["Not supported by this version"]))
