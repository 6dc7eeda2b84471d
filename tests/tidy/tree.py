"""Every folder is a room: it says what it is for, and the build knows all that is in it."""

import re

from includes import ROOMS
from problem import Problem, files, lines, sources, ROOT

# Folders below these mirror the sources, or hold one suite each; tests/README.md speaks for them.
README_ELSEWHERE = ("tests/unit/", "tests/fuzz/corpus/")
# Found by a pattern in their CMakeLists.txt, because a corpus and a suite go with each of them by name.
LISTED_BY_PATTERN = re.compile(r"^tests/fuzz/[a-z0-9_]+_fuzz\.cc$")


def folder_of(name):
    return name.rpartition("/")[0]


def readmes():
    """Every folder with sources has a README.md that names files to read first."""
    folders = {}
    for name in sources(".cc", ".h", ".py", ".ts", ".js", ".proto"):
        folders.setdefault(folder_of(name), []).append(name)
    for folder in ("proto", "client", "relay", "origin", "tests", "deploy", "docs"):
        folders.setdefault(folder, [])
    for folder, inside in sorted(folders.items()):
        if not folder or f"{folder}/".startswith(README_ELSEWHERE):
            continue
        readme = f"{folder}/README.md"
        if not (ROOT / readme).is_file():
            yield Problem(folder, 0, "has no README.md", "say its purpose, what it may include, what to read first")
            continue
        text = "\n".join(lines(readme))
        names = {name.rsplit("/", 1)[-1] for name in files() if folder_of(name) == folder}
        named = {name for name in names if name in text}
        if inside and len(named - {"README.md"}) < min(2, len(names) - 1):
            yield Problem(readme, 0, "names no two files of its folder", "name the two to read first")


def rooms_named():
    """The README of a top folder names each of its rooms."""
    for room in ROOMS:
        top, _, below = room.partition("/")
        readme = f"{top}/README.md"
        if not below or not (ROOT / room).is_dir() or not (ROOT / readme).is_file():
            continue
        if f"{below}/" not in "\n".join(lines(readme)):
            yield Problem(readme, 0, f"does not name {below}/", "say in its table what that room holds")


def listed():
    """Every source is listed by name in a CMakeLists.txt."""
    for name in sources(".cc"):
        if LISTED_BY_PATTERN.match(name):
            continue
        folder = folder_of(name)
        while True:
            build_file = f"{folder}/CMakeLists.txt" if folder else "CMakeLists.txt"
            relative = name[len(folder) + 1:] if folder else name
            if build_file in files() and re.search(rf"(?<![\w/.-]){re.escape(relative)}(?![\w/.-])",
                                                   "\n".join(lines(build_file))):
                break
            if not folder:
                yield Problem(name, 0, "no CMakeLists.txt lists it", "add it to the target of its folder, or delete it")
                break
            folder = folder_of(folder)


def headers_open_with_words():
    """Every header opens with what it is, and is included once."""
    for name in sources(".h", below=("proto", "client", "relay", "origin")):
        text = lines(name)
        if not text or not text[0].startswith("// "):
            yield Problem(name, 1, "does not open with a comment", "say in three to ten lines what it is and is not")
        if "#pragma once" not in text:
            yield Problem(name, 1, "has no #pragma once", "add it below the opening comment")


CHECKS = [readmes, rooms_named, listed, headers_open_with_words]
