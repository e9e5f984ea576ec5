"""netnsctl: a network for containers, processes and named namespaces, by hand.

    import netnsctl
    wire = netnsctl.wire('a:A=10.1.1.1/32', 'b:B=10.1.1.2/32')
    print(wire.name, wire.state)
    netnsctl.unwire(wire.name)

Endpoints are text, written as for `netnsctl wire`. Every error is a netnsctl.errors.NetnsctlError with the exit code
that the command would end with, and names the argument at fault; an error for a value of the wrong type, or for an
unknown argument, is a TypeError as well. (For a missing argument, Python raises its own TypeError.) The types are in
__init__.pyi.
"""
from __future__ import absolute_import, division, print_function

from netnsctl import compat as _compat

__version__ = '1.0.0'
__all__ = ['check', 'confirm', 'down', 'errors', 'namespaces', 'save', 'shape', 'unwire', 'up', 'wire', 'wires']

if not _compat.MODULES_HAVE_GETATTR:
    from netnsctl import errors


def __getattr__(name):
    """netnsctl.errors, imported on first use: `netnsctl netns` starts without it."""
    if name == 'errors':
        return __import__('netnsctl.errors', None, None, ['errors'])
    raise AttributeError('module netnsctl has no attribute %s' % name)


def wire(a, b, *extra, **options):
    """wire(a, b, name=None, mtu=None, backend='auto', check=True, replace=False, force=False, pool=None, save=False, \
open=False, confirm=None)

    Wires two endpoints and returns the Wire. The same wire again changes nothing.

    a, b: 'TARGET[:IFNAME][=ITEM,...]'. All other arguments are given by keyword. mtu: bytes. backend: 'auto', 'iproute'
    or 'netlink'. check: send an echo each way, and raise CheckFailedError (the wire remains) if one is not answered.
    force: wire even if somebody else has an address or a port, or needs a NIC; replace: even if the wire exists but
    differs. pool: the network to take addresses from if neither end has one. save: also write the files from which up()
    recreates the wire. open: let what nat and published ports need pass a firewall that would drop it. confirm: undo
    the wire after so many seconds, also when this process is gone, unless confirm() is called before. Raises
    UsageError, NotFoundError, ConflictError, NetnsctlError or UndoError; except with the last, nothing was changed.
    """
    from netnsctl import library
    return library.wire(a, b, extra, options)


def confirm(name, *extra, **options):
    """confirm(name)

    Keeps a wire (its name, or the Wire) that was made with confirm=SECONDS, and saves it if that was asked for: True,
    or False if it waits for nothing.

    Raises NotFoundError or ConflictError if it was undone already.
    """
    from netnsctl import library
    return library.confirm(name, extra, options)


def unwire(name, peer=None, *extra, **options):
    """unwire(name, peer=None)

    Removes a wire, given its name (or the Wire itself) or its two endpoints: True, or False if there was none.

    Raises UndoError if something could not be removed, ConflictError if several wires join the two endpoints.
    """
    from netnsctl import library
    return library.unwire(name, peer, extra, options)


def wires(*extra, **options):
    """wires(matching=None)

    Every recorded wire, compared with the kernel: list of Wire (name, state, remarks, backend, made, ends,
    seconds_left). matching: a pattern as the shell has them ('web-*'); no wires but those whose names match are looked
    at.
    """
    from netnsctl import library
    return library.wires(extra, options)


def check(name, *extra, **options):
    """check(name, to=None)

    Tests a wire (its name, or the Wire) with an echo each way: Report (ok, probes, causes, untested). to: send an echo
    out to that address too, by a wire with nat.

    Raises NotFoundError, UsageError for an address that is not of one host beyond this one, or NetnsctlError if one of
    its namespaces is gone.
    """
    from netnsctl import library
    return library.check(name, extra, options)


def shape(name, end, *extra, **options):
    """shape(name, end, rate=..., burst=..., delay=..., jitter=..., loss=..., save=False)

    Changes how what leaves an end of a wire is shaped, while the wire stays up, and returns the Wire.

    name: of the wire, or the Wire. end: its target or its interface. What is not given stays as it is; text such as
    '10mbit', '20ms' or '1%' changes it, and None takes it off. save: also write it into the wire's files. Raises
    UsageError, NotFoundError, ConflictError, NetnsctlError or UndoError; except with the last, nothing was changed.
    """
    from netnsctl import library
    return library.shape(name, end, extra, options)


def save(names=None, *extra, **options):
    """save(names=None)

    Writes wires (a name or a Wire, or a list of them; None: all) into the tree, so that up() can recreate them: list of
    (path, text), in order, of the files that changed; text is None if the file was removed.

    Raises NotFoundError, or UsageError for a wire that does not survive a reboot (one of a PID) or a tree that cannot
    be read; nothing was written then.
    """
    from netnsctl import library
    return library.save(names, extra, options)


def up(spaces=None, *extra, **options):
    """up(spaces=None, compose=None, project=None)

    Creates what the tree describes and is missing, for the given directories of it ('web', 'docker:db'; a name or a
    list) or for all: Summary (made, changed, same, gone, removed: lists of names; live: those of changed that stayed up
    meanwhile; failed: list of (what, NetnsctlError); exit_code).

    compose: the path of a compose file, whose wires are created instead, between the containers of its project (by the
    name project, or what compose calls it) that run.

    A wire that fails is listed in `failed` and does not stop the others. Raises NotFoundError for an unknown directory,
    UsageError for a compose file that cannot be read.
    """
    from netnsctl import library
    return library.up(spaces, extra, options)


def down(spaces=None, *extra, **options):
    """down(spaces=None, compose=None, project=None)

    Removes what the tree describes, or what up(compose=...) made: Summary, as up().
    """
    from netnsctl import library
    return library.down(spaces, extra, options)


def namespaces(*extra, **options):
    """namespaces()

    The named network namespaces, as `ip netns list` prints them: list of names, sorted.
    """
    from netnsctl import library
    return library.namespaces(extra, options)
