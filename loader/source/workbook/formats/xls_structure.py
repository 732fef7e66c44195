"""What an .xls sheet says beside its cells, from the records of its part of the stream (MS-XLS 2.4)."""

import struct

from loader.source.structure import Area, Gathering

_COLUMN_INFO, _FILTER_MODE, _MERGED, _ROW = 0x007D, 0x009B, 0x00E5, 0x0208
_HIDDEN_COLUMN = 0x01
_ZERO_HEIGHT = 0x20
_FLAGS_OF_COLUMN, _FLAGS_OF_ROW = 8, 12


class XlsStructure(Gathering):
    """Gathers the structure of one sheet, record by record."""

    def see(self, kind: int, body: bytes) -> None:
        """The next record of the sheet."""
        if kind == _ROW:
            if body[_FLAGS_OF_ROW] & _ZERO_HEIGHT:
                row = struct.unpack_from("<H", body)[0] + 1
                self.rows.append((row, row))
        elif kind == _COLUMN_INFO:
            if body[_FLAGS_OF_COLUMN] & _HIDDEN_COLUMN:
                self.columns.append(struct.unpack_from("<HH", body))
        elif kind == _FILTER_MODE:
            self.filtered = True
        elif kind == _MERGED:
            for at in range(2, 2 + 8 * struct.unpack_from("<H", body)[0], 8):
                first_row, last_row, first_column, last_column = struct.unpack_from("<HHHH", body, at)
                self.merged.append(Area(first_row + 1, first_column, last_row + 1, last_column))
