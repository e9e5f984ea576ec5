"""Which .network file systemd-networkd would apply to a new veth link: systemd.network(5)."""
from __future__ import absolute_import, division, print_function

import fnmatch

PLACES = ('/etc/systemd/network', '/run/systemd/network', '/usr/local/lib/systemd/network',
          '/usr/lib/systemd/network', '/lib/systemd/network')
_TRUE = ('1', 'yes', 'y', 'true', 't', 'on')
# Match keys and the values of a veth link.
_VETH = {'Type': 'ether', 'Kind': 'veth', 'Driver': 'veth'}
# For hardware, wireless links, single addresses: a new veth never matches these.
_NEVER = ('MACAddress', 'PermanentMACAddress', 'Path', 'Property', 'WLANInterfaceType', 'SSID', 'BSSID')
# Conditions on the host. They are assumed to hold: the file was written for this host.
_CONDITIONS = ('Host', 'Virtualization', 'KernelCommandLine', 'KernelVersion', 'Credential', 'Architecture', 'Firmware')


class NetworkFile(object):
    """place: its path. match: {key: [words]} of its section Match. unmanaged: (told or not, FILE:LINE or None).
    line: FILE:LINE of its section Match."""
    __slots__ = ('place', 'match', 'unmanaged', 'line')

    def __init__(self, place):
        self.place, self.match, self.unmanaged, self.line = place, {}, (False, None), '%s:1' % place


def find_file(host, name):
    """The file that networkd would apply to a veth link of that name: NetworkFile, or None if it leaves it alone."""
    for item in read_files(host):
        if matches(item, name):
            return item
    return None


def read_files(host):
    """All .network files, drop-ins included, in the order in which networkd examines them: list of NetworkFile."""
    places = {}
    for folder in PLACES:
        for name in host.listdir(folder):
            # A file hides those of its name in later directories; a symlink to /dev/null, or an empty one, does only
            # that.
            if name.endswith('.network'):
                places.setdefault(name, '%s/%s' % (folder, name))
    found = []
    for name in sorted(places):
        item = NetworkFile(places[name])
        _read_into(host, item, places[name])
        for place in _drop_ins(host, name):
            _read_into(host, item, place)
        found.append(item)
    return found


def _drop_ins(host, name):
    places = {}
    for folder in PLACES:
        for entry in host.listdir('%s/%s.d' % (folder, name)):
            if entry.endswith('.conf'):
                places.setdefault(entry, '%s/%s.d/%s' % (folder, name, entry))
    return [places[entry] for entry in sorted(places)]


def read_lines(host, place):
    """[(line's number, text)] of a file of the ini kind, without comments and blank lines, continued ones joined."""
    found, whole, start = [], '', None
    for number, line in enumerate((host.read(place) or '').split('\n'), 1):
        line = line.strip()
        if line[:1] in ('#', ';') or not line and not whole:
            continue
        start = start or number
        if line.endswith('\\'):
            whole += line[:-1] + ' '
            continue
        found.append((start, whole + line))
        whole, start = '', None
    return found


def _read_into(host, item, place):
    section = None
    for number, line in read_lines(host, place):
        if line.startswith('['):
            section = line.strip('[] ')
            if section == 'Match' and place == item.place:
                item.line = '%s:%d' % (place, number)
            continue
        key, _, value = [part.strip() for part in line.partition('=')]
        if section == 'Match':
            # An empty value cancels the earlier ones.
            item.match[key] = item.match.get(key, []) + value.split() if value else []
        elif (section, key) == ('Link', 'Unmanaged'):
            item.unmanaged = (value.lower() in _TRUE, '%s:%d' % (place, number))


def matches(item, name):
    """Does a file match a new veth link of that name? One without any condition matches nothing (since systemd 243;
    before, everything)."""
    known = [key for key in item.match if item.match[key]
             and (key in _VETH or key in _NEVER or key in _CONDITIONS or key == 'Name')]
    return bool(known) and all(_meets(key, item.match[key], name) for key in known)


def _meets(key, words, name):
    if key in _CONDITIONS:
        return True
    negated = words[0].startswith('!')
    patterns = [words[0][1:]] + words[1:] if negated else words
    if key in _NEVER:
        return negated
    answer = name if key == 'Name' else _VETH[key]
    return any(fnmatch.fnmatchcase(answer, pattern) for pattern in patterns if pattern) != negated

