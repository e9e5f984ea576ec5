"""-batch for an `ip` that does not support all of its lines: those that it supports are passed to it, in batches."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.compat import to_bytes
from netnsctl.edge import syscalls
from netnsctl.ipnetns import batch, options, words
from netnsctl.ipnetns.output import Refused, strerror
from netnsctl.ipshim import links
from netnsctl.ipshim.objects import is_link, is_netns

_FAILED = b'Command failed -:'
_SIGTERM = 15
# How many namespaces links are moved to at once: each is held by a process and a descriptor.
_MOST_LENDERS = 64


def run(plain, real, out):
    """Runs the lines of the file as they come: the exit status. plain: [(action, [words])] of the options, -netns taken
    out."""
    settings, _ = options.parse([word for _, option in plain for word in option])
    flat = [word for action, option in plain if action != 'batch' for word in option if word != b'--']
    own = OwnLines(real, flat, settings, out)
    failed = 0
    for group in batch.groups(settings.batch):
        for number, line in group:
            status = _one(settings, number, line, own, out)
            failed = failed or status
            if status and not settings.force:
                return status
        status = own.run()
        failed = failed or status
        if status and not settings.force:
            return status
        out.flush()
    return failed


def _one(settings, number, line, own, out):
    """Runs a line, or leaves it for later with other lines of the host's own ip: the status. Raises Refused if that
    ends everything."""
    try:
        arguments = batch.split(line)
    except Refused:
        # An old ip does not support quotes; that matters only for our own lines.
        arguments = line.split()
        if is_netns(arguments[0]):
            status = own.run()
            if status and not settings.force:
                return status
            raise
    if not arguments:
        return 0
    if not is_netns(arguments[0]):
        return own.add(number, line, arguments)
    before = own.run()
    if before and not settings.force:
        return before
    try:
        status = words.run(settings, arguments[1:], out)
    except Refused as refused:
        if refused.status == 255 or not refused.message:  # not: a command of exec that a signal ended
            raise
        status = out.refuse(refused)
    if not status:
        return before
    out.tell(b'Command failed ' + settings.batch + b':' + to_bytes('%d' % number))
    return 1


class OwnLines(object):
    """Lines for the host's own ip, gathered until something else is to be done."""

    def __init__(self, real, flat, settings, out):
        self._real = real
        self._flat = flat
        self._settings = settings
        self._out = out
        self._lenders = links.Lenders()
        self._rows = []  # (number, text)
        self._counts = None  # does the host's ip say the number of the line that it failed at? None: not known yet

    def add(self, number, line, arguments):
        """Adds a line (text and words); 0, or the status where it had to be run with those before it."""
        if is_link(arguments[0]):
            changed = self._lenders.with_pids(arguments)
            if changed != arguments:
                line = b' '.join(_quote(word) for word in changed)
        self._rows.append((number, line + b'\n'))
        return self.run() if len(self._lenders) >= _MOST_LENDERS else 0

    def run(self):
        """Runs the lines in one batch: its status, 0 where there are none. Refused where one ended it there and
        then."""
        rows, self._rows = self._rows, []
        if not rows:
            return 0
        self._real.require()
        self._out.flush()
        try:
            if len(rows) == 1 or self._says_numbers():
                return self._run_together(rows)
            failed = 0
            for row in rows:
                status = self._run_together([row])
                failed = failed or status
                if status and not self._settings.force:
                    return status
            return failed
        finally:
            self._lenders.close()

    def _says_numbers(self):
        """Those of 2009 (iproute2-ss091226, RDO's) report line 0 for any line. Found out with a batch that changes
        nothing."""
        if self._counts is None:
            told = []
            _run(self._real, [b'-batch', b'-'], b'\nnetnsctl\n', told.append)
            self._counts = _FAILED + b'2' in told
        return self._counts

    def _run_together(self, rows):
        """Runs these rows in one batch: as run()."""
        numbers, failed = [number for number, _ in rows], []

        def tell(line):
            number = line[len(_FAILED):]
            if line.startswith(_FAILED) and number.isdigit() and int(number) <= len(numbers):
                # Line 0 is the only one that there is.
                number = to_bytes('%d' % numbers[max(int(number), 1) - 1])
                line = b'Command failed ' + self._settings.batch + b':' + number
                failed.append(line)
            self._out.tell(line)

        status = _run(self._real, self._flat + [b'-batch', b'-'], b''.join(text for _, text in rows), tell)
        if status > 1 or status and not failed:
            raise Refused(status=status)  # a malformed line ends an ip, even with -force
        return status


def _quote(word):
    if word and not [blank for blank in (b' ', b'\t') if blank in word]:
        return word
    return b"'" + word + b"'" if b'"' in word else b'"' + word + b'"'


def _run(real, words, feed, tell):
    """Runs the host's own ip with that standard input: its status, 128 + N where signal N ended it. tell: what is done
    with each line of its standard error."""
    source, sink = os.pipe()
    errors, told = os.pipe()
    pipes = source, sink, errors, told
    feeder = _fork(lambda: _feed(pipes, feed))
    child = _fork(lambda: _execute(pipes, real, words))
    for descriptor in (source, sink, told):
        os.close(descriptor)
    held = b''
    while True:
        piece = os.read(errors, 65536)
        lines = (held + piece).split(b'\n')
        held = lines.pop()
        for line in lines:
            tell(line)
        if not piece:
            break
    if held:
        tell(held)
    os.close(errors)
    os.waitpid(feeder, 0)
    status = os.waitpid(child, 0)[1]
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status)


def _fork(work):
    """Forks a process that does only that: its PID."""
    child = os.fork()
    if not child:
        try:
            work()
        finally:
            os._exit(127)
    return child


def _feed(pipes, data):
    # A separate process feeds it, so that neither side waits for the other.
    source, sink, errors, told = pipes
    for descriptor in (source, errors, told):
        os.close(descriptor)
    while data:
        data = data[os.write(sink, data):]


def _execute(pipes, real, words):
    # A signal that ends a batch ends all of it.
    syscalls.end_with_parent(_SIGTERM)
    source, _, _, told = pipes
    os.dup2(source, 0)
    os.dup2(told, 2)
    for descriptor in pipes:
        os.close(descriptor)
    try:
        real.execute(words)
    except OSError as error:
        os.write(2, b'netnsctl shim: run ' + real.path + b': ' + strerror(error) + b'\n')
