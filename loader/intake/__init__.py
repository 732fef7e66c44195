"""A source and a template become checked rows, and the checked rows of a run enter the journal."""
