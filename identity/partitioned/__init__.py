"""Resolution of more records than fit in memory: stages that know no engine, the order of the steps, and a loop."""
