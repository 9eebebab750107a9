"""Asks models through their makers' own SDKs, and says in plain words what went wrong."""
