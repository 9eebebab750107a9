"""A machine in small for each test: home folder, display, bus, and the programs under test."""
