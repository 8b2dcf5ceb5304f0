"""Hosts the components for programs in any Pulumi language: `pulumi package add` runs this."""

from personalize_permissions._hosts.provider import serve

if __name__ == "__main__":
    serve()
