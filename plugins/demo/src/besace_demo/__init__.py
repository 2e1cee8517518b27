"""A company's worth of example data for Besace."""
