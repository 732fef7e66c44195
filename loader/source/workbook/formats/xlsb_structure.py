"""What an .xlsb sheet says beside its cells, from the records of its part (MS-XLSB 2.4)."""

import struct

from loader.source.structure import Area, Gathering

_ROW, _COLUMN_INFO, _MERGED = 0, 60, 176
_CONDITIONS = frozenset({165, 168, 169, 170, 171, 172})
"""Of a filter: BrtBeginFilters, BrtColorFilter, BrtIconFilter, BrtTop10Filter, BrtDynamicFilter, BrtBeginCustomFilters."""
_ZERO_HEIGHT = 0x10
_HIDDEN_COLUMN = 0x01
_FLAGS_OF_ROW, _FLAGS_OF_COLUMN = 11, 16


class XlsbStructure(Gathering):
    """Gathers the structure of one sheet, record by record."""

    def see(self, kind: int, body: bytes) -> None:
        """The next record of the sheet."""
        if kind == _ROW:
            if body[_FLAGS_OF_ROW] & _ZERO_HEIGHT:
                row = struct.unpack_from("<I", body)[0] + 1
                self.rows.append((row, row))
        elif kind == _COLUMN_INFO:
            if body[_FLAGS_OF_COLUMN] & _HIDDEN_COLUMN:
                self.columns.append(struct.unpack_from("<II", body))
        elif kind == _MERGED:
            first_row, last_row, first_column, last_column = struct.unpack_from("<IIII", body)
            self.merged.append(Area(first_row + 1, first_column, last_row + 1, last_column))
        elif kind in _CONDITIONS:
            self.filtered = True
