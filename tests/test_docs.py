"""README, help and code say the same."""

import re
from pathlib import Path

import pytest
import rich_click as click

from loader import errors
from loader.cli.app import _COMMANDS, loader, run
from loader.cli.failures import BUG
from loader.mapping.template import shipped_templates
from loader.settings import ENVIRONMENT, Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
CONTEXT = click.Context(loader)
SAMPLES = {"portfolio.csv": "portfolio"}


def commands():
    """Every command, those of groups too, with its words."""
    for name in _COMMANDS:
        command = loader.get_command(CONTEXT, name)
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {inner}", found) for inner, found in command.commands.items())


def section(heading):
    """A section of the README."""
    return README.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_is_explained(name, command):
    """A sentence of help, an example that begins with the command itself, and a place in README or `--help`."""
    assert re.match(r"\s*[A-Z].*\.", command.help)
    assert re.search(rf"Example:\n +loader {name}\b", command.help) or isinstance(command, click.Group)
    assert f"loader {name}" in README or name.split()[0] in _COMMANDS


def test_no_page_holds_two_versions_of_a_place():
    """A merge that was left unfinished leaves its marks."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("templates/*")]
    marked = [
        page.name
        for page in pages
        if re.search(r"^(<{7} |={7}$|>{7} )", page.read_text("utf-8"), re.MULTILINE)
    ]
    assert [] == marked


def test_every_option_is_explained():
    """No option without a sentence."""
    options = [
        (name, p) for name, command in commands() for p in command.params if isinstance(p, click.Option)
    ]
    assert [] == [(name, option.name) for name, option in options if not option.help]


def test_every_example_parses():
    """The examples name real commands and options."""
    for name, command in commands():
        example = re.search(r"Example:\n +loader (.*)", command.help)[1].partition(" >")[0].replace('"', "")
        words = example.split()
        inner, parent = loader, CONTEXT
        while isinstance(inner, click.Group):
            inner = inner.get_command(parent, words.pop(0))
        assert inner.make_context(name, words, parent=CONTEXT, resilient_parsing=False)


def test_the_settings_table_names_real_options_variables_and_keys():
    """Nothing in it is made up, and nothing is missing."""
    rows = [line.split("|")[1:-1] for line in section("Settings").splitlines() if line.startswith("|")][2:]
    options, variables, keys = (
        {name for row in rows for name in re.findall(r"`([\w-]+)`", row[column])} for column in range(3)
    )
    submit = loader.get_command(CONTEXT, "submit")

    assert options <= {option for parameter in submit.params for option in parameter.opts}
    assert set(ENVIRONMENT.values()) == variables
    assert set(Settings.model_fields) - {"token"} == keys


def test_the_environment_variables_are_those_that_are_read(monkeypatch, tmp_path):
    """Each setting takes the value of its variable."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    values = {"timeout_s": "7", "concurrency": "7", "rates": "7/s"}
    for name, variable in ENVIRONMENT.items():
        monkeypatch.setenv(variable, values.get(name, "7"))
    found = Settings()

    assert ("7", "7", "7") == (found.tenant, found.token.get_secret_value(), found.base_url)
    assert (7, 7.0, ("7/s",)) == (found.concurrency, found.timeout_s, found.rates)
    assert (Path("7"), Path("7")) == (found.run_dir, found.token_file)


def test_the_exit_codes_agree():
    """The README's table, the error tree and the codes of interruption and of a fault."""
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", section("Exit codes"), flags=re.MULTILINE)
    table = {int(code): meaning for code, meaning in rows}
    tree = {
        error.exit_code: error.__name__.removesuffix("Error").lower()
        for error in vars(errors).values()
        if isinstance(error, type)
        and issubclass(error, errors.LoaderError)
        and error is not errors.LoaderError
        if error is not errors.NotAuthorisedError
    }

    assert {0, 1, 9, BUG, errors.INTERRUPTED, *tree} == set(table)
    assert [] == [(code, name) for code, name in tree.items() if name not in table[code].lower()]
    assert [] == [code for code in table if not re.search(rf"\b{code} ", loader.help) and code != BUG]


@pytest.mark.parametrize(("sample", "template"), SAMPLES.items())
def test_samples_pass_the_check(capsys, monkeypatch, tmp_path, sample, template):
    """Only the rows that are wrong on purpose are found: exit code 1."""
    monkeypatch.chdir(tmp_path)
    assert 1 == run(["check", str(ROOT / "samples" / sample), "-t", template, "--run-dir", str(tmp_path)])
    assert "invalid" in capsys.readouterr().err


@pytest.mark.parametrize(
    "template",
    [*(found.name for found in shipped_templates()), *map(str, sorted((ROOT / "samples").glob("*.yaml")))],
    ids=lambda path: Path(path).stem,
)
def test_templates_are_right(capsys, template):
    """Shipped ones and samples alike."""
    assert 0 == run(["template", "check", template])
    assert "the template is right" in capsys.readouterr().out


def test_the_links_of_the_readme_lead_somewhere():
    """Every page that it names is there."""
    assert [] == [link for link in re.findall(r"\]\((?!http)([^)]+)\)", README) if not (ROOT / link).exists()]
