"""What is done with samples: reading, measuring, fingerprinting. Knows no database."""
