"""Hosts for programs in Python and Node.js, component plugins and policy packs, where official ones cannot be had."""
