"""A foreign OPC UA server of 200 variables, as a machine maker might ship it: folders, units, ranges, moving values."""
import asyncio
import math
import sys

from asyncua import Server, ua

UNITS = {"Temperature": ("°C", 4408652), "Pressure": ("bar", 4342098), "Current": ("A", 4279632)}


async def main(port: int) -> None:
    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/plc/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace("urn:example:line")
    line = await server.nodes.objects.add_object(index, "Line1")
    moving = []
    for number in range(1, 41):
        station = await line.add_object(index, f"Station{number:02}")
        for name, (symbol, unit) in UNITS.items():
            node = await station.add_variable(index, name, 20.0 + number)
            described = ua.EUInformation(
                NamespaceUri="http://www.opcfoundation.org/UA/units/un/cefact",
                UnitId=unit,
                DisplayName=ua.LocalizedText(symbol),
            )
            await node.add_property(0, "EngineeringUnits", described)
            await node.add_property(0, "EURange", ua.Range(Low=0.0, High=400.0))
            moving.append((number, node))
        await station.add_variable(index, "Running", number % 2 == 0)
        await station.add_variable(index, "Parts", number * 100, ua.VariantType.UInt32)
    async with server:
        print(f"ready {port}", flush=True)
        beat = 0
        while True:
            beat += 1
            for number, node in moving:
                await node.write_value(20.0 + number + 5 * math.sin(beat / 5 + number))
            await asyncio.sleep(1)


asyncio.run(main(int(sys.argv[1])))
