"""Lets faults befall work on an app's data, and checks that the data is the old or the new."""
