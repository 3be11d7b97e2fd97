"""What a home says about erasures: ``privacy.yml``, which need not be there."""

from typing import Literal

from pydantic import Field

from cdp_orchestration.home.settings import Settings
from cdp_orchestration.sources.mappings import Declared
from cdp_orchestration.sources.reading import read_checked

_REMEDY = "Correct the file; until then no one is erased."


class PrivacySettings(Declared):
    """What becomes of files of the inbox and of older releases that hold an erased person."""

    inbox: Literal["rewrite", "list"] = Field("rewrite", description="Write such files again, or only list them.")
    older_releases: Literal["rewrite", "drop"] = Field(
        "rewrite", description="Write all releases again without the person, or drop those that are not live."
    )


def read_privacy_settings(settings: Settings) -> PrivacySettings:
    """Return what a home says; what is usual where it says nothing."""
    path = settings.home / "privacy.yml"
    if not path.exists():
        return PrivacySettings.model_validate({})
    return read_checked(path, PrivacySettings, expected="inbox and older_releases", remedy=_REMEDY)
