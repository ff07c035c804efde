"""The process that serves the resources to Pulumi's engine, and all else that knows the inside of Pulumi's SDK."""
