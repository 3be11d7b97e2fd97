"""The data folder of one installation: its paths, its warehouse, its writer's lock, the version of the code.

Here belongs what every stage needs to find and to lock its data. Not here: anything that reads or writes the rows of a
stage, and Dagster's view of the home (``dagster/home_resource.py``).
"""
