"""Tableau's Hyper API writes a .hyper file of journal lines, or reads every table of one; prints the rows as JSON.

Call: hyper_file.py write FILE ROWS    (ROWS: [["id", "12.34"], ...])
      hyper_file.py read FILE                (a .hyper file, or a .tdsx with one inside)
Rows of one value make a table of ids alone, as deletes take it.
"""

import json
import sys
import zipfile
from decimal import Decimal
from pathlib import Path

from tableauhyperapi import (
    NOT_NULLABLE,
    Connection,
    CreateMode,
    HyperProcess,
    Inserter,
    SqlType,
    TableDefinition,
    TableName,
    Telemetry,
)


def write(connection, rows):
    connection.catalog.create_schema("Extract")
    columns = [
        TableDefinition.Column("id", SqlType.text(), NOT_NULLABLE),
        TableDefinition.Column("amount", SqlType.numeric(18, 4)),
    ]
    table = TableDefinition(TableName("Extract", "lines"), columns[: len(rows[0])])
    connection.catalog.create_table(table)
    with Inserter(connection, table) as inserter:
        inserter.add_rows([key, *map(Decimal, amounts)] for key, *amounts in rows)
        inserter.execute()
    return {"written": len(rows)}


def read(connection):
    found = {}
    for schema in connection.catalog.get_schema_names():
        for table in connection.catalog.get_table_names(schema):
            columns = connection.catalog.get_table_definition(table).columns
            rows = connection.execute_list_query(f"SELECT * FROM {table} ORDER BY 1")
            found[f"{schema.name.unescaped}.{table.name.unescaped}"] = {
                "columns": [f"{column.name.unescaped} {column.type}" for column in columns],
                "rows": [[None if value is None else str(value) for value in row] for row in rows],
            }
    return found


action, path = sys.argv[1:3]
if path.endswith(".tdsx"):
    with zipfile.ZipFile(path) as archive:
        inside = next(name for name in archive.namelist() if name.endswith(".hyper"))
        path = archive.extract(inside, Path(path).parent)
parameters = {"default_database_version": "2", "log_config": ""}
with HyperProcess(Telemetry.DO_NOT_SEND_USAGE_DATA_TO_TABLEAU, parameters=parameters) as process:
    mode = CreateMode.CREATE_AND_REPLACE if action == "write" else CreateMode.NONE
    with Connection(process.endpoint, path, mode) as opened:
        print(json.dumps(write(opened, json.loads(sys.argv[3])) if action == "write" else read(opened)))
