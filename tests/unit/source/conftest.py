"""Builders of small files, and rows of a table as plain values."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from loader.source.table import Batch, SourceTable


def rows_of(table: SourceTable, rows_per_batch: int = 4_096) -> list[tuple[int, tuple[str, ...]]]:
    """Every row of a table: its number and its texts."""
    found: list[tuple[int, tuple[str, ...]]] = []
    for batch in table.batches(rows_per_batch):
        found.extend(zip(batch.rows, zip(*batch.columns, strict=True), strict=True))
    return found


@pytest.fixture
def rows() -> Callable[..., list[tuple[int, tuple[str, ...]]]]:
    return rows_of


@pytest.fixture
def only_batch() -> Callable[[SourceTable], Batch]:
    def read(table: SourceTable) -> Batch:
        (batch,) = table.batches()
        return batch

    return read


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """A CSV file with exactly these bytes, or this text in UTF-8."""

    def write(content: str | bytes, name: str = "loans.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """A workbook with one sheet for each keyword, its rows from A1 on."""

    def write(name: str = "loans.xlsx", **sheets: Iterable[Iterable[Any]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, content in sheets.items():
            sheet = book.create_sheet(title)
            for row in content:
                sheet.append(list(row))
        path = tmp_path / name
        book.save(path)
        return path

    return write
