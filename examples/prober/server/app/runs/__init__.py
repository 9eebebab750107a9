"""Runs: what they are in the database, and how they go on until every case has its result."""
