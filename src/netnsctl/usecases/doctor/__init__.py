"""`netnsctl doctor`: what this host can do and what is in the way.

A check is a function that is given only the host and returns a Finding. It probes behaviour first and reads versions
only to explain, and it changes nothing. It registers itself, so its place in the display is its place in the source:

    @check('veth', 'kernel', required=True, seconds=15)
    def check_veth(host):
        '''A veth pair can be created.'''
"""
from __future__ import absolute_import, division, print_function

import os
import signal
import sys
import time
from functools import partial

from netnsctl.compat import monotonic, processors
from netnsctl.errors import NetnsctlError, UsageError
from netnsctl.usecases.doctor.finding import ADVISORY, FAIL, REQUIRED, WARN, Finding, Remediation

# In the order in which they are displayed.
_MODULES = ('kernel.privileges', 'kernel.namespaces', 'kernel.links', 'kernel.nics', 'kernel.queues',
            'software.openvswitch', 'software.iproute', 'software.repositories', 'software.backend', 'kernel.netnsdir',
            'software.state', 'network.wires', 'network.lent', 'software.runtimes', 'software.cni', 'software.oci_hook',
            'network.forwarding', 'network.advertised', 'network.translating', 'network.managers', 'kernel.selinux',
            'software.python', 'software.services', 'software.shim')
# Of these, those that another process runs: what asks for `ip` and libraries, and what asks daemons and firewalls.
_APART = (('software.iproute', 'software.repositories', 'software.backend', 'software.python', 'software.shim'),
          ('software.openvswitch', 'software.runtimes', 'software.cni', 'software.oci_hook', 'network.forwarding',
           'network.advertised', 'network.translating', 'network.managers'))
# Of a check's name: known before all of them are loaded.
WIDEST_NAME = 14
_CHECKS = []
# For one check: long, since a busy host is not an unfit one.
LIMIT_SECONDS = 15.0


class Check(object):
    """A registered check.

    name, group, tier: as in its findings. seconds: its time limit. function: takes the host, returns a Finding.
    summary: one line, what is true if the check is ok.
    """
    __slots__ = ('name', 'group', 'tier', 'seconds', 'function', 'summary')

    def __init__(self, name, group, tier, seconds, function, summary):
        self.name = name
        self.group = group
        self.tier = tier
        self.seconds = seconds
        self.function = function
        self.summary = summary


def check(name, group, required=False, seconds=LIMIT_SECONDS, summary=None):
    """Registers the decorated function as a check.

    name: one word, unique. group: the heading that it is shown under. required: netnsctl cannot work without it.
    seconds: its time limit. summary: by default the first line of its docstring.
    """
    def register(function):
        _CHECKS.append(Check(name, group, REQUIRED if required else ADVISORY, seconds, function,
                             summary or (function.__doc__ or '').strip().split('\n')[0]))
        return function
    return register


def checks():
    """Every check, in display order: list of Check."""
    return [item for _, items in _checks_of(_MODULES) for item in items]


def _checks_of(modules):
    """[(module, its Checks)]: loads them all first, since the probes of kernel.throwaway are tried together."""
    for name in modules:
        # At first use: `netnsctl.usecases.doctor` must be whole before its checks import `check` from it.
        __import__('%s.%s' % (__name__, name))
    return [(name, [item for item in _CHECKS if item.function.__module__ == '%s.%s' % (__name__, name)])
            for name in modules]


def select(names=None):
    """The checks of those names, or all, in display order: list of Check. UsageError for an unknown name."""
    known = checks()
    unknown = sorted(set(names or ()) - set(item.name for item in known))
    if unknown:
        raise UsageError('doctor: there is no check %s' % ', '.join(unknown),
                         hint='Checks are: %s.' % ', '.join(item.name for item in known))
    return [item for item in known if not names or item.name in names]


def run(host, names=None):
    """Runs the checks of those names, or all: list of Finding in display order. UsageError as select()."""
    return [run_check(item, host) for item in select(names)]


def each(host, in_full, names=()):
    """Runs the checks of those names, or all: yields a Finding for each, in display order. UsageError as select().
    in_full: is the evidence of those that are ok asked for?

    Where there are two processors, forks of this process run those of _APART meanwhile. Each process loads only the
    checks that it runs.
    """
    wanted = select(names) if names else None
    modules = _MODULES
    if wanted is not None:
        modules = [name for name, items in _checks_of(_MODULES) if any(item in wanted for item in items)]
    if wanted is None or len(wanted) > 1:
        host.doctors_probes = {}  # kernel.throwaway tries them together

    def run_modules(some):
        for name, items in _checks_of(some):
            for item in items:
                if wanted is None or item in wanted:
                    yield name, run_check(item, host)

    groups = [[name for name in group if name in modules] for group in _APART]
    groups = [group for group in groups if group and len(group) < len(modules)]
    workers = _begin(groups, [name for name in modules if not any(name in group for group in groups)],
                     lambda group: [(name, item.settled(in_full)) for name, item in run_modules(group)])
    try:
        for _, finding in _in_order(modules, workers, run_modules):
            yield finding
    finally:
        for worker, _ in workers:
            worker.end()


