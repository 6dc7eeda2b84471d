"""Sources are as clang-format 19 writes them, scripts as shellcheck wants them."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from headers import JOBS
from problem import Problem, files, is_script, lines, sources, ROOT

FORMATTER = "clang-format-19"


def first_complaint_of_each(command, names):
    """file -> (line, words): what a program that complains like a compiler says first about each file."""
    def run(chunk):
        result = subprocess.run([*command, *chunk], cwd=ROOT, capture_output=True, text=True)
        return (result.stdout + result.stderr).splitlines()

    found = {}
    chunks = [names[start::JOBS] for start in range(JOBS) if names[start::JOBS]]
    with ThreadPoolExecutor(JOBS) as pool:
        for text in (text for output in pool.map(run, chunks) for text in output):
            match = re.match(r"(\S+?):(\d+):\d+: (?:warning|error|note): (.*)", text)
            if match:
                found.setdefault(match[1], (int(match[2]), match[3]))
    return found


def clang_format():
    """Sources are formatted by clang-format 19."""
    for name, (line, _) in first_complaint_of_each([FORMATTER, "--dry-run"], sources(".h", ".cc")).items():
        yield Problem(name, line, "is not formatted", f"{FORMATTER} -i {name}")


def shell():
    """Scripts pass shellcheck."""
    names = [name for name in files() if name.endswith(".sh") or is_script(name) and "sh" in lines(name)[0]]
    found = first_complaint_of_each(["shellcheck", "--format=gcc", "--severity=warning"], names)
    for name, (line, words) in found.items():
        yield Problem(name, line, words, f"https://www.shellcheck.net/wiki/{words[words.rfind('[') + 1:].rstrip(']')}")


CHECKS = [clang_format, shell]
