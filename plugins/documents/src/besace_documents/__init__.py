"""Quotes, sales orders, invoices and credit notes for Besace."""
