"""Hosts of the components other than a Python program: other languages, and stack configuration."""
