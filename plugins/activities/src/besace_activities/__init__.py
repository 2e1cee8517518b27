"""Activities: what was done and what is to come, and the agenda."""
