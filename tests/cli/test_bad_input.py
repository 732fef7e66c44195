"""The user who does the wrong thing with files, templates and settings: one clear message, the right exit code."""

import re
from pathlib import Path

import openpyxl
import pytest
from cli.commands import ROOT, changed, sample, write

PORTFOLIO = (ROOT / "templates" / "portfolio.yaml").read_text("utf-8")
TO_NOWHERE = ("--base-url", "http://127.0.0.1:9/", "--yes")


def template(name, old, new):
    """The portfolio template with one slip, and the line that it is in."""
    Path(name).write_text(PORTFOLIO.replace(old, new, 1), "utf-8")
    return PORTFOLIO[: PORTFOLIO.index(old)].count("\n") + 1


@pytest.fixture
def credentials(monkeypatch):
    """A tenant id and a token, neither of which anybody knows."""
    monkeypatch.setenv("LOANPRO_TENANT", "123")
    monkeypatch.setenv("LOANPRO_TOKEN", "canary-token")


class TestSource:
    def test_no_such_file(self, loader):
        said = loader("check", "lones.csv", "-t", "portfolio")
        assert said.one_message("there is no file lones.csv", "check the spelling").code == 4

    def test_a_folder(self, loader, tmp_path):
        assert loader("check", tmp_path, "-t", "portfolio").one_message("is a folder").code == 4

    def test_an_empty_file(self, loader):
        Path("empty.csv").touch()
        assert loader("check", "empty.csv", "-t", "portfolio").one_message("empty.csv is empty").code == 4

    def test_a_header_and_nothing_else(self, loader):
        write("header.csv", sample(0))
        said = loader("check", "header.csv", "-t", "portfolio")
        assert said.one_message("header.csv holds no rows below its headers (row 1)").code == 4

    def test_a_sheet_that_is_not_there(self, loader):
        """The message names the sheets that are."""
        book = openpyxl.Workbook()
        book.active.title = "Loans"
        book.create_sheet("Notes")
        book.save("book.xlsx")
        said = loader("check", "book.xlsx", "-t", "portfolio", "--sheet", "Lones")
        assert said.one_message('no sheet "Lones"', '"Loans", "Notes"').code == 4

    def test_a_column_is_missing(self, loader):
        """The message names the line of the template and the nearest header."""
        write("missing.csv", changed(sample(), 0, "Borrower No", "Borrower Nr"))
        said = loader("check", "missing.csv", "-t", "portfolio")
        assert said.one_message('no column "Borrower No"', 'nearest: "Borrower Nr" (B)', "line ").code == 5

    def test_a_column_twice(self, loader):
        write("twice.csv", [[*row, row[0]] for row in sample()])
        said = loader("check", "twice.csv", "-t", "portfolio")
        assert said.one_message('"Loan No" stands twice', "(A and W)").code == 5


class TestTemplate:
    def test_no_such_template(self, loader, good):
        said = loader("check", good, "-t", "portfolo")
        assert said.one_message("did you mean 'portfolio'?", "customer, loan, payments, portfolio").code == 5

    def test_no_yaml(self, loader, good):
        Path("t.yaml").write_text("template: 1\ntitle: [\n")
        assert loader("check", good, "-t", "t.yaml").one_message("t.yaml, line 3", "not YAML").code == 5

    def test_a_typo_in_a_key(self, loader, good):
        line = template("t.yaml", "fields:", "feilds:")
        said = loader("check", good, "-t", "t.yaml")
        assert said.one_message(f"t.yaml, line {line}", "did you mean 'fields'?").code == 5

    def test_a_field_that_loanpro_has_not(self, loader, good):
        line = template("t.yaml", "firstName:", "fristName:")
        said = loader("check", good, "-t", "t.yaml")
        assert said.one_message(f"line {line}", "no field fristName", "firstName").code == 5

    def test_a_value_outside_an_enumeration(self, loader, good):
        """The message names the nearest value."""
        line = template("t.yaml", "customer.type.individual", "customer.type.indivdual")
        said = loader("check", good, "-t", "t.yaml")
        assert said.one_message(f"line {line}", 'did you mean "customer.type.individual"?').code == 5

    @pytest.mark.parametrize("command", [("show",), ("check",)])
    def test_no_such_template_to_look_at(self, loader, command):
        assert loader("template", *command, "lone").one_message("did you mean 'loan'?").code == 5


