"""Runs a pipeline of Ledgerpipe from Airflow 2 or 3.

Install the runner where the workers are (`npm install -g` of the packages, or the image of the runner with
LEDGERPIPE_COMMAND set to a `docker run` line) and put this file into the DAG folder. Environment of the workers:

LEDGERPIPE_COMMAND   how the runner is called; default: ledgerpipe
LEDGERPIPE_FILE      the pipelines; default: /etc/ledgerpipe/ledgerpipe.yaml
LEDGERPIPE_PIPELINE  the pipeline to run; default: xero-to-databricks; quickbooks-to-databricks is in the
                     example files too: a copy of this file, with its own environment, runs it
LEDGERPIPE_SCHEDULE  a cron expression; default: every 15 minutes

Secrets are variables of the workers' environment too, under the names that the file of pipelines uses.
"""

import os
import shlex
from datetime import datetime, timedelta, timezone

from airflow import DAG

try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:
    from airflow.operators.bash import BashOperator

pipeline = os.environ.get("LEDGERPIPE_PIPELINE", "xero-to-databricks")
command = [
    *shlex.split(os.environ.get("LEDGERPIPE_COMMAND", "ledgerpipe")),
    "sync",
    pipeline,
    "--file",
    os.environ.get("LEDGERPIPE_FILE", "/etc/ledgerpipe/ledgerpipe.yaml"),
]

with DAG(
    dag_id=f"ledgerpipe_{pipeline.replace('-', '_')}",
    description="Carries accounting records from their source to the warehouse",
    schedule=os.environ.get("LEDGERPIPE_SCHEDULE", "*/15 * * * *"),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),
    # A run reads everything since the last one: missed intervals need no runs of their own.
    catchup=False,
    max_active_runs=1,
    tags=["ledgerpipe"],
) as dag:
    BashOperator(
        task_id="sync",
        # exec: a stopped task stops the runner itself, which then commits what it has.
        bash_command=f"exec {shlex.join(command)}",
        append_env=True,
        # A run that failed goes on from its states; a quota that is used up is met again later.
        retries=2,
        retry_delay=timedelta(minutes=10),
        retry_exponential_backoff=True,
        execution_timeout=timedelta(hours=6),
    )
