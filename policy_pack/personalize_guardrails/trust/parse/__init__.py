"""Read a trust policy into statements, and each condition into a test of one key."""
