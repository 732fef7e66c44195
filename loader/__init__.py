"""Moves loan portfolios from spreadsheets onto LoanPro; `python -m loader --help` shows how."""

__version__ = "0.1.0"
