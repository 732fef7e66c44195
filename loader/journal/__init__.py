"""Durable record of runs: intents before requests, outcomes after them. Never a payload, never a secret."""
