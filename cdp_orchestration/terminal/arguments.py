"""Arguments and options that several groups of commands have."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PersonTerm = Annotated[str, typer.Argument(help="A profile id, e-mail, phone, or record key such as crm:contact:<Id>.")]
StreamName = Annotated[str, typer.Argument(help="The stream: <source>/<stream>.")]
