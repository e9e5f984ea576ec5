"""What the doctor complains of, for a map, and which parts of the map that is about."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.usecases import doctor
from netnsctl.usecases.doctor.finding import FAIL, WARN

_WORD = re.compile(r'[^\s,;()"\']+')


def find(host, document):
    """List of {'check', 'status' ('fail' or 'warn'), 'text', 'commands' (that fix it), 'concerns'}, in the doctor's
    order. concerns: list of {'namespace': id, 'link': name or None}."""
    return [{'check': finding.check, 'status': finding.status, 'text': finding.text,
             'commands': list(finding.remediation.commands) if finding.remediation else [],
             'concerns': concerns(document, [finding.text] + [text for pair in finding.evidence for text in pair])}
            for finding in doctor.run(host) if finding.status in (FAIL, WARN)]


def concerns(document, texts):
    """The parts of a map that texts name: the ends of a wire by its name, a namespace by its id, and a link of the
    host. The links of other namespaces are called as their owners like, and so are not looked for."""
    said = set(word.rstrip('.:') for text in texts for word in _WORD.findall(text))
    found = [(space['id'], None) for space in document['namespaces'][1:] if space['id'] in said]
    found += [(document['namespaces'][0]['id'], link['name']) for link in document['namespaces'][0]['links']
              if link['name'] in said and link['kind'] != 'loopback']
    found += [(end['namespace'], end['link']) for wire in document['wires'] if wire['name'] in said
              for end in wire['ends'] if end['namespace']]
    return [{'namespace': space, 'link': link} for space, link in sorted(set(found), key=lambda pair: (
        pair[0], pair[1] or ''))]
