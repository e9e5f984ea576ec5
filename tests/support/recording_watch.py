"""`netnsctl watch` with a stand-in for `up` that wires nothing: python -m support.recording_watch TREE LOG

TREE: the folder whose entries are the spaces. LOG: gets a line of JSON for each call, {"time", "pid", "spaces"}. In
TREE.d a file `crash` or `hang` names a space with which the stand-in does that, `fail` one that it cannot bring up.
"""
from __future__ import absolute_import, division, print_function

import json
import os
import signal
import sys
import time

from netnsctl.cli import output
from netnsctl.edge.host import Host
from netnsctl.errors import NotFoundError
from netnsctl.usecases.watch import loop, work


class Summary(object):
    """As usecases.up_down.up_down gives it."""

    def __init__(self, made, failed):
        self.made, self.changed, self.same, self.failed = made, [], [], failed
        self.live = []
        self.exit_code = 3 if failed else 0


def main(tree, log):
    def told(name):
        try:
            with open(os.path.join(tree + '.d', name)) as source:
                return source.read().strip()
        except (IOError, OSError):
            return None

    def spaces(_):
        return sorted(os.listdir(tree)) if os.path.isdir(tree) else []

    def up(_, wanted):
        with open(log, 'a') as out:
            out.write(json.dumps({'time': time.time(), 'pid': os.getpid(), 'spaces': wanted}) + '\n')
        if told('crash') in wanted:
            os.kill(os.getpid(), signal.SIGSEGV)
        while told('hang') in wanted:
            time.sleep(0.05)
        failed = [space for space in wanted if space == told('fail')]
        return Summary(['w-' + space for space in wanted if space not in failed],
                       [('w-' + space, NotFoundError('w-%s: there is no peer' % space)) for space in failed])

    return loop.Watch(Host(), output.say, output.report_error, up, spaces, tree).run()


if __name__ == '__main__':
    if 'TURN_SECONDS' in os.environ:
        work.TURN_SECONDS, work.SPACE_SECONDS = float(os.environ['TURN_SECONDS']), 0.0
    sys.exit(128 + main(*sys.argv[1:]) - 128 - signal.SIGTERM)
