"""The customer report: one HTML page about the live release, for people who decide.

The figures come from the published tables alone (``figures.py``), the page needs no network and no JavaScript, and
it holds no personal data: counts and profile ids only.
"""
