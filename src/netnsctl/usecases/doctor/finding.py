"""What a check of `netnsctl doctor` found, as data, from which both text and JSON are made."""
from __future__ import absolute_import, division, print_function

from netnsctl.compat import unicode_of

OK, WARN, FAIL = 'ok', 'warn', 'fail'
# What a finding is about: a recorded wire, a link of the host, or a name in /run/netns.
WIRE, LINK, NAME = 'wire', 'link', 'netns'
REQUIRED, ADVISORY = 'required', 'advisory'


class Later(object):
    """Evidence that takes long, such as an answer of dpkg-query's: str() calls function(*arguments)."""

    def __init__(self, function, *arguments):
        self._function, self._arguments = function, arguments

    def __str__(self):
        return str(self._function(*self._arguments))


class Finding(object):
    """One check's result.

    check, group, tier ('required' or 'advisory'), summary: those of its check; seconds: how long it took. The registry
    fills these in. status: 'ok', 'warn' or 'fail'. text: one line. evidence: list of (what, seen), both text,
    which is made when it is asked for: what takes long, and is shown of few findings, may be found out only then.
    remediation: Remediation, or None if nothing needs doing or nothing is known. subjects: list of (WIRE, LINK or NAME,
    name).
    """
    __slots__ = ('check', 'group', 'tier', 'summary', 'seconds', 'status', 'text', '_seen', 'remediation', 'subjects')

    def __init__(self, status, text, evidence=(), remediation=None):
        self.check = self.group = self.tier = self.summary = self.seconds = None
        self.status = status
        self.text = ' '.join(text.split())
        self._seen = list(evidence)
        self.remediation = remediation
        self.subjects = []

    @property
    def evidence(self):
        self._seen = [(what, str(seen)) for what, seen in self._seen]
        return self._seen

    def settled(self, is_shown):
        """The same with its evidence as text, or without any that nobody will see: it can be sent to another
        process."""
        self._seen = self.evidence if is_shown or self.status != OK else []
        return self

    def about(self, what, names):
        """Adds what it is about: the Finding itself. what: WIRE, LINK or NAME."""
        self.subjects += [(what, name) for name in sorted(set(names)) if name is not None]
        return self

    def as_data(self):
        """The finding as a tree of dicts, lists and text, as --json prints it."""
        mend = self.remediation
        return {'check': self.check, 'group': self.group, 'tier': self.tier, 'summary': self.summary,
                'seconds': self.seconds, 'status': self.status, 'text': unicode_of(self.text),
                'subjects': [{'what': what, 'name': unicode_of(name)} for what, name in self.subjects],
                'evidence': [{'what': unicode_of(what), 'seen': unicode_of(seen)} for what, seen in self.evidence],
                'remediation': None if mend is None else {'prose': unicode_of(mend.prose),
                                                          'commands': [unicode_of(line) for line in mend.commands]}}


class Remediation(object):
    """How to fix it. prose: text of any length. commands: lines for a root shell, to be pasted in this order."""
    __slots__ = ('prose', 'commands')

    def __init__(self, prose, commands=()):
        self.prose = prose
        self.commands = list(commands)


def ok(text, evidence=()):
    """Nothing is in the way."""
    return Finding(OK, text, evidence)


def warn(text, evidence=(), remediation=None):
    """Something works only in part, or could not be examined."""
    return Finding(WARN, text, evidence, remediation)


def fail(text, evidence=(), remediation=None):
    """Something that netnsctl needs is missing. From an advisory check, this becomes a warning."""
    return Finding(FAIL, text, evidence, remediation)
