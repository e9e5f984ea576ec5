"""What the doctor complains of, for a map, and which parts of the map that is about."""
from __future__ import absolute_import, division, print_function

from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.finding import FAIL, LINK, NAME, WARN, WIRE
from netnsctl.usecases.drawing import words


def find(host, document):
    """List of {'check', 'status' ('fail' or 'warn'), 'text', 'commands' (that fix it), 'concerns'}, in the doctor's
    order. concerns: list of {'namespace': id, 'link': name or None}."""
    return [{'check': finding.check, 'status': finding.status, 'text': finding.text,
             'commands': list(finding.remediation.commands) if finding.remediation else [],
             'concerns': concerns(document, finding.subjects)}
            for finding in doctor.run(host) if finding.status in (FAIL, WARN)]


def concerns(document, subjects):
    """The parts of a map that a finding's subjects mean: the ends of a wire, a link of the host, and the namespace that
    a name leads to."""
    subjects, home = set(subjects), document['namespaces'][0]
    found = [(space['id'], None) for space in document['namespaces'] for name in space['names']
             if (NAME, name) in subjects]
    found += [(home['id'], link['name']) for link in home['links'] if (LINK, link['name']) in subjects]
    found += [(end['namespace'], end['link'] or words.anchor_of(end)) for wire in document['wires']
              if (WIRE, wire['name']) in subjects for end in wire['ends'] if end['namespace']]
    return [{'namespace': space, 'link': link} for space, link in sorted(set(found), key=lambda pair: (
        pair[0], pair[1] or ''))]
