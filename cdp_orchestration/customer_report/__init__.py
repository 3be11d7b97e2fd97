"""The customer report: one HTML page about the live release, for people who decide.

Here belong the queries of its figures (``figures.py`` reads them all, from the published tables alone), its charts, its
wording and its templates. The page needs no network and no JavaScript, and holds no personal data: counts and profile
ids only. Not here: any rule that decides about a customer; those are seeds and models of ``dbt_project/``.
"""
