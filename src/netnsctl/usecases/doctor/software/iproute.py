"""Every `ip` on the helpers' PATH and what it can do."""
from __future__ import absolute_import, division, print_function

import os

from netnsctl.edge import ip_program, shim_file
from netnsctl.edge.packages import installers, owners
from netnsctl.edge.files import settings
from netnsctl.errors import NetnsctlError
from netnsctl.usecases.doctor import check
from netnsctl.usecases.doctor.finding import Later, Remediation, ok, warn

_INSTALL = {'dnf': 'dnf install iproute', 'yum': 'yum install iproute', 'apt-get': 'apt-get install iproute2',
            'zypper': 'zypper install iproute2', 'apk': 'apk add iproute2', 'pacman': 'pacman -S iproute2'}
_NETLINK = 'netnsctl itself does not need it: its netlink backend, which `auto` then chooses, works without it.'
_WAYS = 'For `ip netns` too, enable the shim, netnsctl\'s own `ip` in front of this one.'
_RDO = 'Or install RDO\'s newer iproute, 2.6.32-130.el6ost.netns.2: see the repositories check.'
_FIXES = ['netnsctl shim enable']
_SHIM = 'netnsctl\'s shim, in front of the others'
# What an old ip prints about an unknown option: "Option \"-json\" is unknown, try \"ip -help\"."
_UNKNOWN = 'is unknown'


def _programs(host):
    """The different programs called ip on the PATH, in its order: list of [path, other paths of the same file ...]."""
    found, places = [], {}
    for path in host.find_all('ip'):
        status = os.stat(path)
        key = (status.st_dev, status.st_ino)
        if key not in places:
            places[key] = [path]
            found.append(places[key])
        elif path not in places[key]:
            places[key].append(path)
    return found


def short_version(text):
    """The output of `ip -V` without the words that all versions print: 'iproute2-6.1.0'."""
    first = (text.splitlines() or [''])[0]
    return (first.split('ip utility, ')[-1].split(',')[0].strip() or 'unknown version')[:80]


class _Seen(object):
    """One `ip`: paths (of the same file), program (IpProgram, None for the shim or one that does not work), json and
    batch (does it know the option), text (a description)."""

    def __init__(self, host, paths):
        self.paths, self.program, self.json, self.batch = paths, None, False, False
        self.is_shim = shim_file.is_shim(paths[0])
        if self.is_shim:
            self.text = _SHIM
            return
        try:
            self.program = ip_program.probe_once(host, paths[0])
            self.json = _knows(host, paths[0], ['-json', '-V'], '')
            # An ip that says which line of a batch was refused knows batches.
            self.batch = self.program.numbers or _knows(host, paths[0], ['-batch', '-'], '')
            self.text = self._describe()
        except NetnsctlError as error:
            self.program, self.text = None, error.message

    def _describe(self):
        known = (('netns', self.program.netns), ('-n', self.program.dash_n), ('-json', self.json),
                 ('-batch', self.batch))
        parts = [short_version(self.program.version)]
        for words, is_it in (('supports', True), ('does not support', False)):
            names = [name for name, is_known in known if is_known == is_it]
            parts += [words + ' ' + ' '.join(names)] if names else []
        return ', '.join(parts)


def _knows(host, path, words, feed):
    """Does an ip accept these words? They change nothing."""
    answer = host.run([path] + words, feed=feed, seconds=ip_program.PROBE_SECONDS)
    return answer.status == 0 and _UNKNOWN not in answer.err


@check('ip', 'iproute', seconds=20.0)
def check_ip(host):
    """The host's `ip` supports netns."""
    seen = [_Seen(host, paths) for paths in _programs(host)]
    evidence = []
    for item in seen:
        also = ' (also %s)' % ', '.join(item.paths[1:]) if item.paths[1:] else ''
        evidence.append((item.paths[0], item.text + also))
        if item.program is not None:
            evidence.append(('package of %s' % item.paths[0], Later(owners.owner, host, item.paths[0])))
    own = [item for item in seen if not item.is_shim]
    if not own:
        installer = installers.installer_of(host)
        commands = [_INSTALL[installer]] if installer else []
        return warn('there is no ip on the PATH (%s)' % host.search_path, evidence,
                    Remediation('%s Install iproute2 to have it.' % _NETLINK, commands))
    first = own[0]
    if first.program is None:
        return warn('%s does not work' % first.paths[0], evidence, Remediation(_NETLINK))
    text = '%s: %s' % (first.program.path, first.text)
    if first.program.netns:
        return ok(text, evidence)
    if seen[0].is_shim:
        return ok('%s; the shim in front of it does the rest' % text, evidence)
    prose = '%s %s' % (_NETLINK, _WAYS)
    if owners.is_el6_host(host):
        prose += ' ' + _RDO
    better = [item.program.path for item in own if item.program is not None and item.program.netns]
    if better:
        prose += ' %s, further down the PATH, supports netns.' % better[0]
    if settings.is_netlink_meant(host):
        return ok('%s; netnsctl works without it, as %s says' % (text, settings.PLACE), evidence)
    return warn(text, evidence, Remediation(prose, _FIXES))
