"""Read the published tables from any program, without what builds them (Dagster, dbt, Splink).

```python
from cdp_orchestration.reader import open_home

with open_home(".cdp") as home:                    # the live release, which stays until the block ends
    home.profiles.to_polars()                      # or to_pandas(), to_arrow(), to_dicts(), relation
    home.sql("select channel, count(*) from touchpoints group by channel").to_pandas()
    home.changes(since="20260101T080000Z").to_dicts()   # by profile, following redirects
    home.at("20260101T080000Z").profiles           # an earlier release, read at the same time
```

A reader holds its release: it is not pruned meanwhile. Readers never wait for a sync, and see one release throughout.
"""

from cdp_orchestration.reader.home import HomeReader, open_home
from cdp_orchestration.reader.rows import Rows, Table

__all__ = ["HomeReader", "Rows", "Table", "open_home"]
