"""Hosts for programs in Python, Node.js and Go, plugins and policy packs, where there are no official ones."""
