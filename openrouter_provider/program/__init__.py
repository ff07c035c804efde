"""What a Pulumi program uses: the stack's config loaded and declared, ServiceKey, and look-ups."""
