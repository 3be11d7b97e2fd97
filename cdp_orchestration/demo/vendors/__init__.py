"""The shapes of the vendors' exports, one module per source or part of one.

Here belongs how a row of a vendor looks. Not here: who does what and when (the modules above this package).
"""
