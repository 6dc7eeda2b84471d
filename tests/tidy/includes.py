"""Who may include whom, and what a core never touches.

The one direction of the tree is `proto <- client <- relay <- origin`: a relay is a client of its upstream plus a log
and fan-out, an origin is a relay whose upstream is the site. Cores are state machines that take bytes and the time as
arguments, so that the simulator can run them over a virtual network in virtual time. docs/architecture.md is the map.
"""

import re
from dataclasses import dataclass

from problem import Problem, lines, sources, TOP_FOLDERS


@dataclass(frozen=True)
class Room:
    may_include: str  # rooms besides itself
    core: bool = False
    shell_files: str = ""  # the files of a core's room that touch the machine, without .h and .cc


# A room of the sources is a folder with its own row here; a new row or word is a design decision, and the README of
# the folder says why.
ROOMS = {
    "proto": Room("", core=True),

    # The reading side.
    "client/options": Room("proto"),
    "client/logging": Room("proto"),
    "client/uv": Room("proto"),
    "client/discovery": Room("proto client/uv", core=True,
                             shell_files="resolver system_lookup cached_resolver discovery cache_file"),
    "client/session": Room("proto client/discovery", core=True),
    "client/view": Room("proto", core=True),
    "client/reader": Room("proto client/uv client/discovery client/session"),
    "client/cli": Room("proto client/options client/logging client/uv client/discovery client/session client/view "
                       "client/reader"),

    # A node. It links the client's library, never its terminal or web code.
    "relay/keys": Room("proto"),
    "relay/log": Room("proto", core=True, shell_files="posix_storage"),
    "relay/serve": Room("proto relay/log", core=True),
    "relay/serve/loop": Room("proto client/logging client/uv relay/log relay/serve relay/edge"),
    "relay/edge": Room("proto relay/log relay/serve", core=True),
    "relay/follow": Room("proto client/discovery client/session relay/log", core=True),
    "relay/node": Room("proto client/options client/logging client/uv client/discovery client/session relay/keys "
                       "relay/log relay/serve relay/serve/loop relay/edge relay/follow"),

    # The writing side.
    "origin/manifest": Room("proto", core=True),
    "origin/sequence": Room("proto relay/log", core=True),
    "origin/ingest": Room("proto client/uv relay/edge origin/sequence origin/ingest/post"),
    "origin/ingest/post": Room("proto origin/sequence", core=True),
    "origin/ingest/thread": Room("proto client/options client/view"),
    "origin/drill": Room("proto client/discovery client/session client/view relay/log relay/serve relay/edge "
                         "relay/follow origin/sequence", core=True),
    "origin/node": Room("proto client/options client/logging client/uv client/discovery client/session relay/keys "
                        "relay/log relay/serve relay/serve/loop relay/edge relay/follow relay/node origin/manifest "
                        "origin/sequence origin/ingest origin/ingest/post origin/ingest/thread origin/drill"),
}

# Values that a shell's room defines and that know nothing of it: every room and every core may use them.
PLAIN_VALUES = {
    "client/uv/shared_bytes.h": "bytes that many connections send without a copy",
    "client/uv/socket_address.h": "an address as a value",
    "client/uv/host_port.h": "host:port as written",
}

FORBIDDEN_INCLUDES = {
    r"uv\.h|ares\.h": "libraries with sockets belong to a shell",
    r"sys/socket\.h|netinet/.*|netdb\.h|sys/un\.h|poll\.h|sys/epoll\.h": "sockets belong to a shell",
    r"fcntl\.h|unistd\.h|sys/stat\.h|sys/uio\.h|sys/mman\.h|fstream|iostream": "files belong to a shell",
    r"thread|mutex|shared_mutex|condition_variable|future|pthread\.h": "threads and locks belong to a shell",
}
FORBIDDEN_CALLS = {
    r"\b(steady_clock|system_clock|high_resolution_clock)::now\b": "the time is an argument of a core",
    r"\b(clock_gettime|gettimeofday)\s*\(": "the time is an argument of a core",
    r"(?<![\w.>:])(std::)?time\s*\(\s*(nullptr|NULL|0)\s*\)": "the time is an argument of a core",
    r"\bgetenv\s*\(": "the environment is read by programs only",
}

# They cost seconds for each file that includes them, so no header passes them on.
HEAVY = re.compile(r"CLI/.*|toml\+\+/.*|nlohmann/json\.hpp|simdjson\.h|spdlog/.*|.*\.pb\.h")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def room_of(path):
    """The innermost room that holds the path, or an empty text."""
    folder = path.rpartition("/")[0]
    while folder and folder not in ROOMS:
        folder = folder.rpartition("/")[0]
    return folder


def is_core(path):
    room = ROOMS.get(room_of(path))
    if path in PLAIN_VALUES:
        return True
    return room is not None and room.core and path.rpartition("/")[2].rpartition(".")[0] not in room.shell_files.split()


def includes_of(name):
    """(line, quoted or not, path) of each include."""
    for number, text in enumerate(lines(name), 1):
        match = INCLUDE.match(text)
        if match:
            yield number, match[1] == '"', match[2]


def directions():
    """Folders include only what the table of tests/tidy/includes.py allows."""
    for name in sources(".h", ".cc", below=TOP_FOLDERS):
        room = room_of(name)
        if not room:
            yield Problem(name, 0, "its folder is no room of the table", "add it to ROOMS in tests/tidy/includes.py")
            continue
        allowed = ROOMS[room].may_include.split() + [room]
        for number, quoted, path in includes_of(name):
            if not quoted or path in PLAIN_VALUES:
                continue
            if path.split("/")[0] not in TOP_FOLDERS:
                yield Problem(name, number, f'"{path}" is not a path from the root of the sources',
                              "write the folder too, or <> for what is not ours")
            elif room_of(path) not in allowed:
                yield Problem(name, number, f"{room} may not include {path}",
                              "turn the dependency round, or pass what is needed as an argument")


def cores():
    """Cores include no I/O, no threads and no shell, and ask no clock."""
    for name in sources(".h", ".cc", below=TOP_FOLDERS):
        if not is_core(name) or name in PLAIN_VALUES:
            continue
        for number, quoted, path in includes_of(name):
            if quoted and room_of(path) and not is_core(path):
                yield Problem(name, number, f"a core includes {path}", "a shell calls the core, not the reverse")
            for pattern, reason in FORBIDDEN_INCLUDES.items():
                if not quoted and re.fullmatch(pattern, path):
                    yield Problem(name, number, f"a core includes <{path}>", reason)
        for number, text in enumerate(lines(name), 1):
            for pattern, reason in FORBIDDEN_CALLS.items():
                found = re.search(pattern, text.split("//")[0])
                if found:
                    yield Problem(name, number, f"a core calls {found[0].strip()}", reason)


def heavy_headers():
    """No header of ours includes a library that takes seconds to compile."""
    for name in sources(".h", below=TOP_FOLDERS + ("tests",)):
        for number, _, path in includes_of(name):
            if HEAVY.fullmatch(path):
                yield Problem(name, number, f"passes {path} on", "include it in the .cc, behind a type of ours")


CHECKS = [directions, cores, heavy_headers]
