# Copyright (c) 2026 netnsctl contributors
# MIT License (see LICENSE or https://opensource.org/licenses/MIT)
"""Command lines for netnsctl, and what it answers. Imports nothing of Ansible, and needs no host."""
from __future__ import absolute_import, division, print_function

__metaclass__ = type

import json
import re
import shlex

# The first netnsctl with everything that the actions use.
MINIMUM = '1.0.0'
# How much of an answer that is not understood is shown.
SHOWN = 300
# By exit status, what netnsctl(8) says about it.
MEANINGS = {
    1: 'failed',
    2: 'bad input',
    3: 'not found',
    4: 'conflict',
    5: 'wired, but the check failed',
    6: 'failed, and something could not be undone',
}


class Unusable(Exception):
    """netnsctl on the host cannot be used, or its answer not be understood. The text is for the user."""


class Answer(object):
    """What a run of netnsctl left: rc, document (dict, or None if it printed none), notes (lines of standard error)."""

    def __init__(self, rc, document, notes):
        self.rc, self.document, self.notes = rc, document, notes

    @property
    def error(self):
        """Why it failed, in one line; '' if it did not."""
        if self.rc == 0:
            return ''
        text = (self.document or {}).get('error')
        if not text and self.rc > 128:
            text = ': '.join(['ended by signal %d' % (self.rc - 128)] + self.notes[:1])
        if not text and self.notes:
            text = self.notes[0]
        text = text or 'exit status %d' % self.rc
        return text if text.startswith('netnsctl: ') else 'netnsctl: %s' % text

    @property
    def hint(self):
        """How to go on after the failure: text, or None."""
        hint = (self.document or {}).get('hint')
        if hint is None and self.document is None and len(self.notes) > 1:
            hint = '\n'.join(self.notes[1:])
        return hint


def command_line(executable, words, data=None, environment=''):
    """A line for a POSIX shell, in which every word is quoted. data: text for standard input, which becomes part of the
    line, since not every connection and become method has a standard input to give."""
    line = shlex.join([executable] + list(words))
    line = ' '.join(part for part in (environment.strip(), line) if part)
    return line if data is None else "printf '%%s' %s | %s" % (shlex.quote(data), line)


def check_text(text, what):
    """The text as it is. ValueError if no command line or file of wires can hold it."""
    for character, name in (('\0', 'a NUL'), ('\n', 'a line break'), ('\r', 'a carriage return')):
        if character in text:
            raise ValueError('%s has %s in it: %r' % (what, name, text))
    return text


def version_of(rc, stdout, stderr, executable):
    """The version that `netnsctl --version` printed: text. Unusable if it is none, or an older one than MINIMUM."""
    if rc in (126, 127):
        raise Unusable('%s is not installed on this host, or not on the PATH that commands run with there: %s' % (
            executable, shown(stderr or stdout) or 'exit status %d' % rc))
    found = re.search(r'^netnsctl ([0-9]+(?:\.[0-9]+)*)\S*\s*$', stdout, re.MULTILINE)
    if rc != 0 or not found:
        raise Unusable('%s --version does not print the version of netnsctl: %s' % (
            executable, shown(stderr if rc else stdout) or shown(stdout) or 'exit status %d, and no output' % rc))
    if numbers(found.group(1)) < numbers(MINIMUM):
        raise Unusable('this host has netnsctl %s; the collection needs %s or later' % (found.group(1), MINIMUM))
    return found.group(1)


def numbers(version):
    """'0.10.2' as a tuple that can be compared."""
    return tuple(int(part) for part in version.split('.'))


def answer(rc, stdout, stderr, wants_document=True):
    """The Answer that a run gave. Unusable if a document is wanted, and there is none although netnsctl did not fail.

    With a terminal (ssh -tt, for sudo's requiretty), standard error arrives on standard output too: the document
    is from the first line that is '{' or '[' alone to its counterpart, or a line of its own.
    """
    lines = stdout.replace('\r\n', '\n').split('\n')
    document, rest = _document(lines)
    notes = [line.strip() for line in stderr.replace('\r\n', '\n').split('\n') + rest if line.strip()]
    if document is None and wants_document and rc == 0:
        raise Unusable('netnsctl printed what is not JSON: %s' % (shown(stdout) or 'nothing'))
    return Answer(rc, document, notes)


def _document(lines):
    """(the JSON document among these lines or None, the other lines)"""
    for at, line in enumerate(lines):
        if not line.startswith(('{', '[')):
            continue
        end = {'{': '}', '[': ']'}.get(line.rstrip())
        ends = [at] if end is None else [n for n in range(at, len(lines)) if lines[n].rstrip() == end]
        for last in ends:
            try:
                return json.loads('\n'.join(lines[at:last + 1])), lines[:at] + lines[last + 1:]
            except ValueError:
                continue
    return None, lines


def listed(found, key):
    """A list in the document of an Answer: [] where it has none."""
    return (found.document or {}).get(key) or [] if isinstance(found.document, dict) else []


def require(found, key):
    """Unusable if the document of a run that did not fail lacks a key: that netnsctl is too old."""
    if found.rc == 0 and key not in found.document:
        raise Unusable('the netnsctl of this host is too old: it does not say %s' % key)


def is_any_changed(wires):
    """Was any of these wires created or changed, or any of their files written?"""
    return any(wire.get('changed') or wire.get('saved') for wire in wires)


def shown(text):
    """The beginning of a text in one line, for a message."""
    text = ' '.join(text.split())
    return text if len(text) <= SHOWN else text[:SHOWN] + '...'


def wire_line(item):
    """A line of a file of wires, for {'ends': [A, B], 'name': text, 'mtu': number} or a line as text. ValueError."""
    if isinstance(item, str):
        return check_text(item, 'a wire')
    if not isinstance(item, dict) or not set(item) <= set(['ends', 'name', 'mtu']):
        raise ValueError('a wire is a line, or has ends, name and mtu: %r' % (item,))
    ends = item.get('ends')
    if not isinstance(ends, (list, tuple)) or len(ends) != 2 or not all(isinstance(end, str) for end in ends):
        raise ValueError('the ends of a wire are a list of two: %r' % (ends,))
    words = [check_text(end, 'the end of a wire') for end in ends]
    for key in ('name', 'mtu'):
        if item.get(key) is not None:
            words += ['--' + key, check_text(str(item[key]), key)]
    return shlex.join(words)
