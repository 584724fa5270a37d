"""The CDK's EntrypointOutput and the typed models of the protocol read captured lines; prints what they found.

Call: parse.py FILE
"""

import json
import sys
from collections import Counter
from pathlib import Path

import orjson
from airbyte_cdk.models import AirbyteMessageSerializer
from airbyte_cdk.test.entrypoint_wrapper import EntrypointOutput
from airbyte_protocol.models import AirbyteMessage

path = Path(sys.argv[1])
lines = [line for line in path.read_text(encoding="utf-8").split("\n") if line]
# EntrypointOutput takes a line it cannot parse for a log: here every line is parsed, and the first bad one raises.
for line in lines:
    AirbyteMessage.model_validate_json(line)
    AirbyteMessageSerializer.load(orjson.loads(line))

output = EntrypointOutput(message_file=path)
records = Counter(message.record.stream for message in output.records)
states = Counter(message.state.stream.stream_descriptor.name for message in output.state_messages)
traced = {
    message.trace.stream_status.stream_descriptor.name
    for message in output.trace_messages
    if message.trace.stream_status
}
print(
    json.dumps(
        {
            "lines": len(lines),
            "specs": len(output.spec_messages),
            "connection": [message.connectionStatus.status.value for message in output.connection_status_messages],
            "catalogs": [
                [stream.name for stream in message.catalog.streams]
                for message in output.get_message_iterator()
                if message.catalog
            ],
            "records": records,
            "states": states,
            "logs": [message.log.message for message in output.logs],
            "errors": [message.trace.error.message for message in output.errors],
            "statuses": {name: [status.value for status in output.get_stream_statuses(name)] for name in sorted(traced)},
        }
    )
)
