"""The real terraform-provider-aws behind the real Pulumi engine: its calls, translated to Terraform's protocol."""
