"""Verification: whether all that is stored is what it is derived from, and all that is promised holds."""
