"""A small stand-in for terraform-provider-aws, for machines that have none: the types that this repository needs."""
