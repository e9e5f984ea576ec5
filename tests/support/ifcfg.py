"""ifcfg files in memory."""
from __future__ import absolute_import, division, print_function


from netnsctl.model.ifcfg import lines, link


def read(text, device='eth0'):
    return link.from_lines(lines.parse(text, 'f'), 'f', device)
