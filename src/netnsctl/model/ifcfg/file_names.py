"""What the name of a file in a directory of the tree says: a link, more addresses of one, or a copy that is left
alone."""
from __future__ import absolute_import, division, print_function

import re

# is_ignored_file() of initscripts 9.03 and 9.49 has the first seven; the others are what editors (.swp, .save, #, ~1~),
# rpm, dpkg, Augeas, RCS, patch and people leave behind. Each may have a number or a date after it: .bak1, .save.2.
ENDINGS = (
    '~', '.bak', '.old', '.orig', '.rpmnew', '.rpmorig', '.rpmsave',
    '.tmp', '.save', '.saved', '.swp', '.swo', '.swn', '.swx', '.backup', '.bkp', '.bkup', '.copy', '.dist', '.rej',
    '.disabled', '.augsave', '.augnew', '.dpkg-old', '.dpkg-new', '.dpkg-dist', '.dpkg-tmp', '.pacnew', '.pacsave',
    '.cfsaved', '.new', '.prev', '.previous', '.original', '.sav', '.bck', '.bk', '.off', '.unused', '.ucf-dist', ',v',
    '#')
_WORDS = ('bak', 'backup', 'old', 'orig', 'save', 'saved', 'copy', 'bkp', 'bkup', 'disabled')
_NUMBER = r'(?:[._-]?[0-9]{1,3})?'
_DATE = r'[._-](?:19|20)[0-9]{2}[._-]?(?:0[1-9]|1[0-2])[._-]?(?:0[1-9]|[12][0-9]|3[01])(?:[._T-]?[0-9:]{2,8})?'
_COPY = re.compile(r'(?:(?:%s)%s|[_.-](?:%s)%s)(?:%s)?\Z|(?:%s)\Z|[ (]' % (
    '|'.join(re.escape(ending) for ending in ENDINGS if ending[0] == '.' and ending != '.tmp'), _NUMBER,
    '|'.join(_WORDS), _NUMBER, _DATE, _DATE))
_ENDINGS_ALONE = tuple(ending for ending in ENDINGS if ending[0] != '.') + ('.tmp',)
_FOLDER_COPY = re.compile(r'(.+?)(?:~|(?:%s)%s)(?:%s)?\Z' % (
    '|'.join(re.escape(ending) for ending in ENDINGS if ending[0] == '.'), _NUMBER, _DATE))
# ifup-aliases; the service network leaves out ifcfg-*:* and ifcfg-*-range* when it looks for links.
_PART = re.compile(r'(.+?)(?::(.*)|-range(.*))\Z')


def is_copy(device):
    """Is ifcfg-DEVICE ('eth0.bak') left alone, as an editor's, a package manager's or a person's copy? ifcfg-eth0.1 and
    ifcfg-eth0.100 are links."""
    return device.endswith(_ENDINGS_ALONE) or _COPY.search(device, 1) is not None


def original_of(folder):
    """The directory that one called 'web.bak' or 'web~' is a copy of, where that is there: 'web'; None of another
    name."""
    match = _FOLDER_COPY.match(folder)
    return match.group(1) if match else None


def parent_of(device):
    """The link that ifcfg-DEVICE gives more addresses to: 'eth0:1' and 'eth0-range0' -> 'eth0'; None of a link."""
    match = _PART.match(device)
    return match.group(1) if match else None


def is_range(device):
    """Is it 'eth0-range0', of the two that parent_of() knows?"""
    return ':' not in device
