"""The one base exception of this package, and its few kinds."""


class CdpError(Exception):
    """Something a user or operator can mend; the message says what was found, expected, and what to do."""


class WriterBusyError(CdpError):
    """Another process holds the writer's lock of this home."""


class SettingsError(CdpError):
    """The environment or the project's folders are not as they must be."""


class NoReleaseError(CdpError):
    """Nothing has been published in this home yet."""


class ProfileNotFoundError(CdpError):
    """No profile of the live release answers to what was asked for."""


class ExplanationError(CdpError):
    """Why two records are one customer or two cannot be told."""


class SyncFailedError(CdpError):
    """A run of the main job did not succeed; the live release is untouched."""


class DbtFailedError(CdpError):
    """dbt could not run, or a model or an error-level test failed."""


class DecisionError(CdpError):
    """A decision about identities is malformed, contradicts another, or is not there."""
