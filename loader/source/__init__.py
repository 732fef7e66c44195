"""A file becomes batches of cells as text with their place. No cell is interpreted here."""
