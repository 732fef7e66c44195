"""What people receive of a run: workbooks, plain files and the closing summary, all rebuilt from the journal at will."""
