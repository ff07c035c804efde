"""Which cluster a Secret is in: a context is a name in a file, and another file may mean another cluster by it.

"No such Secret", heard from another cluster, would let a key go that is in use. So a state notes the cluster, by its
authority's certificate, or by its address where the kubeconfig names no authority; and only that one's answers count.
"""

import hashlib
import os
from collections.abc import Callable, Mapping

from ...api.scrub import printable
from ..value import ENVIRONMENT, FROM, Access, SecretUnreadable
from .kubeconfig import CONTEXT, VARIABLE, Target, target_of

SERVER, AUTHORITY = "server", "authority"
NOT_NOTED = (
    "the state doesn't note which cluster it was stored in, so its answer is no proof: run `pulumi up` with the "
    "kubeconfig of the cluster that the service runs in, which notes it (docs/errors.md#another-cluster)"
)
_DIGITS = 16


def cluster_of(target: Target) -> Access:
    """Return what tells a cluster from any other; a certificate is no secret, and its digest is short.

    Raises:
        SecretUnreadable: the authority's file can't be read.
    """
    authority = target.cluster.content("certificate-authority")
    by_authority = {AUTHORITY: hashlib.sha256(authority.strip()).hexdigest()[:_DIGITS]} if authority else {}
    return {SERVER: target.cluster.text("server").strip().rstrip("/").lower(), **by_authority, FROM: ENVIRONMENT}


def here(config: Callable[[str], str | None], environ: Mapping[str, str] = os.environ) -> Access:
    """Return the cluster that the stack's default provider goes to in this run; nothing where no kubeconfig says."""
    try:
        return cluster_of(target_of(config(CONTEXT) or "", environ))
    except SecretUnreadable:
        return {}


def home(access: Access) -> str:
    """Return which cluster an access leads to, in words; empty where nobody noted it.

    >>> home({"server": "https://10.0.0.1:6443", "authority": "5f2c8e0d9b1a4c37"})
    'authority 5f2c8e0d9b1a4c37'
    """
    authority = access.get(AUTHORITY)
    return f"authority {authority}" if authority else access.get(SERVER, "")


def check_home(access: Access, context: str, target: Target) -> None:
    """Refuse a cluster that is not the one of an access that notes one.

    Raises:
        SecretUnreadable: names both, and the fix.
    """
    now = cluster_of(target)
    if home(access) and home(access) != home(now):
        raise SecretUnreadable(elsewhere(access, now, context))


def elsewhere(noted: Access, now: Access, context: str) -> str:
    """Return what to say where a context means another cluster than the one that a secret was stored in."""
    shown = printable(context, length=200) or "of this pod"
    ours, other = (f"{each.get(SERVER)} ({home(each)})" for each in (noted, now))
    return (
        f"it was stored in the cluster at {ours}, and context {shown} now means the one at {other}, which was not "
        f"asked: set {VARIABLE} to the file that means the former (docs/errors.md#another-cluster)"
    )
