"""A controller by Snap7 (python-snap7 2.0.2): snap7_server.py PORT. DB1 has 100 bytes, the markers 16."""

import ctypes
import struct
import sys
import time

from snap7.server import Server
from snap7.type import SrvArea

db = bytearray(100)
for start, format, value in [
    (0, ">f", 1.5),
    (4, ">h", -235),
    (6, ">H", 54321),
    (8, ">i", -123456789),
    (12, ">I", 3123456789),
    (16, ">d", 0.1),
    (24, ">q", -9007199254740991),
    (32, ">b", -5),
    (33, ">B", 0b1000),
    (34, ">2B5s", (10, 5, b"Moru7")),
]:
    values = value if isinstance(value, tuple) else (value,)
    struct.pack_into(format, db, start, *values)
markers = bytearray(16)
markers[4] = 0b100

server = Server(log=False)
for area, number, memory in [(SrvArea.DB, 1, db), (SrvArea.MK, 0, markers)]:
    server.register_area(area, number, (ctypes.c_char * len(memory)).from_buffer(memory))
server.start(tcp_port=int(sys.argv[1]))
while True:
    time.sleep(1)
