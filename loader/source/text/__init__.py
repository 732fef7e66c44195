"""Text files with separators: which bytes are text, where records end, and records as columns."""
