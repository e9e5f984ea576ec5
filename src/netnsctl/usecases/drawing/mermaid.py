"""The map for mermaid, which GitHub and GitLab draw in Markdown. What is not a plain letter is written as a number,
since mermaid takes much of what is in its quotes for markup."""
from __future__ import absolute_import, division, print_function

import re

from netnsctl.edge.files import templates
from netnsctl.usecases.drawing import dot, graph

_PLAIN = frozenset(u'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 /:_,=@')


def draw(document):
    """Text in the language of mermaid."""
    boxes, lines = graph.of(document)
    return templates.render('map.mermaid.j2', dot.values(boxes, lines, _quoted, u'<br>'), trim=True)


def _quoted(newline, texts):
    shown = newline.join([
        u''.join([letter if letter in _PLAIN else u'#%d;' % ord(letter) for letter in text]) for text in texts])
    # Behind a number a point with a blank would be a list.
    return u'"%s"' % re.sub(u'#46;(?=[0-9A-Za-z])', u'.', shown)
