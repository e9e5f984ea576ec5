"""netnsctl: a network for containers, processes and named namespaces, by hand.

    import netnsctl
    wire = netnsctl.wire('a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')
    print(wire.name, wire.state)
    netnsctl.unwire(wire.name)

Endpoints are text in the grammar of `netnsctl wire`. Every error is a netnsctl.errors.NetnsctlError with the exit code
that the command would end with, and names the argument that it is about; one for a value of the wrong type, or for an
argument that there is not, is a TypeError as well. (Of an argument that is missing Python's own TypeError tells.)
__init__.pyi has the types.
"""
from __future__ import absolute_import, division, print_function

from netnsctl import compat as _compat

__version__ = '0.1.0'
__all__ = ['check', 'down', 'errors', 'namespaces', 'save', 'unwire', 'up', 'wire', 'wires']

if not _compat.MODULES_HAVE_GETATTR:
    from netnsctl import errors


def __getattr__(name):
    """netnsctl.errors, imported when it is asked for: `netnsctl netns` starts without it."""
    if name == 'errors':
        return __import__('netnsctl.errors', None, None, ['errors'])
    raise AttributeError('module netnsctl has no attribute %s' % name)


def wire(a, b, *extra, **options):
    """wire(a, b, name=None, mtu=None, backend='auto', check=True, replace=False, force=False, pool=None, save=False)

    Wires two endpoints: the Wire as it stands. The same wire again changes nothing.

    a, b: 'TARGET[:IFNAME][=ITEM,...]'. All else is given by keyword. mtu: bytes. backend: 'auto', 'iproute' or
    'netlink'. check: an echo each way, and CheckFailedError (the wire stands) if one is not answered. force: also where
    somebody else has an address; replace: also where a wire exists and differs. pool: network that addresses come
    from where neither end has any. save: write the files that up() makes it again from, too.
    Raises UsageError, NotFoundError, ConflictError, NetnsctlError, UndoError; but for the last nothing was changed.
    """
    from netnsctl import library
    return library.wire(a, b, extra, options)


def unwire(name, peer=None, *extra, **options):
    """unwire(name, peer=None)

    Removes a wire, by its name (or the Wire itself), or by its two endpoints: True, or False where there was none.

    Raises UndoError where something could not be removed, ConflictError where two endpoints are joined by several.
    """
    from netnsctl import library
    return library.unwire(name, peer, extra, options)


def wires(*extra, **options):
    """wires()

    Every recorded wire, compared with what the kernel says: list of Wire (name, state, remarks, backend, made, ends).
    """
    from netnsctl import library
    return library.wires(extra, options)


def check(name, *extra, **options):
    """check(name)

    Tests a wire (its name, or the Wire) with an echo each way: Report (ok, probes, causes, untested).

    Raises NotFoundError, and NetnsctlError where one of its namespaces is gone.
    """
    from netnsctl import library
    return library.check(name, extra, options)


def save(names=None, *extra, **options):
    """save(names=None)

    Writes wires (a name or a Wire, or a list of them; None: all) into the tree, so that up() makes them again: list of
    (path, text), in order, of the files that changed; text is None where one was removed.

    Raises NotFoundError, and UsageError for a wire that does not outlive a boot (of a PID) or a tree that cannot be
    read; nothing was written then.
    """
    from netnsctl import library
    return library.save(names, extra, options)


def up(spaces=None, *extra, **options):
    """up(spaces=None)

    Makes what the tree describes and is not there, for these folders of it ('web', 'docker:db'; a name or a list), or
    for all: Summary (made, changed, same, gone, removed: lists of names; failed: list of (what, NetnsctlError);
    exit_code).

    One wire that fails is in `failed` and does not keep the others. Raises NotFoundError for a folder that is none.
    """
    from netnsctl import library
    return library.up(spaces, extra, options)


def down(spaces=None, *extra, **options):
    """down(spaces=None)

    Removes what the tree describes and is there: Summary, as up().
    """
    from netnsctl import library
    return library.down(spaces, extra, options)


def namespaces(*extra, **options):
    """namespaces()

    The named network namespaces, as `ip netns list` has them: list of names, sorted.
    """
    from netnsctl import library
    return library.namespaces(extra, options)