class TestCells:
    def test_every_bad_cell_is_told_with_its_place_and_remedy(self, loader):
        """Text in an amount, a day that does not exist, and values that nobody knows: nothing is sent, exit 1."""
        rows = sample()
        for row, column, value in (
            (1, "Principal", "abc"),
            (2, "DOB", "02/30/1990"),
            (3, "Product", "Boat"),
            (4, "State", "Utaah"),
        ):
            changed(rows, row, column, value)
        said = loader("check", write("cells.csv", rows), "-t", "portfolio")
        flat = re.sub(r"\s+", " ", said.err)

        assert said.code == 1
        assert "Principal (P)" in flat
        assert '"abc" is not an' in flat
        assert "DOB (E)" in flat
        assert "1990" not in said.err, "a birth date is shown masked"
        assert '"Auto", "Personal"' in flat
        assert "did you mean" in flat
        assert 1 == said.err.count("State (K)"), "a cell that fills two fields is told once"
        assert "Traceback" not in said.err
        assert list(Path("loader-runs").glob("*/rejected.xlsx"))


class TestSettings:
    def test_no_tenant(self, loader, good):
        assert loader("submit", good, "-t", "portfolio", "--yes").one_message("LOANPRO_TENANT").code == 3

    def test_no_token(self, loader, good):
        said = loader("submit", good, "-t", "portfolio", "--yes", "--tenant", "123")
        assert said.one_message("there is no API token", "LOANPRO_TOKEN", "--sandbox").code == 3

    def test_a_token_file_that_is_not_there(self, loader, good):
        said = loader(
            "submit", good, "-t", "portfolio", "--yes", "--tenant", "123", "--token-file", "nowhere.txt"
        )
        assert said.one_message("token file nowhere.txt cannot be read", "No such file").code == 3

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--tenant", "12x"), ("'12x' is no whole number",)),
            (("--base-url", "http://example.com/"), ("is not encrypted", "use https")),
            (("--base-url", "loanpro"), ("is no https address", "it looks like https://")),
            (("--rate", "fast"), ("'fast' is no rate; write it as 5/s",)),
            (("--timeout", "0"), ("--timeout must be above 0",)),
        ],
    )
    def test_options_that_cannot_be(self, loader, good, credentials, arguments, words):
        assert loader("submit", good, "-t", "portfolio", "--yes", *arguments).one_message(*words).code == 3

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("LOADER_CONCURRENCY", "many", ("LOADER_CONCURRENCY must be a whole number",)),
            ("LOADER_TIMEOUT_S", "-3", ("LOADER_TIMEOUT_S must be above 0",)),
            ("LOADER_RATE", "5", ("'5' is no rate", "LOADER_RATE")),
            ("LOADER_TOKEN", "abc", ("did you mean LOANPRO_TOKEN?",)),
            ("LOADER_CONCURENCY", "3", ("did you mean LOADER_CONCURRENCY?",)),
            ("LOANPRO_TENANT", "abc", ("'abc' is no whole number",)),
        ],
    )
    def test_environment_variables_that_cannot_be(
        self, loader, good, credentials, monkeypatch, name, value, words
    ):
        monkeypatch.setenv(name, value)
        assert loader("submit", good, "-t", "portfolio", *TO_NOWHERE).one_message(*words).code == 3

    def test_what_another_program_reads_is_left_alone(self, loader, monkeypatch):
        """LOADER_PATH belongs to some Java launchers."""
        monkeypatch.setenv("LOADER_PATH", "/opt")
        assert loader("runs").one_message("there is no journal").code == 7

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("rates = [", ("loader.toml is no TOML file", "a line looks like")),
            ("caf\xe9 = 1", ("loader.toml is no TOML file",)),
            ('ratess = ["5/s"]', ("ratess is unknown; did you mean rates?",)),
            ("colour = 1", ("colour is unknown; known are base_url",)),
            ("concurrency = 0", ("loader.toml: concurrency must be at least 1",)),
            ("rates = 5", ("loader.toml: rates must be a list",)),
            ('token = "canary-token"', ("loader.toml holds a token", "LOANPRO_TOKEN")),
        ],
    )
    def test_a_settings_file_that_cannot_be(self, loader, text, words):
        Path("loader.toml").write_bytes(text.encode("latin-1"))
        said = loader("--debug", "runs")

        assert 3 == said.code
        assert [] == [word for word in words if word not in said.err]
        assert "canary-token" not in said.out + said.err


