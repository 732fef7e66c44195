"""Work that other processes do beside this one: each has a pipe of its own and ends when the other end of it is gone, however this one ended."""
