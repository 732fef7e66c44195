"""Sends what the plan says, at the tenant's pace, and judges each answer. Knows nothing of spreadsheets."""
