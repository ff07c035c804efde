"""The stores' libraries are loaded by threads that read at the same time."""

import subprocess
import sys

READ_AT_ONCE = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from openrouter_provider.stores.reading import READINGS, SecretUnreadable

references = {
    "aws": "arn:aws:secretsmanager:us-east-1:123456789012:secret:a",
    "gcp": "gcp:projects/a/secrets/a",
    "vault": "vault:a/data/a",
    "kubernetes": "kubernetes:a/a@a",
}
together = Barrier(12)


def read(number):
    reading = READINGS[number % len(READINGS)]
    together.wait()
    try:
        reading.read(references[reading.store])
    except SecretUnreadable as error:
        return str(error)


with ThreadPoolExecutor(12) as pool:
    print(len(list(pool.map(read, range(12)))))
"""
NOWHERE = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "a",
    "AWS_SECRET_ACCESS_KEY": "a",
    "AWS_MAX_ATTEMPTS": "1",
    "VAULT_ADDR": "http://127.0.0.1:9",
    "VAULT_TOKEN": "a",
    "GOOGLE_SECRET_MANAGER_CUSTOM_ENDPOINT": "http://127.0.0.1:9",
    "GOOGLE_OAUTH_ACCESS_TOKEN": "a",
}


def test_threads_that_read_from_several_stores_at_once_load_their_libraries_one_after_the_other() -> None:
    """Each reading ends in an answer of its own, none in an import that waited for another's."""
    run = subprocess.run([sys.executable, "-c", READ_AT_ONCE], env=NOWHERE, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.strip()) == (0, "12"), run.stderr
