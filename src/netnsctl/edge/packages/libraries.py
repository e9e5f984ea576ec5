"""How the libraries that netnsctl needs are installed for the Python that runs it."""
from __future__ import absolute_import, division, print_function

import re
import sys

from netnsctl.compat import PY3
from netnsctl.edge.packages import installers

# The newest that Python 2 accepts.
_PINS = {'pyroute2': '0.3.22', 'jinja2': '2.8.1', 'markupsafe': '1.0', 'click': '6.7', 'ipaddress': '1.0.23'}
_WITH_PYTHON3 = ('dnf', 'yum', 'apt-get', 'zypper')  # call their packages python3-NAME
_MISSING = re.compile(r"No module named '?([A-Za-z0-9_]+)")


def install_command(host, names):
    """The command that installs these libraries (names as pip has them): text. That of the host's packages where they
    serve this Python, since pip may be refused there (PEP 668); else pip's."""
    tool = installers.installer_of(host)
    if PY3 and tool in _WITH_PYTHON3 and not _in_environment():
        return '%s install %s' % (tool, ' '.join('python3-' + name for name in names))
    names = list(names) if PY3 else ['%s==%s' % (name, _PINS[name]) for name in names]
    return '%s -m pip install %s' % (sys.executable or 'python', ' '.join(names))


def missing(error):
    """The library that an ImportError says is not there, or None if it is not one of those that netnsctl needs."""
    found = _MISSING.search(str(error)) or re.search("import of '?([A-Za-z0-9_]+)'? halted", str(error))
    return found.group(1) if found and found.group(1) in _PINS else None


def _in_environment():
    return sys.prefix != getattr(sys, 'base_prefix', sys.prefix)
