"""The components, one module each, and what they share."""
