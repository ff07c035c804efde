"""What a deployment needs, looked at before it: the machine, the account, the stores, the calls ahead."""
