"""PyAirbyte reads every stream of a source into a DuckDB cache; prints what it moved and what the cache holds.

Call: read.py EXECUTABLE CONFIG CACHE
"""

import json
import sys
from pathlib import Path

import airbyte
from airbyte.caches import DuckDBCache

executable, config, cache_file = sys.argv[1:]
source = airbyte.get_source(
    Path(executable).name,
    local_executable=Path(executable),
    config=json.loads(Path(config).read_text()),
    streams="*",
)
cache = DuckDBCache(db_path=cache_file)
result = source.read(cache=cache)
states = cache.get_state_provider(Path(executable).name)
print(
    json.dumps(
        {
            "processed": result.processed_records,
            "rows": {name: len(result[name]) for name in source.get_selected_streams()},
            "states": sorted(states.known_stream_names),
        }
    )
)
