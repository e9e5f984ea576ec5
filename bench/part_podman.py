"""`podman run` of a container that ends at once, by how it gets its network: none, netnsctl's OCI hook (that has
nothing to do, or one wire to a bridge), and podman's own bridge. Each with its end and what is removed then."""
from __future__ import absolute_import, division, print_function

import os
import shutil
import subprocess
import sys
import tempfile

from measuring import Skipped, run, show, side_by_side, summary

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), 'tests'))

from support.containers import Podman, Unavailable  # noqa: E402
from support.oci_hook import with_hook, write_hook  # noqa: E402

# Without a comma: podman 4 splits annotations there, unless they are in quotes, which podman 5 would keep.
WIRE = 'netnsctl.wire=bridge://bpod=10.1.1.1/24 self:eth0=10.1.1.2/24'
OWN_BRIDGE = "podman's own bridge"


def measure(rounds, skipped):
    """{contender: figures}; 'ratio' is to a container without any network, and without the hook."""
    store = '/var/lib/containers'
    if not os.path.isdir(store):
        raise Skipped('podman is not installed')
    run(['mount', '-t', 'tmpfs', 'none', store])
    hooks = tempfile.mkdtemp()
    try:
        engine = Podman('bpodman')
    except Unavailable as reason:
        shutil.rmtree(hooks)
        run(['umount', '-l', store])
        raise Skipped(str(reason))
    try:
        write_hook(hooks)
        root = engine.root_folder()
        return _measure(engine.command, with_hook(engine.command, hooks), list(engine.OPTIONS), root, rounds, skipped)
    finally:
        shutil.rmtree(hooks)
        engine.close()
        run(['umount', '-l', store])


def _measure(plain, hooked, options, root, rounds, skipped):
    def words(command, *more):
        return command + ['run', '--rm'] + list(more) + options + root + ['true']

    contenders = {
        'no network': words(plain, '--net', 'none'),
        'no network, the hook asked for nothing': words(hooked, '--net', 'none'),
        'the hook, one wire to a bridge': words(hooked, '--net', 'none', '--annotation', WIRE),
    }
    own = words(plain, '--net', 'podman')
    with open(os.devnull, 'r+') as null:
        if subprocess.call(own, stdin=null, stdout=null, stderr=null) == 0:
            contenders[OWN_BRIDGE] = own
        else:
            skipped[OWN_BRIDGE] = 'podman makes none here'
    spent = side_by_side(dict((name, lambda argv=argv: run(argv)) for name, argv in contenders.items()), rounds)
    figures = dict((name, summary(items, spent['no network'])) for name, items in spent.items())
    show('podman run, by how the container gets its network', ['', 'ms', 'to none'],
         [[name, '%.0f' % (found['seconds'] * 1000), '%.2f' % found['ratio']]
          for name, found in sorted(figures.items(), key=lambda item: item[1]['seconds'])])
    return figures
