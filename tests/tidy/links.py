"""Relative links of the documentation lead somewhere, to the heading that they name."""

import re
from functools import cache
from pathlib import PurePosixPath
from posixpath import normpath

from problem import Problem, lines, sources, ROOT

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")


@cache
def anchors(name):
    """The anchors that GitHub makes of a file's headings."""
    found, count = set(), {}
    for text in prose(name).values():
        match = re.match(r"#{1,6}\s+(.*?)\s*#*\s*$", text)
        if match:
            slug = re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", match[1]).lower()).replace(" ", "-")
            found.add(slug if slug not in count else f"{slug}-{count[slug]}")
            count[slug] = count.get(slug, 0) + 1
        found.update(re.findall(r'<a (?:id|name)="([^"]+)"', text))
    return found


def prose(name):
    """Lines outside of fenced code, by number."""
    kept, fenced = {}, False
    for number, text in enumerate(lines(name), 1):
        if text.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced:
            kept[number] = text
    return kept


def doc_links():
    """Relative links in Markdown resolve."""
    for name in sources(".md"):
        for number, text in prose(name).items():
            for match in LINK.finditer(re.sub(r"`[^`]*`", "", text)):
                target = match[1] or match[2]
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                path, _, anchor = target.partition("#")
                linked = normpath(str(PurePosixPath(name).parent / path)) if path else name
                if not (ROOT / linked).exists():
                    yield Problem(name, number, f"links to {target}, which is not there", "correct the path")
                elif anchor and linked.endswith(".md") and anchor not in anchors(linked):
                    yield Problem(name, number, f"{linked} has no heading #{anchor}", "correct the anchor")


CHECKS = [doc_links]
