"""The suite that measures loader beside what people would use instead, and beside what bounds it: `python -m bench`."""
