"""Programs and hosts that begin with everything imported, so that many stacks pay for the imports once."""
