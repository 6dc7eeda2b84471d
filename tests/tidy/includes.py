"""Who may include whom, and what a core never touches.

The one direction of the tree is `proto <- client <- relay <- origin`: a relay is a client of its upstream plus a log
and fan-out, an origin is a relay whose upstream is the site. Cores are state machines that take bytes and the time as
arguments, so that the simulator can run them over a virtual network in virtual time.
"""

import re

from problem import Problem, lines, sources, TOP_FOLDERS

# Each folder of the sources with the folders it may include besides itself. Adding a line is a design decision: the
# folder's README says why.
MAY_INCLUDE = {
    "proto": [],
    # The reading side.
    "client/uv": ["proto"],
    "client/session": ["proto"],
    "client/view": ["proto"],
    "client/discovery": ["proto", "client/uv"],
    "client/reader": ["proto", "client/uv", "client/session", "client/discovery", "client/view"],
    "client/cli": ["proto", "client/uv", "client/session", "client/discovery", "client/view", "client/reader"],
    # A node. A relay links the client's library, never its terminal or web code.
    "relay/log": ["proto"],
    "relay/serve": ["proto", "client/session", "relay/log"],
    "relay/edge": ["proto", "client/session", "client/view", "relay/log", "relay/serve"],
    "relay/node": ["proto", "client/uv", "client/session", "client/discovery", "client/view",
                   "relay/log", "relay/serve", "relay/edge"],
    # The writing side.
    "origin/sequence": ["proto", "relay/log"],
    "origin/ingest": ["proto", "client/uv", "relay/edge", "origin/sequence"],
    "origin/drill": ["proto", "client/session", "client/view", "relay/log", "relay/serve", "relay/edge",
                     "origin/sequence"],
    "origin/node": ["proto", "client/uv", "client/session", "client/discovery", "client/view", "relay/log",
                    "relay/serve", "relay/edge", "relay/node", "origin/sequence", "origin/ingest", "origin/drill"],
}

# Folders of cores, and the files in them that are a core's edge to the machine.
CORES = ["proto", "client/session", "client/view", "relay/log", "relay/serve", "relay/edge", "origin/sequence",
         "origin/drill"]
NOT_CORE = {
    "relay/log/posix_storage.h": "the log's storage on real files, one of its two implementations",
    "relay/log/posix_storage.cc": "the log's storage on real files, one of its two implementations",
}

FORBIDDEN_INCLUDES = {
    r"uv\.h": "libuv belongs to a shell",
    r"sys/socket\.h|netinet/.*|arpa/.*|netdb\.h|sys/un\.h|poll\.h|sys/epoll\.h": "sockets belong to a shell",
    r"fcntl\.h|unistd\.h|sys/stat\.h|sys/uio\.h|sys/mman\.h|fstream|filesystem": "files belong to a shell",
    r"thread|mutex|shared_mutex|condition_variable|future|pthread\.h": "threads and locks belong to a shell",
}
FORBIDDEN_CALLS = {
    r"\b(steady_clock|system_clock|high_resolution_clock)::now\b": "the time is an argument of a core",
    r"\b(clock_gettime|gettimeofday|uv_now|uv_hrtime)\s*\(": "the time is an argument of a core",
    r"(?<![\w.>:])(std::)?time\s*\(\s*(nullptr|NULL|0)\s*\)": "the time is an argument of a core",
    r"\bgetenv\s*\(": "the environment is read by programs only",
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def folder_of(path):
    return path.rsplit("/", 1)[0]


def room_of(path):
    """The folder of the table that holds the path."""
    folder = folder_of(path)
    while folder and folder not in MAY_INCLUDE:
        folder = folder.rpartition("/")[0]
    return folder


def directions():
    """Folders include only what the table of tests/tidy/includes.py allows."""
    for name in sources(".h", ".cc", below=TOP_FOLDERS):
        room = room_of(name)
        if not room:
            yield Problem(name, 0, "its folder is not in the table of dependencies",
                          "add it to MAY_INCLUDE in tests/tidy/includes.py")
            continue
        allowed = MAY_INCLUDE[room] + [room]
        for number, text in enumerate(lines(name), 1):
            match = INCLUDE.match(text)
            if not match or match[1] == "<":
                continue
            if match[2].split("/")[0] not in TOP_FOLDERS:
                yield Problem(name, number, f'"{match[2]}" is not a path from the root of the sources',
                              "write the folder too, or <> for what is not ours")
            elif room_of(match[2]) not in allowed:
                yield Problem(name, number, f"{room} may not include {match[2]}",
                              "turn the dependency round, or pass what is needed as an argument")


def cores():
    """Cores include no I/O and no threads, and ask no clock."""
    for name in sources(".h", ".cc", below=CORES):
        if name in NOT_CORE:
            continue
        for number, text in enumerate(lines(name), 1):
            match = INCLUDE.match(text)
            if match and match[1] == "<":
                for pattern, reason in FORBIDDEN_INCLUDES.items():
                    if re.fullmatch(pattern, match[2]):
                        yield Problem(name, number, f"a core includes <{match[2]}>", reason)
            statement = text.split("//")[0]
            for pattern, reason in FORBIDDEN_CALLS.items():
                found = re.search(pattern, statement)
                if found:
                    yield Problem(name, number, f"a core calls {found[0].strip()}", reason)


CHECKS = [directions, cores]
