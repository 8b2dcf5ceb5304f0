"""A real Pulumi engine and an emulated AWS on one machine, for trying and testing; nothing of it is shipped."""
