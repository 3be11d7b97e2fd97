"""Whether a home has an open tier, and what it says: ``$CDP_HOME/open_tier.yml``; without it there is none.

```yaml
k: 10                     # what fewer profiles share is coarsened or left out
readers_group: analysts   # a group of this machine that may read it, and nothing else of the home
key: env:OPEN_TIER_KEY    # the secret of the hashes; without it, one that the home makes for itself
```
"""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from cdp_orchestration.connectors.secret_values import SecretReference, reading_in
from cdp_orchestration.errors import SettingsError
from cdp_orchestration.home.yaml_faults import yaml_fault


class OpenTier(BaseModel):
    """What a home declares about its open tier."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    k: int = Field(default=10, ge=2, description="What fewer profiles share is coarsened or left out.")
    readers_group: str | None = Field(default=None, min_length=1, description="A group that may read the open tier.")
    key: SecretReference | None = Field(default=None, description="Where the secret of the hashes is.")


def read_open_tier(path: Path) -> OpenTier | None:
    """Return what a home declares about its open tier.

    Args:
        path: the file; it may be missing.

    Returns:
        The declaration; None where there is none.

    Raises:
        SettingsError: the file is not as expected; no open tier is written then.
    """
    if not path.exists():
        return None
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        return OpenTier.model_validate(plain, context=reading_in(path.parent))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise SettingsError(
            f"{path}: {yaml_fault(error)}. Expected k (a whole number from 2), and, where they are wanted, "
            "readers_group (the name of a group) and key (env:NAME or file:PATH). Correct the file, or remove it where "
            "no open tier is wanted"
        ) from None
