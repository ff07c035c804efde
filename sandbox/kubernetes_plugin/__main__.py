"""Run the plugin: `python -m sandbox.kubernetes_plugin ENGINE_ADDRESS` prints the port that it serves on."""

from sandbox.kubernetes_plugin.plugin import PLUGIN
from sandbox.plugins.serve import serve

if __name__ == "__main__":
    serve(PLUGIN)
