"""Which cluster a context of the kubeconfig means, and as whom it is asked."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from openrouter_provider.stores.kubernetes.kubeconfig import files, is_in_cluster, target_of
from openrouter_provider.stores.value import SecretUnreadable

CANARY = "canary-0e6f"


def named(kind: str, **entries: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a section's entries."""
    return [{"name": name, kind: values} for name, values in entries.items()]


def write(path: Path, **sections: Any) -> Path:
    """Write a kubeconfig."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"apiVersion": "v1", "kind": "Config", **sections}))
    return path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Two kubeconfigs that KUBECONFIG lists, with one that is not there between them."""
    first = write(
        tmp_path / "a" / "config",
        contexts=named("context", prod={"cluster": "east", "user": "ci"}, lost={"cluster": "nowhere"}),
        users=named("user", ci={"tokenFile": "token"}),
    )
    second = write(
        tmp_path / "b" / "config",
        contexts=named("context", prod={"cluster": "west"}, dev={"cluster": "west"}),
        clusters=named("cluster", east={"server": "https://east"}, west={"server": "https://west"}),
        users=named("user", ci={"token": "of the second file"}),
    )
    (tmp_path / "a" / "token").write_text("of the first file")
    return {"KUBECONFIG": f"{first}:{tmp_path / 'none'}:{second}"}


def test_files_are_merged_and_the_first_counts(environ: dict[str, str]) -> None:
    """A context may lead to a cluster of another file; of two entries of a name the first file's is meant."""
    target = target_of("prod", environ)
    assert target.cluster.text("server") == "https://east"
    assert target.user.text("token") == ""


def test_paths_start_at_the_file_s_folder(environ: dict[str, str]) -> None:
    """A relative path in a kubeconfig is the same wherever the command runs."""
    assert target_of("prod", environ).user.content("tokenFile") == b"of the first file"


def test_a_context_may_have_no_user(environ: dict[str, str]) -> None:
    """Then nobody signs in."""
    assert target_of("dev", environ).user.values == {}


@pytest.mark.parametrize(
    ("context", "words"), [("stage", "no context stage: set KUBECONFIG"), ("lost", "no server for context lost")]
)
def test_a_context_that_leads_nowhere_is_unreadable_and_never_gone(
    environ: dict[str, str], context: str, words: str
) -> None:
    """A kubeconfig of another place proves nothing of a Secret."""
    with pytest.raises(SecretUnreadable, match=words) as caught:
        target_of(context, environ)
    assert not caught.value.gone


def test_a_broken_kubeconfig_is_one_line_without_its_words(tmp_path: Path) -> None:
    """What a file holds is not quoted, since it may be a token."""
    path = tmp_path / "config"
    for content in (f"a: [{CANARY}", f"{CANARY}", f"- {CANARY}"):
        path.write_text(content)
        with pytest.raises(SecretUnreadable) as caught:
            target_of("prod", {"KUBECONFIG": str(path)})
        assert CANARY not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_what_is_written_out_counts_before_a_file(tmp_path: Path) -> None:
    """Data in base64 is used as it is; what is none, or no file, is named."""
    inline = base64.b64encode(b"pem").decode()
    cluster = {"server": "https://a", "certificate-authority-data": inline, "certificate-authority": "none"}
    user = {"client-key-data": "%", "client-certificate": "none.pem"}
    path = write(
        tmp_path / "config",
        contexts=named("context", a={"cluster": "a", "user": "a"}),
        clusters=named("cluster", a=cluster),
        users=named("user", a=user),
    )
    target = target_of("a", {"KUBECONFIG": str(path)})
    assert target.cluster.content("certificate-authority") == b"pem"
    assert target.cluster.content("client-key") is None
    for name in ("client-key", "client-certificate"):
        with pytest.raises(SecretUnreadable, match=f"the kubeconfig's {name} can't be read"):
            target.user.content(name)


def test_without_the_variable_it_is_the_home_folder_s(tmp_path: Path) -> None:
    """As for kubectl."""
    assert files({"HOME": str(tmp_path)}) == [tmp_path / ".kube" / "config"]


POD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}


def test_in_a_pod_without_a_kubeconfig_it_is_the_pod_s_own_cluster(tmp_path: Path) -> None:
    """The service account signs in, by the files that the cluster puts into each pod."""
    target = target_of("", {**POD, "HOME": str(tmp_path)})
    assert target.cluster.text("server") == "https://10.0.0.1:6443"
    assert target.user.folder / target.user.text("tokenFile") == Path(
        "/var/run/secrets/kubernetes.io/serviceaccount/token"
    )
    six = target_of("", {**POD, "KUBERNETES_SERVICE_HOST": "fd00::1", "HOME": str(tmp_path)})
    assert six.cluster.text("server") == "https://[fd00::1]:6443"


def test_elsewhere_a_context_is_needed(environ: dict[str, str], tmp_path: Path) -> None:
    """The kubeconfig's current context is never followed: kubectl may be switched to another cluster at any time."""
    assert not is_in_cluster({"HOME": str(tmp_path)})
    assert not is_in_cluster({**POD, **environ})
    with pytest.raises(SecretUnreadable, match="names no context"):
        target_of("", environ)
