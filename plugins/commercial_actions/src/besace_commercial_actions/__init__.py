"""Commercial actions and their objectives for Besace."""
