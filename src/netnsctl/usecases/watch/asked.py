"""What labels of containers and compose files ask `netnsctl watch` for.

Each is a piece of a turn's work, beside the directories of the tree and called by a text that no directory can have:
'labels of docker:web', 'labels of /', 'compose file /srv/shop/compose.yaml'.
"""
from __future__ import absolute_import, division, print_function

from netnsctl.edge.events import GONE, STARTED
from netnsctl.errors import NetnsctlError, NoAnswerError

_LABELS, _ALL, _COMPOSE = 'labels of ', 'labels of /', 'compose file '


class Asked(object):
    """What is to be obeyed. labels: are labels? files: the absolute paths of compose files."""
    __slots__ = ('labels', 'files')

    def __init__(self, labels=False, files=()):
        self.labels, self.files = labels, list(files)

    def __bool__(self):
        return bool(self.labels or self.files)

    __nonzero__ = __bool__

    def everything(self):
        """All pieces of work: list."""
        return ([_ALL] if self.labels else []) + [_COMPOSE + path for path in self.files]

    def after(self, event):
        """The pieces of work that an Event of an engine makes: list."""
        word = event.name or event.identity
        if event.kind not in (STARTED, GONE) or not word:
            return self.everything()
        own = ['%s%s:%s' % (_LABELS, event.scheme, word)] if self.labels else []
        return own + [_COMPOSE + path for path in self.files]


def is_asked(piece):
    """Is it one of these, and no directory of the tree?"""
    return '/' in piece or piece.startswith(_LABELS)


def settle(session, pieces, fail):
    """Does these pieces of work: [summary.Summary]. fail(piece, NetnsctlError) for one that cannot be done.

    NoAnswerError where another netnsctl has the lock: the others would wait for it as long.
    """
    found = []
    names = set(piece[len(_LABELS):] for piece in pieces if piece.startswith(_LABELS))
    if names:
        from netnsctl.usecases.asked import labels
        _try(found, fail, 'labels', lambda: labels.settle(session, None if '/' in names else names))
    for path in sorted(piece[len(_COMPOSE):] for piece in pieces if piece.startswith(_COMPOSE)):
        _try(found, fail, path, lambda path=path: _compose(session, path))
    return found


def _try(found, fail, what, do):
    try:
        found.append(do())
    except NetnsctlError as error:
        if isinstance(error, NoAnswerError) and error.may_pass:
            raise
        fail(what, error)


def _compose(session, path):
    from netnsctl.usecases.asked import compose
    summary = compose.up(session, compose.read(session.host, path), check=False)
    # Its containers start one after the other, and each start leads here.
    summary.passing = [error for _, error in summary.failed if error.exit_code == 3
                       and getattr(error, 'may_pass', False)]
    # There may be several files: each failure names its own.
    summary.failed = [(path if error.message.startswith(what) else '%s: %s' % (path, what), error)
                      for what, error in summary.failed if error.exit_code != 3]
    return summary
