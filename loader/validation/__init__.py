"""Rules over a row and over the file. Bad data become issues here and never raise."""
