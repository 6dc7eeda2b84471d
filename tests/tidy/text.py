"""Rules that a look at names and lines is enough for."""

import re

from problem import Problem, code, files, is_script, lines, sources, ROOT

LINE_MAX = 120
FILE_LINES_MAX = 500
OWN_FILE = "tests/tidy/text.py"  # spells out what it forbids

# A vague name hides several ideas in one file.
VAGUE = re.compile(r"(^|[/_.-])(utils?|helpers?|common|misc|managers?|stuff)([/_.-]|$)")
MARKS = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|^\s*#\s*if\s+0\b")
SLEEPS = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b")
PRIVATE_PATH = re.compile(r"(?<![\w.~$}])/(home|root)/\w")


def line_length():
    """Lines have at most 120 characters."""
    for name in code():
        for number, text in enumerate(lines(name), 1):
            if len(text) > LINE_MAX:
                yield Problem(name, number, f"{len(text)} characters", f"break it at {LINE_MAX}")


def file_length():
    """A file is one idea: at most 500 lines."""
    for name in code():
        if len(lines(name)) > FILE_LINES_MAX:
            yield Problem(name, 0, f"{len(lines(name))} lines", "split it by ideas; 100 to 150 lines are normal")


def marks():
    """Nothing is left for later or switched off in the sources."""
    for name in code() + sources(".md"):
        if name == OWN_FILE:
            continue
        for number, text in enumerate(lines(name), 1):
            found = MARKS.search(text)
            if found:
                yield Problem(name, number, f"'{found[0].strip()}'", "do it, or write an issue and delete the line")


def names():
    """File names say what is inside."""
    for name in files():
        if VAGUE.search(name):
            yield Problem(name, 0, "the name says nothing", "name the one idea that it holds")


def sleeping_tests():
    """Tests wait for states or use virtual time; they never sleep."""
    for name in sources(".cc", ".h", below=("tests",)):
        for number, text in enumerate(lines(name), 1):
            found = SLEEPS.search(text.split("//")[0])
            if found:
                yield Problem(name, number, f"{found[0]} in a test", "wait for the state that is meant")


def private_paths():
    """No path of one person's machine is in the tree."""
    for name in code() + sources(".md", ".json", ".toml", ".service", ".conf"):
        if name == OWN_FILE:
            continue
        for number, text in enumerate(lines(name), 1):
            found = PRIVATE_PATH.search(text)
            if found:
                yield Problem(name, number, f"names {found[0]}…", "use a path relative to the sources, or a variable")


def script_bits():
    """Scripts can be run, and stop at the first error."""
    for name in files():
        if not is_script(name) or "/corpus/" in name:
            continue
        if not (ROOT / name).stat().st_mode & 0o111:
            yield Problem(name, 0, "begins with #! but cannot be run", f"chmod +x {name}")
        text = "\n".join(lines(name))
        if "bash" in lines(name)[0] and "set -euo pipefail" not in text and "suite.sh" not in text:
            yield Problem(name, 1, "goes on after an error", "add: set -euo pipefail")


CHECKS = [line_length, file_length, marks, names, sleeping_tests, private_paths, script_bits]
