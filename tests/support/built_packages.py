"""netnsctl's own packages, built by rpm/build from this checkout as it stands, committed in a throwaway repository."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import tempfile

from support.process import must, run
from support.program import TOP

DISTS = ['el6', 'el7', 'el8', 'el9', 'el10', 'fedora']
TOOLS = ('git', 'rpm', 'rpmbuild', 'rpm2cpio', 'cpio')
# What `rpm -qp` prints of a file, a line each.
_FILE = '[%{FILENAMES}|%{FILEMODES:octal}|%{FILEUSERNAME}:%{FILEGROUPNAME}|%{FILEFLAGS}|%{FILEMTIMES}|%{FILESIZES}\n]'
# The environment that the manual is built in, made by `make setup`: throwaway checkouts have none.
VENV_DOCS = os.path.join(TOP, '.venv-docs')
CONFIG, GHOST, NOREPLACE = 1 << 0, 1 << 6, 1 << 4


def read_bytes(path):
    """What a file holds."""
    with open(path, 'rb') as source:
        return source.read()


def missing_tools(tools=TOOLS):
    """Those that this machine lacks: list."""
    return [tool for tool in tools if run(['sh', '-c', 'command -v "$1"', 'sh', tool]).status != 0]


def manual_lacks():
    """What building netnsctl-doc lacks here: list of words."""
    return missing_tools(['mandoc']) + ([] if os.path.exists(VENV_DOCS) else ['.venv-docs (make setup)'])


def only(*dists, **options):
    """For a test of these distributions; others=False: also where all are asked for."""
    def mark(function):
        function.only = list(dists)
        function.never_others = not options.get('others', True)
        return function
    return mark


class Checkout(object):
    """A throwaway repository with one commit of what the checkout holds, committed or not. folder: its path."""

    WHEN = '2020-02-02T02:02:02+0000'

    def __init__(self, folder=None):
        self.folder = folder or tempfile.mkdtemp()
        listed = run(['git', '-C', TOP, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
        names = [name for name in listed.out.split('\0') if name and os.path.lexists(os.path.join(TOP, name))]
        if listed.status != 0:
            raise AssertionError('no git checkout: %r' % listed)
        for name in names:
            target = os.path.join(self.folder, name)
            if not os.path.isdir(os.path.dirname(target)):
                os.makedirs(os.path.dirname(target))
            if os.path.islink(os.path.join(TOP, name)):
                os.symlink(os.readlink(os.path.join(TOP, name)), target)
            else:
                shutil.copy2(os.path.join(TOP, name), target)
        self._git('init', '--quiet')
        self.commit()

    def _git(self, *words):
        environ = dict(os.environ, GIT_CONFIG_NOSYSTEM='1', HOME=self.folder, GIT_AUTHOR_DATE=self.WHEN,
                       GIT_COMMITTER_DATE=self.WHEN)
        return must(['git', '-C', self.folder, '-c', 'user.name=test', '-c', 'user.email=test@localhost',
                     '-c', 'core.fileMode=true'] + list(words), environ=environ)

    def commit(self):
        """Commits everything, at the same time as every other commit."""
        self._git('add', '--all')
        self._git('commit', '--quiet', '--message', 'as it stands')

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def edit(self, name, old, new):
        """Replaces a text, which must be there, in one file."""
        with open(self.path(name)) as source:
            text = source.read()
        assert old in text, (name, old)
        with open(self.path(name), 'w') as target:
            target.write(text.replace(old, new))

    def build(self, dist, release=1, umask=0o022, words=('--without', 'doc'), **environ):
        """rpm/build: Result."""
        values = dict(os.environ, DIST=dist, RELEASE=str(release), NETNSCTL_VENV_DOCS=VENV_DOCS, **environ)
        return run(['sh', '-c', 'umask %o; exec "$@"' % umask, 'sh', self.path('rpm', 'build')] + list(words),
                   timeout=300, environ=values)

    def packages(self, dist='el9', **options):
        """The paths of the packages that rpm/build makes: list, netnsctl's own last."""
        result = self.build(dist, **options)
        assert result.status == 0, result
        return [self.path(line) for line in result.out.strip().split('\n')]

    def package(self, dist, release=1, **options):
        """The path of the package that rpm/build makes."""
        return self.packages(dist, release=release, **options)[-1]

    def close(self):
        shutil.rmtree(self.folder)


class File(object):
    """A file of a package: name, mode, owner ('root:root'), flags, mtime, size."""
    __slots__ = ('name', 'mode', 'owner', 'flags', 'mtime', 'size')

    def __init__(self, line):
        self.name, mode, self.owner, flags, mtime, size = line.split('|')
        self.mode, self.flags, self.mtime, self.size = int(mode, 8), int(flags), int(mtime), int(size)

    @property
    def is_ghost(self):
        return bool(self.flags & GHOST)


class Package(object):
    """What rpm says of a package file. path: it."""

    def __init__(self, path):
        self.path = path
        lines = self.query(_FILE).strip().split('\n')
        self.files = dict((item.name, item) for item in map(File, lines))

    def query(self, form):
        return must(['rpm', '-qp', '--nosignature', '--qf', form, self.path])

    def requires(self):
        return set(line.strip() for line in self.query('[%{REQUIRES} %{REQUIREFLAGS:depflags} %{REQUIREVERSION}\n]')
                   .strip().split('\n'))

    def provides(self):
        return set(line.strip() for line in self.query('[%{PROVIDES} %{PROVIDEFLAGS:depflags} %{PROVIDEVERSION}\n]')
                   .strip().split('\n'))

    def unpack(self, folder):
        """Puts its files below a folder."""
        must(['sh', '-euc', 'cd "$1"; rpm2cpio "$2" | cpio --quiet -idm', 'sh', folder, self.path])
