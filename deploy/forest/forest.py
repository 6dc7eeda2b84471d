"""A forest: keys, DNS, origins and relays as real processes on loopback.

    with Forest(folder, programs) as forest:
        forest.start()
        forest.append("31337", lines)
        forest.xylem("thread", forest.zone, "31337", "--json")
"""

import json
import os
import re
import subprocess

from processes import Failed, Process, free_port
from zone_file import Knot, zone_text

# The founding drawing: two origins, four L1, a leaf for each of twelve buckets.
FOUNDING = {
    "buckets": 12,
    "origins": ["1-6", "7-12"],
    "inner": ["1-3.1-6", "4-6.1-6", "7-9.7-12", "10-12.7-12"],
    "leaves": {},
}
for leaf in range(1, 13):
    first = (leaf - 1) // 3 * 3 + 1
    FOUNDING["leaves"][leaf] = f"{leaf}.{first}-{first + 2}.{'1-6' if leaf <= 6 else '7-12'}"


class Forest:
    def __init__(self, folder, programs, shape=None, zone="distributed.example", servers_per_node=1, threads=1,
                 style="plain"):
        self.folder, self.programs, self.zone = os.path.abspath(folder), programs, zone
        self.shape = shape or FOUNDING
        self.servers_per_node, self.threads, self.style = servers_per_node, threads, style
        self.knot = None
        self.nodes = {}  # process name → Process
        self.places = {}  # node name → [(host label, port, priority, weight)]
        self.ingest_ports = {}  # origin range → port
        self.zone_id = None
        for part in ("keys", "dns", "logs", "ready", "cache"):
            os.makedirs(f"{self.folder}/{part}", exist_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- starting ---

    def start(self):
        self.plan()
        self.make_keys()
        self.knot = Knot(f"{self.folder}/dns", self.zone)
        self.knot.write_zone(self.zone_text())
        self.knot.start()
        for name in self.nodes:
            self.nodes[name].words = [str(word) for word in self.command(name)]
        for name in self.ordered():
            self.nodes[name].start()
        for name in self.ordered():
            self.nodes[name].wait_ready()
        return self

    def plan(self):
        """Who stands where, on which port."""
        for node_name in self.shape["origins"]:
            self.add_server(node_name, "feed-" + node_name, 0)
            self.ingest_ports[node_name] = free_port()
        for node_name in list(dict.fromkeys(self.shape["inner"] + list(self.shape["leaves"].values()))):
            for copy in range(self.servers_per_node):
                level = "l1" if node_name in self.shape["inner"] else "l2"
                suffix = "abcdefgh"[copy]
                self.add_server(node_name, f"{level}-{node_name.split('.')[0]}{suffix}", 10)

    def add_server(self, node_name, host, weight):
        port = free_port()
        self.places.setdefault(node_name, []).append((host, port, 0, weight))
        self.nodes[host] = Process(host, [], f"{self.folder}/logs/{host}.log", f"{self.folder}/ready/{host}.json")

    def make_keys(self):
        words = ["keygen", "--dir", f"{self.folder}/keys", "--zone", self.zone, "--buckets", self.shape["buckets"]]
        for node_name in self.shape["origins"]:
            host, port, _, _ = self.places[node_name][0]
            words += ["--origin", f"{node_name}={host}.{self.zone}:{port}"]
        said = self.run("xylem-origin", *words)
        self.zone_id = re.search(r"\b[0-9a-f]{64}\b", said.stdout).group(0)

    def zone_text(self):
        return zone_text(self.zone, self.shape["buckets"], self.zone_id, self.places, self.shape["leaves"],
                         style=self.style)

    def command(self, host):
        node_name = next(n for n, servers in self.places.items() if any(s[0] == host for s in servers))
        port = next(s[1] for s in self.places[node_name] if s[0] == host)
        common = [
            "--data", f"{self.folder}/data/{host}", "--listen", f"127.0.0.1:{port}",
            "--advertise", f"{host}.{self.zone}:{port}",
            "--relay", "any", "--threads", self.threads, "--ready-file", f"{self.folder}/ready/{host}.json",
        ]
        os.makedirs(f"{self.folder}/data/{host}", exist_ok=True)
        if node_name in self.shape["origins"]:
            keys = f"{self.folder}/keys"
            return [f"{self.programs}/xylem-origin", "serve", "--key", f"{keys}/origin-{node_name}.key", "--manifest",
                    f"{keys}/manifest.xylem", "--ingest", f"127.0.0.1:{self.ingest_ports[node_name]}", "--token-file",
                    f"{keys}/ingest.token", *common]
        place = ["--name", node_name] if node_name in self.shape["inner"] else ["--bucket", node_name.split(".")[0]]
        return [f"{self.programs}/xylem-relay", "--zone", self.zone, *place, "--dns", self.knot.address,
                "--allow-private", *common]

    def ordered(self):
        """Origins first, then down the levels."""
        return list(self.nodes)

    # --- using ---

    def bucket_of(self, feed):
        return int(feed) % self.shape["buckets"] or self.shape["buckets"]

    def origin_of(self, feed):
        bucket = self.bucket_of(feed)
        for node_name in self.shape["origins"]:
            first, _, last = node_name.partition("-")
            if int(first) <= bucket <= int(last or first):
                return node_name
        raise Failed(f"no origin has bucket {bucket}")

    def process_of(self, node_name, copy=0):
        return self.nodes[self.places[node_name][copy][0]]

    def append_words(self, feed, path, *more):
        port = self.ingest_ports[self.origin_of(feed)]
        return [f"{self.programs}/xylem-origin", "append", "--server", f"http://127.0.0.1:{port}", "--token-file",
                f"{self.folder}/keys/ingest.token", "--feed", str(feed), *map(str, more), str(path)]

    def append(self, feed, path, *more, **options):
        return self.checked(self.append_words(feed, path, *more), **options)

    def reader_words(self, command, feed, *more):
        return [f"{self.programs}/xylem", command, self.zone, str(feed), "--dns", self.knot.address,
                "--allow-private", "--cache", f"{self.folder}/cache", *map(str, more)]

    def xylem(self, command, feed, *more, **options):
        return self.checked(self.reader_words(command, feed, *more), **options)

    def events(self, feed, *more, **options):
        """All events as `xylem tail --json` gives them."""
        said = self.xylem("tail", feed, "--json", "--until-live", *more, **options)
        return [json.loads(line) for line in said.stdout.splitlines()]

    def run(self, program, *words, **options):
        return self.checked([f"{self.programs}/{program}", *map(str, words)], **options)

    @staticmethod
    def checked(words, seconds=60):
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, timeout=seconds)
        if done.returncode != 0:
            raise Failed(f"{' '.join(map(str, words))}\nended with {done.returncode}:\n{done.stderr}")
        return done

    def stop(self):
        for process in reversed(list(self.nodes.values())):
            if process.running():
                process.process.terminate()
        for process in self.nodes.values():
            process.stop()
        if self.knot:
            self.knot.stop()