class TestUsage:
    def test_no_terminal_and_no_yes(self, loader, good):
        said = loader("submit", good, "-t", "portfolio", "--sandbox")
        assert said.one_message("no terminal", "--yes").code == 2
        assert not Path("loader-runs").exists()

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("chek",), ("did you mean 'check'?",)),
            (("frobnicate",), ("there is no command 'frobnicate'", "check, submit")),
            (("check", "a.csv", "-t", "loan", "--shet", "x"), ("--shet", "--sheet")),
            (("submit", "a.csv"), ("--template", "loader template list")),
            (("check", "a.csv", "--rejected", "r.xlsx"), ("--rejected", "-t")),
            (("check", "-t", "loan"), ("'FILE'",)),
            (("check", "a.csv", "b.csv", "-t", "loan"), ("b.csv",)),
            (("submit", "a.csv", "-t", "loan", "--concurrency", "0"), ("--concurrency", "1<=x<=256")),
            (("submit", "a.csv", "-t", "loan", "--on-invalid", "ignore"), ("'skip', 'stop'",)),
            (("report", "--format", "csvv"), ("'xlsx', 'csv', 'json'",)),
            (("report", "--output", "-"), ("standard output", "--format csv")),
            (("fields", "lone"), ("'loan', 'customer'",)),
            (("template", "lst"), ("list",)),
        ],
    )
    def test_commands_and_options_that_are_not(self, loader, arguments, words):
        assert loader(*arguments).one_message(*words).code == 2

    def test_a_slip_in_the_sandbox_faults(self, loader, good):
        said = loader("submit", good, "-t", "portfolio", "--sandbox", "--yes", "--sandbox-faults", "dorp=0.1")
        assert said.one_message("dorp", "drop").code == 2


class TestPlaces:
    """Places that cannot be written to are known before anything is sent."""

    @pytest.mark.parametrize("option", ["--results", "--rejected"])
    @pytest.mark.parametrize(
        ("target", "words"),
        [("nowhere/r.xlsx", "does not exist"), ("good.csv/r.xlsx", "is not a folder"), (".", "is a folder")],
    )
    def test_a_copy_that_cannot_be_put_there(self, loader, good, credentials, option, target, words):
        said = loader("submit", good, "-t", "portfolio", *TO_NOWHERE, option, target)
        assert said.one_message(words).code == 8
        assert not Path("loader-runs").exists()

    @pytest.mark.parametrize("extra", [("--sandbox", "--yes"), TO_NOWHERE])
    def test_a_run_directory_that_cannot_be_made(self, loader, good, credentials, extra):
        said = loader("submit", good, "-t", "portfolio", *extra, "--run-dir", "good.csv/runs")
        assert said.one_message("cannot be made", "choose another folder with --run-dir").code == 7

    def test_a_run_directory_that_is_a_file(self, loader, good):
        said = loader("check", good, "-t", "portfolio", "--run-dir", good)
        assert said.one_message("--run-dir", "is a file").code == 2

    def test_a_workbook_that_is_open_elsewhere(self, loader, monkeypatch):
        """The message says what to close."""
        rows = changed(sample(), 1, "Principal", "abc")
        real = Path.replace

        def refuse(self, target):
            if str(target).endswith("rejected.xlsx"):
                raise PermissionError(13, "Permission denied", str(target))
            return real(self, target)

        monkeypatch.setattr(Path, "replace", refuse)
        said = loader("check", write("bad.csv", rows), "-t", "portfolio")
        assert said.one_message("cannot be written", "Excel locks an open workbook").code == 8
