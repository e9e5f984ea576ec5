"""A throwaway host on which the examples of manual pages are run."""
from __future__ import absolute_import, division, print_function

from support import process


def quoted(word):
    return "'%s'" % word.replace("'", "'\\''")


class Example(object):
    """A host (support.aside.own_host) with netnsctl on its PATH.

    environ: the variables that the examples get; changes count.
    """

    def __init__(self, host):
        self.host = host
        self.environ = host.environ()
        self.environ['PATH'] = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
        host.sh('mkdir -p /usr/local/sbin; cat >/usr/local/sbin/netnsctl <<\'end-of-file\'\n#!/bin/sh\nexec %s "$@"\n'
                'end-of-file\nchmod 755 /usr/local/sbin/netnsctl' % ' '.join(map(quoted, host.program.argv())))

    def try_it(self, script):
        """support.process.Result of a shell script."""
        return process.run(self.host.prefix + ['sh', '-euc', 'cd /mnt\n' + script], environ=self.environ)

    def run(self, script):
        """What a shell script prints, that must not fail."""
        result = self.try_it(script)
        assert result.status == 0, (script, result)
        return result.out

    def write(self, path, text):
        """Writes a file of the host, with the folders above it."""
        self.host.sh('mkdir -p "$(dirname {0})"; cat >{0} <<\'end-of-file\'\n{1}\nend-of-file\n'.format(
            quoted(path), text))
