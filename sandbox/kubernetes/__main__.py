"""Run the API: `python -m sandbox.kubernetes --port 0 --port-file FILE` serves on loopback until SIGTERM."""

from sandbox.kubernetes.app import make_app
from sandbox.serving import serve

if __name__ == "__main__":
    serve(make_app(), "python -m sandbox.kubernetes")
