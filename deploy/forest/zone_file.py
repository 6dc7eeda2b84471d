"""The DNS zone of a forest (docs/spec.md §6) and the Knot server that answers for it."""

import os
import subprocess

from processes import Failed, Process, free_port, wait_for


def zone_text(zone, buckets, zone_id, servers, leaves, ttl=5, style="plain"):
    """`servers`: node name → [(host label, port, priority, weight)]; `leaves`: bucket → node name. With style
    `underscore` the SRV records stand below `_xylem._tcp`, with `wildcard` those of all leaves below `*`."""
    lines = [
        f"$ORIGIN {zone}.",
        f"$TTL {ttl}",
        f"@ SOA ns hostmaster 1 60 60 3600 {ttl}",
        "@ NS ns",
        "ns A 127.0.0.1",
        f'@ TXT "v=xylem1 n={buckets} id={zone_id}"',
    ]
    hosts = set()
    for name, entries in servers.items():
        owner = f"_xylem._tcp.{name}" if style == "underscore" else name
        if style == "wildcard" and name in leaves.values():
            owner = "*"
        for host, port, priority, weight in entries:
            lines.append(f"{owner} SRV {priority} {weight} {port} {host}")
            hosts.add(host)
    lines += [f"{host} A 127.0.0.1" for host in sorted(hosts)]
    if style != "wildcard":
        lines += [f"b{bucket} CNAME {name}" for bucket, name in sorted(leaves.items())]
    return "\n".join(lines) + "\n"


KNOT_CONFIG = """\
server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
log:
  - target: stderr
    any: warning
database:
    storage: "{folder}/db"
zone:
  - domain: {zone}
    file: "{folder}/zone"
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
"""


class Knot:
    """An authoritative server on loopback and a free port."""

    def __init__(self, folder, zone):
        self.folder, self.zone, self.port = folder, zone, free_port()
        os.makedirs(f"{folder}/db", exist_ok=True)
        with open(f"{folder}/knot.conf", "w") as f:
            f.write(KNOT_CONFIG.format(folder=folder, port=self.port, zone=zone))
        self.process = Process("knotd", ["knotd", "-c", f"{folder}/knot.conf"], f"{folder}/knotd.log")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def write_zone(self, text):
        with open(f"{self.folder}/zone.new", "w") as f:
            f.write(text)
        os.replace(f"{self.folder}/zone.new", f"{self.folder}/zone")

    def start(self):
        self.process.start()
        wait_for("the DNS server answers", lambda: self.ask(self.zone, "TXT"))
        return self

    def reload(self, text):
        """A changed zone; gives back when the server answers from it."""
        serial = int(self.ask(self.zone, "SOA").split()[2])
        self.write_zone(text.replace(" 1 60 60", f" {serial + 1} 60 60", 1))
        words = ["knotc", "-c", f"{self.folder}/knot.conf", "zone-reload", self.zone]
        subprocess.run(words, check=True, capture_output=True)
        wait_for("the DNS server has reloaded", lambda: int(self.ask(self.zone, "SOA").split()[2]) == serial + 1)

    def ask(self, name, kind):
        """What `dig +short` says; empty when there is no answer."""
        words = ["dig", "@127.0.0.1", "-p", str(self.port), "+short", "+time=1", "+tries=1", name, kind]
        done = subprocess.run(words, capture_output=True, text=True)
        if not self.process.running():
            raise Failed(f"knotd ended:\n{self.process.last_lines()}")
        return "" if ";;" in done.stdout else done.stdout.strip()

    def stop(self):
        self.process.stop()
