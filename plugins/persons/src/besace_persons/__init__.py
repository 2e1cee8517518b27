"""Organisations and contacts for Besace."""
