"""A language host for Python programs, component plugins and policy packs, where the official one cannot be had."""
