"""netnsctl watch"""
from __future__ import absolute_import, division, print_function

import os
import signal
import time

from netnsctl.cli import output
from netnsctl.cli.syntax import Option, Syntax
from netnsctl.compat import native
from netnsctl.edge.host import Host
from netnsctl.errors import Interrupted
from netnsctl.usecases.watch import loop
from netnsctl.usecases.watch.asked import Asked
from netnsctl.usecases.watch.told import fields_of


def _run(once, labels, compose, as_json):
    """Follow docker's and podman's events, and bring up a container's wires when it starts or restarts.

    It does so for containers that have a directory in /etc/sysconfig/netns (docker:NAME, podman:NAME). It runs in the
    foreground until SIGTERM or SIGINT. On SIGHUP it reads the tree again and brings up what is missing.
    """
    asked = Asked(labels, [os.path.abspath(native(path)) for path in compose])
    host = Host()
    log = _Events() if as_json else _Log()
    if once:
        return loop.once(host, log.tell if as_json else output.say, log.complain if as_json else output.report_error,
                         asked=asked)
    signum = loop.Watch(host, log.tell, log.complain, note=log.tell if as_json else None, asked=asked).run()
    # the signal that ends a service
    if signum != signal.SIGTERM:
        raise Interrupted(signum)
    return 0


class _Log(object):
    """Lines that begin with the time, except in systemd's journal, which adds its own."""

    def __init__(self):
        self._journal = os.environ.get('JOURNAL_STREAM')

    def _stamp(self, descriptor):
        if self._journal:
            status = os.fstat(descriptor)
            if self._journal == '%d:%d' % (status.st_dev, status.st_ino):
                return ''
        return output.local_time(time.time()) + ' '

    def tell(self, text):
        """A thing done."""
        try:
            output.say(self._stamp(1) + text)
        except output.OutputError as error:
            self.complain(error)  # a full disk: the wires must come up anyway

    def complain(self, error):
        """A declared error."""
        output.report_error(error, self._stamp(2))


class _Events(object):
    """Documents of JSON, one a line, on standard output; errors are on standard error too."""

    def tell(self, text):
        """A thing done or seen."""
        try:
            self._emit(fields_of(text))
        except output.OutputError as error:
            output.report_error(error)

    def complain(self, error):
        """A declared error."""
        output.report_error(error)
        try:
            self._emit({'event': 'error', 'text': error.message, 'hint': error.hint})
        except output.OutputError as failure:
            output.report_error(failure)

    @staticmethod
    def _emit(fields):
        output.emit_json_line(dict(fields, version=1, time=int(time.time())))


command = Syntax(_run, options=[
    Option(['--labels'], 'labels', 'Make the wires that labels of containers ask for (netnsctl.wire).'),
    Option(['--compose'], 'compose', 'Make the wires of a compose FILE as its containers start.', 'FILE',
           is_repeated=True, offers='files'),
    Option(['--json'], 'as_json', 'Print each event as a JSON document on a line of its own.'),
    Option(['--once'], 'once', 'Bring up the wires of the containers that are running now, and exit.')])
