"""Documents that a cell holds in another form: words for a list, as help desks export tags, and JSON within a text."""

import json

import pyarrow as pa

from cdp_orchestration.landing.contract.text_columns import all_begin, signs_at
from cdp_orchestration.sources import Stream

_SIGNS_OF_JSON = ("[", "{", '"', "null")


def with_word_lists(rows: pa.Table, stream: Stream) -> pa.Table:
    """Return rows in which a plain text of a field that holds a list of texts is that list.

    Args:
        rows: texts by field.
        stream: the stream.

    Returns:
        The rows: ``parcel, vip`` is ``["parcel","vip"]``. Without a comma blanks part the words, as in exports of
        Zendesk. What may be meant as JSON stays as it is.
    """
    for index, name in enumerate(rows.column_names):
        is_list = any(field.name == name and field.form == "list of texts" for field in stream.fields)
        if is_list and not all_begin(rows[name], "[", "["):
            coded = rows[name].combine_chunks().dictionary_encode()
            texts = pa.array([_as_list(text) for text in coded.dictionary.to_pylist()], pa.string())
            rows = rows.set_column(index, name, pa.chunked_array([texts.take(coded.indices)]))
    return rows


def _as_list(text: str) -> str:
    if not text.strip() or text.lstrip().startswith(_SIGNS_OF_JSON):
        return text
    words = [word.strip() for word in text.split("," if "," in text else None)]
    return json.dumps([word for word in words if word], ensure_ascii=False, separators=(",", ":"))


def with_unpacked_documents(rows: pa.Table, stream: Stream) -> pa.Table:
    r"""Return rows in which a text that holds the JSON of an object or list is that object or list.

    Args:
        rows: texts by field.
        stream: the stream.

    Returns:
        The rows: ``"{\"id\": 7}"``, as warehouses export a column of JSON, is ``{"id": 7}``.
    """
    for index, name in enumerate(rows.column_names):
        may_be_packed = any(field.name == name and field.form is not None for field in stream.fields)
        if may_be_packed and ord('"') in signs_at(rows[name], 0):
            texts = [_unpacked(text) for text in rows[name].to_pylist()]
            rows = rows.set_column(index, name, pa.chunked_array([pa.array(texts, pa.string())]))
    return rows


def _unpacked(text: str | None) -> str | None:
    if text is None or not text.startswith('"'):
        return text
    try:
        inner = json.loads(text)
    except ValueError:
        return text
    return inner if isinstance(inner, str) and inner.lstrip().startswith(("{", "[")) else text
