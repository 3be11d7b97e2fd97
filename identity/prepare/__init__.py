"""The caller's table as comparable units: standard values, suppressed identifiers, overrides by record.

Here belongs what depends on one record, or on one value in the whole population. Nothing here knows a model or a pair
of records.
"""
