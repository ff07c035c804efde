"""How often Python looks for garbage in the short-lived processes of a run."""

import atexit
import gc

OBJECTS_BETWEEN_COLLECTIONS = 50_000


def collect_seldom() -> None:
    """Let Python look for garbage after 50,000 new objects instead of its usual 700; a rarer wish of the program stays.

    What a program declares lives until its end, a thousand objects a key, so that the looking finds next to nothing: it
    was a third of a program's CPU time at 1000 keys. What is found later instead is 1 MB. At the end it does not look
    at all, where the process gives back everything.
    """
    atexit.register(gc.freeze)
    youngest, *older = gc.get_threshold()
    if 0 < youngest < OBJECTS_BETWEEN_COLLECTIONS:
        gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *older)
