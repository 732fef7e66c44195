"""Workbooks of five formats: python-calamine gives the cells, and what it does not tell is searched for."""
