"""Data Docs of the gates: the content that Great Expectations renders, as pages that need no network and no script.

The stock pages load their style and scripts from six foreign hosts, and a picture whose address holds an id of the
project. ``view`` writes the same content as plain HTML, ``history`` and ``index`` add what several runs say together,
``site`` is the description by which Great Expectations builds the same pages.
"""
