"""Commands that `make` runs to prepare a checkout, on the standard library: nothing is installed yet."""

import sys

# Said here, in syntax that any Python 3 reads: an older one cannot import the modules beside this one.
if sys.version_info < (3, 11):  # noqa: UP036 - no installer has checked requires-python yet
    sys.exit("setup: Python 3.11 or newer is needed; say which one to use: make PYTHON=python3.11 setup")
