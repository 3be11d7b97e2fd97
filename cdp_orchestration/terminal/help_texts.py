"""The help of a command is its docstring, as far as that speaks to who types it."""

import inspect

import typer


def show_no_sections(app: typer.Typer) -> None:
    """Leave what a docstring says to who calls the function out of the help of each command, also of groups.

    Args:
        app: the commands; the help of those that have none of their own is set.
    """
    for command in app.registered_commands:
        if command.callback and command.help is None:
            said = inspect.getdoc(command.callback) or ""
            command.help = said.partition("\nRaises:\n")[0].rstrip()
    for group in app.registered_groups:
        if group.typer_instance:
            show_no_sections(group.typer_instance)
