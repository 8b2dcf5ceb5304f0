"""Search for a request that a trust policy should not allow."""
