"""What every check yields, and the files it looks at."""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOP_FOLDERS = ("proto", "client", "relay", "origin")


@dataclass(frozen=True, order=True)
class Problem:
    file: str
    line: int  # 0: the whole file
    cause: str
    cure: str

    def __str__(self):
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.cause}; {self.cure}"


@cache
def files():
    """Every file that is or would be committed, as paths relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(name for name in set(listed.split("\0")) if name and (ROOT / name).is_file())


def sources(*suffixes, below=()):
    """Files with one of the suffixes, below one of the folders (all when none is given)."""
    return [name for name in files()
            if name.endswith(suffixes) and (not below or name.startswith(tuple(f"{folder}/" for folder in below)))]


@cache
def lines(name):
    return (ROOT / name).read_text(encoding="utf-8", errors="replace").splitlines()


@cache
def is_script(name):
    """An executable without a suffix that starts with `#!`."""
    if "." in name.rsplit("/", 1)[-1]:
        return False
    with open(ROOT / name, "rb") as file:
        return file.read(2) == b"#!"


def code():
    """What people write and read as code; not data, vectors or corpora."""
    suffixes = (".cc", ".h", ".proto", ".py", ".ts", ".js", ".mjs", ".css", ".html", ".sh", ".awk", ".cmake", ".txt")
    return [name for name in files()
            if (name.endswith(suffixes) or is_script(name))
            and "/corpus/" not in name and "/vectors/" not in name and "package-lock" not in name]
