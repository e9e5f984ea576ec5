"""The pages of the manual (README.md and docs/*.md): their blocks of commands, of output and of files."""
from __future__ import absolute_import, division, print_function

import io
import os
import re

from support.process import native
from support.program import TOP

_FENCE = re.compile(r'^```(\w*)(?: title="([^"]*)")?$')
_COMMENT = re.compile(r'^<!-- (not run|needs): (.+) -->$')


class Block(object):
    """A fenced block. kind: 'sh', 'text', 'ini' and so on; title: the file it is; text; line: of the page, from 1.

    not_run: why a test cannot run it, or None; needs: what a kernel must have for it, or None. A comment before the
    block says so: <!-- not run: it reboots --> or <!-- needs: vlan -->. follows: the block before it ends on the line
    above.
    """

    def __init__(self, kind, title, line, comment):
        self.kind, self.title, self.line = kind, title, line
        self.not_run, self.needs = [comment[1] if comment[0] == what else None for what in ('not run', 'needs')]
        self.follows = False
        self.lines = []

    @property
    def text(self):
        return '\n'.join(self.lines)


def names():
    """The pages, as paths from the top: README.md, two others and all of docs."""
    found = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md']
    for folder, _, files in os.walk(os.path.join(TOP, 'docs')):
        found += [os.path.relpath(os.path.join(folder, name), TOP) for name in files if name.endswith('.md')]
    return sorted(found)


def source(name):
    with io.open(os.path.join(TOP, name), encoding='utf-8') as opened:
        return native(opened.read()) if isinstance('', type(u'')) else opened.read().encode('utf-8')


def blocks(name):
    """The fenced blocks of a page, in order: list of Block."""
    found, block, comment = [], None, (None, None)
    for number, line in enumerate(source(name).splitlines()):
        if block is not None:
            if line == '```':
                found.append(block)
                block = None
            else:
                block.lines.append(line)
            continue
        fence = _FENCE.match(line)
        if fence:
            block, comment = Block(fence.group(1), fence.group(2), number + 1, comment), (None, None)
            block.follows = bool(found) and found[-1].line + len(found[-1].lines) + 2 == block.line
        elif line:
            said = _COMMENT.match(line)
            comment = said.groups() if said else (None, None)
    assert block is None, '%s: the block of line %d has no end' % (name, block.line)
    return found


def is_run(block):
    return block.kind == 'sh' and not block.not_run


def with_commands():
    """The pages that have a block which is run."""
    return [name for name in names() if any(is_run(block) for block in blocks(name))]


def matches(wanted, lines):
    """Whether printed lines are those of a 'text' block, in which ... stands for anything, also for whole lines."""
    pattern = '\n'.join('\0' if line.strip() == '...' else line for line in wanted)
    pattern = re.escape(pattern).replace(re.escape('\0\n'), '(?:.*\n)*?').replace('\n' + re.escape('\0'), '(?:\n.*)*')
    pattern = pattern.replace(re.escape('\n\0'), '(?:\n.*)*').replace(re.escape('...'), '.*')
    return re.match(pattern + r'\Z', '\n'.join(lines)) is not None
