"""What is wrong with a YAML file that a person wrote, in words that repeat none of its values."""

from pydantic import ValidationError


def yaml_fault(error: Exception) -> str:
    """Return why a file could not be read: the fields that are wrong, or the line that is no YAML.

    Args:
        error: what reading, parsing or checking it has raised.

    Returns:
        Words without an end of sentence.
    """
    if isinstance(error, ValidationError):
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}: found no YAML" if mark else f"cannot be read ({type(error).__name__})"
