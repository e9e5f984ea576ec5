"""The names that the host's iproute2 has for tables, protocols, realms and tos values (/etc/iproute2/rt_tables ...)."""
from __future__ import absolute_import, division, print_function

import os
import re

from netnsctl.edge.host import Host

# iproute2 before 6.5 reads /etc alone; since then /etc has what differs from /usr/share (or /usr/lib).
FOLDERS = ('/usr/lib/iproute2', '/usr/share/iproute2', '/etc/iproute2')
_LINE = re.compile(r'\s*(0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10})\s+(\S+)\s*(?:#.*)?\Z')


class Names(object):
    """A function of a file's name ('rt_tables'): {name: number}. Each file is read once, when it is first asked for."""

    def __init__(self, host=None):
        self._host, self._known = host or Host(), {}

    def __call__(self, file_name):
        if file_name not in self._known:
            self._known[file_name] = _read(self._host, file_name)
        return self._known[file_name]


def _read(host, file_name):
    """As rtnl_tab_initialize() of lib/rt_names.c: what is read later wins, but a file in FOLDER.d of /etc takes the
    place of one of its name elsewhere."""
    parts, found = {}, {}
    for folder in FOLDERS:
        for name in sorted(host.listdir('%s/%s.d' % (folder, file_name))):
            if name.endswith('.conf') and not name.startswith('.'):
                parts[name] = '%s/%s.d/%s' % (folder, file_name, name)
    for place in ['%s/%s' % (folder, file_name) for folder in FOLDERS] + [parts[name] for name in sorted(parts)]:
        for line in (host.read(place) or '').splitlines() if os.path.isfile(host.path(place)) else ():
            match = _LINE.match(line)
            if match and not match.group(2).startswith('#'):
                found[match.group(2)] = int(match.group(1), 16 if match.group(1)[1:2] in ('x', 'X') else 10)
    return found
