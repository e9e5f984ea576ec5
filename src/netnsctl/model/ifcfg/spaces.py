"""Names of the tree's folders: NAME (a named namespace), SCHEME:NAME (a container), host."""
from __future__ import absolute_import, division, print_function

from netnsctl.errors import ConflictError, UsageError
from netnsctl.model.endpoint import RUNTIME_SCHEMES, SCHEMES, Target, split_scheme
from netnsctl.model.names import check_name, closest, is_number

HOST = 'host'
_SCHEMES = RUNTIME_SCHEMES + ('netns',)


def target_of(space):
    """The Target of a directory of that name. UsageError."""
    if space == HOST:
        return Target(HOST, '')
    scheme, name = split_scheme(space)
    if scheme == 'pid' or scheme is None and is_number(space, len(space)):
        raise UsageError('%s: a PID is reused by other processes, so it cannot be in the tree' % space)
    if scheme not in _SCHEMES:
        _refuse_other_scheme(space)
        scheme, name = 'netns', space
    check_name(name, 'the directory %s' % space)
    return Target(scheme, name)


def _refuse_other_scheme(space):
    """UsageError for a directory whose name seems to begin with a scheme that does not exist, or that the tree does not
    have."""
    scheme, colon, name = space.partition(':')
    if not colon:
        return
    meant = closest(scheme, _SCHEMES + tuple(other for other in SCHEMES if other not in _SCHEMES), 0.75)
    if meant is not None:
        raise UsageError('%s: %s; a namespace of that name is netns:%s' % (
            space, 'no scheme is called %s (%s:%s?)' % (scheme, meant, name) if meant in _SCHEMES else
            'only named namespaces, containers and the host can be in the tree', space))


def space_of(target):
    """The directory for a Target that is known by its scheme. UsageError for one that cannot be saved."""
    if target.is_on_host:
        return HOST
    if target.scheme == 'pid':
        raise UsageError('%s: a PID is reused by other processes, so it cannot be saved' % target)
    if target.scheme not in _SCHEMES:
        raise UsageError('%s: only named namespaces, containers and the host can be saved' % target)
    name = '%s:%s' % (target.scheme, target.name)
    if target.scheme == 'netns' and target_of_or_none(target.name) == target:
        name = target.name
    return name


def space_of_or_none(target):
    """space_of(), or None if it refuses."""
    try:
        return space_of(target)
    except UsageError:
        return None


def target_of_or_none(space):
    """target_of(), or None if it refuses."""
    try:
        return target_of(space)
    except UsageError:
        return None


def parse_target(text):
    """NETNS= and PEER_NETNS=: SCHEME://NAME, or as a directory is called -> Target. UsageError."""
    scheme, _ = split_scheme(text)
    if '://' in text and scheme not in _SCHEMES:
        raise UsageError('%s: not a target that can be in the tree; possible are host, %s'
                         % (text, ' '.join('%s://' % item for item in _SCHEMES)))
    return target_of(text)


def find(text, known):
    """Which of the directories that are known a person means: its name, SCHEME://NAME, or the bare name of a container.
    The directory's name, or None. ConflictError if it could be two."""
    if text in known:
        return text
    try:
        target = parse_target(text)
    except UsageError:
        target = None
    found = sorted(space for space in known if target is not None and target_of_or_none(space) == target)
    if not found and split_scheme(text)[0] is None:
        found = sorted(space for space in known
                       if getattr(target_of_or_none(space), 'name', None) == text and space != HOST)
    if len(found) > 1:
        raise ConflictError('%s: means %s' % (text, ' and '.join(found)), hint='Say which one, in that form.')
    return found[0] if found else None
