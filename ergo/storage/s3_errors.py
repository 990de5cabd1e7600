"""What an S3 service or the way to it can answer, as errors that say what to do."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from ergo.errors import (
    AlreadyExists,
    ErgoError,
    KeyNotFound,
    StorageError,
    StoreMisconfigured,
    StoreUnreachable,
    UploadRejected,
)
from ergo.storage.s3_client import Bucket

CONFLICT_TRIES = 6
_FIRST_WAIT_S = 0.1

_T = TypeVar("_T")


class _Kind(NamedTuple):
    """Answers known by their code or HTTP status, and the error that they become; the texts may name `_fields`."""

    codes: tuple[str, ...]
    statuses: tuple[int, ...]
    error: type[ErgoError]
    message: str
    hint: str


_KINDS = (  # the first that fits counts
    _Kind(
        ("NoSuchBucket",),
        (),
        StoreMisconfigured,
        "There is no bucket {bucket!r} at {place}.",
        "Create it, or correct {P}_BUCKET_NAME and {P}_ENDPOINT.",
    ),
    _Kind(("NoSuchUpload",), (), KeyNotFound, "There is no such unfinished upload.", "Start the upload again."),
    _Kind(
        ("InvalidPart", "InvalidPartOrder", "EntityTooSmall", "EntityTooLarge"),
        (),
        UploadRejected,
        "The store does not take the parts of the upload ({code}).",
        "Start the upload again.",
    ),
    _Kind((), (404,), KeyNotFound, "There is no object {key!r}.", "It may have been deleted; upload or run it again."),
    _Kind((), (412,), AlreadyExists, "The object {key!r} is already there.", "Read it instead."),
    _Kind(
        ("RequestTimeTooSkewed",),
        (),
        StoreMisconfigured,
        "The clock of this machine differs too much from the store's.",
        "Set it, for example by starting NTP.",
    ),
    _Kind(
        ("PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException"),
        (301, 307),
        StoreMisconfigured,
        "The bucket {bucket!r} is not in the region {region}.",
        "Correct S3_REGION.",
    ),
    _Kind(
        ("ExpiredToken", "InvalidToken", "TokenRefreshRequired"),
        (),
        StoreMisconfigured,
        "The credentials for the store have expired.",
        "Renew {P}_ACCESS_KEY_ID, {P}_SECRET_ACCESS_KEY and {P}_SESSION_TOKEN.",
    ),
    _Kind(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthorizationHeaderMalformed", "Unauthorized"),
        (401,),
        StoreMisconfigured,
        "The store does not know the credentials ({code}).",
        "Correct {P}_ACCESS_KEY_ID and {P}_SECRET_ACCESS_KEY.",
    ),
    _Kind(
        (),
        (403,),
        StoreMisconfigured,
        "The store refuses access to the bucket {bucket!r}.",
        "Check {P}_ACCESS_KEY_ID and {P}_SECRET_ACCESS_KEY; the token needs to read, write, list and delete objects "
        "of this bucket (docs/storage.md).",
    ),
    _Kind(
        ("SlowDown",),
        (429, 500, 502, 503, 504),
        StoreUnreachable,
        "The store is too busy ({code}).",
        "Try again in a moment.",
    ),
)
_TELLS_MORE = "python -m ergo storage check tells more."


@contextmanager
def told(bucket: Bucket, key: str) -> Iterator[None]:
    """Turn what boto3 raises around a call for `key` into one of :mod:`ergo.errors`.

    Raises:
        KeyNotFound, AlreadyExists, UploadRejected: as :class:`~ergo.storage.store.Store` says.
        StoreMisconfigured: bucket, credentials, rights or clock; the hint says which and what to do.
        StoreUnreachable: no network, no answer, or one that asks to come back later, several times over.
    """
    from boto3.exceptions import Boto3Error  # noqa: PLC0415
    from botocore.exceptions import (  # noqa: PLC0415
        BotoCoreError,
        ClientError,
        ConnectionError,
        HTTPClientError,
        IncompleteReadError,
    )

    try:
        yield
    except ClientError as error:
        raise _answered(error.response, bucket, key) from error
    except Boto3Error as error:  # the transfer manager wraps what happened
        cause = error.__context__
        if isinstance(cause, ClientError):
            raise _answered(cause.response, bucket, key) from error
        raise _unreachable(bucket) from error
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise _unreachable(bucket) from error
    except BotoCoreError as error:
        raise _client_side(error, bucket) from error


def until_no_conflict(write: Callable[[], _T]) -> _T:
    """`write()`, again while another conditional write of the same key is under way (409)."""
    from botocore.exceptions import ClientError  # noqa: PLC0415

    for attempt in range(CONFLICT_TRIES):
        try:
            return write()
        except ClientError as error:
            last = attempt == CONFLICT_TRIES - 1
            if _status(error.response) != 409 or last:
                raise
            time.sleep(_FIRST_WAIT_S * 2**attempt * random.uniform(0.5, 1.0))  # noqa: S311  only spreads the tries
    raise AssertionError  # the last try has returned or raised


def code_of(response: Any) -> str:
    """The error code of an answer, such as ``NoSuchKey``; for an answer without a body, its HTTP status."""
    return str(response.get("Error", {}).get("Code", ""))


def _status(response: Any) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _answered(response: Any, bucket: Bucket, key: str) -> ErgoError:
    code, status = code_of(response), _status(response)
    kind = next((kind for kind in _KINDS if code in kind.codes or status in kind.statuses), None)
    if kind is None:
        return StorageError(f"The store refused the call ({code or status}).", _TELLS_MORE)
    fields = _fields(bucket) | {"key": key, "code": code or status}
    return kind.error(kind.message.format(**fields), kind.hint.format(**fields))


def _client_side(error: Exception, bucket: Bucket) -> ErgoError:
    """What boto3 refuses before it asks anybody."""
    kind, fields = type(error).__name__, _fields(bucket)
    if kind in ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"):
        hint = "Set {P}_ACCESS_KEY_ID and {P}_SECRET_ACCESS_KEY."
        return StoreMisconfigured("There are no credentials for the store.", hint.format(**fields))
    if kind in ("ParamValidationError", "InvalidRegionError", "UnsupportedS3ConfigurationError"):
        message = "{bucket!r} cannot be the name of a bucket at {place}."
        hint = "Correct {P}_BUCKET_NAME and {P}_ENDPOINT."
        return StoreMisconfigured(message.format(**fields), hint.format(**fields))
    return StorageError(f"The store could not be used ({kind}).", _TELLS_MORE)


def _unreachable(bucket: Bucket) -> StoreUnreachable:
    fields = _fields(bucket)
    return StoreUnreachable(
        "The store at {place} does not answer.".format(**fields),
        "Check the network and {P}_ENDPOINT.".format(**fields),
    )


def _fields(bucket: Bucket) -> dict[str, Any]:
    return {
        "bucket": bucket.name,
        "place": bucket.endpoint or f"AWS in {bucket.region}",
        "region": bucket.region,
        "P": bucket.provider.upper(),
    }
