"""What stacks hold from one version to the next: a snapshot of it, and a state that an earlier version recorded."""
