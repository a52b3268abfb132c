"""An edge node by pysparkplug. Takes lines on standard input, tells what it was commanded on standard output."""

import itertools
import json
import sys

import pysparkplug as psp

port = int(sys.argv[1])
user, password = (sys.argv[2:4] + [None, None])[:2]
group, node = "plant", "edge-1"


def metric(name, datatype, value, **more):
    return psp.Metric(
        timestamp=psp.get_current_timestamp(), name=name, datatype=datatype, value=value, **more
    )


def say(**fact):
    print(json.dumps(fact), flush=True)


T = psp.DataType
metrics = [
    metric("int8", T.INT8, -8),
    metric("int16", T.INT16, -1600),
    metric("int32", T.INT32, -320000),
    metric("int64", T.INT64, -9007199254740991),
    metric("uint8", T.UINT8, 200),
    metric("uint16", T.UINT16, 60000),
    metric("uint32", T.UINT32, 4000000000),
    metric("uint64", T.UINT64, 9007199254740991),
    metric("float", T.FLOAT, 0.5),
    metric("double", T.DOUBLE, 0.1),
    metric("boolean", T.BOOLEAN, True),
    metric("string", T.STRING, "주조"),
    metric("text", T.TEXT, "long"),
    metric("uuid", T.UUID, "u-1"),
]


def send(edge, kind, payload, device=None):
    topic = psp.Topic(
        message_type=kind, group_id=group, edge_node_id=node, device_id=device
    )
    edge._client.publish(
        psp.Message(topic=topic, payload=payload, qos=psp.QoS.AT_MOST_ONCE, retain=False),
        include_dtypes=True,
    )


def born_again(edge):
    """The library leaves it to its users to be born again."""
    edge._EdgeNode__seq_cycler = itertools.cycle(range(256))
    born = (*edge.metrics.values(), metric("bdSeq", T.INT64, 0))
    now = psp.get_current_timestamp()
    send(edge, psp.MessageType.NBIRTH, psp.NBirth(timestamp=now, seq=edge._seq, metrics=born))
    for device in edge.devices.values():
        payload = psp.DBirth(timestamp=now, seq=edge._seq, metrics=tuple(device.metrics.values()))
        send(edge, psp.MessageType.DBIRTH, payload, device.device_id)


def on_node(edge, message):
    for told in message.payload.metrics:
        say(node=told.name, value=told.value)
        if told.name == "Node Control/Rebirth" and told.value:
            born_again(edge)


def on_device(edge, message):
    for told in message.payload.metrics:
        say(device=told.name, value=told.value)
        edge.update_device("press", [metric(told.name, told.datatype, told.value)])


edge = psp.EdgeNode(
    group,
    node,
    [metric("Node Control/Rebirth", T.BOOLEAN, False)],
    psp.Client(client_id="pysparkplug", username=user, password=password),
    cmd_callback=on_node,
)
edge.register(psp.Device("press", metrics, cmd_callback=on_device))
edge.connect("127.0.0.1", port=port)
say(state="started")
for line in sys.stdin:
    order = json.loads(line)
    name, value = order["name"], order["value"]
    known = edge.devices["press"].metrics[name]
    if "historicalAt" in order:
        at = order["historicalAt"]
        old = psp.Metric(
            timestamp=at, name=name, datatype=known.datatype, value=value, is_historical=True
        )
        edge.update_device("press", [old])
    else:
        edge.update_device("press", [metric(name, known.datatype, value)])
edge.disconnect()
