"""Each header compiles alone, with the flags its folder is built with.

A header that a source includes first was compiled alone by the build. Others that passed are remembered with the times
of all files they include, so that a second run costs nothing.
"""

import json
import os
import re
import shlex
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

from problem import Problem, sources, ROOT, TOP_FOLDERS

BUILD = ROOT / "build" / os.environ.get("XYLEM_PRESET", "release")
CACHE = ROOT / "build" / "tidy" / "headers.json"
JOBS = int(os.environ.get("XYLEM_JOBS") or os.cpu_count())


def flags_by_folder():
    """The compiler and flags of one source of each folder, without its inputs and outputs."""
    found = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        words = shlex.split(entry["command"])
        if words[0].endswith("ccache"):
            words = words[1:]
        source = os.path.relpath(os.path.join(entry["directory"], entry["file"]), ROOT)
        kept, skip = [], False
        for word in words:
            if skip or word in ("-c", "-MD", entry["file"]):
                skip = False
            elif word in ("-o", "-MF", "-MT"):
                skip = True
            elif not word.startswith(("-O", "-g")):
                kept.append(word)
        found.setdefault(os.path.dirname(source), kept)
    return found


def flags_for(header, by_folder):
    folder = os.path.dirname(header)
    while folder and folder not in by_folder:
        folder = os.path.dirname(folder)
    return by_folder.get(folder) or next(iter(by_folder.values()))


def unchanged(known, flags):
    """Nothing that the header includes is newer than when it passed."""
    if not known or known["flags"] != flags:
        return False
    try:
        return all(os.stat(path).st_mtime_ns == time for path, time in known["files"].items())
    except OSError:
        return False


def compile_alone(header, flags):
    """The first error, or None and the times of all files that were read."""
    with tempfile.NamedTemporaryFile("r", suffix=".d") as dependencies:
        result = subprocess.run(flags + ["-fsyntax-only", "-MD", "-MF", dependencies.name, "-x", "c++", "-"],
                                input=f'#include "{header}"\n', cwd=ROOT, capture_output=True, text=True)
        read = dependencies.read().replace("\\\n", " ").split()[1:]
    if result.returncode:
        error = next((line for line in result.stderr.splitlines() if "error" in line), result.stderr.strip())
        return error, {}
    return None, {path: os.stat(ROOT / path).st_mtime_ns for path in read if (ROOT / path).is_file()}


def included_first(source):
    """The header that a source begins with."""
    found = re.search(r'^#include ["<]([^">]+)[">]', (ROOT / source).read_text(), re.MULTILINE)
    return found.group(1) if found else None


def headers_alone():
    """Each header compiles alone."""
    by_folder = flags_by_folder()
    known = json.loads(CACHE.read_text()) if CACHE.is_file() else {}
    folders = TOP_FOLDERS + ("tests",)
    compiled = {included_first(source) for source in sources(".cc", below=folders)}
    headers = [header for header in sources(".h", below=folders) if header not in compiled]
    todo = [header for header in headers if not unchanged(known.get(header), flags_for(header, by_folder))]
    known = {header: known[header] for header in headers if header not in todo}
    with ThreadPoolExecutor(JOBS) as pool:
        results = pool.map(lambda header: compile_alone(header, flags_for(header, by_folder)), todo)
        for header, (error, read) in zip(todo, results):
            if error is None:
                known[header] = {"flags": flags_for(header, by_folder), "files": read}
            else:
                yield Problem(header, 0, f"does not compile alone: {error}", "include what it uses")
    CACHE.parent.mkdir(parents=True, exist_ok=True)
    CACHE.write_text(json.dumps(known))


CHECKS = [headers_alone]
