"""What is compared and how much evidence each agreement is: comparisons, levels, the trained model, Splink's settings.

Here belongs what a model is and how it is stored. Learning it is the part of ``training/``, weighing pairs with it the
part of ``scoring/``.
"""
