"""pyroute2's message classes, loaded without the rest of it, and encoded alike from 0.3.22 to today.

The only place that knows how its versions differ.
"""
from __future__ import absolute_import, division, print_function

import sys

from netnsctl.compat import find_libraries
from netnsctl.errors import NetnsctlError


def _load(rare=None):
    """{name: class} of ifinfmsg, ifaddrmsg and rtmsg; or of one that is rarely needed: fibmsg, ndmsg.

    `import pyroute2` of 0.6 and later brings in every protocol it speaks, asyncio and ssl: 80 ms, more than a whole
    wire takes. Its message modules need none of it, so the package is entered by a module object that has its path
    but has not run its __init__; it is taken out again, for a program that uses pyroute2 itself. 0.3.22's message
    modules need its __init__, which loads lazily and is quick.
    """
    find_libraries()
    bare = None
    if 'pyroute2' not in sys.modules:
        bare = _bare_package()
    try:
        kinds = _import_rare(rare) if rare else _import_others()
    except EnvironmentError as error:
        # 0.3.22's tcmsg reads /proc/net/psched, which before Linux 2.6.35 only the first namespace has.
        raise NetnsctlError('load pyroute2: %s' % error)
    except ImportError as error:
        if bare is None:
            raise NetnsctlError('load pyroute2: %s' % error,
                                hint='The netlink backend needs it: %s' % _install_command())
        _forget_package()
        import pyroute2  # noqa: F401
        return _load(rare)
    if bare is not None:
        _forget_package()
    return kinds


def _install_command():
    from netnsctl.edge.host import Host
    from netnsctl.edge.packages import libraries  # it is rarely missing
    return libraries.install_command(Host(), ['pyroute2'])


def _import_others():
    from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
    from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
    from pyroute2.netlink.rtnl.rtmsg import rtmsg
    return {'ifinfmsg': ifinfmsg, 'ifaddrmsg': ifaddrmsg, 'rtmsg': rtmsg}


def _import_rare(name):
    module = __import__('pyroute2.netlink.rtnl.' + name, fromlist=[str(name)])
    return {name: getattr(module, name)}


def _bare_package():
    """Puts an empty module with pyroute2's path in its place; None if it is of an old layout or not there."""
    import os
    import types
    for folder in sys.path:
        path = os.path.join(folder, 'pyroute2')
        # config/ became a directory when the package became heavy
        if os.path.isdir(os.path.join(path, 'config')):
            module = types.ModuleType('pyroute2')
            module.__path__ = [path]
            sys.modules['pyroute2'] = module
            return module
    return None


def _forget_package():
    for name in [name for name in sys.modules if name == 'pyroute2' or name.startswith('pyroute2.')]:
        del sys.modules[name]


_KINDS = _load()


def encode(kind, message_type, flags, fields, attributes):
    """The bytes of one message.

    kind: 'ifinfmsg', 'ifaddrmsg', 'rtmsg', 'fibmsg' or 'ndmsg'. fields: its fixed part, {name: number}. attributes:
    [[name, value], ...] with pyroute2's names. The sequence number is left for the socket to set.
    """
    if kind not in _KINDS:
        _KINDS.update(_load(kind))
    message = _KINDS[kind]()
    for name, value in fields.items():
        message[name] = value
    message['attrs'] = attributes
    message['header']['type'] = message_type
    message['header']['flags'] = flags
    message['header']['sequence_number'] = 0
    message.encode()
    data = getattr(message, 'data', None)
    # 0.3.22 writes into a BytesIO, 0.4 and later into a bytearray.
    return bytes(data) if data is not None else message.buf.getvalue()