def _in_order(modules, workers, run_modules):
    """Yields (module, Finding), as soon as those that are displayed before are known. Takes from the list of workers
    those that have answered."""
    apart = [name for _, group in workers for name in group]
    own = [name for name in modules if name not in apart]
    found = []
    for name, finding in run_modules(own):
        if modules.index(name) == own.index(name):
            yield name, finding
        else:
            found.append((name, finding))
    for name in modules:
        for worker, group in workers[:]:
            if name in group:
                answer = _answer(worker)
                workers.remove((worker, group))
                found += list(run_modules(group)) if answer is None else answer
        for row in found:
            if row[0] == name:
                yield row


def _begin(groups, own, work):
    """Starts work(group) in a Worker for each group of modules: list of (Worker, group). own: those left to this
    process."""
    from netnsctl.edge.worker import Worker
    started = []
    for group in groups if processors() > 1 else ():
        try:
            started.append((Worker(partial(work, group)), group))
            _checks_of(own)  # while the first works; the others share much of what is loaded for them
        except OSError:
            break  # there can be no other process
    return started


def _answer(worker):
    """What a Worker found: list of Finding, or None if that is not known."""
    while not worker.is_done(1):
        pass
    is_told, found = worker.answer()
    return found if is_told else None


def is_fit(findings):
    """Can netnsctl work, as far as these findings show?"""
    return not any(finding.tier == REQUIRED and finding.status == FAIL for finding in findings)


def run_check(item, host):
    """Runs one Check: Finding. A check that raises, or exceeds its time limit, gives a finding too.

    Only a signal that ends the program (Interrupted, KeyboardInterrupt) is passed on.
    """
    started = monotonic()
    try:
        finding = _call_limited(item.seconds, item.function, host)
        if not isinstance(finding, Finding):
            raise TypeError('it returned %r' % (finding,))
    except _OverTime:
        finding = Finding(FAIL, 'the check itself took longer than %g s and was stopped' % item.seconds)
    except NetnsctlError as error:
        finding = Finding(FAIL, 'the check itself failed: %s' % error.message, [('at', _place_of_error())],
                          Remediation(error.hint) if error.hint else None)
    except Exception as error:
        finding = Finding(FAIL, 'the check itself failed: %s: %s' % (error.__class__.__name__, error),
                          [('at', _place_of_error())])
    finding.check, finding.group, finding.tier, finding.summary = item.name, item.group, item.tier, item.summary
    finding.seconds = round(max(monotonic() - started, 0), 6)
    if finding.status == FAIL and item.tier == ADVISORY:
        finding.status = WARN
    return finding


class _OverTime(BaseException):
    """Not an Exception: a check that catches those must not catch this."""


def _call_limited(seconds, function, host):
    """The function's result, or _OverTime past the limit.

    The limit uses SIGALRM, which Python delivers to the main thread only: elsewhere each helper's own limit must do. An
    alarm that somebody else set continues afterwards with its remaining time.
    """
    armed = [True]

    def ring(*_):
        if armed:
            raise _OverTime()

    before = signal.getsignal(signal.SIGALRM)
    if before is None:
        return function(host)  # a handler that Python did not install could not be put back
    try:
        signal.signal(signal.SIGALRM, ring)
    except ValueError:
        return function(host)  # not the main thread
    started = time.time()
    theirs = (0.0, 0.0)
    try:
        theirs = signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            return function(host)
        finally:
            # First, so that a later alarm is ignored and cannot keep the rest from being restored.
            del armed[:]
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)
        if theirs[0]:
            signal.setitimer(signal.ITIMER_REAL, max(theirs[0] - (time.time() - started), 0.001), theirs[1])


def _place_of_error():
    """FILE:LINE of the error being handled: enough to report it, while a traceback is too much to read."""
    trace = sys.exc_info()[2]
    while trace.tb_next is not None:
        trace = trace.tb_next
    return '%s:%d' % (os.path.basename(trace.tb_frame.f_code.co_filename), trace.tb_lineno)
