"""Run Secret Manager: `python -m sandbox.gcp --port 0 --port-file FILE` serves on loopback until SIGTERM."""

from sandbox.gcp.app import make_app
from sandbox.serving import serve

if __name__ == "__main__":
    serve(make_app(), "python -m sandbox.gcp")
