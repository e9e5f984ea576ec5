"""What CNI calls errors: a number and texts. SPEC.md of CNI 1.1.0, "Error"; its own numbers end at 99."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import NoAnswerError, UsageError, cause_of

VERSION, UNKNOWN_FIELD, NO_CONTAINER, ENVIRONMENT, INPUT, DECODING, CONFIG = 1, 2, 3, 4, 5, 6, 7
TRY_AGAIN = 11
NOT_AVAILABLE = 50
# netnsctl's own. An error of a wire has its exit code on top of WIRE: 103 not found, 104 a conflict, 106 not undone.
WIRE = 100
DIFFERS = 105
INTERRUPTED = 110
IPAM = 120
DEFECT = 199


class CniError(Exception):
    """An error as the runtime gets it: code (see above), message (one line), details (more text, or '')."""

    def __init__(self, code, message, details=''):
        Exception.__init__(self, message)
        self.code, self.message, self.details = code, message, details


FORCE = '"force": true'


def as_cni(error):
    """Any exception as a CniError."""
    if isinstance(error, CniError):
        return error
    hint = (getattr(error, 'hint', None) or '').replace('--force', FORCE)
    if isinstance(error, NoAnswerError):
        return CniError(TRY_AGAIN, error.message, hint)
    if isinstance(error, UsageError):
        return CniError(CONFIG, error.message, hint)
    if hasattr(error, 'signum'):
        return CniError(INTERRUPTED, error.message)
    if hasattr(error, 'exit_code'):
        return CniError(WIRE + error.exit_code, error.message, hint)
    if isinstance(error, EnvironmentError):
        return CniError(INPUT, ': '.join(text for text in (error.filename, cause_of(error)) if text))
    if isinstance(error, (ImportError, MemoryError)):
        return CniError(WIRE + 1, 'netnsctl cannot start: %s' % (error or 'out of memory'))
    return CniError(DEFECT, 'a defect of netnsctl: %s: %s' % (error.__class__.__name__, error))
