"""Opportunities and the sales pipeline for Besace."""
