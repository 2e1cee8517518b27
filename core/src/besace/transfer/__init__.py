"""Import and export: rows of CSV files, through the same door as every other write."""
