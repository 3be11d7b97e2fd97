"""Assets, one module a stage. Each only wires: it passes tables to the code that computes, and reports counts.

Here belong no SQL beyond create and swap, no algorithm, no file format.
"""
