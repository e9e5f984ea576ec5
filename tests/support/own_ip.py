"""An `ip` of the tests' own under the shim: scripts that know little, or all, and say what they were given."""

from __future__ import absolute_import, division, print_function

import os

from support import process

USUAL = '/usr/sbin:/usr/bin:/sbin:/bin'
# An `ip` of old, in one file: it says who it is and what it was given, and knows no more.
OLD_IP = '''#!/bin/sh
printf '%%s\\n' "$*" >>%(log)s
case $1 in
    net|netn|netns) echo 'Object "netns" is unknown, try "ip help".' >&2; exit 255 ;;
    -n|-all|-j) echo "Option \\"$1\\" is unknown, try \\"ip -help\\"." >&2; exit 255 ;;
esac
echo "own $*"
exit 7
'''
# One that can do all, and writes down all that it is given but for the shim's questions.
NEW_IP = '''#!/bin/sh
case "$*" in
    'netns help') echo 'Usage: ip netns add NAME' >&2; exit 255 ;;
    *'-n . -V') echo 'Invalid netns name "."' >&2; exit 255 ;;
    *-V|'netns identify'|'netns pids'|'netns set'|'netns list-id'|'netns attach'|'netns se') exit 0 ;;
esac
printf '%%s\\0' "$@" >%(log)s
cat
exit 7
'''


# Lines that an `ip` of old cannot do, and that change nothing.
LINES = [['netns'], ['netns', 'list'], ['netns', 'add', 'a/b'], ['netns', 'exec', 'nosuch', 'true'],
         ['netns', 'pids', 'nosuch'], ['netns', 'delete', 'a/b'], ['netns', 'set', 'nosuch', '1'],
         ['-n', 'nosuch', 'link'], ['-all', 'netns', 'nosuch'], ['-b', '/dev/null'], ['-b', '-']]


def put(tmpdir, folder, text):
    """A folder below tmpdir with an `ip` of that text, which may name %(log)s: the file `log` there."""
    path = tmpdir.join(folder, 'ip')
    path.write(text % {'log': str(tmpdir.join('log'))} if '%(' in text else text, ensure=True)
    path.chmod(0o755)
    return str(path.dirpath())


def rewrite(path, old, new):
    """Changes what is in a file there."""
    with open(path) as source:
        text = source.read()
    assert old in text
    with open(path, 'w') as target:
        target.write(text.replace(old, new))


def run(shim, folders, *words, **options):
    """Runs the shim with a PATH of these folders before the usual ones."""
    path = ':'.join([os.path.dirname(shim)] + folders + [USUAL])
    environ = dict(os.environ, PATH=path, LC_ALL='C', **options.pop('environ', {}))
    return process.run([shim] + list(words), environ=environ, **options)
