"""The generated pages: one module for each sort of page."""
