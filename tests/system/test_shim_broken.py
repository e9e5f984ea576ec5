"""A broken netnsctl, or Python, under the shim: the host keeps a working `ip`, and a line says why."""

from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest

from support import process
from support.own_ip import LINES, OLD_IP, USUAL, rewrite, run
from support.program import SOURCE

LACKS = 'Object "netns" is unknown, try "ip help".\n'


def modules():
    """The modules of netnsctl that the shim takes."""
    package = os.path.join(SOURCE, 'netnsctl')
    own = ['ipnetns/' + name for name in os.listdir(package + '/ipnetns') if name.endswith('.py')]
    own += ['ipshim/' + name for name in os.listdir(package + '/ipshim') if name.endswith('.py')]
    return sorted(own) + ['compat.py', 'edge/netns_dir.py', 'edge/netlink/nsid.py', 'edge/syscalls.py', '__init__.py']


@pytest.mark.parametrize('module', modules())
def test_a_module_that_is_broken_is_told_and_the_own_ip_asked(installed, put, module):
    folder = put('old', OLD_IP)
    with open(os.path.join(installed.package, module), 'w') as target:
        target.write('this is no Python\n')
    assert run(installed.shim, [folder], 'link').out == 'own link\n'
    told = 0
    for words in LINES:
        result = run(installed.shim, [folder], *words)
        assert 'Traceback' not in result.err, (words, result)
        if 'netnsctl does not work' in result.err:
            told += 1
            assert result.err.startswith('netnsctl shim: netnsctl does not work (SyntaxError: '), result
            assert "the host's own ip is asked\n" in result.err and result.status in (7, 255), (words, result)
            assert result.out.startswith('own ') or 'is unknown, try' in result.err, (words, result)
    assert told or module == 'ipnetns/watching.py'


def _away(installed):
    shutil.rmtree(installed.package)


BROKEN = {
    'python is gone': lambda installed: os.unlink(installed.python),
    'python cannot be run': lambda installed: (os.unlink(installed.python), open(installed.python, 'w').close()),
    'the package is half there': lambda installed: shutil.rmtree(os.path.join(installed.package, 'ipnetns')),
    'a file is empty': lambda installed: open(os.path.join(installed.package, 'ipshim', '__init__.py'), 'w').close(),
    'a file is of another version': lambda installed: open(os.path.join(installed.package, 'compat.py'), 'w').close(),
}


@pytest.mark.parametrize('name', sorted(BROKEN))
def test_a_broken_netnsctl_leaves_a_working_ip(installed, put, name):
    folder = put('old', OLD_IP)
    BROKEN[name](installed)
    # No other Python of that version, either.
    rewrite(installed.shim, '"/usr/local/bin/$version" "/usr/bin/$version"', '')
    rewrite(installed.shim, 'take_first /usr/bin/python3', ': ')
    for words in (['link'], ['-V'], ['link', 'set', 'x', 'netns', '1']):
        result = run(installed.shim, [folder], *words)
        assert (result.status, result.out, result.err) == (7, 'own %s\n' % ' '.join(words), ''), result
    result = run(installed.shim, [folder], 'netns', 'list')
    assert result.status == 255 and result.err.startswith('netnsctl shim: ') and result.err.endswith(LACKS), result
    assert result.err.count('\n') == 2
    # The own ip may know the lines that a batch turns out to have.
    result = run(installed.shim, [folder], '-batch', '-', feed='link show lo\n')
    assert (result.status, result.out) == (7, 'own -batch -\n'), result


def test_a_user_who_may_not_read_the_package_has_the_own_ip(installed, put, run_netnsctl):
    if not run_netnsctl.nobody_can_run():
        pytest.skip('nobody cannot read this Python, or the source')
    folder = put('old', '\n'.join(line for line in OLD_IP.split('\n') if 'log' not in line))
    where = os.path.dirname(installed.prefix)
    process.must(['chmod', '-R', 'a+rX', installed.prefix, folder])
    os.chmod(os.path.join(installed.package, 'ipnetns'), 0o700)
    folders = []
    while where != '/':  # pytest's are for their owner alone
        folders.append((where, os.stat(where).st_mode))
        os.chmod(where, os.stat(where).st_mode & 0o7777 | 0o055)
        where = os.path.dirname(where)
    environ = dict(os.environ, PATH='%s:%s' % (folder, USUAL))
    words = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', installed.shim]
    try:
        assert process.run(words + ['link'], environ=environ).out == 'own link\n'
        result = process.run(words + ['netns', 'list'], environ=environ)
        assert 'netnsctl does not work' in result.err and result.err.endswith(LACKS), result
    finally:
        for path, mode in folders:
            os.chmod(path, mode & 0o7777)


def test_the_shim_alone_in_a_folder_is_no_netnsctl_but_hands_on(put, tmpdir, installed):
    copies = tmpdir.mkdir('copies')
    shutil.copy(installed.shim, str(copies.join('ip')))
    result = run(str(copies.join('ip')), [put('old', OLD_IP)], 'netns', 'list')
    assert result.err.startswith('netnsctl shim: netnsctl is not found from ') and result.err.endswith(LACKS), result


def test_a_package_can_fill_in_where_python_and_netnsctl_are(put, tmpdir, installed):
    copies = tmpdir.mkdir('copies')
    shutil.copy(installed.shim, str(copies.join('ip')))
    rewrite(str(copies.join('ip')), '@PYTHON@', installed.python)
    rewrite(str(copies.join('ip')), '@LIBRARY@', installed.library)
    result = run(str(copies.join('ip')), [put('old', OLD_IP)], 'netns', 'help')
    assert result.status == 255 and result.err.startswith('Usage:\tip netns list\n'), result
