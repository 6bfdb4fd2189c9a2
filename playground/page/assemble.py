"""Puts the parts of the page into one file, which needs nothing else."""

from __future__ import annotations

import base64
import gzip
import json
import pathlib
import sys
from typing import Any

LARGEST = 4 * 1024 * 1024
HERE = pathlib.Path(__file__).parent
INCIDENT = HERE.parent.parent / "examples" / "incident"
FILES = ["etc/cinder/cinder.conf", "etc/cinder/nfs_shares"]
MOUNTS = INCIDENT / "var/lib/cinder/mnt"


def literal(value: Any) -> str:
    """As a script has it: nothing in it ends the script."""
    return json.dumps(value).replace("</", "<\\/").replace("<!--", "<\\!--")


def example() -> dict[str, Any]:
    files = [{"path": path, "text": (INCIDENT / path).read_text()} for path in FILES]
    shares = {
        f"/var/lib/cinder/mnt/{mount.name}": "yes" if (mount / ".cinderSecureEnvIndicator").exists() else "no"
        for mount in sorted(MOUNTS.iterdir())
    }
    return {"files": files, "rest": {"shares": shares, "root": True}}


def main(wasm: str, editor: str, page: str) -> None:
    packed = gzip.compress(pathlib.Path(wasm).read_bytes(), compresslevel=9, mtime=0)
    parts = {
        "/*STYLE*/": (HERE / "style.css").read_text(),
        "/*EXAMPLE*/null": literal(example()),
        "/*WORKER*/null": literal((HERE / "ask.js").read_text() + (HERE / "worker.js").read_text()),
        "/*EDITOR*/": pathlib.Path(editor).read_text().replace("</script", "<\\/script") if editor else "",
        "/*SCRIPT*/": (HERE / "page.js").read_text(),
        "/*WASM*/": base64.b64encode(packed).decode(),
    }
    text = (HERE / "page.html").read_text()
    for mark, part in parts.items():
        assert text.count(mark) == 1, mark
        text = text.replace(mark, part)
    pathlib.Path(page).write_text(text)
    size = len(text.encode())
    print(f"{page}: {size:,} bytes, of which {len(parts['/*WASM*/']):,} are the linter")
    if size > LARGEST:
        sys.exit(f"{page}: larger than {LARGEST:,} bytes")


main(*sys.argv[1:])
