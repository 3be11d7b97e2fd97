"""What a person types and reads: the ``cdp`` command, its tables and its messages. No decision about data is made here.

Rooms: ``cli`` (the command, and ``sync``, ``report``, ``docs``, ``dev``), a module ``<group>_cli`` for each group of
commands, ``questions`` (``status``, ``profile``, ``explain``), ``syncing`` and ``sync_progress`` (a sync, and what
stands after it), ``dev`` (Dagster's UI), ``status`` (the state of a home). What is shown: ``*_report``, ``standing``,
``summaries``, ``source_list``, ``source_trial``. The one way to print: ``tables`` and ``plain_text``; to end:
``errors``, ``signals``.

**Values are text.** Every value from data, files, errors or users passes through ``plain_text.text`` before it is
printed: brackets stay brackets, and each character that a terminal would obey or hide is shown as its escape
sequence.

**JSON for programs.** ``--json`` prints one value; the help of a command has its shape, ``json_shapes`` and
``release_report`` declare the large ones. Fields are only added. Times are ISO 8601. Letters of every alphabet stay
readable, control characters are JSON escapes.

**Quick.** A question costs at most 1.5 s of CPU, its start included, ``cdp --help`` 0.5 s (``make bench`` shows
them): Dagster, dbt, Great Expectations, pandas and scipy are not imported on the way, and a test proves it. ``cdp
explain`` needs Splink, which takes most of its time to write the SQL of the comparisons.

Exit codes: 0, 1 for an error with its remedy on one line, 2 for a wrong option; of ``status`` and ``doctor`` 0, 1 or 2
for what they found, of ``releases verify`` 2 where a file is not what was published.
"""
