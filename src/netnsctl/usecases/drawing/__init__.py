"""The map of a host as text, JSON and pictures. Each drawing gets the document of usecases.map.looking and returns
text.

What the document holds was named by anybody, containers too: each format escapes it in its own way, in one place.
"""
from __future__ import absolute_import, division, print_function

# {format: endings of the files that are it}
ENDINGS = {'text': ('.txt',), 'json': ('.json',), 'dot': ('.dot', '.gv'), 'mermaid': ('.mmd', '.mermaid'),
           'svg': ('.svg',), 'html': ('.html', '.htm')}
FORMATS = ('text', 'json', 'dot', 'mermaid', 'svg', 'html')
_MODULES = {'json': 'structured'}


def format_of(path):
    """The format that a file's ending means, or None."""
    for name in FORMATS:
        if path.lower().endswith(ENDINGS[name]):
            return name
    return None


def draw(document, form):
    """The document in a format other than 'text', whose lines have colours: text (native str) that ends in a line feed.
    """
    module = 'netnsctl.usecases.drawing.' + _MODULES.get(form, form)
    return __import__(module, None, None, ['draw']).draw(document)
