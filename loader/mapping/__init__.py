"""The template, and the conversions that turn columns of text into payload values."""
