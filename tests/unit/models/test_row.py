"""Where a row stands, as people read it."""

from loader.models.row import RowRef


def test_line_is_shown_where_it_is_not_the_row_number():
    assert str(RowRef(0, "", 7)) == "row 7"
    assert str(RowRef(0, "", 7, 12)) == "row 7 (line 12)"
    assert str(RowRef(0, "May", 7)) == "May row 7"
