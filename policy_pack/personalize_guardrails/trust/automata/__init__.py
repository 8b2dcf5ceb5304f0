"""Follow the patterns of conditions through the possible values of a key."""
