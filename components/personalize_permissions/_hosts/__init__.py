"""Hosts of the components besides a Python program: other languages, and stack configuration."""
