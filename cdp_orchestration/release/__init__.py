"""A release: one consistent set of published tables, written apart, audited, then made live in one step.

``bundle`` writes a candidate, ``publication`` makes it live, ``reader`` opens the live one. When a release is cut is
decided in ``assets/release.py``; what its tables must look like in ``expectations/``.
"""
