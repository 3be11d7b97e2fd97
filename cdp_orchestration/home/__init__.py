"""The data folder of one installation: its paths, its warehouse, its writer's lock, the version of the code.

Nothing here knows a stage.
"""
