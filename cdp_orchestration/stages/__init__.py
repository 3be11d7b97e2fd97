"""What each stage was built from and whether its gates passed: the chain from what has landed to what is live.

``builds`` stores what a stage was built from, ``inputs`` states what it would be built from now, ``gate_results`` keeps
the results of the gates with the state that they evaluated, ``chain`` compares all of them, ``publications`` records
which chain a release was cut from. Not here: what is built (``dbt/``, ``identity_stage/``), what a gate checks
(``expectations/``), and when either happens (``dagster/``).
"""
