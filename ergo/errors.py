"""Every error a user of Ergo can meet, in one tree.

    ErgoError
    ├── InputError                 the input cannot be used; nothing was computed
    │   ├── VideoError             the file is not a video we can read
    │   │   ├── EmptyFile          zero bytes
    │   │   ├── NotAVideo          text, image, playlist, damaged header …
    │   │   ├── NoVideoStream      audio only
    │   │   ├── NoFrames           a video stream that yields no picture
    │   │   ├── VideoTooLarge      beyond the pixel, frame or byte limits
    │   │   ├── VideoUnreachable   an address that gives no video, or must not be asked
    │   │   └── DecodeFailed       the decoder died, hung or ran out of its limits
    │   ├── NoPersonFound          no usable person in the picture
    │   ├── SettingsError          a setting is unknown or out of range (names the field)
    │   └── MethodInputError       a scoring method was given an impossible value (names the field)
    ├── ModelError                 a model or body file is missing, damaged or of the wrong kind
    ├── StorageError
    │   ├── KeyNotFound            no such object
    │   ├── AccessDenied           bad, expired or foreign signature
    │   ├── UploadRejected         size, part order, quota, unfinished parts
    │   ├── AlreadyExists          a conditional write lost
    │   ├── StorageFull            no room left on the device
    │   ├── StoreUnreachable       no answer, or only "later": worth another try in a while
    │   └── StoreMisconfigured     bucket, credentials, rights or clock are wrong; the operator has to act
    ├── TooManyRequests            somebody asks too often
    ├── LoginRefused               a login that an OpenID provider, or the list of users, does not confirm
    ├── ProviderError              the OpenID provider does not answer, or not as it should
    └── JobError
        ├── JobNotFound
        ├── JobFailed              carries the reason the worker gave
        ├── FleetError             the machines elsewhere cannot be reached, or refuse
        └── JobCancelled

Each says what happened, to which input (`message`), and what to do about it (`hint`).
`code` is the stable name that travels through the API and the job ledger.
"""

from __future__ import annotations

from typing import ClassVar


class ErgoError(Exception):
    """Base of all errors meant for the user.

    Args:
        message: what happened, to which input.
        hint: what the user can do about it.
    """

    http_status: ClassVar[int] = 500

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def code(self) -> str:
        """Stable name of the kind of error, e.g. ``NotAVideo``."""
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class InputError(ErgoError):
    """The input cannot be used; nothing was computed."""

    http_status = 400


class VideoError(InputError):
    """The file is not a video we can read."""


class EmptyFile(VideoError):
    """The file has zero bytes."""


class NotAVideo(VideoError):
    """The bytes are no video container we accept."""


class NoVideoStream(VideoError):
    """The container holds no moving picture (audio only, cover art only)."""


class NoFrames(VideoError):
    """The video stream yields no picture."""


class VideoTooLarge(VideoError):
    """The video is beyond the limits on pixels, frames or bytes."""

    http_status = 413


class VideoUnreachable(VideoError):
    """The address of a video is wrong, forbidden or does not answer."""


class DecodeFailed(VideoError):
    """The decoder died, hung or exceeded its limits."""


class NoPersonFound(InputError):
    """No usable person in the picture."""


class SettingsError(InputError):
    """A setting is unknown or out of range; the message names the field."""


class MethodInputError(InputError):
    """A scoring method was given an impossible value; the message names the field."""


class ModelError(ErgoError):
    """A model or body file is missing, damaged or of the wrong kind."""


class StorageError(ErgoError):
    """The store could not do what was asked."""


class KeyNotFound(StorageError):
    """There is no such object."""

    http_status = 404


class AccessDenied(StorageError):
    """The signature is wrong, expired or belongs to somebody else."""

    http_status = 403


class TooManyRequests(ErgoError):
    """Somebody asks too often; the hint says how long to wait."""

    http_status = 429


class LoginRefused(ErgoError):
    """Somebody came back from an OpenID provider without its word, or may not come in."""

    http_status = 403


class ProviderError(ErgoError):
    """The OpenID provider does not answer, or not as it should."""

    http_status = 502


class UploadRejected(StorageError):
    """The upload breaks a rule: size, part order, quota, unfinished parts."""

    http_status = 400


class AlreadyExists(StorageError):
    """A conditional write lost: the object is already there."""

    http_status = 412


class StorageFull(StorageError):
    """No room is left on the device."""

    http_status = 507


class StoreUnreachable(StorageError):
    """The store does not answer, or asks to come back later; the same call may succeed in a while."""

    http_status = 503


class StoreMisconfigured(StorageError):
    """The bucket does not take our calls as we are set up: name, credentials, rights or clock are wrong."""


class JobError(ErgoError):
    """A job could not be found, run or finished."""


class JobNotFound(JobError):
    """There is no job with this id, or it belongs to somebody else."""

    http_status = 404


class JobFailed(JobError):
    """The worker gave up; the message carries its reason."""


class FleetError(JobError):
    """The service that lends machines cannot be reached, or refuses."""

    http_status = 503


class JobCancelled(JobError):
    """The job was cancelled before it finished."""

    http_status = 409


def _tree(cls: type[ErgoError]) -> dict[str, type[ErgoError]]:
    found = {cls.__name__: cls}
    for sub in cls.__subclasses__():
        found |= _tree(sub)
    return found


def from_code(code: str, message: str, hint: str = "") -> ErgoError:
    """The error named by `code`, as it was before it travelled through the ledger; unknown codes are JobFailed."""
    return _tree(ErgoError).get(code, JobFailed)(message, hint)
