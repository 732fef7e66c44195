"""What calamine does not tell of a workbook, searched for in the file itself, format by format."""
