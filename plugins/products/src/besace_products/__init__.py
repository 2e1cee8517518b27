"""Products and services for Besace."""
