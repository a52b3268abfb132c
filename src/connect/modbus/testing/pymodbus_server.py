"""A Modbus device by pymodbus (3.16): pymodbus_server.py tcp PORT | rtu SERIAL-PORT."""

import asyncio
import struct
import sys

from pymodbus import datastore
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer


def registers(format, value):
    data = struct.pack(format, value)
    return list(struct.unpack(f">{len(data) // 2}H", data))


def swapped(words):
    return [(word & 255) << 8 | word >> 8 for word in words]


holding = {
    0: registers(">h", -123),
    1: registers(">H", 54321),
    2: registers(">i", -123456789),
    4: registers(">I", 3123456789)[::-1],
    6: registers(">q", -9007199254740991),
    10: registers(">Q", 9007199254740993),
    14: swapped(registers(">f", 1234567.5)),
    16: swapped(registers(">d", 0.1))[::-1],
    20: [0x1234],
    21: [0x9876, 0x5432],
    23: registers(">8s", "주조".encode()),
    30: [0b1000],
}



def block(given):
    values = [0] * 150
    for start, words in given.items():
        values[start : start + len(words)] = words
    # The first register has the number 1 here and the address 0 on the line.
    return datastore.ModbusSequentialDataBlock(1, values)


# Older releases call a device a slave.
device_type = getattr(datastore, "ModbusDeviceContext", None) or datastore.ModbusSlaveContext
device = device_type(hr=block(holding), ir=block({5: [235]}), co=block({9: [1]}), di=block({17: [1]}))
context = datastore.ModbusServerContext(device, single=True)

transport, place = sys.argv[1:]


async def serve():
    if transport == "tcp":
        await StartAsyncTcpServer(context=context, address=("127.0.0.1", int(place)))
    else:
        await StartAsyncSerialServer(context=context, port=place, baudrate=9600)


asyncio.run(serve())
