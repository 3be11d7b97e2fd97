"""The header Link of an answer (RFC 8288), which may lead to several other pages."""

import re

_PARAMETER = re.compile(r';\s*([^\s=;,"<]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?\s*')
# An address may have commas and semicolons in it, and so may a title in quotes.
_LINK = re.compile(rf"<([^>]*)>\s*((?:{_PARAMETER.pattern})*)")


def next_link_of(header: str | None) -> str | None:
    """Return the address of the next page; None where there is none.

    Args:
        header: the value of Link. A link may stand in several relations, such as ``rel="next last"``, in any case.
    """
    for found in _LINK.finditer(header or ""):
        parameters = _PARAMETER.findall(found[2])
        relations = [quoted or plain for name, quoted, plain in parameters if name.casefold() == "rel"]
        if relations and "next" in relations[0].strip("'").casefold().split():
            return found[1].strip()
    return None
