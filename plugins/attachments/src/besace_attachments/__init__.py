"""Notes and files: what people write down and keep about anything."""
