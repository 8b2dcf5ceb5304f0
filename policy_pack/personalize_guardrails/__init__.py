"""Guardrails for IAM roles that Amazon Personalize assumes."""
