"""The demo: the story of an opportunity and of a trade fair, played on a real install."""
