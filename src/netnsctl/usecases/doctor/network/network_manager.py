"""Would NetworkManager manage a new veth link: NetworkManager.conf(5), and its rules for udev."""
from __future__ import absolute_import, division, print_function

import fnmatch
import re

from netnsctl.usecases.doctor.network.networkd import read_lines

_CONF = ('/etc/NetworkManager/conf.d', '/run/NetworkManager/conf.d', '/usr/lib/NetworkManager/conf.d')
_MAIN = '/etc/NetworkManager/NetworkManager.conf'
_RULES = ('/etc/udev/rules.d', '/run/udev/rules.d', '/usr/local/lib/udev/rules.d', '/usr/lib/udev/rules.d',
          '/lib/udev/rules.d')
_TRUE, _FALSE = ('1', 'yes', 'true', 'on'), ('0', 'no', 'false', 'off')
_RULE = re.compile(r'(\w+)(?:\{([^}]*)\})?\s*(==|!=|\+=|:=|=)\s*"((?:[^"\\]|\\.)*)"')


class Answer(object):
    """managed: True or False. why: what says so. place: FILE:LINE, or None if nothing does."""
    __slots__ = ('managed', 'why', 'place')

    def __init__(self, managed, why, place=None):
        self.managed, self.why, self.place = managed, why, place


def ask(host, name):
    """Would it manage a new veth link of that name: Answer.

    unmanaged-devices always wins; managed= of a device section overrides udev's NM_UNMANAGED.
    """
    settings = _read_settings(host)
    for spec, place in settings.unmanaged:
        if _matches(spec, name):
            return Answer(False, 'unmanaged-devices=%s' % spec, place)
    for section in settings.sections():
        if 'match-device' in section and not _matches(section['match-device'][0], name):
            continue
        if 'managed' in section:
            value, place = section['managed']
            return Answer(value.lower() not in _FALSE, 'managed=%s' % value, place)
        if section.get('stop-match', ('',))[0].lower() in _TRUE:
            break
    rule = _by_rule(host, name)
    if rule is not None:
        return Answer(rule[0] != '1', 'NM_UNMANAGED="%s"' % rule[0], rule[1])
    return Answer(True, 'nothing tells it to leave veth links alone')


class _Settings(object):
    """unmanaged: [(device list, FILE:LINE)], one or none. files: [[section as {key: (value, FILE:LINE)}]]."""

    def __init__(self):
        self.unmanaged = []
        self.files = []

    def sections(self):
        """Device sections in order of precedence: later files first, from the top within a file, plain [device]
        last."""
        found = [section for sections in reversed(self.files) for section in sections]
        return sorted(found, key=lambda item: item['name'] == 'device')


def config_files(host):
    """The files that are read, in order: packages' own, those of this boot, the main one, the administrator's."""
    places = {}
    for folder in _CONF:
        for name in host.listdir(folder):
            if name.endswith('.conf'):
                places.setdefault(name, folder)
    found = []
    for folder in reversed(_CONF):
        if folder == _CONF[0]:
            found.append(_MAIN)
        found += ['%s/%s' % (folder, name) for name in sorted(places) if places[name] == folder]
    return found


def _read_settings(host):
    settings = _Settings()
    for place in config_files(host):
        sections, section = [], {}
        for number, line in read_lines(host, place):
            if line.startswith('['):
                section = {'name': line.strip('[] ')}
                if section['name'].startswith('device'):
                    sections.append(section)
                continue
            key, _, value = [part.strip() for part in line.partition('=')]
            where = '%s:%d' % (place, number)
            section[key] = (value, where)
            if section.get('name') == 'keyfile' and key.rstrip('+-') == 'unmanaged-devices':
                _set_unmanaged(settings, key, value, where)
        settings.files.append(sections)
    return settings


def _set_unmanaged(settings, key, value, where):
    before = settings.unmanaged[0][0] if settings.unmanaged else ''
    specs = _split(before)
    if key.endswith('+'):
        specs += _split(value)
    elif key.endswith('-'):
        specs = [spec for spec in specs if spec not in _split(value)]
    else:
        specs = _split(value)
    settings.unmanaged = [(';'.join(specs), where)] if specs else []


def _split(text):
    return [spec.strip() for spec in re.split('[,;]', text) if spec.strip()]


def _matches(text, name):
    """Does a device list contain a veth link of that name? A list of only exceptions contains all the others."""
    specs = _split(text)
    if any(_is_meant(spec[len('except:'):], name) for spec in specs if spec.startswith('except:')):
        return False
    positive = [spec for spec in specs if not spec.startswith('except:')]
    return any(_is_meant(spec, name) for spec in positive) if positive else bool(specs)


def _is_meant(spec, name):
    if spec in ('*', name):
        return True
    kind, _, value = spec.partition(':')
    if kind == 'interface-name':
        if value.startswith('='):
            return value[1:] == name
        # Simple globbing: no ranges.
        return fnmatch.fnmatchcase(name, value.lstrip('~').replace('[', '[[]'))
    if kind == 'type':
        return value == 'ethernet'  # `veth` does not match one (1.42)
    return kind == 'driver' and value.partition('/')[0] == 'veth'


# udev

def _by_rule(host, name):
    """(value, FILE:LINE) of the last rule that gives a veth link of that name NM_UNMANAGED, or None."""
    places = {}
    for folder in _RULES:
        for entry in host.listdir(folder):
            if entry.endswith('.rules'):
                places.setdefault(entry, '%s/%s' % (folder, entry))
    found = None
    for entry in sorted(places):
        text = host.read(places[entry]) or ''
        if 'NM_UNMANAGED' not in text:
            continue
        for number, line in read_lines(host, places[entry]):
            value = _value_for(line, name)
            if value is not None:
                found = value, '%s:%d' % (places[entry], number)
    return found


def _value_for(line, name):
    """The value of NM_UNMANAGED that a rule gives a veth link of that name as it is added, or None."""
    answers = {('SUBSYSTEM', ''): 'net', ('ACTION', ''): 'add', ('ENV', 'ID_NET_DRIVER'): 'veth',
               ('ENV', 'INTERFACE'): name, ('KERNEL', ''): name, ('NAME', ''): name}
    value = None
    for key, item, operator, text in _RULE.findall(line):
        if operator in ('==', '!='):
            # A new veth link has nothing of what else can be matched (an address, a parent).
            answer = answers.get((key, item))
            met = answer is not None and any(fnmatch.fnmatchcase(answer, pattern) for pattern in text.split('|'))
            if met != (operator == '=='):
                return None
        elif (key, item) == ('ENV', 'NM_UNMANAGED'):
            value = text
    return value
