"""Ids of rules in the text of a page lead to their pages."""

from __future__ import annotations

import posixpath
import re
from typing import Any


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    inside: list[str] = []
    parts = re.split(r"(<[^>]*>)", html)
    known = {file.src_uri.split("/")[1] for file in files.documentation_pages() if re.match(r"rules/CND\d{3}/", file.src_uri)}
    here = posixpath.dirname(page.file.dest_uri)

    def link(found: re.Match[str]) -> str:
        if found[0] not in known or found[0] in page.file.src_uri:
            return found[0]
        return f'<a href="{posixpath.relpath(f"rules/{found[0]}/index.html", here or ".")}">{found[0]}</a>'

    for n, part in enumerate(parts):
        if n % 2 == 0:
            parts[n] = part if inside else re.sub(r"\bCND\d{3}\b", link, part)
        elif tag := re.match(r"<(/?)(a|pre|code|h\d)\b", part):
            inside.append(tag[2]) if not tag[1] else inside and inside.pop()
    return "".join(parts)


def on_post_page(output: str, page: Any, config: Any) -> str:
    """The script that lets the search work from disk is our own, and not an address."""
    start = posixpath.dirname(page.file.dest_uri) or "."
    return output.replace("https://unpkg.com/iframe-worker/shim", posixpath.relpath("shim.js", start))
