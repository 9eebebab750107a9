"""Random faults at random moments, on apps that are made up from a seed."""
