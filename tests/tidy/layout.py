"""Sources are as clang-format 19 writes them."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

from headers import JOBS
from problem import Problem, sources, ROOT

PROGRAM = "clang-format-19"


def clang_format():
    """Sources are formatted by clang-format 19."""
    names = sources(".h", ".cc")
    chunks = [names[start::JOBS] for start in range(JOBS)]

    def first_difference_of_each(chunk):
        if not chunk:
            return {}
        result = subprocess.run([PROGRAM, "--dry-run", *chunk], cwd=ROOT, capture_output=True, text=True)
        found = {}
        for text in result.stderr.splitlines():
            match = re.match(r"(.+?):(\d+):\d+: (?:warning|error): ", text)
            if match:
                found.setdefault(match[1], int(match[2]))
        return found

    with ThreadPoolExecutor(JOBS) as pool:
        for found in pool.map(first_difference_of_each, chunks):
            for name, line in found.items():
                yield Problem(name, line, "is not formatted", f"{PROGRAM} -i {name}")


CHECKS = [clang_format]
