"""The caller's table as comparable units: standard values, suppressed identifiers, overrides by record.

Here belongs what can be said of one record, or of one value in the whole population. Nothing here knows a model or a
pair of records.
"""
