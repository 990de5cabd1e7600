"""Who asks, and what they may ask for: seals, passwords, tokens, limits, the line in the log."""
