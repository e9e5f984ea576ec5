"""The manual pages' sources, read far enough to hold them against the program."""
from __future__ import absolute_import, division, print_function

import io
import os
import re

from support.process import native
from support.program import TOP

FOLDER = os.path.join(TOP, 'docs', 'man')
_ESCAPES = ((r'\fB', ''), (r'\fI', ''), (r'\fR', ''), (r'\fP', ''), (r'\-', '-'), (r'\(aq', "'"), (r'\e', '\\'))
_FONTS = re.compile(r'\.(B|I|BR|RB|BI|IB|IR|RI)[ ]')


def names():
    """File names of all pages, sorted."""
    return sorted(os.listdir(FOLDER))


def source(name):
    with io.open(os.path.join(FOLDER, name), encoding='utf-8') as opened:
        return native(opened.read()) if isinstance('', type(u'')) else opened.read().encode('utf-8')


def plain(text):
    """A line of the source without its fonts: what is read."""
    request = _FONTS.match(text)
    if request:
        text = text[request.end():]
        if len(request.group(1)) == 1:
            text = text.replace('"', '')
        else:
            # Alternating fonts: the words follow each other without a blank.
            text = ''.join(word.strip('"') for word in re.findall(r'"[^"]*"|[^ ]+', text))
    for escape, letter in _ESCAPES:
        text = text.replace(escape, letter)
    return text


class Section(object):
    """A section or subsection. title; lines: as they are read, requests as they stand; tags: what .TP introduces."""

    def __init__(self, title):
        self.title, self.lines, self.tags = title, [], []

    @property
    def text(self):
        return '\n'.join(self.lines)


class Page(object):
    """A page: its Sections in order; those of a subsection are called 'COMMANDS/enable'."""

    def __init__(self, name):
        self.name, self.sections = name, []
        top, is_tag = '', False
        for line in source(name).replace('\\\n', '').splitlines():
            heading = re.match(r'\.(SH|SS) "?([^"]*)"?$', line)
            if heading:
                title = plain(heading.group(2))
                top = title if heading.group(1) == 'SH' else top
                self.sections.append(Section(title if heading.group(1) == 'SH' else '%s/%s' % (top, title)))
            elif self.sections:
                if is_tag:
                    self.sections[-1].tags.append(plain(line))
                self.sections[-1].lines.append(plain(line))
            is_tag = line == '.TP'

    def section(self, title):
        """The section of that title; one without lines where there is none."""
        for section in self.sections:
            if section.title == title:
                return section
        return Section(title)

    @property
    def text(self):
        return '\n'.join(section.text for section in self.sections)

    def blocks(self):
        """What stands between .nf and .fi in EXAMPLES: [(line before it that names a file or says it, [lines])]."""
        found, block, said = [], None, ''
        for line in self.section('EXAMPLES').lines:
            if line == '.nf':
                block = []
            elif line == '.fi':
                found.append((said, block))
                block = None
            elif line.startswith('.'):
                continue
            elif block is None:
                said = line
            else:
                block.append(line)
        return found

    def examples(self):
        """The commands of its examples: list."""
        return [line[2:] for _, block in self.blocks() for line in block if line.startswith('# ')]
