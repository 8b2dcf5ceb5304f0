"""Hosts for programs in Python and Node.js, component plugins and policy packs, where there are no official ones."""
