"""What pip and an index are told of netnsctl, by setup.py itself."""
from __future__ import absolute_import, division, print_function

import os
import re
import sys

import pytest

from netnsctl import __version__
from support import process
from support.program import TOP


def metadata(tmpdir, **environ):
    """Result of setup.py, and the text of PKG-INFO ('' where it made none)."""
    if process.run([sys.executable, '-W', 'ignore', '-c', 'import setuptools']).status:
        pytest.skip('this Python has no setuptools')
    values = dict((name, value) for name, value in os.environ.items() if name != 'HOMEPAGE')
    values.update(environ)
    result = process.run([sys.executable, '-W', 'ignore', os.path.join(TOP, 'setup.py'), '-q', 'egg_info', '--egg-base',
                          str(tmpdir)], environ=values)
    path = tmpdir.join('netnsctl.egg-info', 'PKG-INFO')
    return result, path.read_binary().decode('utf-8') if path.check() else u''


def field(text, name):
    return re.findall(r'(?m)^%s: (.*)$' % re.escape(name), text.partition('\n\n')[0])


def test_it_has_name_version_summary_licence_and_readme(tmpdir):
    _, text = metadata(tmpdir)
    assert field(text, 'Name') == ['netnsctl'] and field(text, 'Version') == [__version__]
    assert field(text, 'License') == ['MIT'] and len(field(text, 'Summary')[0]) < 100
    assert u'wires running containers' in text


def test_its_classifiers_name_the_pythons_that_the_pins_are_for(tmpdir):
    found = field(metadata(tmpdir)[1], 'Classifier')
    assert 'Operating System :: POSIX :: Linux' in found and 'Topic :: System :: Networking' in found
    for python in ('2.6', '2.7', '3.6', '3.13'):
        assert 'Programming Language :: Python :: ' + python in found


def test_who_publishes_it_says_where(tmpdir):
    assert field(metadata(tmpdir)[1], 'Home-page') in ([], ['UNKNOWN'])
    _, text = metadata(tmpdir, HOMEPAGE='https://example.org/netnsctl/')
    assert field(text, 'Home-page') == ['https://example.org/netnsctl/']
    assert field(text, 'Download-URL') == ['https://example.org/netnsctl/releases/']


@pytest.mark.parametrize('url', ['example.org', 'ftp://example.org', 'https://', 'https://a b'])
def test_a_home_page_that_is_no_address_is_refused(tmpdir, url):
    result, text = metadata(tmpdir, HOMEPAGE=url)
    assert result.status == 1 and not text
    assert result.err == 'setup.py: HOMEPAGE=%s: use an http or https URL\n' % url
