"""Quotes and invoices: what the firm sends to its customers."""
