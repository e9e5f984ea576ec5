"""Finds a lost wire that is now named differently: a restarted container, once given by its ID and once by its name.

Its namespaces do not tell, since the recorded ones are gone, and to read every record would take a new wire too long.
So the names of those wires that were given none are looked at: one end is called as it was, the other by an ID.
"""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.model.endpoint import RUNTIME_SCHEMES
from netnsctl.model.names import name_of_end

_ID = r'[0-9a-f]{12,64}\Z'


def names_of(names, asked):
    """Those names of recorded wires that may be of one between two Endpoints, in other words for one of them: list."""
    found = []
    for same, other in (asked, reversed(asked)):
        if other.target.scheme not in RUNTIME_SCHEMES:
            continue
        called = name_of_end(same)
        for name in names:
            for before, after in ((called + '-', ''), ('', '-' + called)):
                if name.startswith(before) and name.endswith(after):
                    found += [name] if _may_be(name[len(before):len(name) - len(after)], other) else []
    return found


def _may_be(text, asked):
    """May an Endpoint have been called so: with the same interface, and one of the two by an ID?"""
    word, colon, ifname = text.rpartition(':')
    if (ifname if colon else None) != asked.ifname:
        return False
    return any(re.match(_ID, called) for called in (word if colon else text, asked.target.name))
