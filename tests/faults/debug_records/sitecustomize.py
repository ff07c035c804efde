"""Python imports this at its start where the folder is on PYTHONPATH: it writes all log records at DEBUG to a file.

Not in the stand-in for the AWS plugin, which is a program of another language where it counts.
"""

import logging
import os
import sys
from pathlib import Path

folder = os.environ.get("DEBUG_RECORDS")
if folder and not any("aws_plugin" in word for word in sys.orig_argv):
    logging.basicConfig(
        filename=Path(folder, f"{os.getpid()}.log"), level=logging.DEBUG, format="%(levelname)s %(name)s %(message)s"
    )
