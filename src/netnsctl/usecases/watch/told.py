"""What `watch` reports: text for people, which carries the same as fields for programs."""
from __future__ import absolute_import, division, print_function

WATCHING, FOLLOWING, NOT_FOLLOWING, READING = 'watching', 'following', 'not-following', 'reading'
WIRED, CHANGED, RECREATED, UNWIRED, LOST, NOTICE = 'wired', 'changed', 'recreated', 'unwired', 'lost', 'notice'
LAPSED, LEASED = 'lapsed', 'leased'  # of an address by DHCP
CONTAINER = 'container'  # what an engine reported; in the text only what came of it is said


class Told(str):
    """A line of text. event: one of the above. fields: {name: value} besides."""

    def __new__(cls, text, event, **fields):
        self = str.__new__(cls, text)
        self.event, self.fields = event, fields
        return self


def fields_of(text):
    """{'event', 'text', ...} of a Told, or of plain text, which is a notice."""
    return dict(getattr(text, 'fields', {}), event=getattr(text, 'event', NOTICE), text=str(text))
