"""The bash completion, asked of a real bash."""
from __future__ import absolute_import, division, print_function

import os
import re

from support import process
from support.program import TOP

SCRIPT = os.path.join(TOP, 'rpm', 'netnsctl.bash-completion')
WORDBREAKS = ' \t\n"\'><=;|&(:@'


def bash(script, path='/nowhere'):
    """What a bash prints that has read the completion; it is to print nothing else."""
    result = process.run(['/bin/bash', '--norc', '--noprofile', '-c', 'source "$1"\n' + script, 'bash', SCRIPT],
                         environ={'PATH': path, 'LC_ALL': 'C.UTF-8'})
    assert (result.status, result.err) == (0, ''), result
    return result.out


def quoted(text):
    return "'%s'" % text.replace("'", "'\\''")


def split(line):
    """A line up to the cursor as bash cuts it for a completion function: list of words, the last to be completed."""
    words = re.findall(r'[:=@]+|[^\s:=@]+', line)
    return words + [''] if not line or line[-1] in ' \t' else words


class Complete(object):
    """complete(line): what is offered for a line with the cursor at its end, sorted. root: where the files are."""

    def __init__(self, root, path='/nowhere'):
        self.root, self.path = root, path

    def __call__(self, line, setting='', wordbreaks=WORDBREAKS, after='', words=None):
        words = split(line) if words is None else words
        return sorted(bash('\n'.join((
            'cd %s' % quoted(str(self.root)),
            'compopt() { :; }',  # bash has it only for a completion that readline asked for
            '_netnsctl_root=%s' % quoted(str(self.root)),
            'COMP_WORDBREAKS=$\'%s\'' % wordbreaks.replace("'", "\\'").replace('\n', '\\n').replace('\t', '\\t'),
            'COMP_WORDS=(%s)' % ' '.join(map(quoted, words)), 'COMP_CWORD=%d' % (len(words) - 1),
            'COMP_LINE=%s' % quoted(line + after), 'COMP_POINT=%d' % len(line),
            setting, '_netnsctl', 'IFS=$\' \\t\\n\'',
            '[ ${#COMPREPLY[@]} -eq 0 ] || printf \'%s\\n\' "${COMPREPLY[@]}"')), self.path).splitlines())
