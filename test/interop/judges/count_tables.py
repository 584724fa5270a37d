"""Counts the rows of every table of a DuckDB file that a foreign target wrote.

Call: count_tables.py DATABASE
"""

import json
import sys

import duckdb

with duckdb.connect(sys.argv[1], read_only=True) as connection:
    tables = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
    ).fetchall()
    counts = {}
    for (table,) in tables:
        counts[table] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
print(json.dumps(counts))
