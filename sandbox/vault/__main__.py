"""Run Vault: `python -m sandbox.vault --port 0 --port-file FILE` serves on loopback until SIGTERM."""

from sandbox.serving import serve
from sandbox.vault.app import make_app

if __name__ == "__main__":
    serve(make_app(), "python -m sandbox.vault")
