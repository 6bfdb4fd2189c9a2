"""Every link and anchor of the site leads somewhere, and no page asks anything of a network.

docs/site/check.py FOLDER
"""

from __future__ import annotations

import html.parser
import pathlib
import re
import sys
import urllib.parse

LOADS = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}


class Page(html.parser.HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str | None] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        has = dict(attributes)
        self.anchors |= {has.get("id"), has.get("name")}
        link, load = has.get("href"), has.get(LOADS.get(tag, ""))
        if tag == "a" and link:
            self.links.append(link)
        if load and has.get("rel") not in ("canonical", "next", "prev"):
            self.loads.append(load)


def main(site: pathlib.Path) -> None:
    pages = {path: Page(path.read_text()) for path in sorted(site.rglob("*.html")) if path.name != "playground.html"}
    wrong = []
    for path, page in pages.items():
        for address in page.links + page.loads:
            parts = urllib.parse.urlsplit(address)
            if parts.scheme or parts.netloc:
                if address in page.loads:
                    wrong.append(f"{path}: loads {address}")
                continue
            there = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if not there.is_file():
                wrong.append(f"{path}: {address} is no file")
            elif parts.fragment and there in pages and urllib.parse.unquote(parts.fragment) not in pages[there].anchors | {"__comments"}:
                wrong.append(f"{path}: {address} has no such anchor")
    for style in site.rglob("*.css"):
        for address in re.findall(r"url\(['\"]?((?:https?:)?//[^)]*)", style.read_text()):
            wrong.append(f"{style}: loads {address}")
    if not any("nas_secure_file_permissions" in path.read_text() for path in (site / "search").glob("*.js")):
        wrong.append("the search does not know nas_secure_file_permissions")
    for rule in (pathlib.Path(__file__).resolve().parent.parent.parent / "rules").glob("CND*.toml"):
        if site / "rules" / rule.name[:6] / "index.html" not in pages:
            wrong.append(f"{rule.name} has no page")
    print(f"{len(pages)} pages, {sum(len(page.links) for page in pages.values())} links, {len(wrong)} wrong")
    sys.exit("\n".join(wrong[:40]) if wrong else 0)


main(pathlib.Path(sys.argv[1]).resolve())
