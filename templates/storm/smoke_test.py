"""Submits a topology of Storm's own test components to Nimbus, waits until it has counted words, and stops it.

Storm brings no compiled example, so the topology is told to Nimbus in Thrift's binary protocol (storm.thrift): classes of
storm-client by their names. The jar that a topology has to have is empty.
"""

import io
import json
import os
import socket
import struct
import sys
import time
import urllib.request
import zipfile

NIMBUS, PORT, UI = "${cluster.master}", ${port.storm}, "http://127.0.0.1:${port.storm-ui}/api/v1"
NAME = "disco-smoke-test"
BOOL, INT, TEXT, STRUCT, MAP, LIST = 2, 8, 11, 12, 13, 15


def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack(">i", len(value)) + value


def number(value):
    return struct.pack(">i", value)


def fields(*those):
    """A struct: (id, type, value) each."""
    return b"".join(struct.pack(">bh", kind, place) + value for place, kind, value in those) + b"\0"


def mapping(kind, pairs, keys=TEXT):
    return struct.pack(">bbi", keys, kind, len(pairs)) + b"".join(key + value for key, value in pairs)


def listing(kind, values):
    return struct.pack(">bi", kind, len(values)) + b"".join(values)


def component(name, inputs, outputs):
    """An object of a class, and what flows in and out."""
    stream = fields((1, LIST, listing(TEXT, [text(one) for one in outputs])), (2, BOOL, b"\0"))
    common = fields(
        (1, MAP, mapping(STRUCT, inputs, STRUCT)),
        (2, MAP, mapping(STRUCT, [(text("default"), stream)])),
        (3, INT, number(1)),
    )
    made = fields((1, TEXT, text(name)), (2, LIST, listing(STRUCT, [])))
    return fields((1, STRUCT, fields((3, STRUCT, made))), (2, STRUCT, common))


def topology():
    words = fields((1, TEXT, text("words")), (2, TEXT, text("default")))
    by_word = fields((1, LIST, listing(TEXT, [text("word")])))
    return fields(
        (1, MAP, mapping(STRUCT, [(text("words"), component("org.apache.storm.testing.TestWordSpout", [], ["word"]))])),
        (2, MAP, mapping(STRUCT, [(text("counts"), component("org.apache.storm.testing.TestGlobalCount", [(words, by_word)], ["global-count"]))])),
        (3, MAP, mapping(STRUCT, [])),
    )


class Nimbus:
    def __init__(self):
        self.socket = socket.create_connection((NIMBUS, PORT), timeout=60)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise SystemExit("Nimbus closed the connection")
            data += more
        return data

    def call(self, name, *those):
        body = struct.pack(">I", 0x80010001) + text(name) + number(0) + fields(*those)
        self.socket.sendall(number(len(body)) + body)
        answer = self.exactly(struct.unpack(">i", self.exactly(4))[0])
        rest = answer[4 + 4 + len(name) + 4:]
        kind, place = struct.unpack(">bh", rest[:3]) if rest[0] else (0, 0)
        if answer[3] == 3 or place != 0:
            raise SystemExit("Nimbus refused %s: %s" % (name, rest.decode(errors="replace")))
        if kind == TEXT:
            size = struct.unpack(">i", rest[3:7])[0]
            return rest[7:7 + size]


def ask(path):
    with urllib.request.urlopen(UI + path, timeout=60) as answer:
        return json.load(answer)


def running():
    return next((one for one in ask("/topology/summary")["topologies"] if one["name"] == NAME), None)


def stop(nimbus):
    nimbus.call("killTopologyWithOpts", (1, TEXT, text(NAME)), (2, STRUCT, fields((1, INT, number(1)))))
    until = time.time() + 60
    while running() and time.time() < until:
        time.sleep(1)


def submit(nimbus):
    place = nimbus.call("beginFileUpload")
    jar = io.BytesIO()
    with zipfile.ZipFile(jar, "w") as packed:
        packed.writestr("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
    nimbus.call("uploadChunk", (1, TEXT, text(place)), (2, TEXT, text(jar.getvalue())))
    nimbus.call("finishFileUpload", (1, TEXT, text(place)))
    conf = json.dumps({
        "topology.workers": 2,
        "topology.acker.executors": 1,
        "topology.stats.sample.rate": 1.0,
        "storm.zookeeper.topology.auth.scheme": "digest",
        "storm.zookeeper.topology.auth.payload": "smoke-test:" + os.urandom(18).hex(),
    })
    nimbus.call("submitTopology", (1, TEXT, text(NAME)), (2, TEXT, text(place)), (3, TEXT, text(conf)), (4, STRUCT, topology()))


def main():
    nimbus = Nimbus()
    if running():  # of an attempt that was cut short
        stop(nimbus)
    submit(nimbus)
    until, counted, error = time.time() + 200, 0, ""
    while not counted and time.time() < until:
        time.sleep(3)
        found = running()
        for one in ask("/topology/" + found["id"]).get("bolts", []) if found else []:
            counted, error = one["executed"], one.get("lastError") or ""
    stop(nimbus)
    if not counted:
        raise SystemExit("no words were counted within three minutes: %s" % (error or "see the journals of the supervisors"))
    print("%d words were counted" % counted)


if __name__ == "__main__":
    sys.exit(main())
