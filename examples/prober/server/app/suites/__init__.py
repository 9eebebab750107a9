"""Suites of test cases, as people write them in YAML, and where they are kept."""
