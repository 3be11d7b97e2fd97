"""Measure the pipeline on invented data: how right it is, and how long each stage takes (``make bench``)."""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import dagster as dg
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import typer
from rich.console import Console

from cdp_orchestration.demo import write_demo
from cdp_orchestration.instance import open_instance
from cdp_orchestration.release.reader import require_live_release
from cdp_orchestration.report import table
from cdp_orchestration.settings import Settings
from cdp_orchestration.sync import run_sync
