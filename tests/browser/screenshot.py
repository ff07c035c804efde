"""The picture of a report in docs/, drawn anew by `make screenshot`: a stack in the sandbox, and a browser."""

import os
import shutil
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

from sandbox.lifecycle import Sandbox
from tests.harness import ROOT, Stack, open_stack

PICTURE = ROOT / "docs" / "report.png"
SIZE = (1000, 700)
LARGEST_BYTES = 120_000
SERVICES = {
    "checkout": {"limit": 50, "limitReset": "monthly", "rotation": {"every": "90d"}},
    "search": {"limit": 10, "limitReset": "daily"},
    "support-bot": {"limit": 25, "limitReset": "monthly", "rotation": {"every": "30d", "overlap": "2d"}},
    "summaries": {"limit": 80, "limitReset": "monthly"},
}
SPENT = {"checkout": 21.4, "search": 8.6, "support-bot": 25, "summaries": 3.2}


def main() -> None:
    """Deploy, spend, report, and draw the page."""
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        sys.exit("screenshot: no browser: install Debian's chromium, or name one in CHROMIUM")
    with tempfile.TemporaryDirectory() as scratch, Sandbox(Path(scratch, "data")) as sandbox:
        folder = Path(scratch)
        page = reported(open_stack(folder / "project", sandbox))
        drawn = folder / "drawn.png"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
        flags += ["--disable-background-networking", "--blink-settings=preferredColorScheme=1"]
        flags += [f"--user-data-dir={folder / 'profile'}", f"--window-size={SIZE[0]},{SIZE[1]}"]
        subprocess.run(
            [browser, *flags, f"--screenshot={drawn}", page.as_uri()], check=True, capture_output=True, timeout=120
        )
        PICTURE.write_bytes(smaller(drawn.read_bytes()))
    size = PICTURE.stat().st_size
    if size > LARGEST_BYTES:
        sys.exit(f"screenshot: {PICTURE.name} has {size} bytes, more than {LARGEST_BYTES}")
    sys.stdout.write(f"screenshot: {PICTURE.relative_to(ROOT)}, {size // 1024} KiB\n")


def reported(stack: Stack) -> Path:
    """Return the report of a deployed stack whose services have spent something, as a page."""
    stack.name = "prod"
    stack.pulumi("stack", "init")
    stack.configure(SERVICES)
    stack.up()
    for service, usd in SPENT.items():
        (key,) = stack.live(service)
        spent = {"usage": usd * 3, "usage_daily": usd / 4, "usage_weekly": usd / 2, "usage_monthly": usd}
        daily = {"usage_daily": usd} if SERVICES[service]["limitReset"] == "daily" else {}
        stack.control.edit_key(key["hash"], **spent | daily)
    page = stack.folder / "report.html"
    program = "from openrouter_provider.cli import main; main()"
    stack.run(sys.executable, "-c", program, "report", "--format", "html", "--output", str(page), "--stack", stack.name)
    return page


def smaller(picture: bytes) -> bytes:
    """Return a PNG without its text and time chunks, its pixels compressed as well as it goes."""
    chunks, at, pixels = [], 8, b""
    while at < len(picture):
        length, kind = int.from_bytes(picture[at : at + 4]), picture[at + 4 : at + 8]
        body = picture[at + 8 : at + 8 + length]
        at += 12 + length
        if kind == b"IDAT":
            pixels += body
        elif kind in (b"IHDR", b"PLTE"):
            chunks.append((kind, body))
    chunks += [(b"IDAT", zlib.compress(zlib.decompress(pixels), 9)), (b"IEND", b"")]
    written = [len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4) for kind, body in chunks]
    return picture[:8] + b"".join(written)


if __name__ == "__main__":
    main()
