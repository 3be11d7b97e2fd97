"""What is compared and what each agreement is worth: comparisons, their levels, the trained model, Splink's settings.

Here belongs what a model is and how it is stored. How it is learnt stands in ``training/``, how pairs are weighed with
it in ``scoring/``.
"""
