"""An `aws` resource provider for the sandbox: pulumi-aws's types and behaviour, served by moto on loopback."""
