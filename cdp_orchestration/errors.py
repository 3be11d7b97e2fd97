"""The base exception of this package and its kinds."""


class CdpError(Exception):
    """An error that a user can correct; the message states what was found, what was expected and the remedy."""


class WriterBusyError(CdpError):
    """Another process holds the writer's lock of this home."""


class SettingsError(CdpError):
    """The environment or a folder of the project is missing or wrong."""


class NoReleaseError(CdpError):
    """Nothing has been published in this home yet."""


class DamagedReleaseError(CdpError):
    """The pointer, the manifest or a file of a release is missing, or is not what was published."""


class DamagedAuditError(CdpError):
    """A line of the audit log is no entry."""


class DamagedWarehouseError(CdpError):
    """The warehouse, or a file that it reads, is missing, cut or overwritten."""


class DamagedModelError(CdpError):
    """A trained model of identity is not what was saved."""


class ProfileNotFoundError(CdpError):
    """No profile of the live release has the id, contact or key that was asked for."""


class ExplanationError(CdpError):
    """It cannot be explained why two records are one customer or two."""


class SyncFailedError(CdpError):
    """A run of the main job did not succeed; the live release is untouched."""


class DbtFailedError(CdpError):
    """dbt could not run, or a model or an error-level test failed."""


class DecisionError(CdpError):
    """A decision about identities is malformed, contradicts another, or does not exist."""


class DeclarationError(CdpError):
    """A declaration is not what a declaration may be; the message names file, line and field, one problem a line."""


class MissingInputsError(CdpError):
    """A table that a build reads has not been built yet."""


class ReleaseRefusedError(CdpError):
    """A release must not be cut or go live, because its chain is not complete or a gate has not passed."""
