"""Tests of the server, through its API wherever that is possible."""
