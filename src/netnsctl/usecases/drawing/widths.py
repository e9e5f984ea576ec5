"""How wide a text is in a picture, in pixels of a font whose letters are all of one width."""
from __future__ import absolute_import, division, print_function

import unicodedata

COLUMN = 6.7  # of a monospaced font of 11 pixels
COLUMNS = 72  # of a row; what is longer is cut off, and whole in its tip
BAR_NAME = 15  # of the name of a bar beside a line


def columns(text):
    """East Asian wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in 'WF' else 1
               for letter in text)


def cut(text, room=COLUMNS):
    """The text, with an ellipsis in the place of what does not fit."""
    if columns(text) <= room:
        return text
    kept = u''
    for letter in text:
        if columns(kept + letter) > room - 1:
            break
        kept += letter
    return kept + u'\u2026'


def bar_name(text):
    """The name of a bar, as it is beside it."""
    return cut(text, BAR_NAME)


def of_bar_name(text):
    """How wide that is, with a gap."""
    return int(columns(bar_name(text)) * COLUMN) + 12


def row_text(row):
    """(name, the rest) of a row, cut off."""
    name = cut(row.text, COLUMNS // 2)
    wire = [u'[%s]' % cut(row_wire(row), 24)] if row.wire else []
    return name, cut(u'  '.join(row.about), COLUMNS - columns(name) - columns(u''.join(wire)) - 2), u''.join(wire)


def row_wire(row):
    from netnsctl.usecases.drawing.graph import clean
    return clean(row.wire)


def of_text(text):
    """How wide a text is."""
    return int(columns(text) * COLUMN) + 4


def of_texts(box, rows=None, with_title=True):
    """How wide the texts of a box are, or of some of its rows."""
    texts = [cut(box.title)] + [cut(text) for text in box.about] if with_title else []
    for row in box.rows if rows is None else rows:
        texts.append(u'  '.join(part for part in row_text(row) if part))
    return int(max([columns(text) for text in texts] or [0]) * COLUMN) + 4
