"""What a person types and reads: the ``cdp`` command, its tables and its messages.

Here belongs no decision about data.
"""
