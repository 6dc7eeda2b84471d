"""docs/errors.md and the table in proto/errors.h say the same.

The columns of the table come from the header; what it means for a person ("cause and cure") is written by hand in
docs/errors.md. `python3 tests/tidy/errors_doc.py` rewrites the first and keeps the second.
"""

import re
import sys

from problem import Problem, ROOT

HEADER = "proto/errors.h"
DOC = "docs/errors.md"
OWN_FILE = "tests/tidy/errors_doc.py"
ENTRY = re.compile(r'X\((k\w+),\s*(\d+),\s*(\d+),\s*(true|false),\s*"((?:[^"\\]|\\.)*)"\)')
ROW = re.compile(r"^\| (\d+) \| `(\w+)` \| (\d+) \| (yes|no) \| (.*?) \| (.*) \|$")


def stable_name(enumerator):
    """kBadHeader -> E_BAD_HEADER, as proto/errors.cc makes it."""
    return "E_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", enumerator[1:]).upper()


def table():
    """number -> the first five cells of its row."""
    text = re.sub(r"\s*\\\n\s*", " ", (ROOT / HEADER).read_text())
    return {int(number): (number, f"`{stable_name(name)}`", http, "yes" if retry == "true" else "no", words)
            for name, number, http, retry, words in ENTRY.findall(text)}


def documented():
    """number -> (line, first five cells, cause and cure)."""
    found = {}
    for line, text in enumerate((ROOT / DOC).read_text().splitlines(), 1):
        match = ROW.match(text)
        if match:
            cells = (match[1], f"`{match[2]}`", match[3], match[4], match[5])
            found[int(match[1])] = (line, cells, match[6].strip())
    return found


def errors_documented():
    """docs/errors.md lists every error as proto/errors.h has it, with its cure."""
    wanted, found = table(), documented()
    if not wanted:
        yield Problem(HEADER, 0, "no row of the table was understood", "correct ENTRY")
    for number, cells in wanted.items():
        if number not in found:
            yield Problem(DOC, 0, f"error {number} {cells[1]} is missing", f"run {OWN_FILE}, write its cure")
            continue
        line, written, cure = found[number]
        if written != cells:
            yield Problem(DOC, line, f"differs from {HEADER}: {' '.join(cells)}", f"run {OWN_FILE}")
        if not cure:
            yield Problem(DOC, line, f"error {number} has no cause and cure", "say what a person can do")
    for number in found.keys() - wanted.keys():
        yield Problem(DOC, found[number][0], f"error {number} is not in {HEADER}", "a number stays for ever")


def rewrite():
    """New rows go behind the row of the number before theirs; the section headings are the hand's work."""
    wanted, found = table(), documented()
    text = (ROOT / DOC).read_text().splitlines()
    for line, _, _ in found.values():
        text[line - 1] = None
    rows = {}
    for number, cells in wanted.items():
        cure = found[number][2] if number in found else ""
        rows.setdefault(number // 100, []).append(f"| {' | '.join(cells)} | {cure} |")
    out, family = [], None
    for line in text:
        if line is None:
            continue
        out.append(line)
        heading = re.match(r"## (\d)xx", line)
        family = int(heading[1]) if heading else family
        if re.match(r"\|[-| ]+\|$", line) and family in rows:
            out += rows.pop(family)
    (ROOT / DOC).write_text("\n".join(out) + "\n")
    return sorted(rows)


CHECKS = [errors_documented]

if __name__ == "__main__":
    left = rewrite()
    sys.exit(f"no heading `## {left[0]}xx` with a table in {DOC}" if left else 0)
