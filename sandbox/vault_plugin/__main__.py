"""Run the plugin: `python -m sandbox.vault_plugin ENGINE_ADDRESS` prints the port that it serves on."""

from sandbox.plugins.serve import serve
from sandbox.vault_plugin.plugin import PLUGIN

if __name__ == "__main__":
    serve(PLUGIN)
