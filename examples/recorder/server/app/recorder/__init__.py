"""The recorder: a process that listens, recognises, and tells of it through Valkey."""
