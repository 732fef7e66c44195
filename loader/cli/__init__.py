"""Options, printing and exit codes. Decides nothing."""
