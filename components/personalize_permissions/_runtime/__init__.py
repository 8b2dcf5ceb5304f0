"""What components need while a program runs: outputs, location, names, and who writes what."""
