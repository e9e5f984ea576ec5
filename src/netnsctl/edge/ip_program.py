"""The host's `ip`: which one, and what it can do, found out by running it and remembered until it changes.

Probed, never guessed from a version: distributions carry netns in releases whose number says otherwise
(RDO's iproute-2.6.32-130.el6ost.netns.2).
"""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import shim_file
from netnsctl.errors import NetnsctlError

PROBE_SECONDS = 5.0


class IpProgram(object):
    """An `ip`: path, version (what `ip -V` says), netns (it knows the object), dash_n (it knows the option -n,
    from 3.19), numbers (it says which line of a -batch the kernel refused, from 4.1 or so). is_sure: it said so; else
    something kept it from an answer, and the next time it may have another."""
    __slots__ = ('path', 'version', 'netns', 'dash_n', 'is_sure', 'numbers')

    def __init__(self, path, version, netns, dash_n, is_sure=True, numbers=True):
        self.numbers = numbers
        self.is_sure = is_sure
        self.path = path
        self.version = version
        self.netns = netns
        self.dash_n = dash_n


def probe(host, path):
    """Asks one `ip` what it is and can do: IpProgram.

    NoAnswerError or NetnsctlError if it cannot be run or does not answer.
    """
    version = _ask(host, [path, '-V'])
    listed = _ask(host, [path, 'netns', 'list'])
    netns = listed.status == 0
    dash_n = numbers = False
    if netns:
        # "." can be no name: an ip that knows -n complains of the name, one that does not, of the option.
        answer = _ask(host, [path, '-n', '.', 'link'])
        dash_n = answer.status != 0 and 'Option "-n" is unknown' not in answer.err
        # Every kernel refuses that MTU. Until 4.0 ip ends there without a line number, and that of 2009 has 0.
        answer = _ask(host, [path, '-batch', '-'], 'link set dev lo mtu -1\n')
        numbers = 'Command failed -:1' in answer.err
    return IpProgram(path, (version.out or version.err).strip(), netns, dash_n,
                     netns or 'Object "netns" is unknown' in listed.err, numbers)


def _ask(host, argv, feed=''):
    answer = host.run(argv, feed=feed, seconds=PROBE_SECONDS)
    if answer.status < 0:
        raise NetnsctlError('%s: ended by signal %d' % (' '.join(argv), -answer.status))
    return answer


def _fingerprint(path):
    status = os.stat(path)
    return [path, status.st_dev, status.st_ino, status.st_size, int(status.st_mtime), int(status.st_ctime)]


def probe_once(host, path):
    """probe(), asked again in this process only if the file has changed or was not sure."""
    status = os.stat(path)
    key = path, status.st_dev, status.st_ino, status.st_size, status.st_mtime, status.st_ctime
    known = host.__dict__.setdefault('known_ips', {})
    if key not in known:
        program = probe(host, path)
        if not program.is_sure:
            return program
        known[key] = program
    return known[key]


def own_path(host):
    """The path of the host's own `ip`, the first on the helpers' PATH that is not netnsctl's shim, or None."""
    for path in host.find_all('ip'):
        if not shim_file.is_shim(path):
            return path
    return None


def found(host, state=None):
    """The host's own `ip`: IpProgram, or None if there is none.

    state: the state directory, where the answer is kept for as long as the file is the same; None: ask again.
    """
    path = own_path(host)
    if path is None:
        return None
    if state is None:
        return probe_once(host, path)
    fingerprint = _fingerprint(path)
    kept = state.read_json('ip.json')
    if isinstance(kept, dict) and kept.get('fingerprint') == fingerprint:
        try:
            return IpProgram(path, kept['version'], bool(kept['netns']), bool(kept['dash_n']),
                             numbers=bool(kept['numbers']))
        except KeyError:
            pass
    program = probe(host, path)
    if program.is_sure:
        state.write_json('ip.json', {'fingerprint': fingerprint, 'version': program.version,
                                     'netns': program.netns, 'dash_n': program.dash_n,
                                     'numbers': program.numbers})
    return program
