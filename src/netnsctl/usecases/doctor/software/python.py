"""The interpreter, netnsctl itself, and the libraries in use: which versions, and whose."""
from __future__ import absolute_import, division, print_function

import os
import re
import sys

from netnsctl import __version__
from netnsctl import compat
from netnsctl.edge.packages.libraries import install_command
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Remediation, ok, warn

# Name, purpose, and the module imported to see that it works: for pyroute2 only what netnsctl uses, since all of it
# takes 80 ms.
LIBRARIES = (
    ('click', 'the command line', 'click'),
    ('pyroute2', 'the netlink backend', 'netnsctl.edge.netlink.pyroute2_messages'),
    ('jinja2', 'writing config files', 'jinja2'),
    ('markupsafe', 'jinja2', 'markupsafe'),
) + (() if compat.PY3 else (('ipaddress', 'addresses', 'ipaddress'),))
# Directories that packages share; any other directory that holds netnsctl is its own.
_SHARED = ('site-packages', 'dist-packages', 'src')
_BUNDLES = ('bundled', 'vendor')


class Library(object):
    """A library as it is found: name, purpose, file (of its module, or None), version (or None), owner ('bundled',
    'of the virtual environment', 'of the host'), trouble (why it cannot be imported, or None)."""
    __slots__ = ('name', 'purpose', 'file', 'version', 'owner', 'trouble')


def package_folder():
    """The directory of the package netnsctl."""
    return os.path.dirname(os.path.realpath(compat.__file__))


def owner_of(path, package):
    """Whose a module's file is: 'bundled', 'of the virtual environment' or 'of the host'.

    A file is bundled if it lies in netnsctl's own directory (a package's /usr/share/netnsctl), or in a directory
    `bundled` or `vendor` in or beside the package. package: the package's directory.
    """
    holder = os.path.dirname(package)
    places = [os.path.join(folder, name) for folder in (package, holder) for name in _BUNDLES]
    if os.path.basename(holder) not in _SHARED:
        places.append(holder)
    path = os.path.realpath(path)
    if any(path.startswith(place + os.sep) for place in places):
        return 'bundled'
    if sys.prefix != getattr(sys, 'base_prefix', getattr(sys, 'real_prefix', sys.prefix)):
        if path.startswith(os.path.realpath(sys.prefix) + os.sep):
            return 'of the virtual environment'
    return 'of the host'


def find_module(name, folders):
    """The first file that an import of this name would take in these directories, or None.

    netnsctl.edge.netlink.pyroute2_messages leaves no pyroute2 in sys.modules to look at.
    """
    for folder in folders:
        for file_name in (os.path.join(name, '__init__.py'), os.path.join(name, '__init__.pyc'), name + '.py'):
            path = os.path.join(folder, file_name)
            if os.path.isfile(path):
                return path
    return None


def version_of(path, name):
    """The version of a module, from the metadata beside it or its own text, or None.

    Not from the module itself: some warn when __version__ is read, and some have none.
    """
    folder = os.path.dirname(path)
    if os.path.basename(path).startswith('__init__.'):
        folder = os.path.dirname(folder)
    pattern = re.compile(r'%s-([^-]+?)(?:-py[\d.]+)?\.(?:dist|egg)-info\Z' % name, re.I)
    for entry in _listing(folder):
        found = pattern.match(entry)
        if found:
            return found.group(1)
    try:
        with open(re.sub(r'\.pyc\Z', '.py', path), 'rb') as opened:
            text = compat.native(opened.read(1 << 16))
    except (OSError, IOError):
        return None
    found = re.search(r'(?m)^__version__\s*=\s*u?["\']([^"\']+)', text)
    return found.group(1) if found else None


def _listing(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def examine(name, purpose, tried):
    """Imports a library and looks where it came from: Library."""
    library = Library()
    library.name, library.purpose = name, purpose
    library.version = library.trouble = None
    library.owner = 'of unknown origin'
    compat.find_libraries()
    library.file = find_module(name, sys.path)
    try:
        __import__(tried)
    except Exception as error:
        # Anything may be wrong with a library: it may be for another Python, or half of it may be missing.
        library.trouble = '%s: %s' % (error.__class__.__name__, error)
    if library.file:
        library.version, library.owner = version_of(library.file, name), owner_of(library.file, package_folder())
    return library


@check('python', 'python')
def check_python(host):
    """Tells which Python runs netnsctl, and from where."""
    return ok('Python %s runs netnsctl %s' % (sys.version.split()[0], __version__),
              [('interpreter', sys.executable or 'unknown'),
               ('version', ' '.join(sys.version.split())),
               ('netnsctl', package_folder())])


@check('libraries', 'python')
def check_libraries(host):
    """Every library that netnsctl uses can be imported."""
    found = [examine(*row) for row in LIBRARIES]
    evidence = [(item.name, _describe(item)) for item in found]
    bad = [item for item in found if item.trouble]
    if not bad:
        return ok(', '.join('%s %s' % (item.name, item.version or '?') for item in found) + '; ' + _owners(found),
                  evidence)
    return warn('cannot be imported: %s' % '; '.join('%s, for %s (%s)' % (item.name, item.purpose, item.trouble)
                                                     for item in bad), evidence, _install(host, bad))


def _describe(item):
    if item.file is None:
        return item.trouble or 'in use, from an unknown place'
    seen = '%s, %s (%s)' % (item.version or 'unknown version', item.owner, item.file)
    return '%s; %s' % (seen, item.trouble) if item.trouble else seen


def _owners(found):
    """'all bundled', or 'bundled: click, jinja2; of the host: pyroute2'."""
    owners = sorted(set(item.owner for item in found))
    if len(owners) == 1:
        return 'all %s' % owners[0]
    return '; '.join('%s: %s' % (owner, ', '.join(item.name for item in found if item.owner == owner))
                     for owner in owners)


def _install(host, bad):
    prose = 'Only what they are for is unavailable; everything else works.'
    if not compat.PY3:
        prose += ' These are the newest that Python 2 accepts.'
    return Remediation(prose, [install_command(host, [item.name for item in bad])])
