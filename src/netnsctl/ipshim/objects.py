"""Which of ip's objects a word (bytes) means."""
from __future__ import absolute_import, division, print_function

from netnsctl.ipnetns.options import is_prefix


def is_netns(word):
    """Is this the object netns? n and ne are neighbor's."""
    return len(word) > 2 and is_prefix(word, b'netns')


def is_link(word):
    """Is this the object link?"""
    return is_prefix(word, b'link')
